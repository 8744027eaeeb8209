"""HTTP to receivers, and the one table of what an answer's status means. What httpx does is in ``alerts/wire.py``."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from alerts.dial import Guard
from core.errors import ChannelGone, DeliveryError, PermanentFailure, TransientFailure
from core.retry_after import retry_after_s
from core.text import cut, one_line

if TYPE_CHECKING:
    from alerts.wire import Wire

MAX_REPLY_BYTES = 64 * 1024  #: enough for any chat API's error; a longer answer is cut, never kept

TRANSIENT_STATUSES = frozenset({408, 425, 429})  #: and every 5xx


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
    """Posts to receivers through guarded connections; one for each channel, closed by ``aclose``.

    httpx is loaded at the first send, in a thread: a daemon starts without it, and one that posts nothing never pays.
    """

    def __init__(
        self,
        guard: Guard,
        *,
        deadline_s: float,
        user_agent: str = "Basewatch",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.guard, self.deadline_s = guard, deadline_s
        self._user_agent, self._tls = user_agent, tls
        self._wire: Wire | None = None

    async def post(self, channel: str, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """``send`` with POST."""
        return await self.send(channel, "POST", url, body, headers)

    async def send(self, channel: str, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """The receiver's answer, whatever its status; see ``refusal`` for what it means.

        Raises TransientFailure where no status came within the deadline, PermanentFailure for an unusable URL.
        """
        if self._wire is None:
            make, tls = await asyncio.to_thread(_load_wire)
            if self._wire is None:  # another send may have been first
                self._wire = make(self.guard, self._tls or tls, user_agent=self._user_agent)
        return await self._wire.send(channel, method, url, body, headers, within_s=self.deadline_s)

    async def aclose(self) -> None:
        if self._wire is not None:
            await self._wire.aclose()


def _load_wire() -> tuple[type[Wire], ssl.SSLContext]:
    """The part that needs httpx, and the certificates that everybody trusts: tenths of a second, the first time."""
    from alerts.wire import Wire, trusted

    return Wire, trusted()


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
