"""Notices, deliveries and their attempts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.values import DeliveryState, NoticeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRef:
    """A notice that was just written."""

    id: int
    number: int
    public_id: str  #: "BW-42.3", "SYS-7"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """A notice as it was written."""

    id: int
    public_id: str
    incident_id: int | None
    number: int
    kind: NoticeKind
    reason: str
    ring: bool
    late: bool
    document: dict[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Why a delivery is not sent now, and until when."""

    why: str  #: quiet, digest, silence, burst, caught-up
    until: datetime
    note: str  #: the same in words
    silence_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSeed:
    """One channel's part of a notice that is queued."""

    channel: str
    ring: bool | None = None  #: None: as the notice
    route: str | None = None  #: the rule that sends it here
    hold: Hold | None = None  #: None: due now


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldDelivery:
    """A delivery whose time has come to be told in a digest."""

    id: int
    channel: str
    held_for: str
    held_note: str
    incident_id: int | None
    ring: bool
    route: str | None  #: the rule that sends it
    document: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedDelivery:
    """A delivery that is leased to its claimer."""

    id: int
    message_id: str  #: the same over every attempt
    channel: str
    document: dict[str, Any]
    attempt: int  #: 1 for the first, counted since creation or the last retry by hand
    thread_ref: str | None  #: ``remote_ref`` of the incident's first message on this channel
    created_at: datetime
    since: datetime  #: giving up counts from here: creation, or the last retry by hand
    lease_until: datetime
    notice_id: int
    incident_id: int | None
    ring: bool
    is_probe: bool = False  #: its channel is paused, and this one is sent to see whether it is back


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """A delivery as it stands."""

    id: int
    message_id: str
    notice_id: int
    notice_public_id: str
    incident_id: int | None
    channel: str
    state: DeliveryState
    attempts: int
    next_attempt_at: datetime
    lease_owner: str | None
    lease_until: datetime | None
    created_at: datetime
    sent_at: datetime | None
    remote_ref: str | None
    last_error: str | None
    kind: NoticeKind
    ring: bool
    route: str | None = None
    held_for: str | None = None
    held_note: str | None = None
    silence_id: int | None = None
    digest_notice_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptView:
    """A line of the ledger."""

    attempt: int
    outcome: str  #: sent, retry, dead, lost, requeued, discarded
    owner: str | None
    error: str | None
    http_status: int | None
    started_at: datetime | None
    recorded_at: datetime
    answer: str | None = None  #: the receiver's words
    next_attempt_at: datetime | None = None  #: where another attempt was planned


@dataclass(frozen=True, slots=True, kw_only=True)
class PausedChannel:
    """A channel that gets nothing until it is resumed."""

    channel: str
    reason: str
    paused_at: datetime
    waiting: int  #: deliveries
    next_probe_at: datetime | None = None  #: when one of them is tried, to see whether the channel is back
