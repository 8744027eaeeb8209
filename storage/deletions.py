"""What outlets delete: noted with the article, which stays as it was read. A deletion is no denial: it withdraws
nothing by itself, and is undone when the post shows again.

An incident whose report is deleted keeps it as a fact (``post``: who, when), and no notice is written, not even when it
was the last report: channels are purged by their host and by their owners after every wave of bans, and a correction
that says "withdrawn" would be a claim that nobody made. What people see is the mark beside the report.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from storage.tables import Article, ArticleUrl, Fact, Report
from storage.types import url_key

DELETED, SHOWN_AGAIN = "deleted by its outlet", "shown again"  #: values of the fact ``post``
FIELD = "post"
_CHUNK = 500


def note(session: Session, *, shown: Sequence[str], missing: Sequence[str], now: datetime) -> int:
    """Mark the stored articles at ``missing`` as gone and those that are ``shown`` again as there.

    Addresses are canonical. Returns how many were found to be gone that were not known to be.
    """
    back = _set(session, shown, None, Article.gone_at.is_not(None))
    gone = _set(session, missing, now, Article.gone_at.is_(None))
    _record(session, back, SHOWN_AGAIN, now)
    _record(session, gone, DELETED, now)
    return len(gone)


def _record(session: Session, article_ids: Sequence[int], what: str, now: datetime) -> None:
    """A fact of each incident that stands on these articles."""
    if not article_ids:
        return
    statement = (
        select(Report.incident_id, Report.article_id, Report.outlet, func.max(Report.version))
        .where(Report.article_id.in_(article_ids))
        .group_by(Report.incident_id, Report.article_id, Report.outlet)
        .order_by(Report.incident_id, Report.article_id)
    )
    session.add_all(
        Fact(
            incident_id=incident, field=FIELD, value={"value": what}, article_id=article, version=version,
            said_by=outlet, origin_kind=None, said_at=now, recorded_at=now,
        )
        for incident, article, outlet, version in session.execute(statement).all()
    )  # fmt: skip
    session.flush()


def _set(session: Session, urls: Sequence[str], value: datetime | None, condition: object) -> list[int]:
    keys = [url_key(url) for url in urls]
    changed: list[int] = []
    for start in range(0, len(keys), _CHUNK):
        found = select(ArticleUrl.article_id).where(ArticleUrl.url_key.in_(keys[start : start + _CHUNK]))
        ids = list(session.scalars(select(Article.id).where(Article.id.in_(found), condition)))  # type: ignore[arg-type]
        if ids:
            session.execute(update(Article).where(Article.id.in_(ids)).values(gone_at=value))
            changed += ids
    return changed
