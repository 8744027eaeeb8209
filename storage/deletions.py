"""What outlets delete: noted with the article, which stays as it was read. A deletion is no denial: it withdraws
nothing by itself, and is undone when the post shows again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.tables import Article, ArticleUrl
from storage.types import url_key

_CHUNK = 500


def note(session: Session, *, shown: Sequence[str], missing: Sequence[str], now: datetime) -> int:
    """Mark the stored articles at ``missing`` as gone and those that are ``shown`` again as there.

    Addresses are canonical. Returns how many were found to be gone that were not known to be.
    """
    _set(session, shown, None, Article.gone_at.is_not(None))
    return _set(session, missing, now, Article.gone_at.is_(None))


def _set(session: Session, urls: Sequence[str], value: datetime | None, condition: object) -> int:
    keys = [url_key(url) for url in urls]
    changed = 0
    for start in range(0, len(keys), _CHUNK):
        found = select(ArticleUrl.article_id).where(ArticleUrl.url_key.in_(keys[start : start + _CHUNK]))
        ids = list(session.scalars(select(Article.id).where(Article.id.in_(found), condition)))  # type: ignore[arg-type]
        if ids:
            session.execute(update(Article).where(Article.id.in_(ids)).values(gone_at=value))
            changed += len(ids)
    return changed
