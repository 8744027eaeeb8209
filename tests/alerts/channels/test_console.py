"""Alerts on a terminal."""

from __future__ import annotations

import asyncio
import io

import pytest

from alerts.channels.console import Console
from core.errors import TransientFailure
from tests.alerts.channels.messages import LONG, PAYLOADS, hostile, message, system


class Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


def printed(*messages: object, stream: io.StringIO | None = None) -> str:
    out = stream or io.StringIO()
    for one in messages:
        asyncio.run(Console("console", stream=out).send(one))  # type: ignore[arg-type]
    return out.getvalue()


def test_the_first_line_comes_first_and_whole() -> None:
    lines = printed(message()).splitlines()
    assert lines[0] == "S3 CONFIRMED Erbil air base: 1 drone shot down, 0 hurt - CTG - 21:07 (6 min ago)"
    assert "  Casualties: US: 0 hurt" in lines
    assert "  [BW-42.1]" in lines


def test_a_system_notice_is_one_line_and_its_id() -> None:
    assert printed(message(system())).splitlines() == ["SYSTEM Channel ops is paused.", "  [SYS-7]", ""]


@pytest.mark.parametrize("text", [*PAYLOADS, *LONG])
def test_markup_emoji_codes_and_escapes_are_shown_or_gone_and_never_obeyed(text: str) -> None:
    shown = printed(message(hostile(text)))
    assert "\x1b" not in shown
    assert "\r" not in shown
    if text.startswith("[red]"):
        assert "[red]markup[/red]" in shown


def test_colours_are_for_terminals_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[" in printed(message(), stream=Tty())
    assert "\x1b[" not in printed(message())


def test_a_stream_that_is_closed_is_a_failure_for_now() -> None:
    stream = io.StringIO()
    stream.close()
    with pytest.raises(TransientFailure, match="cannot be written"):
        printed(message(), stream=stream)
