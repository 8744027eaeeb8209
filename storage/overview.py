"""What the status page shows of articles and incidents, in a few indexed questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from core.values import CANARY_OUTLET
from storage.articles import raw_url_of_article
from storage.tables import Article, ArticleVersion, Notice, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class LatestArticle:
    """One article version, and what was made of it."""

    article_id: int
    version: int
    outlet: str
    title: str
    link: str
    lang: str | None
    published_at: datetime | None
    stored_at: datetime
    state: str  #: waiting, classified, parked, skipped
    label: str | None  #: of its newest verdict; None while it waits
    probability: float | None


def latest_articles(session: Session, limit: int = 25) -> list[LatestArticle]:
    """The versions that were stored last, the latest first; a canary is none of them."""
    judged = aliased(Verdict)
    newest = (
        select(func.max(judged.id))
        .where(judged.version_id == ArticleVersion.id)
        .correlate(ArticleVersion)
        .scalar_subquery()
    )
    statement = (
        select(
            ArticleVersion.article_id, ArticleVersion.version, Article.outlet, ArticleVersion.title, Article.url,
            raw_url_of_article().label("raw_url"), ArticleVersion.lang, ArticleVersion.published_at,
            ArticleVersion.stored_at, ArticleVersion.state, Verdict.label, Verdict.probability,
        )
        .join(Article, Article.id == ArticleVersion.article_id)
        .outerjoin(Verdict, Verdict.id == newest)
        .where(Article.outlet != CANARY_OUTLET)
        .order_by(ArticleVersion.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [
        LatestArticle(
            article_id=row.article_id, version=row.version, outlet=row.outlet, title=row.title,
            link=row.raw_url or row.url, lang=row.lang, published_at=row.published_at, stored_at=row.stored_at,
            state=row.state, label=row.label, probability=row.probability,
        )
        for row in session.execute(statement)
    ]  # fmt: skip


def newest_documents(session: Session, incident_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The document of each incident's newest notice; an incident that nobody was told of has none."""
    if not incident_ids:
        return {}
    newest = select(func.max(Notice.id)).where(Notice.incident_id.in_(incident_ids)).group_by(Notice.incident_id)
    statement = select(Notice.incident_id, Notice.document).where(Notice.id.in_(newest))
    return {incident_id: document for incident_id, document in session.execute(statement) if incident_id is not None}
