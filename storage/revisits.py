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
_CHUNK = 500


def due_revisits(session: Session, now: datetime) -> list[int]:
    """Ids of the pages behind open incidents that should be fetched again now."""
    reports = (
        select(ArticleUrl.url_key, func.min(Report.attached_at))
        .join(Report, Report.article_id == ArticleUrl.article_id)
        .join(Incident, Incident.id == Report.incident_id)
        .where(
            Report.known_at >= now - _OLDEST_NEWS,
            Report.attached_at >= now - GIVEN_UP_AFTER,
            Incident.closed_at.is_(None),
        )
        .group_by(ArticleUrl.url_key)
    )
    attached = {row[0]: row[1] for row in session.execute(reports)}
    found = []
    # Apart from the reports, few keys at a time: joined, SQLite would begin with every page there ever was.
    keys = sorted(attached)
    for start in range(0, len(keys), _CHUNK):
        pages = select(Page.id, Page.url_key, Page.fetched_at).where(
            Page.url_key.in_(keys[start : start + _CHUNK]),
            Page.state == "done",
            Page.whole.is_(False),  # its source shows its edits
            Page.fetched_at.is_not(None),
        )
        found += [row.id for row in session.execute(pages) if _is_due(row.fetched_at, attached[row.url_key], now)]
    return sorted(found)


def _is_due(fetched_at: datetime, attached_at: datetime, now: datetime) -> bool:
    return any(fetched_at < attached_at + wait <= now for wait in AFTER)


def want_again(session: Session, page_ids: list[int], now: datetime) -> None:
    """Make these pages wanted now."""
    session.execute(
        update(Page)
        .where(Page.id.in_(page_ids), Page.state == "done")
        .values(state="wanted", wanted_at=now, not_before=now, attempts=0)
    )
