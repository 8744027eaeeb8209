"""The record of an attempt, and what the operator hears of it: on the other channels, in the same transaction.

A notice that was given up, a channel that is paused and a channel that has accepted nothing for a while are each told
once, by a SYSTEM notice to every other channel. A SYSTEM notice that fails in turn is not told: two broken channels
would tell each other of it for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from alerts.outcomes import Dead, Outcome, Paused, Retry, Sent
from core.documents import NoticeDocument, NoticePart
from core.text import cut
from core.values import NoticeKind
from storage import deliveries, incidents
from storage.values import ClaimedDelivery

#: failures of one notice in a row after which the other channels hear of it: with the default schedule, 8 minutes
TELL_AT_ATTEMPT = 4


def record(
    session: Session,
    *,
    delivery: ClaimedDelivery,
    outcome: Outcome,
    owner: str,
    started_at: datetime,
    now: datetime,
    others: Sequence[str],
    tell: bool,
) -> bool:
    """Write what became of an attempt; True where a notice to ``others`` was written, too (only with ``tell``).

    Where the lease is not ours any more, somebody else decides the outcome and nothing is written.
    """
    match outcome:
        case Sent():
            deliveries.record_sent(
                session, delivery.id, owner, now, remote_ref=outcome.remote_ref, started_at=started_at
            )
            return False
        case Retry():
            ours = deliveries.record_retry(
                session, delivery.id, owner, now,
                next_attempt_at=outcome.at, error=outcome.reason, started_at=started_at,
            )  # fmt: skip
            news = _trouble_text(delivery, outcome.reason) if tell else None
            return ours and _tell(session, delivery, "channel-failing", news, others, now)
        case Dead():
            ours = deliveries.record_dead(session, delivery.id, owner, now, error=outcome.reason, started_at=started_at)
            news = _dead_text(delivery, outcome.reason) if tell else None
            return ours and _tell(session, delivery, "delivery-dead", news, others, now)
        case Paused():
            ours = deliveries.record_retry(
                session, delivery.id, owner, now, next_attempt_at=now, error=outcome.reason, started_at=started_at
            )
            is_new = deliveries.pause_channel(session, delivery.channel, outcome.reason, now)
            news = _paused_text(delivery, outcome.reason) if is_new else None
            return ours and _tell(session, delivery, "channel-paused", news, others, now)


def _tell(
    session: Session, delivery: ClaimedDelivery, reason: str, text: str | None, others: Sequence[str], now: datetime
) -> bool:
    """Write a SYSTEM notice and queue it for the other channels; False where there is nothing or nobody to tell."""
    is_system = delivery.document["notice"]["kind"] == NoticeKind.SYSTEM
    if text is None or not others or (is_system and reason != "channel-paused"):
        return False
    return write_system_notice(session, reason, text, others, now, ring=delivery.ring)


def write_system_notice(
    session: Session, reason: str, text: str, channels: Sequence[str], now: datetime, *, ring: bool = False
) -> bool:
    """A SYSTEM notice with its deliveries, in the caller's transaction; whether anything was queued.

    ``reason`` is a stable word, ``text`` what the operator reads, its first line first.
    """
    part = NoticePart(
        id="SYS-0", number=0, kind=NoticeKind.SYSTEM, reason=reason, ring=ring, created_at=now, text=cut(text, 4_000)
    )  # the storage gives id and number
    ref = incidents.add_notice(
        session, None, NoticeKind.SYSTEM, reason, ring, False, NoticeDocument(notice=part).to_json(), now
    )
    return deliveries.enqueue(session, ref.id, channels, now) > 0


def _dead_text(delivery: ClaimedDelivery, reason: str) -> str:
    about = delivery.document["notice"]["id"]
    return (
        f"{about} was not delivered to {delivery.channel}: {reason}.\n"
        f"Send it again with: basewatch deliveries retry {delivery.id}\n"
        "Further ones of the next ten minutes are not told one by one: basewatch deliveries list --state dead"
    )


def _paused_text(delivery: ClaimedDelivery, reason: str) -> str:
    return (
        f"Channel {delivery.channel} is paused: {reason}.\n"
        f"Its notices wait. Mend it, then run: basewatch channels test {delivery.channel}"
    )


def _trouble_text(delivery: ClaimedDelivery, reason: str) -> str:
    about = delivery.document["notice"]["id"]
    return (
        f"Channel {delivery.channel} has not accepted {about} in {delivery.attempt} attempts: {reason}.\n"
        "Its notices wait and are tried again. You are told once, until it accepts one."
    )
