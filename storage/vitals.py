"""What the daemon's health is judged by, in a few indexed questions; and what was appended since it was last asked.

Counters for the metrics are read from the tables that only ever grow (articles, verdicts, incidents, notices, attempts)
rather than kept beside every writer: what a command did beside the daemon counts, too, and nothing is forgotten.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.values import CANARY_OUTLET, NoticeKind
from storage.meta import get_meta
from storage.outbox import IS_OPEN
from storage.tables import (
    Article,
    ArticleVersion,
    Delivery,
    DeliveryAttempt,
    Failure,
    Incident,
    Notice,
    Page,
    PausedChannel,
    Source,
    Verdict,
)

LAST_CANARY = "last_canary_at"  #: key in ``meta``: when the last canary had gone the whole way, ISO 8601
MANY = 5_000  #: rows of one kind that are read at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """How the whole way stands at one moment."""

    sources: dict[str, int] = field(default_factory=dict)  #: enabled ones by state: new, ok, failing
    polled: int = 0  #: enabled sources that were polled since the start
    failing: int = 0  #: of those, sources whose last poll failed
    last_poll_at: datetime | None = None  #: newest poll, whatever came of it
    last_ok_at: datetime | None = None  #: newest answer that was understood
    next_poll_at: datetime | None = None  #: when the source that is due first is, or was, due
    pages_wanted: int = 0
    waiting: int = 0  #: article versions without a verdict
    oldest_waiting_at: datetime | None = None  #: when the oldest of them was stored
    parked: int = 0
    pending: dict[str, int] = field(default_factory=dict)  #: deliveries still to be sent, by channel
    oldest_pending_at: datetime | None = None  #: when the oldest of them was queued
    last_sent_at: datetime | None = None
    paused: tuple[str, ...] = ()  #: channels
    last_canary_at: datetime | None = None


def vitals(session: Session, since: datetime) -> Vitals:
    """How things stand; ``since`` is the start of the daemon. Cheap enough to be asked every few seconds."""
    states: Counter[str] = Counter()
    polled = failing = 0
    enabled = select(Source.state, Source.failures, Source.last_poll_at).where(Source.enabled.is_(True))
    for state, failures, last_poll_at in session.execute(enabled):
        states[state] += 1
        if last_poll_at is not None and last_poll_at >= since:
            polled += 1
            failing += failures > 0
    newest = session.execute(
        select(func.max(Source.last_poll_at), func.max(Source.last_ok_at), func.min(Source.next_poll_at)).where(
            Source.enabled.is_(True)
        )
    ).one()
    waiting = session.execute(
        select(func.count(), func.min(ArticleVersion.stored_at)).where(ArticleVersion.state == "waiting")
    ).one()
    by_channel = select(Delivery.channel, func.count()).where(IS_OPEN).group_by(Delivery.channel)
    return Vitals(
        sources={state: states[state] for state in ("new", "ok", "failing")},
        polled=polled,
        failing=failing,
        last_poll_at=newest[0],
        last_ok_at=newest[1],
        next_poll_at=newest[2],
        pages_wanted=session.scalar(select(func.count()).where(Page.state == "wanted")) or 0,
        waiting=waiting[0],
        oldest_waiting_at=waiting[1],
        parked=session.scalar(select(func.count()).where(Failure.parked_at.is_not(None))) or 0,
        pending=dict(session.execute(by_channel).all()),
        oldest_pending_at=session.scalar(select(func.min(Delivery.created_at)).where(IS_OPEN)),
        last_sent_at=_last_sent_at(session),
        paused=tuple(session.scalars(select(PausedChannel.channel).order_by(PausedChannel.channel))),
        last_canary_at=_instant(get_meta(session, LAST_CANARY)),
    )


def _last_sent_at(session: Session) -> datetime | None:
    """When the newest attempt that a receiver accepted was recorded: looked for from the end of the ledger."""
    statement = (
        select(DeliveryAttempt.recorded_at)
        .where(DeliveryAttempt.outcome == "sent")
        .order_by(DeliveryAttempt.id.desc())
        .limit(1)
    )
    return session.scalar(statement)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


# ---- what was appended


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """The highest id of each table that was counted."""

    articles: int = 0
    verdicts: int = 0
    incidents: int = 0
    notices: int = 0
    attempts: int = 0


@dataclass(slots=True)
class Grown:
    """What was appended."""

    articles: Counter[str] = field(default_factory=Counter)  #: by outlet
    verdicts: Counter[str] = field(default_factory=Counter)  #: by label
    incidents: int = 0
    notices: Counter[tuple[str, bool]] = field(default_factory=Counter)  #: by kind, and whether it may ring
    attempts: Counter[tuple[str, str]] = field(default_factory=Counter)  #: by channel and outcome
    #: seconds to acceptance, of each accepted delivery of a fresh "new" notice
    from_publication_s: list[float] = field(default_factory=list)  #: ... of the first report, where its time is known
    from_first_sight_s: list[float] = field(default_factory=list)  #: ... of the first report in a feed


def marks_now(session: Session) -> Marks:
    """Marks from which nothing that is there now counts."""

    def highest(column: InstrumentedAttribute[int]) -> int:
        return session.scalar(select(func.max(column))) or 0

    return Marks(
        articles=highest(Article.id), verdicts=highest(Verdict.id), incidents=highest(Incident.id),
        notices=highest(Notice.id), attempts=highest(DeliveryAttempt.id),
    )  # fmt: skip


def grown_since(session: Session, marks: Marks) -> tuple[Grown, Marks]:
    """What was appended since ``marks``, at most MANY rows a table, and the marks to go on from.

    The canary's article and verdict do not count: they are no news.
    """
    grown = Grown()
    rows = _after(session, Article.id, marks.articles, Article.outlet)
    grown.articles.update(row[1] for row in rows if row[1] != CANARY_OUTLET)
    articles = rows[-1][0] if rows else marks.articles
    rows = _verdicts_after(session, marks.verdicts)
    grown.verdicts.update(row[1] for row in rows if row[2] != CANARY_OUTLET)
    verdicts = rows[-1][0] if rows else marks.verdicts
    rows = _after(session, Incident.id, marks.incidents)
    grown.incidents = len(rows)
    incidents = rows[-1][0] if rows else marks.incidents
    rows = _after(session, Notice.id, marks.notices, Notice.kind, Notice.ring)
    grown.notices.update((row[1], row[2]) for row in rows)
    notices = rows[-1][0] if rows else marks.notices
    attempts = _attempts_since(session, marks.attempts, grown)
    return grown, Marks(articles=articles, verdicts=verdicts, incidents=incidents, notices=notices, attempts=attempts)


def _after(session: Session, key: InstrumentedAttribute[int], mark: int, *columns: Any) -> list[Any]:
    return list(session.execute(select(key, *columns).where(key > mark).order_by(key).limit(MANY)))


def _verdicts_after(session: Session, mark: int) -> list[Any]:
    """Id, label and outlet."""
    statement = (
        select(Verdict.id, Verdict.label, Article.outlet)
        .join(ArticleVersion, ArticleVersion.id == Verdict.version_id)
        .join(Article, Article.id == ArticleVersion.article_id)
        .where(Verdict.id > mark)
        .order_by(Verdict.id)
        .limit(MANY)
    )
    return list(session.execute(statement))


def _attempts_since(session: Session, mark: int, grown: Grown) -> int:
    """Count attempts into ``grown``; the highest id counted."""
    statement = (
        select(
            DeliveryAttempt.id, DeliveryAttempt.outcome, DeliveryAttempt.recorded_at, Delivery.channel, Notice.kind,
            Notice.late, Incident.first_reported_at, Incident.first_seen_at,
        )
        .join(Delivery, Delivery.id == DeliveryAttempt.delivery_id)
        .join(Notice, Notice.id == Delivery.notice_id)
        .outerjoin(Incident, Incident.id == Delivery.incident_id)
        .where(DeliveryAttempt.id > mark)
        .order_by(DeliveryAttempt.id)
        .limit(MANY)
    )  # fmt: skip
    for key, outcome, at, channel, kind, late, reported_at, seen_at in session.execute(statement):
        mark = key
        grown.attempts[channel, outcome] += 1
        if outcome == "sent" and kind == NoticeKind.NEW and not late:
            if reported_at is not None and reported_at < seen_at:
                grown.from_publication_s.append(_seconds(at - reported_at))
            if seen_at is not None:
                grown.from_first_sight_s.append(_seconds(at - seen_at))
    return mark


def _seconds(span: timedelta) -> float:
    return max(0.0, span.total_seconds())
