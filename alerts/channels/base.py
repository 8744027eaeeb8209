"""What every channel is: one method that takes a message and returns a receipt, or raises a DeliveryError."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.documents import NoticeDocument
from core.values import check_aware


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMessage:
    """One notice on its way to one channel."""

    id: str  #: "msg_…", the same at every attempt: receivers drop doubles by it
    document: NoticeDocument
    thread_ref: str | None = None  #: ``Receipt.remote_ref`` of the incident's first message on this channel
    attempt: int = 1  #: 1 for the first
    now: datetime  #: of this attempt; "6 min ago" and signatures count from it

    def __post_init__(self) -> None:
        check_aware("now", self.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What is known of an accepted message."""

    remote_ref: str | None = None  #: what a later message of the same incident answers to; None where there is none
    http_status: int | None = None  #: of its answer, where it speaks HTTP
    answer: str = ""  #: the receiver's words for the ledger, at most 200 characters, no secret


class Channel(Protocol):
    """A way out. A new one is a file in this folder, a line in ``CHANNELS`` and a test file of the same name."""

    name: str  #: as in the settings; it stands in every error and in the ledger

    async def send(self, message: OutgoingMessage, /) -> Receipt:
        """Return once the receiver has accepted.

        Raises TransientFailure (try again later), PermanentFailure (never this message) or ChannelGone (no message any
        more). Must be safe to cancel at any point.
        """
        ...

    async def aclose(self) -> None:
        """Close what is open. The channel is not used afterwards."""
        ...
