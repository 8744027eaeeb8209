"""Counts for people who ask how it goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.outbox import DEAD, HELD, IS_OPEN, PENDING, SENDING, SENT
from storage.tables import (
    Article,
    ArticleVersion,
    Base,
    Delivery,
    Failure,
    Incident,
    Notice,
    Page,
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
        parked=_count(session, Failure, Failure.parked_at.is_not(None)),
        incidents=_count(session, Incident, Incident.merged_into.is_(None)),
        notices=_count(session, Notice),
        deliveries={state: of_state.get(state, 0) for state in (PENDING, SENDING, SENT, DEAD, HELD)},
        oldest_pending_at=session.scalar(select(func.min(Delivery.created_at)).where(IS_OPEN)),
        last_article_at=session.scalar(select(func.max(Article.first_seen_at))),
        last_poll_ok_at=session.scalar(select(func.max(Source.last_ok_at)).where(Source.enabled.is_(True))),
    )


def _count(session: Session, table: type[Base], *conditions: Any) -> int:
    return session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0
