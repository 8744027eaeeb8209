"""The gate for HTTP: where it dials, what it reads, and what an answer means."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Mapping
from typing import Any

import pytest

from alerts.dial import AddressRefused, Guard, NameNotFound
from alerts.http import MAX_REPLY_BYTES, HttpSender, Reply, quoted_answer, refusal
from core.errors import ChannelGone, PermanentFailure, TransientFailure
from tests.alerts.channels.messages import NOW, SECRET
from tests.fakes.server import ScriptedServer, bomb, cut, drip, endless, hang_up, huge, redirect, reply


@pytest.fixture
def server() -> Any:
    with ScriptedServer() as running:
        yield running


def post(url: str, *, guard: Guard, deadline_s: float = 5.0, tls: ssl.SSLContext | None = None) -> Reply:
    async def run() -> Reply:
        sender = HttpSender(guard, deadline_s=deadline_s, tls=tls)
        try:
            return await sender.post("ops", url, b"{}", {"x-signature": "v1,abc"})
        finally:
            await sender.aclose()

    return asyncio.run(run())


def resolving_to(*addresses: str, allow: tuple[str, ...] = ()) -> Guard:
    async def resolver(host: str, port: int) -> list[str]:
        return list(addresses)

    return Guard(allow, resolver=resolver)


# --- where it dials


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "127.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "0"],
)
def test_no_spelling_of_loopback_is_dialled(server: ScriptedServer, host: str) -> None:
    with pytest.raises(
        TransientFailure, match=r"is a private address, which is refused|was not found|could not connect"
    ):
        post(f"http://{host}:{server.port}/hook", guard=Guard())
    assert server.requests == []


@pytest.mark.parametrize(
    "address", ["10.0.0.5", "169.254.169.254", "100.64.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "fe80::1"]
)
def test_a_name_that_leads_inside_is_refused(address: str) -> None:
    with pytest.raises(TransientFailure, match=r"alerts\.example is a private address"):
        post("http://alerts.example/hook", guard=resolving_to(address))


def test_a_name_is_resolved_at_each_connection_so_rebinding_finds_the_gate_closed(server: ScriptedServer) -> None:
    answers = [["93.184.216.34"], ["127.0.0.1"]]

    async def run() -> None:
        async def resolver(host: str, port: int) -> list[str]:
            return answers.pop(0)

        guard = Guard(resolver=resolver)
        assert await guard.addresses("rebind.example", server.port) == ["93.184.216.34"]
        with pytest.raises(AddressRefused):
            await guard.addresses("rebind.example", server.port)

    asyncio.run(run())


def test_of_mixed_addresses_only_the_public_ones_are_dialled() -> None:
    found = asyncio.run(resolving_to("10.0.0.5", "93.184.216.34", "::1").addresses("mixed.example", 443))
    assert found == ["93.184.216.34"]


@pytest.mark.parametrize("allow", ["127.0.0.1", "127.0.0.1:{port}"])
def test_a_private_host_that_the_operator_named_is_dialled(server: ScriptedServer, allow: str) -> None:
    url = server.route("/hook", reply(204))
    assert post(url, guard=Guard([allow.replace("{port}", str(server.port))])).status == 204


def test_another_port_of_a_named_host_is_refused(server: ScriptedServer) -> None:
    with pytest.raises(TransientFailure, match="private"):
        post(server.url("/hook"), guard=Guard(["127.0.0.1:1"]))


@pytest.mark.parametrize("host", ["::1", "[::1]"])
def test_ipv6_literals_may_be_named(host: str) -> None:
    assert Guard(["[::1]:8443"]).allows(host, 8443)
    assert not Guard(["[::1]:8443"]).allows(host, 443)


def test_a_name_without_address_is_a_failure_for_now() -> None:
    with pytest.raises(TransientFailure, match=r"nowhere\.invalid was not found"):
        post("http://nowhere.invalid/hook", guard=Guard())
    with pytest.raises(NameNotFound):
        asyncio.run(resolving_to().addresses("empty.example", 443))


def test_a_dead_address_gives_way_to_the_next_of_the_same_name(server: ScriptedServer) -> None:
    server.route("/hook", reply(200))
    guard = resolving_to("127.0.0.2", "127.0.0.1", allow=("two.example",))  # the server listens on 127.0.0.1 alone
    assert post(f"http://two.example:{server.port}/hook", guard=guard).status == 200


def test_the_tls_name_stays_that_of_the_url() -> None:
    with ScriptedServer(tls=True) as secure:
        secure.route("/hook", reply(200))
        tls = ssl.create_default_context(cadata=(secure.certificate or b"").decode())
        guard = resolving_to("127.0.0.1", allow=("localhost", "alerts.example"))
        assert post(f"https://localhost:{secure.port}/hook", guard=guard, tls=tls).status == 200
        with pytest.raises(TransientFailure, match="certificate was not accepted: Hostname mismatch"):
            post(f"https://alerts.example:{secure.port}/hook", guard=guard, tls=tls)
        with pytest.raises(TransientFailure, match="certificate was not accepted: self-signed"):
            post(f"https://localhost:{secure.port}/hook", guard=guard)


def test_a_proxy_of_the_environment_is_not_used(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert post(server.route("/hook", reply(200)), guard=Guard([server.host])).status == 200


@pytest.mark.parametrize("url", ["ftp://a.example/x", "file:///etc/passwd", "no url", "http://"])
def test_what_is_no_web_address_never_passes(url: str) -> None:
    with pytest.raises((PermanentFailure, TransientFailure)):
        post(url, guard=Guard())


# --- what it reads


def test_answers_are_asked_for_unpacked_and_headers_go_as_given(server: ScriptedServer) -> None:
    post(server.route("/hook", reply(200)), guard=Guard([server.host]))
    (request,) = server.requests
    assert request.headers["accept-encoding"] == "identity"
    assert request.headers["x-signature"] == "v1,abc"


@pytest.mark.parametrize(
    ("answer", "length", "complete"),
    [
        (reply(200, "ok"), 2, True),
        (huge(10_000_000), MAX_REPLY_BYTES, False),
        (endless(), MAX_REPLY_BYTES, False),
        (cut(b"x" * 1_000, 500), 500, False),
        (bomb(50_000_000), None, True),
    ],
)
def test_a_body_is_read_as_it_comes_up_to_64_kb(
    server: ScriptedServer, answer: Any, length: int | None, complete: bool
) -> None:
    got = post(server.route("/hook", answer), guard=Guard([server.host]))
    assert got.complete is complete
    assert len(got.body) == length if length is not None else len(got.body) < MAX_REPLY_BYTES


def test_a_status_that_came_counts_though_its_body_drips(server: ScriptedServer) -> None:
    url = server.route("/hook", drip(b"thank you", every_s=0.2))
    got = post(url, guard=Guard([server.host]), deadline_s=0.5)
    assert (got.status, got.complete) == (200, False)


def test_no_status_within_the_deadline_is_a_failure_for_now() -> None:
    async def run() -> None:
        async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            for char in b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1_000:  # headers that never end
                writer.write(bytes([char]))
                await asyncio.sleep(0.01)

        listener = await asyncio.start_server(dripping, "127.0.0.1", 0)
        port = listener.sockets[0].getsockname()[1]
        sender = HttpSender(Guard(["127.0.0.1"]), deadline_s=0.3)
        started = asyncio.get_running_loop().time()
        with pytest.raises(TransientFailure, match=r"no answer within 0\.3 s"):
            await sender.post("ops", f"http://127.0.0.1:{port}/", b"{}", {})
        assert asyncio.get_running_loop().time() - started < 2
        await sender.aclose()
        listener.close()

    asyncio.run(run())


@pytest.mark.parametrize("answer", [hang_up(), cut(b"", 0)])
def test_a_connection_that_breaks_before_a_status_is_a_failure_for_now(server: ScriptedServer, answer: Any) -> None:
    if answer.close_at_once:
        with pytest.raises(TransientFailure, match="broke before an answer came"):
            post(server.route("/hook", answer), guard=Guard([server.host]))
    else:
        assert post(server.route("/hook", answer), guard=Guard([server.host])).status == 200


def test_a_redirect_is_not_followed(server: ScriptedServer) -> None:
    server.route("/other", reply(200))
    got = post(server.route("/hook", redirect(server.url("/other"), 307)), guard=Guard([server.host]))
    assert got.status == 307
    assert server.requests_to("/other") == []


def test_nothing_is_logged_of_a_url_however_loud_the_log(
    server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    post(server.route(f"/{SECRET}", reply(200)), guard=Guard([server.host]))
    assert SECRET not in caplog.text


# --- what an answer means


def meaning(status: int, headers: Mapping[str, str] | None = None, gone: frozenset[int] = frozenset({410})) -> Any:
    answer = Reply(status=status, headers=headers or {}, body=b"", complete=True)
    return refusal("ops", answer, now=NOW, gone=gone)


@pytest.mark.parametrize("status", range(100, 600))
def test_every_status_has_one_meaning(status: int) -> None:
    found = meaning(status)
    if 200 <= status < 300:
        assert found is None
    elif status in (408, 425, 429) or status >= 500:
        assert type(found) is TransientFailure
    elif status == 410:
        assert type(found) is ChannelGone
    else:
        assert type(found) is PermanentFailure


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_channel_says_which_statuses_end_it(status: int) -> None:
    assert type(meaning(status)) is PermanentFailure
    assert type(meaning(status, gone=frozenset({status}))) is ChannelGone


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("30", 30.0),
        ("1.5", 1.5),
        ("Sun, 21 Apr 2024 18:15:00 GMT", 120.0),
        ("Sun, 21 Apr 2024 17:00:00 GMT", 0.0),
        ("-5", 0.0),
        ("99999999999", 6 * 3600.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 6 * 3600.0),
        ("soon", None),
        ("", None),
        ("nan", None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_read_in_both_forms_and_capped(status: int, header: str, seconds: float | None) -> None:
    assert meaning(status, {"retry-after": header}).retry_after_s == seconds


@pytest.mark.parametrize(
    ("location", "host"),
    [
        (f"https://new.example/{SECRET}", "new.example"),
        (f"/moved/{SECRET}", "the same host"),
        ("https://[::1", "an unreadable address"),
        (f"https://user:{SECRET}@new.example/", "new.example"),
        (None, "the same host"),
    ],
)
def test_a_redirect_names_the_new_host_and_no_more(location: str | None, host: str) -> None:
    found = str(meaning(308, {"location": location} if location else {}))
    assert found == f"ops: answered 308: moved to {host}"


def test_the_receivers_words_are_one_line_without_secrets() -> None:
    answer = Reply(status=200, headers={}, body=f"a\r\n{SECRET}\x1b[31m \xff".encode("latin-1"), complete=True)
    assert quoted_answer(answer, [SECRET, ""]) == "a <secret> [31m \ufffd"
