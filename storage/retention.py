"""The removal of what nobody will ask for, kind by kind, as the operator's ``[keep]`` says.

Never removed: incidents, their notices and deliveries, facts, what people decided, articles that made a report with all
their versions, verdicts and pages as they came, and the addresses that were seen: an old article that resurfaces is
still known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, func, or_, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session

from config.keep import KeepSettings
from storage.engine import Database
from storage.outbox import HELD, PENDING, SENDING, SENT
from storage.tables import (
    Article,
    ArticleUrl,
    ArticleVersion,
    Base,
    Delivery,
    DeliveryAttempt,
    Entry,
    Failure,
    Notice,
    RawPage,
    Report,
    Verdict,
)

STEP = 500  #: rows of a kind removed in one transaction: no other write waits long
FREE_SHARE = 0.1  #: of the file may lie empty for what comes next; the rest is given back to the disk
VACUUM_STEP = 2_000  #: pages of 4 KiB given back in one transaction


async def prune_all(
    database: Database, now: datetime, keep: KeepSettings, *, stopping: Callable[[], bool] = lambda: False
) -> Counter[str]:
    """Prune until nothing is left or we stop, in steps between which others write; what was removed, by kind.

    One step an hour would fall behind: sixty outlets bring more pages a day than 24 steps remove.
    """
    removed: Counter[str] = Counter()
    while not stopping():
        step = await database.run_write(lambda session: prune(session, now, keep))
        if not step.total():
            break
        removed += step
    return removed


def prune(session: Session, now: datetime, keep: KeepSettings, *, limit: int = STEP) -> Counter[str]:
    """Remove at most ``limit`` rows of each kind; call again while anything was removed."""
    removed: Counter[str] = Counter()
    for kind, days, job in (
        ("raw_pages", keep.raw_pages_days, _raw_pages),
        ("entries", keep.entries_days, _entries),
        ("articles", keep.articles_days, _articles),
        ("verdicts", keep.verdicts_days, _verdicts),
        ("attempts", keep.attempts_days, _attempts),
        ("notices", keep.notices_days, _notices),
    ):
        if days:
            removed[kind] = job(session, now - timedelta(days=days), limit)
    return +removed


def free_pages(session: Session) -> tuple[int, int]:
    """Pages of the SQLite file that hold nothing, and all its pages; (0, 0) on PostgreSQL."""
    if session.get_bind().dialect.name != "sqlite":
        return 0, 0
    free, total = (int(session.scalar(text(f"PRAGMA {name}")) or 0) for name in ("freelist_count", "page_count"))
    return free, total


async def give_back(database: Database, *, stopping: Callable[[], bool] = lambda: False) -> int:
    """Pages given back to the disk, in steps; what is emptied is used again first, so a tenth may stay empty.

    Nothing happens on PostgreSQL (autovacuum does it) and in a file without incremental vacuum.
    """
    given = 0
    while not stopping():
        free, total = await database.run_read(free_pages)
        surplus = free - int(total * FREE_SHARE)
        if surplus < VACUUM_STEP:
            break
        now_given = await database.run_write(lambda session: _vacuum(session, VACUUM_STEP))
        if not now_given:
            break
        given += now_given
    return given


def _vacuum(session: Session, pages: int) -> int:
    """Pages given back. Each step of the statement frees one page: all of its empty rows must be fetched."""
    before = int(session.scalar(text("PRAGMA page_count")) or 0)
    raw: Any = session.connection().connection.dbapi_connection
    raw.execute(f"PRAGMA incremental_vacuum({pages})").fetchall()
    return before - int(session.scalar(text("PRAGMA page_count")) or 0)


# -- each kind


def _raw_pages(session: Session, before: datetime, limit: int) -> int:
    chosen = (
        select(RawPage.id)
        .join(ArticleVersion, ArticleVersion.id == RawPage.version_id)
        .where(RawPage.fetched_at < before, ~_has_report(ArticleVersion.article_id))
    )
    return _remove(session, RawPage, chosen, limit)


def _entries(session: Session, before: datetime, limit: int) -> int:
    return _remove(session, Entry, select(Entry.id).where(Entry.last_seen_at < before), limit)


def _articles(session: Session, before: datetime, limit: int) -> int:
    """Articles that nothing but their own parts points to; their address stays among the pages that were seen."""
    of_article = ArticleVersion.article_id == Article.id
    chosen = (
        select(Article.id)
        .where(
            Article.first_seen_at < before,
            # An edit was stored later than that: the words of today are not old.
            ~exists().where(of_article, ArticleVersion.stored_at >= before),
            ~exists().where(of_article, ArticleVersion.state == "waiting"),
            *(
                ~exists().where(column == Article.id)
                for column in _pointing_at(Article, but=(ArticleUrl, ArticleVersion))
            ),
            *(
                ~exists().where(column == ArticleVersion.id, of_article).correlate(Article)
                for column in _pointing_at(ArticleVersion, but=(RawPage, Verdict, Failure))
            ),
        )
        .limit(limit)
    )
    ids = list(session.scalars(chosen))
    if not ids:
        return 0
    version_ids = list(session.scalars(select(ArticleVersion.id).where(ArticleVersion.article_id.in_(ids))))
    for part in (RawPage, Verdict, Failure):
        session.execute(delete(part).where(part.version_id.in_(version_ids)))
    for own in (ArticleVersion, ArticleUrl):
        session.execute(delete(own).where(own.article_id.in_(ids)))
    session.execute(delete(Article).where(Article.id.in_(ids)))
    return len(ids)


def _verdicts(session: Session, before: datetime, limit: int) -> int:
    """What a model said; the version stays judged, so nothing is classified again."""
    chosen = (
        select(Verdict.id)
        .join(ArticleVersion, ArticleVersion.id == Verdict.version_id)
        .where(Verdict.created_at < before, ~_has_report(ArticleVersion.article_id))
    )
    return _remove(session, Verdict, chosen, limit)


def _attempts(session: Session, before: datetime, limit: int) -> int:
    chosen = (
        select(DeliveryAttempt.id)
        .join(Delivery, Delivery.id == DeliveryAttempt.delivery_id)
        .where(DeliveryAttempt.recorded_at < before, Delivery.state == SENT)
    )
    return _remove(session, DeliveryAttempt, chosen, limit)


def _notices(session: Session, before: datetime, limit: int) -> int:
    """Notices of no incident, with their deliveries. The newest stays: its number is where the next one counts on."""
    newest = select(func.max(Notice.number)).where(Notice.incident_id.is_(None)).scalar_subquery()
    open_ones = or_(Delivery.state.in_((PENDING, SENDING, HELD)), Delivery.changed_at >= before)
    chosen = (
        select(Notice.id)
        .where(
            Notice.incident_id.is_(None),
            Notice.created_at < before,
            Notice.number < newest,
            ~exists().where(Delivery.notice_id == Notice.id, open_ones),
            *(~exists().where(column == Notice.id) for column in _pointing_at(Notice, but=(Delivery,))),
        )
        .limit(limit)
    )
    ids = list(session.scalars(chosen))
    if ids:
        of_notice = select(Delivery.id).where(Delivery.notice_id.in_(ids))
        session.execute(delete(DeliveryAttempt).where(DeliveryAttempt.delivery_id.in_(of_notice)))
        session.execute(delete(Delivery).where(Delivery.notice_id.in_(ids)))
        session.execute(delete(Notice).where(Notice.id.in_(ids)))
    return len(ids)


def _has_report(article_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    return exists().where(Report.article_id == article_id)


def _pointing_at(table: type[Base], *, but: Sequence[type[Base]]) -> Iterator[ColumnElement[Any]]:
    """Every column of another table that points to ``table``'s id: what a later table refers to is kept, too."""
    own = {part.__tablename__ for part in but}
    for other in Base.metadata.sorted_tables:
        if other.name not in own:
            for key in other.foreign_keys:
                if key.column.table.name == table.__tablename__:
                    yield key.parent


def _remove(session: Session, table: Any, chosen: Select[int], limit: int) -> int:
    ids = list(session.scalars(chosen.limit(limit)))
    if ids:
        session.execute(delete(table).where(table.id.in_(ids)))
    return len(ids)
