"""A small HTTP/1.1 server for 127.0.0.1, enough for the demo's outlets and receivers: one request a connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType

HOST = "127.0.0.1"
LARGEST_BODY = 1024 * 1024  #: bytes; what the demo's receivers get is far smaller
PATIENCE_S = 10.0  #: for a whole request


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What came in; header names in lower case."""

    method: str
    path: str  #: percent-encoded, with the query
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What goes out."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


Handler = Callable[[Request], Response]


class _BadRequest(Exception):
    """What came in is no HTTP request, or is too large."""


class LoopbackServer:
    """An async context manager; ``url`` is known once it is entered."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._server: asyncio.Server | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def host(self) -> str:
        """As it is named in allow_hosts."""
        return f"{HOST}:{self.port}"

    async def __aenter__(self) -> LoopbackServer:
        self._server = await asyncio.start_server(self._serve, HOST, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                try:
                    response = self._handler(await _read(reader))
                except _BadRequest:
                    response = Response(status=400)
                writer.write(_wire(response))
                await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            pass  # the other side went away: it will say so itself
        finally:
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Request:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.rstrip("\r\n").split("\r\n")
        method, path, _version = first.split(" ")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", "0"))
    except (ValueError, asyncio.LimitOverrunError) as error:
        raise _BadRequest from error
    if not 0 <= length <= LARGEST_BODY or "transfer-encoding" in headers:
        raise _BadRequest
    return Request(method=method, path=path, headers=headers, body=await reader.readexactly(length))


def _wire(response: Response) -> bytes:
    headers = {**response.headers, "Connection": "close"}
    if response.status != HTTPStatus.NOT_MODIFIED:
        headers["Content-Length"] = str(len(response.body))
    lines = [f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + response.body
