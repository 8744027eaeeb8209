"""Who may ask the page what: names, origins, tokens, methods; over a real server."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from basewatch.page.gate import is_our_host, is_our_origin
from config.page import PageSettings
from config.settings import Settings
from storage.engine import open_database
from tests.basewatch.page.serving import Page, served

TOKEN = "a-token-of-24-characters"
PATHS = ("/", "/metrics", "/healthz", "/readyz", "/page.css", "/icon.svg")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Page]:
    """A page on loopback without a token."""
    with (
        open_database(tmp_path_factory.mktemp("page") / "basewatch.db") as database,
        served(database, Settings(page=PageSettings(port=0))) as page,
    ):
        yield page


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Page]:
    """A page that asks for a token and is reached under a name, too."""
    settings = Settings(page=PageSettings(port=0, token=TOKEN, hosts=("status.example.org",)))
    with (
        open_database(tmp_path_factory.mktemp("page") / "basewatch.db") as database,
        served(database, settings) as page,
    ):
        yield page


def basic(password: str, user: str = "anybody") -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_lets_a_browser_run_and_load_nothing_from_elsewhere(page: Page, path: str) -> None:
    answer, _ = page.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["access-control-allow-origin"] is None


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "evil.example:8420"]
)
def test_a_name_of_somebody_elses_that_points_here_is_refused(page: Page, path: str, host: str) -> None:
    answer, body = page.get(path, Host=host)
    assert answer.status == 421
    assert "Basewatch" not in body


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "localhost:9999", "127.0.0.1:8420", "LOCALHOST", "[::1]"])
def test_the_names_of_this_machine_are_served(page: Page, host: str) -> None:
    assert page.get("/healthz", Host=host)[0].status == 200


@pytest.mark.parametrize(
    ("host", "server", "ours"),
    [
        ("10.0.0.5:8420", ("10.0.0.5", 8420), True),
        ("10.0.0.6", ("10.0.0.5", 8420), False),
        ("localhost", ("10.0.0.5", 8420), False),
        ("status.example.org", ("10.0.0.5", 8420), True),
        ("status.example.org.", ("10.0.0.5", 8420), True),
        ("[2001:db8::1]:80", ("2001:db8::1", 80), True),
        ("", ("127.0.0.1", 1), False),
        ("127.0.0.1/..", ("127.0.0.1", 1), False),
        ("a@127.0.0.1", ("127.0.0.1", 1), False),
        ("[::1", ("127.0.0.1", 1), False),
        ("127.0.0.1:port", ("127.0.0.1", 1), False),
        ("2130706433", ("127.0.0.1", 1), False),
        ("localhost", None, False),
    ],
)
def test_a_host_is_ours_when_it_is_configured_or_where_the_request_came_in(
    host: str, server: tuple[str, int | None] | None, ours: bool
) -> None:
    assert is_our_host(host, server, {"status.example.org"}) is ours


def test_an_origin_is_ours_when_it_is_the_page_itself() -> None:
    assert is_our_origin([], "127.0.0.1:8420")
    assert is_our_origin(["http://127.0.0.1:8420"], "127.0.0.1:8420")
    for origin in ("null", "http://127.0.0.1:9999", "https://evil.example", "file://127.0.0.1:8420", ""):
        assert not is_our_origin([origin], "127.0.0.1:8420")


@pytest.mark.parametrize("path", ["/", "/metrics", "/readyz"])
def test_a_page_from_elsewhere_reads_nothing(page: Page, path: str) -> None:
    assert page.get(path, Origin="https://evil.example")[0].status == 403
    assert page.get(path, Origin="null")[0].status == 403
    assert page.get(path, Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="no-cors")[0].status == 403


def test_a_link_to_the_page_in_a_chat_works(page: Page) -> None:
    assert page.get("/", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate")[0].status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_only_reading_is_possible(page: Page, method: str) -> None:
    assert page.get("/", method=method)[0].status == 405


@pytest.mark.parametrize("path", ["/", "/metrics", "/page.css", "/icon.svg", "/nothing"])
@pytest.mark.parametrize(
    "given",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        f"Bearer {TOKEN}x",
        basic(""),
        basic("x", user=TOKEN),
        "Basic %%%",
        TOKEN,
    ],
)
def test_without_the_token_nothing_is_shown(guarded: Page, path: str, given: str) -> None:
    answer, body = guarded.get(path, **({"Authorization": given} if given else {}))
    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")
    assert TOKEN not in body


@pytest.mark.parametrize("given", [f"Bearer {TOKEN}", f"bearer {TOKEN}", basic(TOKEN), basic(TOKEN, user="")])
def test_with_the_token_the_page_is_shown_as_bearer_or_as_password(guarded: Page, given: str) -> None:
    answer, body = guarded.get("/", Authorization=given, Host="status.example.org")
    assert answer.status == 200
    assert TOKEN not in body
    assert guarded.get("/metrics", Authorization=given)[0].status == 200


def test_probes_need_no_token_and_learn_no_more_than_whether(guarded: Page) -> None:
    assert guarded.get("/healthz")[1] == "alive\n"
    answer, body = guarded.get("/readyz")
    assert (answer.status, body) == (503, '{"ready":false}')
    assert '"checks"' in guarded.get("/readyz", Authorization=f"Bearer {TOKEN}")[1]
