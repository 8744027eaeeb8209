"""Leases on deliveries: who sends what now. "Did I win?" is the row count of a conditional UPDATE."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, bindparam, case, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from storage.ledger import AttemptFacts, write_ledger
from storage.outbox import IS_OPEN, PENDING, SENDING
from storage.tables import Delivery, Notice, PausedChannel
from storage.values import ClaimedDelivery

#: a time in the future beyond this was written by a clock that has been set back since
CLOCK_SLACK = timedelta(minutes=1)


def _open(now: datetime) -> ColumnElement[bool]:
    """Pending and due, or leased to somebody whose lease has ended."""
    return and_(
        IS_OPEN,
        or_(
            and_(
                Delivery.state == PENDING,
                or_(Delivery.next_attempt_at <= now, Delivery.changed_at > now + CLOCK_SLACK),
            ),
            and_(Delivery.state == SENDING, Delivery.lease_until <= now),
        ),
    )


def _in_turn() -> ColumnElement[bool]:
    """No earlier notice of its incident is on its way to its channel."""
    earlier = aliased(Delivery)
    return ~(
        select(earlier.id)
        .where(
            earlier.incident_id == Delivery.incident_id,
            earlier.channel == Delivery.channel,
            earlier.notice_id < Delivery.notice_id,
            earlier.state.in_((PENDING, SENDING)),
        )
        .exists()
    )


def _not_paused() -> ColumnElement[bool]:
    return Delivery.channel.not_in(select(PausedChannel.channel))


def claim_due(
    session: Session,
    now: datetime,
    owner: str,
    lease_s: float,
    limit: int = 50,
    *,
    channels: Collection[str] | None = None,
    per_channel: int | None = None,
) -> list[ClaimedDelivery]:
    """Lease due deliveries to ``owner`` for ``lease_s`` seconds: ringing ones first, the channels in turn, then by age.

    A delivery waits for the earlier ones of its incident on its channel until they are sent or dead; one of a paused
    channel waits. ``channels``: only these. ``per_channel``: at most so many of one channel, so that a slow receiver
    does not fill the claim. Two claimers never get the same one (PostgreSQL: SKIP LOCKED).
    """
    ids = _candidates(session, now, limit, channels, per_channel)
    return _lease(session, ids, now, owner, lease_s)


def is_any_for(session: Session, now: datetime, channel: str) -> bool:
    """Whether ``claim_due`` or ``claim_probe`` may find something of this channel: a cheap look without a write."""
    open_ = select(Delivery.id).where(Delivery.channel == channel, _open(now)).limit(1)
    paused = select(PausedChannel.channel).where(PausedChannel.channel == channel)
    return session.scalar(open_) is not None or session.scalar(paused) is not None


def claim_probe(
    session: Session, now: datetime, owner: str, lease_s: float, channel: str, *, every_s: float
) -> list[ClaimedDelivery]:
    """Lease one delivery of a paused channel, where the time has come to see whether it is back; else nothing.

    The next such time is ``every_s`` seconds on, whoever asks, so that two claimers never probe at once.
    """
    since = now - timedelta(seconds=every_s)
    due = or_(
        PausedChannel.next_probe_at <= now,
        PausedChannel.next_probe_at > now + timedelta(seconds=every_s) + CLOCK_SLACK,  # the clock was set back
        and_(PausedChannel.next_probe_at.is_(None), PausedChannel.paused_at <= since),
    )
    won = session.execute(
        update(PausedChannel)
        .where(PausedChannel.channel == channel, due)
        .values(next_probe_at=now + timedelta(seconds=every_s))
        .returning(PausedChannel.channel)
    ).first()
    if won is None:
        return []
    ids = _candidates(session, now, 1, (channel,), None, paused=True)
    return [replace(claimed, is_probe=True) for claimed in _lease(session, ids, now, owner, lease_s)]


def _lease(session: Session, ids: list[int], now: datetime, owner: str, lease_s: float) -> list[ClaimedDelivery]:
    """Those of the deliveries that nobody else took meanwhile, leased, in the order given."""
    if not ids:
        return []
    locked = session.execute(
        select(Delivery.id, Delivery.state, Delivery.attempts, Delivery.lease_owner)
        .where(Delivery.id.in_(ids), _open(now))
        .with_for_update(skip_locked=True)
    ).all()
    for delivery_id, state, attempts, late_owner in locked:
        if state == SENDING:  # its owner is late: that attempt counts as lost
            write_ledger(session, delivery_id, attempts, "lost", late_owner, now, AttemptFacts(error="the lease ended"))
    won = session.scalars(
        update(Delivery)
        .where(Delivery.id.in_([row[0] for row in locked]), _open(now))
        .values(
            state=SENDING, lease_owner=owner, lease_until=now + timedelta(seconds=lease_s), changed_at=now,
            attempts=Delivery.attempts + 1,
        )
        .execution_options(synchronize_session=False)
        .returning(Delivery.id)
    ).all()  # fmt: skip
    claimed = {row.id: row for row in _claimed(session, list(won))}
    return [claimed[delivery_id] for delivery_id in ids if delivery_id in claimed]


def _candidates(
    session: Session,
    now: datetime,
    limit: int,
    channels: Collection[str] | None,
    per_channel: int | None,
    *,
    paused: bool = False,
) -> list[int]:
    """Ids of what may be claimed, in the order in which it should be."""
    turn = func.row_number().over(partition_by=Delivery.channel, order_by=(Delivery.ring.desc(), Delivery.notice_id))
    ranked = select(Delivery.id, Delivery.ring, turn.label("turn")).where(_open(now), _in_turn())
    if not paused:
        ranked = ranked.where(_not_paused())
    if channels is not None:
        ranked = ranked.where(Delivery.channel.in_(sorted(channels)))
    found = ranked.subquery()
    statement = select(found.c.id).order_by(found.c.ring.desc(), found.c.turn, found.c.id).limit(limit)
    if per_channel is not None:
        statement = statement.where(found.c.turn <= per_channel)
    return list(session.scalars(statement))


def _claimed(session: Session, ids: list[int]) -> list[ClaimedDelivery]:
    rows = session.execute(_CLAIMED, {"ids": ids}).all()
    threads = _threads(session, {row.incident_id for row in rows if row.incident_id is not None})
    return [
        ClaimedDelivery(
            id=row.id, message_id=row.message_id, channel=row.channel, document=row.document, attempt=row.attempts,
            thread_ref=threads.get((row.incident_id, row.channel)), created_at=row.created_at, since=row.since,
            lease_until=row.lease_until, notice_id=row.notice_id, incident_id=row.incident_id, ring=row.ring,
        )
        for row in rows
    ]  # fmt: skip


def _threads(session: Session, incident_ids: set[int]) -> dict[tuple[int, str], str]:
    """Where each incident's first message on each channel stands, so that an update answers there."""
    found: dict[tuple[int, str], str] = {}
    if incident_ids:
        for incident_id, channel, remote_ref in session.execute(_THREADS, {"ids": sorted(incident_ids)}):
            if incident_id is not None and remote_ref is not None:
                found.setdefault((incident_id, channel), remote_ref)
    return found


def release(session: Session, delivery_id: int, owner: str, now: datetime) -> bool:
    """Back to pending, due at once, without an attempt counted: the daemon stops before it sent. False as above."""
    result = session.execute(
        update(Delivery)
        .where(_mine(delivery_id, owner))
        .values(
            state=PENDING, lease_owner=None, lease_until=None, next_attempt_at=now, changed_at=now,
            attempts=Delivery.attempts - 1,
        )
        .returning(Delivery.id)
    )  # fmt: skip
    return result.first() is not None


def extend_lease(session: Session, delivery_id: int, owner: str, lease_until: datetime) -> bool:
    """Keep a lease for a send that takes longer. False as in ``record_sent``."""
    result = session.execute(
        update(Delivery).where(_mine(delivery_id, owner)).values(lease_until=lease_until).returning(Delivery.id)
    )
    return result.first() is not None


def _mine(delivery_id: int, owner: str) -> ColumnElement[bool]:
    return and_(Delivery.id == delivery_id, Delivery.state == SENDING, Delivery.lease_owner == owner)


# Built once: building a statement costs several times what running it does, and each delivery passes these.
_CLAIMED = (
    select(
        Delivery.id, Delivery.message_id, Delivery.channel, Delivery.attempts, Delivery.created_at, Delivery.since,
        Delivery.lease_until, Delivery.notice_id, Delivery.incident_id, Delivery.ring, Notice.document,
    )
    .join(Notice, Notice.id == Delivery.notice_id)
    .where(Delivery.id.in_(bindparam("ids", expanding=True)))
)  # fmt: skip
_THREADS = (
    select(Delivery.incident_id, Delivery.channel, Delivery.remote_ref)
    .where(Delivery.incident_id.in_(bindparam("ids", expanding=True)), Delivery.remote_ref.is_not(None))
    .order_by(Delivery.notice_id)
)


# ---- leases and clocks


def free_leases(session: Session, now: datetime) -> int:
    """Make every leased delivery due at once; how many. For the daemon at start: whoever held them is dead."""
    rows = session.execute(
        select(Delivery.id, Delivery.attempts, Delivery.lease_owner)
        .where(IS_OPEN, Delivery.state == SENDING)
        .with_for_update()
    ).all()
    for delivery_id, attempts, owner in rows:
        write_ledger(
            session,
            delivery_id,
            attempts,
            "lost",
            owner,
            now,
            AttemptFacts(error="the sender ended before it recorded"),
        )
    session.execute(
        update(Delivery)
        .where(Delivery.id.in_([row[0] for row in rows]))
        .values(state=PENDING, lease_owner=None, lease_until=None, next_attempt_at=now, changed_at=now)
    )
    return len(rows)


def next_due_at(session: Session) -> datetime | None:
    """When the next delivery that waits for no other is due (may be past); None if there is none."""
    moment = case((Delivery.state == SENDING, Delivery.lease_until), else_=Delivery.next_attempt_at)
    statement = select(moment).where(IS_OPEN, _in_turn(), _not_paused()).order_by(moment).limit(1)
    return session.scalar(statement)
