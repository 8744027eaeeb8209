"""The stored articles as a corpus: what ``replay --stored`` runs again under the settings of today."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from basewatch.corpus import CorpusArticle
from core.errors import InputError
from storage.tables import Article, ArticleVersion


def kept_corpus(session: Session, since: datetime | None, until: datetime | None) -> list[CorpusArticle]:
    """Every version of the articles first seen from ``since`` to before ``until``, in the order in which they came.

    Raises InputError where there is none.
    """
    statement = (
        select(Article, ArticleVersion)
        .join(ArticleVersion, ArticleVersion.article_id == Article.id)
        .order_by(ArticleVersion.stored_at, ArticleVersion.id)
    )
    if since is not None:
        statement = statement.where(Article.first_seen_at >= since)
    if until is not None:
        statement = statement.where(Article.first_seen_at < until)
    found = [_line(article, version) for article, version in session.execute(statement)]
    if not found:
        raise InputError("no stored article lies in that period: `basewatch outlets health` says what is being read")
    return found


def _line(article: Article, version: ArticleVersion) -> CorpusArticle:
    return CorpusArticle(
        id=f"{article.id}.{version.version}",
        url=article.url,
        outlet=article.outlet,
        lang=version.lang,
        published_at=version.published_at or article.first_seen_at,
        date_only=version.date_only,
        title=version.title,
        text=version.text,
        label=None,
        trap=None,
        attacks=(),
        incident_ids=(),
        seen_at=version.stored_at,
        first_poll=article.first_poll,
    )
