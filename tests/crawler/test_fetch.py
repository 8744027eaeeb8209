"""Every way in which an answer can go wrong has its word, and the next request goes on."""

from __future__ import annotations

import asyncio
import threading

import psutil
import pytest

from core.errors import FetchError
from crawler.fetch import Fetcher
from tests.fakes.server import (
    ScriptedServer,
    bomb,
    cut,
    drip,
    endless,
    hang_up,
    hold,
    huge,
    pack,
    pack_repeated,
    redirect,
    reply,
    xml,
)

MIB = 1024 * 1024


def packed_twice(size, inner, outer):
    """A bomb in a bomb: each layer is small."""
    body = pack(pack_repeated(b"\0", size, inner), outer)
    return reply(200, body, headers={"Content-Encoding": f"{inner}, {outer}"})


@pytest.fixture
def fetch(on_reactor, server):
    """``fetch(url, **more)`` -> Answer or the cause word of the FetchError."""
    fetcher = Fetcher(
        user_agent="Basewatch/test (+desk@example.org)", timeout_s=5, concurrency=4, allow_hosts=(server.netloc,)
    )
    on_reactor(fetcher.start())

    def run(url, **more):
        try:
            return on_reactor(fetcher.fetch(url, **{"max_bytes": MIB, **more}))
        except FetchError as error:
            return error.cause_code

    yield run
    on_reactor(fetcher.close())


@pytest.mark.parametrize(
    ("act", "cause"),
    [
        (hang_up(), "unreachable"),
        (cut(b"<rss>" + b"x" * 5000, 2000), "truncated"),
        (cut(b"<rss>" + b"x" * 5000, 2000, chunked=True), "truncated"),
        (reply(200, b"short", content_length=5000), "truncated"),
        (huge(30 * MIB), "too_large"),
        (endless(), "too_large"),
        (bomb(200 * MIB, "gzip"), "bomb"),
        (bomb(200 * MIB, "deflate"), "bomb"),
        (bomb(200 * MIB, "br"), "bomb"),
        (bomb(200 * MIB, "zstd"), "bomb"),
        (packed_twice(200 * MIB, "gzip", "gzip"), "bomb"),
        (packed_twice(200 * MIB, "br", "gzip"), "bomb"),
        (packed_twice(200 * MIB, "zstd", "deflate"), "bomb"),
        (reply(200, b"x" * 64, headers={"Content-Encoding": ", ".join(["gzip"] * 500)}), "bad_encoding"),
        (reply(200, b"this is not packed", headers={"Content-Encoding": "br"}), "bad_encoding"),
        (redirect("file:///etc/passwd"), "redirect_refused"),
        (redirect("javascript:alert(1)"), "redirect_refused"),
        (redirect("ftp://127.0.0.1/x"), "redirect_refused"),
        (redirect("//user:secret@127.0.0.1/"), "redirect_refused"),
        (redirect("http://127.0.0.2:9/"), "address_refused"),
        (redirect("http://2130706434:9/"), "address_refused"),
        (redirect("http://0:9/"), "address_refused"),
        (redirect("http://0177.0.0.2:9/"), "address_refused"),
        (redirect("http://0x7f000002:9/"), "address_refused"),
        (redirect("http://[::1]:9/"), "address_refused"),
        (redirect("http://[::ffff:127.0.0.2]:9/"), "address_refused"),
        (redirect("http://[64:ff9b::7f00:2]:9/"), "address_refused"),
        (redirect("http://[2002:7f00:2::]:9/"), "address_refused"),
        (redirect("http://169.254.169.254/latest/meta-data/"), "address_refused"),
        (redirect("data:text/html,x"), "redirect_refused"),
        (redirect("/loop"), "redirect_refused"),
    ],
)  # fmt: skip
def test_a_bad_answer_has_its_word_and_the_next_request_goes_on(fetch, server, act, cause):
    server.route("/loop", redirect("/loop"))
    before = psutil.Process().memory_info().rss
    assert fetch(server.route("/bad", act)) == cause
    assert psutil.Process().memory_info().rss - before < 40 * MIB
    assert fetch(server.route("/good", xml("<rss/>"))).body == b"<rss/>"


def test_a_server_that_never_answers_is_left_after_the_timeout(fetch, server):
    gate = threading.Event()
    assert fetch(server.route("/slow", hold(gate, reply(200, "late"))), timeout_s=0.3) == "timeout"


def test_a_server_that_drips_is_left_after_the_timeout(fetch, server):
    assert fetch(server.route("/drip", drip(b"x" * 1000, every_s=0.02)), timeout_s=0.4) == "timeout"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_each_encoding_that_we_offer_is_unpacked(fetch, server, encoding):
    assert fetch(server.route("/packed", xml("<rss>هجوم</rss>", encoding=encoding))).body == "<rss>هجوم</rss>".encode()
    (request,) = server.requests_to("/packed")
    assert encoding in request.headers["accept-encoding"]


def test_a_port_where_nobody_listens(fetch, server):
    with ScriptedServer() as other:
        closed = other.port
    fetcher_allows = fetch(f"http://127.0.0.1:{closed}/")
    assert fetcher_allows == "address_refused"  # another port than the one that was allowed


def test_a_name_that_does_not_exist(fetch):
    assert fetch("http://no-such-host.invalid/") == "dns"


def test_validators_and_the_path_travel_byte_for_byte(fetch, server):
    path = "/rss/ar/%d9%85%D8%AC%D8%AA%D9%80%D9%85%D8%B9%20"
    server.route(path, xml("<rss/>", etag='W/"a:é,b"'))
    answer = fetch(server.url(path))
    assert fetch(server.url(path), headers={"If-None-Match": answer.headers["etag"]}).status == 304
    assert [request.target for request in server.requests_to(path)] == [path, path]


def test_a_redirect_is_followed_and_asked_about(fetch, server):
    server.route("/old", redirect("/new%20"))
    server.route("/new%20", reply(200, "here"))
    asked = []

    async def may_visit(url):
        asked.append(url)

    answer = fetch(server.url("/old"), may_visit=may_visit)
    assert (answer.url, answer.body) == (server.url("/new%20"), b"here")
    assert asked == [server.url("/new%20")]


def test_we_say_who_we_are_and_send_no_cookie(fetch, server):
    url = server.route("/feed", reply(200, "a", headers={"Set-Cookie": "follow=me"}))
    fetch(url)
    fetch(url)
    for request in server.requests_to("/feed"):
        assert request.headers["user-agent"] == "Basewatch/test (+desk@example.org)"
        assert "cookie" not in request.headers


def test_a_certificate_that_nobody_signed_is_refused(fetch):
    with ScriptedServer(tls=True) as secure:
        from twisted.internet import reactor

        from crawler import guard

        guard.install(reactor, (secure.netloc,))
        assert fetch(secure.url("/")) == "tls"


def test_requests_under_way_end_when_the_crawler_closes(on_reactor, server):
    fetcher = Fetcher(user_agent="t", timeout_s=5, concurrency=4, allow_hosts=(server.netloc,))
    url = server.route("/slow", hold(threading.Event(), reply(200, "late")))

    async def close_meanwhile():
        await fetcher.start()
        waiting = asyncio.create_task(fetcher.fetch(url, max_bytes=MIB))
        await asyncio.to_thread(server.wait_for, "/slow")
        await fetcher.close()
        with pytest.raises(FetchError, match="stopping"):
            await waiting

    on_reactor(close_meanwhile())
