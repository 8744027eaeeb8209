"""Counts for people who ask how it goes, and the removal of what nobody will ask for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from storage.engine import Database
from storage.outbox import DEAD, HELD, PENDING, SENDING, SENT
from storage.tables import (
    Article,
    ArticleVersion,
    Base,
    Delivery,
    DeliveryAttempt,
    Entry,
    Incident,
    Notice,
    Page,
    RawPage,
    Report,
    Source,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How things stand."""

    sources: dict[str, int]  #: enabled ones by state: new, ok, failing
    articles: int
    articles_last_24h: int
    pages_wanted: int
    unclassified: int
    parked: int
    incidents: int
    notices: int
    deliveries: dict[str, int]  #: by state: pending, sending, sent, dead, held
    oldest_pending_at: datetime | None  #: when the oldest delivery that is still to be sent was queued
    last_article_at: datetime | None
    last_poll_ok_at: datetime | None


def counts(session: Session, now: datetime) -> Counts:
    """How things stand at ``now``. Counts of whole tables: some milliseconds at a million articles."""
    sources = select(Source.state, func.count()).where(Source.enabled.is_(True)).group_by(Source.state)
    deliveries = select(Delivery.state, func.count()).group_by(Delivery.state)
    of_state = dict(session.execute(deliveries).all())
    return Counts(
        sources=dict(session.execute(sources).all()),
        articles=_count(session, Article),
        articles_last_24h=_count(session, Article, Article.first_seen_at >= now - timedelta(days=1)),
        pages_wanted=_count(session, Page, Page.state == "wanted"),
        unclassified=_count(session, ArticleVersion, ArticleVersion.state == "waiting"),
        parked=_count(session, ArticleVersion, ArticleVersion.state == "parked"),
        incidents=_count(session, Incident, Incident.merged_into.is_(None)),
        notices=_count(session, Notice),
        deliveries={state: of_state.get(state, 0) for state in (PENDING, SENDING, SENT, DEAD, HELD)},
        oldest_pending_at=session.scalar(
            select(func.min(Delivery.created_at)).where(Delivery.state.in_((PENDING, SENDING)))
        ),
        last_article_at=session.scalar(select(func.max(Article.first_seen_at))),
        last_poll_ok_at=session.scalar(select(func.max(Source.last_ok_at)).where(Source.enabled.is_(True))),
    )


def _count(session: Session, table: type[Base], *conditions: Any) -> int:
    return session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What was removed."""

    raw_pages: int
    entries: int
    attempts: int

    @property
    def total(self) -> int:
        return self.raw_pages + self.entries + self.attempts


async def prune_all(database: Database, now: datetime, *, stopping: Callable[[], bool] = lambda: False) -> Pruned:
    """Prune until nothing is left or we stop, in steps between which others write; what was removed in all.

    One step an hour would fall behind: sixty outlets bring more pages a day than 24 steps remove.
    """
    removed = Pruned(raw_pages=0, entries=0, attempts=0)
    while not stopping():
        step = await database.run_write(lambda session: prune(session, now))
        if not step.total:
            break
        removed = Pruned(
            raw_pages=removed.raw_pages + step.raw_pages,
            entries=removed.entries + step.entries,
            attempts=removed.attempts + step.attempts,
        )
    return removed


def prune(
    session: Session,
    now: datetime,
    *,
    keep_raw: timedelta = timedelta(days=30),
    keep_entries: timedelta = timedelta(days=90),
    keep_attempts: timedelta = timedelta(days=400),
    limit: int = 500,
) -> Pruned:
    """Remove at most ``limit`` rows of each kind; call again while ``total`` is not 0, so that no write waits long.

    Raw pages go unless a report stands on their article: evidence is kept. Entries that no feed shows any more go;
    their pages stay, so an old article that resurfaces is still known. Attempts of sent deliveries go; articles,
    verdicts, incidents, facts and notices stay for ever.
    """
    raw = (
        select(RawPage.id)
        .join(ArticleVersion, ArticleVersion.id == RawPage.version_id)
        .where(
            RawPage.fetched_at < now - keep_raw,
            ~select(Report.id).where(Report.article_id == ArticleVersion.article_id).exists(),
        )
    )
    entries = select(Entry.id).where(Entry.last_seen_at < now - keep_entries)
    attempts = (
        select(DeliveryAttempt.id)
        .join(Delivery, Delivery.id == DeliveryAttempt.delivery_id)
        .where(DeliveryAttempt.recorded_at < now - keep_attempts, Delivery.state == SENT)
    )
    return Pruned(
        raw_pages=_remove(session, RawPage, raw, limit),
        entries=_remove(session, Entry, entries, limit),
        attempts=_remove(session, DeliveryAttempt, attempts, limit),
    )


def _remove(session: Session, table: Any, chosen: Select[int], limit: int) -> int:
    ids = list(session.scalars(chosen.limit(limit)))
    if ids:
        session.execute(delete(table).where(table.id.in_(ids)))
    return len(ids)
