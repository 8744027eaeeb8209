"""Countries in which something happens just now: their outlets are read faster."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.tables import Incident, Source

#: an incident that nothing was added to for so long is over, as far as reading faster goes
STIRRING_FOR = timedelta(hours=24)


def hot_countries(session: Session, now: datetime) -> frozenset[str]:
    """ISO codes of the countries with an open incident that changed within STIRRING_FOR."""
    statement = (
        select(Incident.country)
        .where(
            Incident.changed_at > now - STIRRING_FOR,
            Incident.closed_at.is_(None),
            Incident.merged_into.is_(None),
            Incident.country.is_not(None),
        )
        .distinct()
    )
    return frozenset(country for country in session.scalars(statement) if country)


def hasten(session: Session, soonest: Mapping[str, datetime]) -> None:
    """Poll these sources at the given instants, where they were due later."""
    for source_id, instant in soonest.items():
        session.execute(
            update(Source)
            .where(Source.source_id == source_id, Source.next_poll_at > instant)
            .values(next_poll_at=instant)
        )
