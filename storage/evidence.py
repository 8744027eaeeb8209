"""What the pages as they came tell beside their words: how far this machine's clock is from the outlets'."""

from __future__ import annotations

from datetime import datetime
from email.utils import parsedate_to_datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.tables import Article, ArticleVersion, RawPage

LATEST = 200  #: pages looked at


def clock_differences(session: Session, since: datetime) -> dict[str, float]:
    """Seconds by which our clock was ahead of each outlet's Date header at the latest page that was read since."""
    statement = (
        select(Article.outlet, RawPage.headers, RawPage.fetched_at)
        .join(ArticleVersion, ArticleVersion.id == RawPage.version_id)
        .join(Article, Article.id == ArticleVersion.article_id)
        .where(RawPage.fetched_at >= since)
        .order_by(RawPage.fetched_at.desc())
        .limit(LATEST)
    )
    found: dict[str, float] = {}
    for outlet, headers, fetched_at in session.execute(statement):
        said = _instant(str(headers.get("date", "")))
        # A page from a cache carries the Date of the day it was put there, and its Age.
        if said is not None and outlet not in found and not headers.get("age"):
            found[outlet] = (fetched_at - said).total_seconds()
    return found


def _instant(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo is not None else None
