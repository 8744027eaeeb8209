"""Silences: what people do not want to hear of for a while, why, and what was held back for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core.errors import InputError
from storage.meta import nudge
from storage.outbox import DIGESTED, HELD
from storage.tables import Delivery, Silence
from storage.values import SilenceSeed, SilenceView

SHOWN_FOR = timedelta(days=30)  #: how long an ended silence is still listed


def add(session: Session, seed: SilenceSeed, now: datetime) -> int:
    """Keep a silence; its number. Raises InputError where it would end before it begins, or has ended."""
    if seed.until_at <= max(seed.from_at, now):
        raise InputError("a silence must end after it begins, and in the future")
    row = Silence(
        base=seed.base, country=seed.country, incident_id=seed.incident_id, from_at=seed.from_at,
        until_at=seed.until_at, reason=seed.reason, created_at=now, ended_at=None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    nudge(session)
    return row.id


def end(session: Session, silence_id: int, now: datetime) -> SilenceView:
    """End a silence now: what it holds back is told at once. Raises InputError for one that has ended or is unknown."""
    result = session.execute(
        update(Silence)
        .where(Silence.id == silence_id, Silence.until_at > now)
        .values(until_at=now, ended_at=now)
        .returning(Silence.id)
    )
    if result.first() is None:
        raise InputError(f"there is no silence {silence_id} that still holds")
    session.execute(
        update(Delivery)
        .where(Delivery.silence_id == silence_id, Delivery.state == HELD)
        .values(next_attempt_at=now, changed_at=now)
    )
    nudge(session)
    return _views(session, [silence_id])[0]


def holding(session: Session, now: datetime) -> Sequence[SilenceView]:
    """The silences in force at ``now``, the one that lasts longest first."""
    statement = (
        select(Silence)
        .where(Silence.until_at > now, Silence.from_at <= now)
        .order_by(Silence.until_at.desc(), Silence.id)
    )
    return [_view(row) for row in session.scalars(statement)]


def listed(session: Session, now: datetime, *, ended_too: bool = False) -> list[SilenceView]:
    """Silences that hold or will; with ``ended_too`` those of the last thirty days as well. Newest first."""
    since = now - SHOWN_FOR if ended_too else now
    ids = session.scalars(select(Silence.id).where(Silence.until_at > since).order_by(Silence.id.desc()))
    return _views(session, list(ids))


def _views(session: Session, ids: Sequence[int]) -> list[SilenceView]:
    counts: dict[tuple[int | None, str], int] = {}
    statement = (
        select(Delivery.silence_id, Delivery.state, func.count())
        .where(Delivery.silence_id.in_(ids))
        .group_by(Delivery.silence_id, Delivery.state)
    )
    for silence_id, state, count in session.execute(statement):
        counts[silence_id, state] = count
    rows = session.scalars(select(Silence).where(Silence.id.in_(ids)).execution_options(populate_existing=True))
    found = [_view(row, held=counts.get((row.id, HELD), 0), digested=counts.get((row.id, DIGESTED), 0)) for row in rows]
    return sorted(found, key=lambda view: -view.id)


def _view(row: Silence, *, held: int = 0, digested: int = 0) -> SilenceView:
    return SilenceView(
        id=row.id, base=row.base, country=row.country, incident_id=row.incident_id, from_at=row.from_at,
        until_at=row.until_at, reason=row.reason, created_at=row.created_at, ended_at=row.ended_at, held=held,
        digested=digested,
    )  # fmt: skip
