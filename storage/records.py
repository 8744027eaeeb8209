"""Articles for people who look one up: all versions with their evidence, and lists of what was edited or deleted."""

from __future__ import annotations

import gzip
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from storage.articles import urls_of
from storage.incidents import public_id
from storage.tables import Article, ArticleUrl, ArticleVersion, Incident, RawPage, Report, Verdict
from storage.types import url_key
from storage.values.records import (
    ArticleFilter,
    ArticleLine,
    ArticleRecord,
    EvidenceCopy,
    EvidenceView,
    VersionView,
)


def article_lines(session: Session, which: ArticleFilter) -> list[ArticleLine]:
    """The articles that were first seen last; of edited or deleted ones those whose edit or deletion came last."""
    statement = select(Article, ArticleVersion.title).join(
        ArticleVersion,
        (ArticleVersion.article_id == Article.id) & (ArticleVersion.version == Article.current_version),
    )
    order: InstrumentedAttribute[Any] = Article.first_seen_at
    if which.outlet is not None:
        statement = statement.where(Article.outlet == which.outlet)
    if which.edited:
        statement, order = statement.where(Article.current_version > 1), Article.edited_at
    if which.deleted:
        statement, order = statement.where(Article.gone_at.is_not(None)), Article.gone_at
    return [
        ArticleLine(
            article_id=row.id, outlet=row.outlet, title=title, url=row.url, first_seen_at=row.first_seen_at,
            edited_at=row.edited_at, gone_at=row.gone_at, versions=row.current_version,
        )
        for row, title in session.execute(statement.order_by(order.desc(), Article.id.desc()).limit(which.limit))
    ]  # fmt: skip


def article_id_of(session: Session, url: str) -> int | None:
    """The article that was met under this canonical address."""
    return session.scalar(select(ArticleUrl.article_id).where(ArticleUrl.url_key == url_key(url)))


def article_record(session: Session, article_id: int) -> ArticleRecord | None:
    """Everything known of one article; None where there is none of that number."""
    row = session.get(Article, article_id)
    if row is None:
        return None
    return ArticleRecord(
        article_id=row.id, url=row.url, addresses=tuple(urls_of(session, row.id)), outlet=row.outlet, family=row.family,
        source_id=row.source_id, first_seen_at=row.first_seen_at, edited_at=row.edited_at, gone_at=row.gone_at,
        edits_dropped=row.edits_dropped, headline_only=row.headline_only, incidents=_incidents(session, row.id),
        versions=tuple(_versions(session, row.id)),
    )  # fmt: skip


def evidence_copy(session: Session, article_id: int, version: int) -> EvidenceCopy | None:
    """The bytes that a version was read from; None where none are kept (any more)."""
    statement = (
        select(RawPage, Article.url)
        .join(ArticleVersion, ArticleVersion.id == RawPage.version_id)
        .join(Article, Article.id == ArticleVersion.article_id)
        .where(ArticleVersion.article_id == article_id, ArticleVersion.version == version)
    )
    found = session.execute(statement).first()
    if found is None:
        return None
    raw, url = found
    return EvidenceCopy(
        article_id=article_id, version=version, url=url, body=gzip.decompress(raw.body), headers=dict(raw.headers),
        fetched_at=raw.fetched_at, sha256=raw.sha256,
    )  # fmt: skip


def _incidents(session: Session, article_id: int) -> tuple[str, ...]:
    statement = (
        select(Incident.id)
        .join(Report, Report.incident_id == Incident.id)
        .where(Report.article_id == article_id)
        .distinct()
        .order_by(Incident.id)
    )
    return tuple(public_id(key) for key in session.scalars(statement))


def _versions(session: Session, article_id: int) -> list[VersionView]:
    labels = select(ArticleVersion.version, Verdict.label).join(Verdict, Verdict.version_id == ArticleVersion.id)
    labels = labels.where(ArticleVersion.article_id == article_id).order_by(Verdict.id)
    label_of = {version: label for version, label in session.execute(labels)}  # noqa: C416  the last one stays
    statement = (
        select(ArticleVersion, RawPage.sha256, RawPage.fetched_at)
        .outerjoin(RawPage, RawPage.version_id == ArticleVersion.id)
        .where(ArticleVersion.article_id == article_id)
        .order_by(ArticleVersion.version)
    )
    return [
        VersionView(
            version=row.version, title=row.title, text=row.text, lang=row.lang, author=row.author,
            published_at=row.published_at, published_raw=row.published_raw, date_only=row.date_only,
            from_feed_only=row.from_feed_only, stored_at=row.stored_at, state=row.state,
            label=label_of.get(row.version),
            evidence=EvidenceView(sha256=sha256, fetched_at=fetched_at) if sha256 else None,
        )
        for row, sha256, fetched_at in session.execute(statement)
    ]  # fmt: skip
