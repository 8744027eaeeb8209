"""What is held back: by quiet hours, a silence, a digest hour, a burst, or a channel that was gone; and how it is told.

A held delivery is a row like any other, with the time at which it is to be told. Then a digest names it, and it is
``digested``; one alone goes out by itself. Every step asks for the state that it starts from, so that a step that runs
twice does nothing the second time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from storage.claims import CLOCK_SLACK
from storage.outbox import DEAD, DIGESTED, HELD, PENDING, SENDING
from storage.tables import Delivery, Incident, Notice
from storage.values import HeldDelivery, Hold

TOGETHER = ("burst", "caught-up")  #: of these, all that a channel holds goes as soon as the first is due


def _its_time(now: datetime) -> ColumnElement[bool]:
    """Its time has come, or was set by a clock that has been set back since: told too early rather than in a year."""
    return or_(Delivery.next_attempt_at <= now, Delivery.changed_at > now + CLOCK_SLACK)


def _due(now: datetime) -> ColumnElement[bool]:
    first = _its_time(now)
    channels = select(Delivery.channel).where(Delivery.state == HELD, Delivery.held_for.in_(TOGETHER), first)
    together = (Delivery.held_for.in_(TOGETHER)) & (Delivery.channel.in_(channels))
    return (Delivery.state == HELD) & or_(first, together)


def is_any_due(session: Session, now: datetime) -> bool:
    """Whether the time of a held delivery has come: one look-up by an index."""
    found = select(Delivery.id).where(Delivery.state == HELD, _its_time(now)).limit(1)
    return session.scalar(found) is not None


def due(session: Session, now: datetime, limit: int = 1000) -> list[HeldDelivery]:
    """Held deliveries whose time has come, oldest first; nobody else gets the same ones before the commit."""
    statement = (
        select(Delivery, Notice.document)
        .join(Notice, Notice.id == Delivery.notice_id)
        .where(_due(now))
        .order_by(Delivery.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Delivery)
    )
    return [
        HeldDelivery(
            id=row.id, channel=row.channel, held_for=row.held_for or "", held_note=row.held_note or "",
            incident_id=row.incident_id, ring=row.ring, route=row.route, document=document,
        )
        for row, document in session.execute(statement)
    ]  # fmt: skip


def fold(session: Session, ids: Sequence[int], digest_notice_id: int, now: datetime) -> int:
    """Mark held deliveries as named by a digest; how many were."""
    result = session.execute(
        update(Delivery)
        .where(Delivery.id.in_(ids), Delivery.state == HELD)
        .values(state=DIGESTED, digest_notice_id=digest_notice_id, changed_at=now)
        .returning(Delivery.id)
    )
    return len(result.fetchall())


def hold_on(session: Session, delivery_id: int, hold: Hold, now: datetime) -> bool:
    """Hold back still, for another reason, what was held back until now. False if it is not held."""
    result = session.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id, Delivery.state == HELD)
        .values(
            held_for=hold.why, held_note=hold.note, next_attempt_at=hold.until, silence_id=hold.silence_id,
            changed_at=now,
        )
        .returning(Delivery.id)
    )  # fmt: skip
    return result.first() is not None


def let_go(session: Session, delivery_id: int, now: datetime, *, ring: bool) -> bool:
    """Send a held delivery by itself; its time to give up counts from now. False if it is not held."""
    result = session.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id, Delivery.state == HELD)
        .values(state=PENDING, next_attempt_at=now, since=now, changed_at=now, ring=ring)
        .returning(Delivery.id)
    )
    return result.first() is not None


def hold_waiting(session: Session, channel: str, hold: Hold, now: datetime) -> int:
    """Hold back all that waits for the channel, to be told in a digest; how many."""
    result = session.execute(
        update(Delivery)
        .where(Delivery.channel == channel, Delivery.state == PENDING)
        .values(state=HELD, held_for=hold.why, held_note=hold.note, next_attempt_at=hold.until, changed_at=now)
        .returning(Delivery.id)
    )
    return len(result.fetchall())


def waiting_for(session: Session, channel: str) -> int:
    """How many deliveries are pending for the channel."""
    of_channel = select(func.count()).where(Delivery.channel == channel, Delivery.state == PENDING)
    return session.scalar(of_channel) or 0


def queued_between(session: Session, since: datetime, until: datetime) -> dict[str, int]:
    """How many notices written after ``since`` and up to ``until`` were queued for each channel and not held back."""
    statement = (
        select(Delivery.channel, func.count())
        .join(Notice, Notice.id == Delivery.notice_id)
        .where(Notice.created_at > since, Notice.created_at <= until, Delivery.state.not_in((HELD, DIGESTED)))
        .group_by(Delivery.channel)
    )
    return {channel: value for channel, value in session.execute(statement)}  # noqa: C416 - rows are no pairs to mypy


def bursts(session: Session) -> dict[str, datetime]:
    """When the burst that a channel is in ends, for each channel that is in one."""
    statement = (
        select(Delivery.channel, func.min(Delivery.next_attempt_at))
        .where(Delivery.state == HELD, Delivery.held_for == "burst")
        .group_by(Delivery.channel)
    )
    return {channel: value for channel, value in session.execute(statement)}  # noqa: C416 - rows are no pairs to mypy


def waits(session: Session, incident_id: int, channel: str) -> bool:
    """Whether a notice of the incident is still on its way to the channel."""
    statement = select(Delivery.id).where(
        Delivery.incident_id == incident_id, Delivery.channel == channel, Delivery.state.in_((PENDING, SENDING))
    )
    return session.scalar(statement.limit(1)) is not None


def holds_of(session: Session, incident_id: int) -> dict[str, Hold]:
    """What holds back the newest held notice of the incident, or of one merged into it, by channel."""
    statement = (
        select(Delivery)
        .join(Incident, Incident.id == Delivery.incident_id)
        .where(or_(Incident.id == incident_id, Incident.merged_into == incident_id), Delivery.state == HELD)
        .order_by(Delivery.notice_id)
    )
    return {
        row.channel: Hold(
            why=row.held_for or "", until=row.next_attempt_at, note=row.held_note or "", silence_id=row.silence_id
        )
        for row in session.scalars(statement)
    }


def channels_told(session: Session, incident_id: int) -> frozenset[str]:
    """Channels to which a notice of the incident, or of one merged into it, was sent or is on its way."""
    statement = (
        select(Delivery.channel)
        .join(Incident, Incident.id == Delivery.incident_id)
        .where(
            or_(Incident.id == incident_id, Incident.merged_into == incident_id), Delivery.state.not_in((HELD, DEAD))
        )
        .distinct()
    )
    return frozenset(session.scalars(statement))
