"""One local web server that does as it is told: for the crawler's tests and for the channels'.

It runs on loopback, in its own thread with its own loop, so that it answers whatever loop the code under test uses::

    with ScriptedServer() as server:
        server.route("/feed", reply(503, headers={"Retry-After": "30"}), reply(200, b"<rss/>", etag='"v1"'))
        ...
        assert [request.status for request in server.requests_to("/feed")] == [503, 200, 304]

A route is a list of behaviours: each request takes the next one, the last one repeats. Nothing here sleeps for luck: a
slow answer waits at a ``gate`` (a ``threading.Event``) that the test opens. An unknown path answers 404.
"""

from __future__ import annotations

import asyncio
import gzip
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from types import TracebackType
from typing import Any

from tests.fakes.certificates import self_signed

CHUNK = 64 * 1024


@dataclass(slots=True, kw_only=True)
class RecordedRequest:
    """What a client sent, and what it got."""

    method: str
    path: str  #: without the query
    target: str  #: as sent, with the query
    headers: dict[str, str]  #: names in lower case; the last of several wins
    body: bytes
    at: float  #: seconds of ``time.monotonic`` when the request was complete
    client: str  #: address and port of the client
    status: int = 0  #: what was answered; 0 while nothing is
    sent: int = 0  #: bytes of body written so far


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """One answer. Build it with the functions below."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    encoding: str | None = None  #: gzip, deflate, br or zstd: the body is sent packed so
    etag: str | None = None  #: sent, and answered with 304 when it comes back
    last_modified: str | None = None  #: the same for If-Modified-Since
    gate: threading.Event | None = None  #: nothing is sent before it is set
    gate_body: threading.Event | None = None  #: headers are sent at once, the body waits for it
    drip_bytes: int = 0  #: so many bytes at a time,
    drip_every_s: float = 0.0  #: with this pause between
    cut_at: int | None = None  #: the connection is dropped after so many bytes of body
    content_length: int | None = None  #: what the header says, if not the truth
    chunked: bool = False  #: Transfer-Encoding: chunked instead of a length
    close_at_once: bool = False  #: the connection is dropped before any answer
    source: Callable[[], Iterable[bytes]] | None = None  #: the body in pieces, already packed; chunked
    answer: Callable[[RecordedRequest], Behaviour] | None = None  #: decides by the request


def reply(status: int = 200, body: bytes | str = b"", **more: Any) -> Behaviour:
    """An answer with this status and body; ``more`` are fields of Behaviour."""
    return Behaviour(status=status, body=body.encode() if isinstance(body, str) else body, **more)


def html(body: str, **more: Any) -> Behaviour:
    headers = {"Content-Type": "text/html; charset=utf-8", **more.pop("headers", {})}
    return reply(more.pop("status", 200), body, headers=headers, **more)


def xml(body: bytes | str, **more: Any) -> Behaviour:
    headers = {"Content-Type": "application/rss+xml; charset=utf-8", **more.pop("headers", {})}
    return reply(more.pop("status", 200), body, headers=headers, **more)


def redirect(to: str, status: int = 302) -> Behaviour:
    return Behaviour(status=status, headers={"Location": to})


def hang_up() -> Behaviour:
    """Close the connection without a word."""
    return Behaviour(close_at_once=True)


def hold(gate: threading.Event, then: Behaviour) -> Behaviour:
    """Answer ``then`` only once the gate is open."""
    return replace(then, gate=gate)


def drip(body: bytes, *, every_s: float = 0.05, size: int = 1) -> Behaviour:
    """A byte at a time: each read succeeds, the whole takes for ever."""
    return Behaviour(body=body, drip_bytes=size, drip_every_s=every_s)


def cut(body: bytes, at: int, **more: Any) -> Behaviour:
    """Promise the whole body, drop the connection in its midst."""
    return Behaviour(body=body, cut_at=at, **more)


def huge(size: int, fill: bytes = b"x", **more: Any) -> Behaviour:
    """A body of ``size`` bytes with an honest length."""
    return Behaviour(body=fill * (size // len(fill)), **more)


def endless(piece: bytes = b"x" * CHUNK, **more: Any) -> Behaviour:
    """A body that never ends, chunked."""

    def forever() -> Iterator[bytes]:
        while True:
            yield piece

    return Behaviour(source=forever, **more)


def bomb(decoded: int, encoding: str = "gzip", fill: bytes = b"\0", **more: Any) -> Behaviour:
    """A small answer that unpacks to ``decoded`` bytes."""
    return Behaviour(body=pack_repeated(fill, decoded, encoding), headers={"Content-Encoding": encoding}, **more)


def decide(answer: Callable[[RecordedRequest], Behaviour]) -> Behaviour:
    """Let a function of the request choose the answer."""
    return Behaviour(answer=answer)


def pack(body: bytes, encoding: str) -> bytes:
    """The body in this content encoding."""
    return b"".join(_packer(encoding)([body]))


def pack_repeated(fill: bytes, size: int, encoding: str) -> bytes:
    """``size`` bytes of ``fill``, packed piece by piece so that the server needs no memory for them."""
    piece = fill * (1024 * 1024 // len(fill))
    whole, rest = divmod(size, len(piece))
    return b"".join(_packer(encoding)([*([piece] * whole), piece[:rest]]))


def _packer(encoding: str) -> Callable[[Iterable[bytes]], Iterator[bytes]]:
    def with_zlib(wbits: int) -> Callable[[Iterable[bytes]], Iterator[bytes]]:
        def run(pieces: Iterable[bytes]) -> Iterator[bytes]:
            packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
            for piece in pieces:
                yield packer.compress(piece)
            yield packer.flush()

        return run

    if encoding == "gzip":
        return with_zlib(16 + zlib.MAX_WBITS)
    if encoding == "deflate":
        return with_zlib(zlib.MAX_WBITS)
    if encoding == "br":
        return _brotli
    if encoding == "zstd":
        return _zstd
    raise ValueError(f"no such content encoding: {encoding}")


def _brotli(pieces: Iterable[bytes]) -> Iterator[bytes]:
    import brotli

    packer = brotli.Compressor(quality=5)
    for piece in pieces:
        yield packer.process(piece)
    yield packer.finish()


def _zstd(pieces: Iterable[bytes]) -> Iterator[bytes]:
    from backports import zstd

    packer = zstd.ZstdCompressor()
    for piece in pieces:
        yield packer.compress(piece)
    yield packer.flush()


class ScriptedServer:
    """A loopback HTTP/1.1 server whose routes are scripts. A context manager; also ``start`` and ``close``."""

    def __init__(self, *, tls: bool = False, host: str = "127.0.0.1", port: int = 0) -> None:
        self.host, self.port, self._tls = host, port, tls
        self.requests: list[RecordedRequest] = []
        self.certificate: bytes | None = None  #: PEM, for a client that should trust this server
        self._routes: dict[str, list[Behaviour]] = {}
        self._default: Behaviour | None = None
        self._changed = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._gates: list[threading.Event] = []
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._serve, name="scripted-server", daemon=True)
        self._ready = threading.Event()

    # -- what tests use

    def route(self, path: str, *behaviours: Behaviour) -> str:
        """Script this path (the query is not looked at); returns its URL. A second call replaces the first."""
        with self._changed:
            self._routes[path] = list(behaviours)
        return self.url(path)

    def default(self, behaviour: Behaviour | None) -> None:
        """What an unscripted path answers; None means 404."""
        self._default = behaviour

    def url(self, path: str = "/", *, host: str | None = None) -> str:
        return f"{'https' if self._tls else 'http'}://{host or self.host}:{self.port}{path}"

    @property
    def netloc(self) -> str:
        return f"{self.host}:{self.port}"

    def requests_to(self, path: str) -> list[RecordedRequest]:
        with self._changed:
            return [request for request in self.requests if request.path == path]

    def wait_for(self, path: str, count: int = 1, timeout_s: float = 10.0) -> list[RecordedRequest]:
        """Block until this path was asked ``count`` times; raises AssertionError after ``timeout_s``."""
        with self._changed:
            arrived = self._changed.wait_for(lambda: len(self._to(path)) >= count, timeout_s)
            assert arrived, f"{path} was asked {len(self._to(path))} times in {timeout_s} s, not {count}"
            return self._to(path)

    def forget(self) -> None:
        """Drop what was recorded so far."""
        with self._changed:
            self.requests.clear()

    def start(self) -> ScriptedServer:
        self._thread.start()
        assert self._ready.wait(10), "the scripted server did not start"
        return self

    def close(self) -> None:
        """Drop every connection and stop. Gates are opened, so that no thread is left waiting."""
        for gate in self._gates:
            gate.set()
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(10)

    def __enter__(self) -> ScriptedServer:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    # -- how it works

    def _to(self, path: str) -> list[RecordedRequest]:
        return [request for request in self.requests if request.path == path]

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        context: ssl.SSLContext | None = None
        if self._tls:
            context, self.certificate = self_signed(self.host)
        self._server = self._loop.run_until_complete(
            asyncio.start_server(self._connected, self.host, self.port, ssl=context, limit=1024 * 1024, backlog=512)
        )
        self.port = self._server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        self._server.close()
        for task in self._tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*self._tasks, return_exceptions=True))
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while await self._one_request(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ssl.SSLError):
            pass  # the client went away: its right
        except asyncio.CancelledError:
            pass  # the server is closing
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _one_request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Serve one request; False when the connection is done."""
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        if "100-continue" in headers.get("expect", ""):
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = await _read_body(reader, headers)
        request = RecordedRequest(
            method=method,
            path=target.split("?", 1)[0],
            target=target,
            headers=headers,
            body=body,
            at=time.monotonic(),
            client=str(writer.get_extra_info("peername")),
        )
        behaviour = self._next(request)
        with self._changed:
            self.requests.append(request)
            self._changed.notify_all()
        if behaviour.answer is not None:
            behaviour = behaviour.answer(request)
        keep = await self._answer(behaviour, request, writer)
        return keep and headers.get("connection", "").lower() != "close"

    def _next(self, request: RecordedRequest) -> Behaviour:
        with self._changed:
            script = self._routes.get(request.target) or self._routes.get(request.path)
            if not script:
                return self._default or reply(404, b"no such page")
            return script.pop(0) if len(script) > 1 else script[0]

    async def _answer(self, act: Behaviour, request: RecordedRequest, writer: asyncio.StreamWriter) -> bool:
        await self._wait(act.gate)
        if act.close_at_once:
            return False
        headers = {"Content-Type": "text/plain", **act.headers}
        if act.etag is not None:
            headers["ETag"] = act.etag
        if act.last_modified is not None:
            headers["Last-Modified"] = act.last_modified
        status, body = act.status, act.body
        if _is_unchanged(act, request):
            status, body = 304, b""
        elif act.encoding is not None:
            body = pack(body, act.encoding)
            headers["Content-Encoding"] = act.encoding
        chunked = act.chunked or act.source is not None
        if chunked:
            headers["Transfer-Encoding"] = "chunked"
        elif status not in (204, 304):
            headers["Content-Length"] = str(len(body) if act.content_length is None else act.content_length)
        request.status = status
        writer.write(_head(status, headers))
        await writer.drain()
        await self._wait(act.gate_body)
        if request.method == "HEAD" or status in (204, 304):
            return True
        return await _send_body(act, body, chunked, request, writer)

    async def _wait(self, gate: threading.Event | None) -> None:
        if gate is not None:
            self._gates.append(gate)
            await self._loop.run_in_executor(None, gate.wait, 60)


def _is_unchanged(act: Behaviour, request: RecordedRequest) -> bool:
    """RFC 9110 section 13.1.3: If-None-Match decides alone where it is sent."""
    match = request.headers.get("if-none-match")
    if match is not None:
        return act.etag is not None and act.etag in [match, *(tag.strip() for tag in match.split(","))]
    since = request.headers.get("if-modified-since")
    return since is not None and since == act.last_modified


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Odd"
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def _pieces(act: Behaviour, body: bytes) -> Iterable[bytes]:
    if act.source is not None:
        return act.source()
    size = act.drip_bytes or CHUNK
    return (body[start : start + size] for start in range(0, len(body), size))


async def _send_body(
    act: Behaviour, body: bytes, chunked: bool, request: RecordedRequest, writer: asyncio.StreamWriter
) -> bool:
    for piece in _pieces(act, body):
        if act.cut_at is not None and request.sent + len(piece) >= act.cut_at:
            piece = piece[: act.cut_at - request.sent]
            writer.write(b"%x\r\n%b" % (len(piece) + 1, piece) if chunked else piece)
            request.sent += len(piece)
            await writer.drain()
            return False
        writer.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
        await writer.drain()
        request.sent += len(piece)
        if act.drip_every_s:
            await asyncio.sleep(act.drip_every_s)
    if chunked:
        writer.write(b"0\r\n\r\n")
        await writer.drain()
    return act.content_length is None or act.content_length == len(body)


async def _read_body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if "chunked" in headers.get("transfer-encoding", ""):
        parts = []
        while size := int((await reader.readline()).split(b";")[0], 16):
            parts.append(await reader.readexactly(size))
            await reader.readexactly(2)
        await reader.readline()
        return b"".join(parts)
    return await reader.readexactly(int(headers.get("content-length", 0)))


def gunzip(body: bytes) -> bytes:
    """For tests that look at what a client sent packed."""
    return gzip.decompress(body)
