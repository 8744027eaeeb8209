"""One exchange with a receiver: the only place that imports httpx.

What httpx does not do by itself, and why it matters (measured with httpx 0.28.1):

* it has no total timeout: a receiver that drips a byte now and then holds a send for ever, so ``asyncio.timeout`` is
  around the whole exchange;
* it logs whole URLs at INFO, and a chat webhook's URL is its password, so its loggers are at WARNING;
* it decodes a whole packed chunk before anyone can count it, so answers are asked for and read unpacked, up to 64 KB;
* it re-sends signature headers to wherever a redirect points, so no redirect is followed;
* it honours ``HTTP_PROXY`` of the environment, past the address guard, so it is told not to.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import ssl
from collections.abc import AsyncIterator, Iterable, Mapping

import httpcore
import httpx

from alerts.dial import PER_ADDRESS_S, AddressRefused, Guard, NameNotFound
from alerts.http import MAX_REPLY_BYTES, Reply
from core.errors import PermanentFailure, TransientFailure

#: everything that the wire can do to a request; what else is raised is a fault of ours
_WIRE_ERRORS: tuple[type[Exception], ...] = (
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    httpx.TransportError,
    OSError,
)

for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


@functools.cache
def trusted() -> ssl.SSLContext:
    """The public authorities' certificates, read once for all channels; the environment adds none."""
    return httpx.create_ssl_context(trust_env=False)


class Wire:
    """Guarded connections to receivers; ``aclose`` closes them."""

    def __init__(self, guard: Guard, tls: ssl.SSLContext, *, user_agent: str) -> None:
        self._client = httpx.AsyncClient(
            transport=_GuardedTransport(guard, tls),
            timeout=None,  # noqa: S113 - ``send`` bounds the whole exchange, which httpx's own would not
            follow_redirects=False,
            trust_env=False,
            headers={"Accept-Encoding": "identity", "User-Agent": user_agent},
        )

    async def send(
        self, channel: str, method: str, url: str, body: bytes, headers: Mapping[str, str], *, within_s: float
    ) -> Reply:
        """The receiver's answer. Raises TransientFailure and PermanentFailure as ``HttpSender.send`` says."""
        ends_at = asyncio.get_running_loop().time() + within_s
        try:
            request = self._client.build_request(method, url, content=body, headers=dict(headers))
            async with asyncio.timeout_at(ends_at):
                answer = await self._client.send(request, stream=True)
        except TimeoutError as error:
            raise TransientFailure(channel, f"no answer within {within_s:g} s") from error
        except (AddressRefused, NameNotFound) as error:
            raise TransientFailure(channel, str(error)) from error
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpcore.UnsupportedProtocol) as error:
            raise PermanentFailure(channel, "the channel's URL is no http or https address") from error
        except _WIRE_ERRORS as error:
            raise TransientFailure(channel, _wire_reason(error)) from error
        try:
            received, complete = await _read_body(answer, ends_at)
        finally:
            await answer.aclose()
        return Reply(
            status=answer.status_code,
            headers={name.lower(): value for name, value in answer.headers.items()},
            body=received,
            complete=complete,
        )

    async def aclose(self) -> None:
        await self._client.aclose()


async def _read_body(answer: httpx.Response, ends_at: float) -> tuple[bytes, bool]:
    """The body as far as it came, and whether that is all of it. The status is known by now, so nothing is raised."""
    received = bytearray()
    try:
        async with asyncio.timeout_at(ends_at):
            async for chunk in answer.aiter_raw():
                received += chunk
                if len(received) > MAX_REPLY_BYTES:
                    return bytes(received[:MAX_REPLY_BYTES]), False
    except _WIRE_ERRORS:  # the deadline too: TimeoutError is an OSError
        return bytes(received), False
    return bytes(received), True


def _wire_reason(error: Exception) -> str:
    if isinstance(error, httpcore.TimeoutException):
        return "no answer in time"
    if isinstance(error, httpcore.ConnectError):
        cause = error.__cause__ or error.__context__
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its TLS certificate was not accepted: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return "the TLS handshake failed"
        return "could not connect"
    return "the connection broke before an answer came"


class _GuardedBackend(httpcore.AsyncNetworkBackend):
    """Dials the addresses that the guard lets through; the TLS name stays that of the URL."""

    def __init__(self, guard: Guard) -> None:
        self._guard, self._dial = guard, httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        last: httpcore.NetworkError | httpcore.TimeoutException | None = None
        for address in await self._guard.addresses(host, port):
            try:
                return await self._dial.connect_tcp(
                    address, port, timeout=PER_ADDRESS_S, local_address=local_address, socket_options=socket_options
                )
            except (httpcore.NetworkError, httpcore.TimeoutException) as error:
                last = error
        assert last is not None
        raise last

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own signature
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise httpcore.ConnectError("a receiver is never a local socket")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class _GuardedTransport(httpx.AsyncBaseTransport):
    """httpx over an httpcore pool whose connections the guard opens."""

    def __init__(self, guard: Guard, tls: ssl.SSLContext) -> None:
        # No limit on connections here: the delivery loop limits sends per channel, and a shared limit would let one
        # channel that hangs hold back the others.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=None,
            max_keepalive_connections=32,
            keepalive_expiry=30.0,
            network_backend=_GuardedBackend(guard),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(request.stream, httpx.AsyncByteStream)
        answer = await self._pool.handle_async_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Body(answer),
            extensions=answer.extensions,
        )

    async def aclose(self) -> None:
        await self._pool.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        assert not isinstance(self._answer.stream, bytes)
        async for part in self._answer.aiter_stream():
            yield part

    async def aclose(self) -> None:
        await self._answer.aclose()
