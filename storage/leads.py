"""Who broke the news: for each incident and outlet, when the outlet first told of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.incidents import public_id
from storage.tables import Incident, Report


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstWord:
    """One outlet's first report of one incident."""

    incident: str  #: public id
    outlet: str
    event_from: datetime | None
    event_to: datetime | None
    told_at: datetime  #: publication where it is known, else when we first saw it
    seen_at: datetime  #: when we first saw it


def first_words(session: Session, *, since: datetime) -> list[FirstWord]:
    """Of incidents first seen since then, merged ones under the one that they became; by incident, the first first."""
    told_at, seen_at = func.min(Report.known_at), func.min(Report.first_seen_at)
    statement = (
        select(Incident.id, Incident.event_from, Incident.event_to, Report.outlet, told_at, seen_at)
        .join(Report, Report.incident_id == Incident.id)
        .where(Incident.merged_into.is_(None), Incident.first_seen_at >= since)
        .group_by(Incident.id, Incident.event_from, Incident.event_to, Report.outlet)
        .order_by(Incident.id, told_at, Report.outlet)
    )
    return [
        FirstWord(incident=public_id(key), event_from=start, event_to=end, outlet=outlet, told_at=told, seen_at=seen)
        for key, start, end, outlet, told, seen in session.execute(statement)
    ]
