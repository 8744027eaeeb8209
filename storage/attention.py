"""Who has acknowledged an incident, and what is repeated or passed on until somebody does.

The clock of a follow-up starts when its notice was written, and stands in its row: a restart neither forgets nor
hurries it. Each step is a conditional UPDATE on the number of steps done, so that a step is taken once, whoever asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from core.values import TextReason
from storage.claims import CLOCK_SLACK
from storage.meta import dialect_insert, nudge
from storage.tables import Acknowledgement, FollowUp, Incident
from storage.values import Acknowledged, FollowUpView

#: reason of a notice that repeats, or passes on, what nobody has acknowledged
NOT_ACKNOWLEDGED = TextReason.NOT_ACKNOWLEDGED.value


def acknowledge(session: Session, incident_id: int, by: str, now: datetime, *, note: str | None = None) -> int:
    """Record that somebody takes care of the incident, and end all that waits for it; how many follow-ups ended."""
    session.add(Acknowledgement(incident_id=incident_id, by=by, note=note, at=now))
    session.flush()
    result = session.execute(
        update(FollowUp)
        .where(FollowUp.incident_id.in_(family(session, incident_id)), FollowUp.done_at.is_(None))
        .values(done_at=now, done_reason="acknowledged")
        .returning(FollowUp.id)
    )
    nudge(session)
    return len(result.fetchall())


def acknowledgements_of(session: Session, incident_id: int) -> list[Acknowledged]:
    """Who acknowledged the incident, or one merged into it; oldest first."""
    statement = (
        select(Acknowledgement)
        .where(Acknowledgement.incident_id.in_(family(session, incident_id)))
        .order_by(Acknowledgement.id)
    )
    return [
        Acknowledged(incident_id=row.incident_id, by=row.by, note=row.note, at=row.at)
        for row in session.scalars(statement)
    ]


def family(session: Session, incident_id: int) -> Sequence[int]:
    """The incident and those that were merged into it."""
    of_it = or_(Incident.id == incident_id, Incident.merged_into == incident_id)
    return list(session.scalars(select(Incident.id).where(of_it)))


def follow_up(
    session: Session, *, incident_id: int, notice_id: int, route: str, kind: str, next_at: datetime, now: datetime
) -> bool:
    """Begin to wait for an acknowledgement; False where the incident waits for one by this route already."""
    waiting = select(FollowUp.id).where(
        FollowUp.incident_id == incident_id, FollowUp.route == route, FollowUp.kind == kind, FollowUp.done_at.is_(None)
    )
    if session.scalar(waiting.limit(1)) is not None:
        return False
    statement = dialect_insert(session, FollowUp).values(
        incident_id=incident_id, notice_id=notice_id, route=route, kind=kind, step=0, next_at=next_at, created_at=now
    )
    result = session.execute(statement.on_conflict_do_nothing().returning(FollowUp.id))
    return result.first() is not None


def _its_time(now: datetime) -> ColumnElement[bool]:
    """Its time has come, or it was begun by a clock that has been set back since."""
    return or_(FollowUp.next_at <= now, FollowUp.created_at > now + CLOCK_SLACK)


def is_any_due(session: Session, now: datetime) -> bool:
    """Whether the time of a follow-up has come: one look-up by an index."""
    found = select(FollowUp.id).where(FollowUp.done_at.is_(None), _its_time(now)).limit(1)
    return session.scalar(found) is not None


def due(session: Session, now: datetime) -> list[FollowUpView]:
    """Follow-ups whose time has come, the longest overdue first."""
    statement = select(FollowUp).where(FollowUp.done_at.is_(None), _its_time(now)).order_by(FollowUp.next_at)
    return [_view(row) for row in session.scalars(statement.with_for_update(skip_locked=True))]


def is_answered(session: Session, incident_id: int, since: datetime) -> bool:
    """Whether somebody acknowledged the incident, or one merged into it, at or after ``since``."""
    found = select(Acknowledgement.id).where(
        Acknowledgement.incident_id.in_(family(session, incident_id)), Acknowledgement.at >= since
    )
    return session.scalar(found.limit(1)) is not None


def waits_twice(session: Session, one: FollowUpView, incident_id: int) -> bool:
    """Whether an older follow-up of the same kind and route waits for the incident that this one was merged into."""
    found = select(FollowUp.id).where(
        FollowUp.incident_id.in_(family(session, incident_id)), FollowUp.route == one.route, FollowUp.kind == one.kind,
        FollowUp.done_at.is_(None), FollowUp.id < one.id,
    )  # fmt: skip
    return session.scalar(found.limit(1)) is not None


def rebase(session: Session, follow_up_id: int, now: datetime) -> None:
    """Let a follow-up that a wrong clock began in the future count from now."""
    session.execute(
        update(FollowUp).where(FollowUp.id == follow_up_id, FollowUp.created_at > now).values(created_at=now)
    )


def follow_ups_of(session: Session, incident_id: int) -> list[FollowUpView]:
    """What waits, or waited, for an acknowledgement of the incident; oldest first."""
    statement = select(FollowUp).where(FollowUp.incident_id.in_(family(session, incident_id))).order_by(FollowUp.id)
    return [_view(row) for row in session.scalars(statement.execution_options(populate_existing=True))]


def take_step(session: Session, one: FollowUpView, next_at: datetime | None, now: datetime, *, last: str = "") -> bool:
    """Count a step and plan the next; with None it was the last one, because of ``last``. False: somebody took it."""
    result = session.execute(
        update(FollowUp)
        .where(FollowUp.id == one.id, FollowUp.step == one.step, FollowUp.done_at.is_(None))
        .values(
            step=one.step + 1, next_at=next_at or one.next_at, done_at=now if next_at is None else None,
            done_reason=last if next_at is None else None,
        )
        .returning(FollowUp.id)
    )  # fmt: skip
    return result.first() is not None


def finish(session: Session, follow_up_id: int, reason: str, now: datetime) -> bool:
    """End a follow-up without another step. False if it has ended already."""
    result = session.execute(
        update(FollowUp)
        .where(FollowUp.id == follow_up_id, FollowUp.done_at.is_(None))
        .values(done_at=now, done_reason=reason)
        .returning(FollowUp.id)
    )
    return result.first() is not None


def _view(row: FollowUp) -> FollowUpView:
    return FollowUpView(
        id=row.id, incident_id=row.incident_id, notice_id=row.notice_id, route=row.route, kind=row.kind,
        step=row.step, next_at=row.next_at, created_at=row.created_at, done_at=row.done_at,
        done_reason=row.done_reason,
    )  # fmt: skip
