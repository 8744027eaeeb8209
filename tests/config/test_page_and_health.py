"""The settings of the status page and of the heartbeat: what is refused at start, and how."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from config.health import HealthSettings
from config.page import PageSettings
from config.settings import load_settings

TOKEN = "0123456789abcdef0123"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.5", "192.0.2.1", "fe80::1"])
def test_an_address_beyond_this_machine_needs_a_token(host: str) -> None:
    with pytest.raises(ValidationError, match=r"set page\.token"):
        PageSettings(host=host)
    assert PageSettings(host=host, token=TOKEN).host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "::1", "localhost", "[::1]"])
def test_loopback_needs_none(host: str) -> None:
    assert PageSettings(host=host).address.is_loopback


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"host": "status.example.org"}, "must be an address"),
        ({"token": "short"}, "at least 16"),
        ({"token": "with a space in it 12345"}, "without a space"),
        ({"hosts": ["status.example.org"]}, r"set page\.token"),
        ({"port": 70000}, "65535"),
    ],
)
def test_what_would_leave_the_page_open_or_shut_is_refused(values: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        PageSettings(**values)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"heartbeat_url": "http://hc.example.org/ping/x"}, "heartbeat_url uses http"),
        ({"heartbeat_url": "https://a.example", "heartbeat_fail_url": "http://a.example"}, "fail_url uses http"),
        ({"heartbeat_fail_url": "https://a.example/fail"}, "needs heartbeat_url"),
        ({"heartbeat_url": "ftp://a.example"}, "must start with https"),
    ],
)
def test_a_heartbeat_that_could_be_read_or_could_not_be_sent_is_refused(values: dict[str, str], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        HealthSettings(**values)


def test_tokens_and_heartbeat_addresses_are_secrets_that_may_stand_in_files(tmp_path: Any) -> None:
    (tmp_path / "token").write_text(TOKEN + "\n")
    (tmp_path / "beat").write_text("https://hc.example.org/ping/secret-uuid\n")
    config = tmp_path / "basewatch.toml"
    config.write_text('[page]\ntoken_file = "token"\n[health]\nheartbeat_url_file = "beat"\n')
    settings = load_settings(config, environ={})
    assert settings.page.token is not None
    assert settings.page.token.reveal() == TOKEN
    shown = repr(settings) + str(settings.model_dump(mode="json"))
    assert TOKEN not in shown
    assert "secret-uuid" not in shown
    assert settings.health.hosts == ("hc.example.org",)
