"""HTTP to receivers: the only place that imports httpx, and the one table of what an answer's status means.

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
import logging
import ssl
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import httpcore
import httpx

from alerts.dial import PER_ADDRESS_S, AddressRefused, Guard, NameNotFound
from core.errors import ChannelGone, DeliveryError, PermanentFailure, TransientFailure
from core.retry_after import retry_after_s
from core.text import cut, one_line

MAX_REPLY_BYTES = 64 * 1024  #: enough for any chat API's error; a longer answer is cut, never kept

TRANSIENT_STATUSES = frozenset({408, 425, 429})  #: and every 5xx

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a receiver answered."""

    status: int
    headers: Mapping[str, str]  #: names in lower case
    body: bytes  #: as on the wire, at most MAX_REPLY_BYTES
    complete: bool  #: False where the body was longer, broke off or did not come in time

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


class HttpSender:
    """Posts to receivers through guarded connections; one for all channels, closed by ``aclose``."""

    def __init__(
        self,
        guard: Guard,
        *,
        deadline_s: float,
        user_agent: str = "Basewatch",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.guard, self.deadline_s = guard, deadline_s
        self._client = httpx.AsyncClient(
            transport=_GuardedTransport(guard, tls or httpx.create_ssl_context(trust_env=False)),
            timeout=deadline_s,
            follow_redirects=False,
            trust_env=False,
            headers={"Accept-Encoding": "identity", "User-Agent": user_agent},
        )

    async def post(self, channel: str, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """``send`` with POST."""
        return await self.send(channel, "POST", url, body, headers)

    async def send(self, channel: str, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """The receiver's answer, whatever its status; see ``refusal`` for what it means.

        Raises TransientFailure where no status came within the deadline, PermanentFailure for an unusable URL.
        """
        ends_at = asyncio.get_running_loop().time() + self.deadline_s
        try:
            request = self._client.build_request(method, url, content=body, headers=dict(headers))
            async with asyncio.timeout_at(ends_at):
                answer = await self._client.send(request, stream=True)
        except TimeoutError as error:
            raise TransientFailure(channel, f"no answer within {self.deadline_s:g} s") from error
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


def refusal(channel: str, reply: Reply, *, now: datetime, gone: frozenset[int]) -> DeliveryError | None:
    """What a status means, for every channel alike; None where the receiver accepted.

    =====================  =================================================================
    2xx                    accepted
    408, 425, 429, 5xx     TransientFailure, with Retry-After where it was sent
    ``gone``               ChannelGone: those of 401, 403, 404 and 410 that the channel names
    3xx, other 4xx         PermanentFailure; a redirect says "moved to HOST"
    =====================  =================================================================
    """
    status = reply.status
    if 200 <= status < 300:
        return None
    if status in TRANSIENT_STATUSES or status >= 500:
        wait = retry_after_s(reply.headers.get("retry-after"), now=now)
        return TransientFailure(channel, f"answered {status}", retry_after_s=wait, http_status=status)
    if status in gone:
        reason = f"answered {status}: its address or its token is not valid any more"
        return ChannelGone(channel, reason, http_status=status)
    if 300 <= status < 400:
        reason = f"answered {status}: moved to {_host_of(reply.headers.get('location'))}"
        return PermanentFailure(channel, reason, http_status=status)
    return PermanentFailure(channel, f"answered {status}", http_status=status)


def quoted_answer(reply: Reply, secrets: Iterable[str]) -> str:
    """The receiver's words for the ledger: one line of at most 200 characters, secrets that it echoes blotted out."""
    text = one_line(reply.text)
    for secret in secrets:
        if secret:
            text = text.replace(secret, "<secret>")
    return cut(text, 200)


def _host_of(location: str | None) -> str:
    """The host a redirect points to: never its path, which may hold a token."""
    try:
        return one_line(urlsplit(location or "").hostname or "the same host")
    except ValueError:
        return "an unreadable address"


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
