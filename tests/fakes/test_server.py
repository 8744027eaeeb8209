"""The fake is trusted by many tests, so it is tested itself."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.fakes.server import ScriptedServer, bomb, cut, gunzip, hang_up, hold, redirect, reply, xml


@pytest.fixture
def server():
    with ScriptedServer() as running:
        yield running


def test_a_route_plays_its_script_and_repeats_the_last_act(server):
    url = server.route("/feed", reply(503, headers={"Retry-After": "30"}), reply(200, "ok"))
    assert [httpx.get(url).status_code for _ in range(3)] == [503, 200, 200]
    assert [request.status for request in server.requests_to("/feed")] == [503, 200, 200]


def test_validators_are_answered_with_304(server):
    url = server.route("/feed", xml("<rss/>", etag='W/"a,b"', last_modified="Sun, 21 Apr 2024 20:51:07 GMT"))
    assert httpx.get(url, headers={"If-Modified-Since": "Sun, 21 Apr 2024 20:51:07 GMT"}).status_code == 304
    assert httpx.get(url, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_a_packed_body_unpacks_to_itself(server, encoding):
    assert httpx.get(server.route("/p", reply(200, "هجوم", encoding=encoding))).text == "هجوم"


def test_a_bomb_is_small_on_the_wire(server):
    server.route("/bomb", bomb(20_000_000))
    with httpx.stream("GET", server.url("/bomb")) as answer:
        raw = b"".join(answer.iter_raw())
    assert len(raw) < 30_000
    assert len(gunzip(raw)) == 20_000_000


@pytest.mark.parametrize("act", [hang_up(), cut(b"x" * 1000, 500), reply(200, "short", content_length=500)])
def test_a_broken_answer_breaks(server, act):
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(server.route("/broken", act))


def test_a_gate_holds_the_answer_until_it_is_opened(server):
    gate = threading.Event()
    url = server.route("/slow", hold(gate, reply(200, "late")))
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(httpx.get, url)
        server.wait_for("/slow")
        assert not answer.done()
        gate.set()
        assert answer.result(10).text == "late"


def test_redirects_and_unknown_paths(server):
    assert httpx.get(server.route("/from", redirect("file:///etc/passwd"))).headers["location"] == "file:///etc/passwd"
    assert httpx.get(server.url("/nowhere")).status_code == 404


def test_a_body_that_was_posted_is_recorded(server):
    httpx.post(server.route("/hook", reply(204)), content=iter([b"ab", b"cd"]), headers={"X-One": "1"})
    (request,) = server.requests_to("/hook")
    assert (request.method, request.body, request.headers["x-one"]) == ("POST", b"abcd", "1")


def test_a_client_that_verifies_certificates_refuses_the_secure_server():
    with ScriptedServer(tls=True) as server, pytest.raises(httpx.ConnectError, match="CERTIFICATE"):
        httpx.get(server.url("/"))
