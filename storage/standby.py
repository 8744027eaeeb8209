"""Spares: which sources of an outlet are read now, and why. What to do is decided elsewhere, and written here."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.sources import state_of
from storage.tables import Source
from storage.values import SourceState


def sources_of(session: Session, outlet: str) -> list[SourceState]:
    """The enabled sources of an outlet, in order of preference."""
    columns = tuple(Source.__table__.columns)
    statement = select(*columns).where(Source.outlet == outlet, Source.enabled.is_(True))
    rows = session.execute(statement.order_by(Source.rank, Source.source_id)).mappings()
    return [state_of(row) for row in rows]


def set_active(session: Session, source_id: str, *, active: bool, why: str | None, now: datetime) -> None:
    """Read this spare from now on, or let it stand by."""
    values: dict[str, object] = {"active": active, "active_since": now, "active_why": why}
    if active:
        values["next_poll_at"] = now
    session.execute(update(Source).where(Source.source_id == source_id).values(values))
