"""Deliveries as the daemon and its operator see them: the outbox (``outbox.py``), and what people do to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from core.values import DeliveryState, NoticeKind
from storage import tables
from storage.claims import claim_due, claim_probe, extend_lease, free_leases, is_any_for, next_due_at, release
from storage.ledger import AttemptFacts, attempts_of, record_dead, record_retry, record_sent, write_ledger
from storage.meta import dialect_insert, nudge
from storage.outbox import DEAD, HELD, PENDING, SENDING, enqueue, message_id, queue
from storage.tables import Delivery, Notice
from storage.values import AttemptView, ClaimedDelivery, DeliveryView, PausedChannel

__all__ = [
    "AttemptView", "ClaimedDelivery", "DeliveryView", "PausedChannel", "attempts_of", "claim_due", "claim_probe",
    "discard", "enqueue", "extend_lease", "free_leases", "is_any_for", "list_deliveries", "message_id", "next_due_at",
    "pause_channel", "paused_channels", "queue", "record_dead", "record_retry", "record_sent", "release", "resume",
    "retry",
]  # fmt: skip


def list_deliveries(
    session: Session,
    *,
    states: tuple[DeliveryState, ...] = (),
    channel: str | None = None,
    incident_id: int | None = None,
    ids: tuple[int, ...] = (),
    limit: int = 100,
) -> list[DeliveryView]:
    """Deliveries, the newest first; each argument narrows."""
    statement = (
        select(Delivery, Notice.kind, Notice.document)
        .join(Notice, Notice.id == Delivery.notice_id)
        .order_by(Delivery.id.desc())
        .limit(limit)
    )
    if states:
        statement = statement.where(Delivery.state.in_([state.value for state in states]))
    if channel is not None:
        statement = statement.where(Delivery.channel == channel)
    if incident_id is not None:
        statement = statement.where(Delivery.incident_id == incident_id)
    if ids:
        statement = statement.where(Delivery.id.in_(ids))
    return [_view(row, kind, document) for row, kind, document in session.execute(statement)]


def _view(row: Delivery, kind: str, document: dict[str, Any]) -> DeliveryView:
    return DeliveryView(
        id=row.id, message_id=row.message_id, notice_id=row.notice_id, notice_public_id=document["notice"]["id"],
        incident_id=row.incident_id, channel=row.channel, state=DeliveryState(row.state), attempts=row.attempts,
        next_attempt_at=row.next_attempt_at, lease_owner=row.lease_owner, lease_until=row.lease_until,
        created_at=row.created_at, sent_at=row.sent_at, remote_ref=row.remote_ref, last_error=row.last_error,
        kind=NoticeKind(kind), ring=row.ring, route=row.route, held_for=row.held_for, held_note=row.held_note,
        silence_id=row.silence_id, digest_notice_id=row.digest_notice_id,
    )  # fmt: skip


def retry(session: Session, delivery_id: int, now: datetime) -> bool:
    """Make a dead, waiting or held delivery due now, its attempts counted from 0 and its time to give up from now.

    False for one that is sent, being sent, or not there. The message id stays: a receiver that has it can tell.
    """
    result = session.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id, Delivery.state.in_((DEAD, PENDING, HELD)))
        .values(state=PENDING, next_attempt_at=now, since=now, changed_at=now, attempts=0)
        .returning(Delivery.id)
    )
    if result.first() is None:
        return False
    write_ledger(session, delivery_id, 0, "requeued", "operator", now)
    nudge(session)
    return True


def discard(session: Session, delivery_id: int, now: datetime, *, reason: str = "discarded by the operator") -> bool:
    """Give up a waiting or held delivery; later ones of its incident go on. False for any other."""
    result = session.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id, Delivery.state.in_((PENDING, HELD)))
        .values(state=DEAD, last_error=reason, changed_at=now)
        .returning(Delivery.attempts)
    ).first()
    if result is None:
        return False
    write_ledger(session, delivery_id, result[0], "discarded", "operator", now, AttemptFacts(error=reason))
    nudge(session)
    return True


def pause_channel(
    session: Session, channel: str, reason: str, now: datetime, *, next_probe_at: datetime | None = None
) -> bool:
    """Hold back, and keep, the channel's deliveries. False if it was paused already (the first reason stays).

    ``next_probe_at``: when one of them is tried, to see whether the channel is back.
    """
    statement = dialect_insert(session, tables.PausedChannel).values(
        channel=channel, reason=reason, paused_at=now, next_probe_at=next_probe_at
    )
    result = session.execute(statement.on_conflict_do_nothing().returning(tables.PausedChannel.channel))
    return result.first() is not None


def resume(session: Session, channel: str, now: datetime) -> bool:
    """Let the channel's deliveries go, those that wait due at once; False if it was not paused."""
    result = session.execute(
        delete(tables.PausedChannel)
        .where(tables.PausedChannel.channel == channel)
        .returning(tables.PausedChannel.channel)
    )
    if result.first() is None:
        return False
    session.execute(
        update(Delivery)
        .where(Delivery.channel == channel, Delivery.state == PENDING)
        .values(next_attempt_at=now, since=now, changed_at=now)
    )
    nudge(session)
    return True


def paused_channels(session: Session) -> list[PausedChannel]:
    """Every paused channel, with how many deliveries wait for it."""
    waiting = (
        select(func.count())
        .where(Delivery.channel == tables.PausedChannel.channel, Delivery.state.in_((PENDING, SENDING)))
        .scalar_subquery()
    )
    statement = select(tables.PausedChannel, waiting).order_by(tables.PausedChannel.channel)
    return [
        PausedChannel(
            channel=row.channel,
            reason=row.reason,
            paused_at=row.paused_at,
            waiting=count,
            next_probe_at=row.next_probe_at,
        )
        for row, count in session.execute(statement)
    ]
