"""Pages that are read once more because an incident stands on them: outlets correct, complete and withdraw.

Nothing is written when a report is attached: the report's time and the page's last fetch say what is due, so that a
restart forgets nothing and a night without power costs one fetch a page, not three.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from storage.tables import ArticleUrl, Incident, Page, Report

#: after the article was first attached to an incident: most corrections come within the hour, most tolls within a day
AFTER = (timedelta(minutes=30), timedelta(hours=3), timedelta(hours=24))
GIVEN_UP_AFTER = timedelta(hours=48)  #: a visit that is missed by more is of no use any more
_OLDEST_NEWS = timedelta(days=9)  #: of a report that can still be due: updates tell of a week at most


def due_revisits(session: Session, now: datetime) -> list[int]:
    """Ids of the pages behind open incidents that should be fetched again now."""
    attached = func.min(Report.attached_at)
    statement = (
        select(Page.id, Page.fetched_at, attached)
        .join(ArticleUrl, ArticleUrl.url_key == Page.url_key)
        .join(Report, Report.article_id == ArticleUrl.article_id)
        .join(Incident, Incident.id == Report.incident_id)
        .where(
            Report.known_at >= now - _OLDEST_NEWS,
            Report.attached_at >= now - GIVEN_UP_AFTER,
            Incident.closed_at.is_(None),
            Page.state == "done",
            Page.whole.is_(False),  # its source shows its edits
            Page.fetched_at.is_not(None),
        )
        .group_by(Page.id, Page.fetched_at)
    )
    rows = session.execute(statement).all()
    return sorted(page_id for page_id, read_at, since in rows if read_at is not None and _is_due(read_at, since, now))


def _is_due(fetched_at: datetime, attached_at: datetime, now: datetime) -> bool:
    return any(fetched_at < attached_at + wait <= now for wait in AFTER)


def want_again(session: Session, page_ids: list[int], now: datetime) -> None:
    """Make these pages wanted now."""
    session.execute(
        update(Page)
        .where(Page.id.in_(page_ids), Page.state == "done")
        .values(state="wanted", wanted_at=now, not_before=now, attempts=0)
    )
