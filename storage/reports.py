"""Verdicts of article versions, and reports: the attacks in them, each attached to one incident."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import cast

from sqlalchemy import ColumnElement, Executable, Table, bindparam, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core.values import Label, Mention, Verdict
from storage.articles import raw_url_of_article
from storage.codec import (
    attack_from_json,
    attack_to_json,
    origin_from_json,
    origin_to_json,
    verdict_from_json,
    verdict_to_json,
)
from storage.meta import is_postgres
from storage.tables import Article, ArticleVersion, Report
from storage.tables import Verdict as VerdictRow
from storage.values import ReportView, StoredArticle, StoredVerdict


def save_verdict(session: Session, article: StoredArticle, verdict: Verdict, now: datetime) -> int | None:
    """The id of the new verdict; None if this model has judged this version before, and nothing is written.

    The version counts as classified from then on, by whichever model.
    """
    values = {
        "version_id": article.version_id, "model": verdict.model, "label": verdict.label.value,
        "probability": verdict.probability, "document": verdict_to_json(verdict), "created_at": now,
    }  # fmt: skip
    inserted = session.execute(_insert_verdict(is_postgres(session)), values).scalar()
    if inserted is None:
        return None
    session.execute(_CLASSIFIED, {"version_key": article.version_id})
    return int(inserted)


# Statements that every article passes are built once: building one costs more than running it.
_VERSIONS, _VERDICTS, _REPORTS = (cast("Table", table.__table__) for table in (ArticleVersion, VerdictRow, Report))
_CLASSIFIED = update(_VERSIONS).where(_VERSIONS.c.id == bindparam("version_key")).values(state="classified")


@cache
def _insert_verdict(postgres: bool) -> Executable:
    insert = (postgresql if postgres else sqlite).insert(_VERDICTS)
    statement: Executable = insert.on_conflict_do_nothing().returning(_VERDICTS.c.id)
    return statement


@cache
def _insert_report(postgres: bool) -> Executable:
    insert = (postgresql if postgres else sqlite).insert(_REPORTS)
    moved = {"incident_id": insert.excluded.incident_id, "is_current": True}
    upsert = insert.on_conflict_do_update(index_elements=["version_id", "attack_index"], set_=moved)
    statement: Executable = upsert.returning(_REPORTS.c.id)
    return statement


def verdicts_of(session: Session, article_id: int, version: int | None = None) -> list[StoredVerdict]:
    """Verdicts of an article, oldest first; of one version where given."""
    statement = (
        select(VerdictRow, ArticleVersion.version)
        .join(ArticleVersion, ArticleVersion.id == VerdictRow.version_id)
        .where(ArticleVersion.article_id == article_id)
        .order_by(VerdictRow.id)
    )
    if version is not None:
        statement = statement.where(ArticleVersion.version == version)
    return [
        StoredVerdict(
            id=row.id, article_id=article_id, version=number, verdict=verdict_from_json(row.document),
            created_at=row.created_at,
        )
        for row, number in session.execute(statement)
    ]  # fmt: skip


# ---- reports


def attach_report(session: Session, incident_id: int, article: StoredArticle, mention: Mention, now: datetime) -> int:
    """The id of the report. A mention belongs to one incident: attached again, it moves there.

    The article's reports from earlier versions are superseded: they stay, as evidence, and no longer count.
    """
    if mention.version > 1:
        supersede_reports(session, mention.article_id, before_version=mention.version)
    values = {
        "incident_id": incident_id, "version_id": article.version_id, "attack_index": mention.index,
        "article_id": mention.article_id, "version": mention.version, "is_current": True, "label": mention.label.value,
        "attack": attack_to_json(mention.attack), "origins": [origin_to_json(item) for item in mention.attack.origins],
        "outlet": mention.outlet, "family": mention.family, "country_of_outlet": mention.country_of_outlet,
        "published_at": mention.published_at, "first_seen_at": mention.first_seen_at, "known_at": mention.known_at,
        "event_from": mention.attack.event_from, "fingerprint": mention.fingerprint, "extra": dict(mention.extra),
        "attached_at": now,
    }  # fmt: skip
    return int(session.execute(_insert_report(is_postgres(session)), values).scalar_one())


def supersede_reports(session: Session, article_id: int, before_version: int) -> int:
    """Take the reports of an article's earlier versions out of the count; how many. For an edit without an attack."""
    result = session.execute(
        update(Report)
        .where(Report.article_id == article_id, Report.version < before_version, Report.is_current.is_(True))
        .values(is_current=False)
        .returning(Report.id)
    )
    return len(result.fetchall())


def move_report(session: Session, mention: Mention, incident_id: int) -> bool:
    """Give a report to another incident; False if it was never attached."""
    result = session.execute(
        update(Report)
        .where(
            Report.article_id == mention.article_id,
            Report.version == mention.version,
            Report.attack_index == mention.index,
        )
        .values(incident_id=incident_id)
        .returning(Report.id)
    )
    return result.first() is not None


def neighbourhood(session: Session, around: datetime, hours: float = 72) -> list[Mention]:
    """Current mentions known, or with an event, within ``hours`` of ``around``, each with the incident it stands in.

    In order of (known_at, article, version, index): the same rows give the same list.
    """
    low, high = around - timedelta(hours=hours), around + timedelta(hours=hours)
    return _mentions(session, or_(Report.known_at.between(low, high), Report.event_from.between(low, high)))


def mentions_of(session: Session, incident_id: int) -> list[Mention]:
    """The current mentions of one incident, ordered as in ``neighbourhood``."""
    return _mentions(session, Report.incident_id == incident_id)


def _mentions(session: Session, condition: ColumnElement[bool]) -> list[Mention]:
    statement = (
        select(Report)
        .where(Report.is_current.is_(True), condition)
        .order_by(Report.known_at, Report.article_id, Report.version, Report.attack_index)
    )
    return [mention_of(row) for row in session.scalars(statement)]


def mention_of(row: Report) -> Mention:
    """The row as the matcher reads it."""
    return Mention(
        article_id=row.article_id, version=row.version, index=row.attack_index, attack=attack_from_json(row.attack),
        label=Label(row.label), outlet=row.outlet, family=row.family, country_of_outlet=row.country_of_outlet,
        published_at=row.published_at, first_seen_at=row.first_seen_at, fingerprint=row.fingerprint,
        incident_id=row.incident_id, extra=dict(row.extra),
    )  # fmt: skip


def reports_of(session: Session, incident_id: int) -> list[ReportView]:
    """Every report, superseded ones too, in order of appearance."""
    statement = (
        select(
            Report,
            func.coalesce(raw_url_of_article(), Article.url),
            ArticleVersion.title,
            ArticleVersion.lang,
            Article.gone_at,
        )
        .join(Article, Article.id == Report.article_id)
        .join(ArticleVersion, ArticleVersion.id == Report.version_id)
        .where(Report.incident_id == incident_id)
        .order_by(Report.known_at, Report.article_id, Report.version, Report.attack_index)
    )
    return [_report(*row) for row in session.execute(statement)]


def _report(row: Report, url: str, title: str, lang: str | None, gone_at: datetime | None) -> ReportView:
    return ReportView(
        id=row.id, incident_id=row.incident_id, article_id=row.article_id, version=row.version, index=row.attack_index,
        is_current=row.is_current, label=row.label, attack=row.attack,
        origins=tuple(origin_from_json(item) for item in row.origins), outlet=row.outlet, family=row.family, url=url,
        title=title, lang=lang, published_at=row.published_at, first_seen_at=row.first_seen_at,
        attached_at=row.attached_at, gone_at=gone_at,
    )  # fmt: skip
