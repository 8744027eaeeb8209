"""What is remembered of each source's ways (``core/habit.py``, ``core/page_habit.py``) and what the operator was told.

One row a source, beside ``sources``: written when a source lists something or a page is read, never for a poll that
brings nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core.habit import Habit, first_guess
from core.page_habit import PageField, PageHabit
from storage.tables import Source, SourceHabit


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """One source's ways."""

    listing: Habit = field(default_factory=Habit)
    pages: PageHabit = field(default_factory=PageHabit)
    told: str | None = None  #: the state that the operator was told last; None: nothing, or that it works again
    told_cause: str | None = None
    told_at: datetime | None = None


def all_habits(session: Session) -> dict[str, Habits]:
    """By source; those that nothing is known of are left out."""
    return {row.source_id: _read(row) for row in session.scalars(select(SourceHabit))}


def habits_of(session: Session, source_id: str) -> Habits:
    """One source's ways; empty ones where nothing is known."""
    row = session.get(SourceHabit, source_id)
    return _read(row) if row is not None else Habits()


def learn_listing(
    session: Session,
    source_id: str,
    *,
    watched_from: datetime | None,
    now: datetime,
    listed: Sequence[datetime],
    first_poll: bool = False,
) -> None:
    """Take in entries that the source had not listed before: one instant each. Renews ``items_per_hour``.

    ``watched_from``: start of the stretch of polls without a gap; None after a gap. The entries of a ``first_poll`` are
    a backlog: only their times tell something.
    """
    if first_poll:
        habit = first_guess(listed, now)
    else:
        known = session.scalar(select(SourceHabit.listing).where(SourceHabit.source_id == source_id))
        habit = Habit.from_text(known).after(watched_from=watched_from, now=now, listed=listed)
    _keep(session, source_id, listing=habit.to_text())
    session.execute(update(Source).where(Source.source_id == source_id).values(items_per_hour=habit.items_per_hour))


def learn_page(session: Session, source_id: str, page: PageField, cause: str | None = None) -> None:
    """Take in what a page of this source gave; ``cause``: why it could not be read."""
    known = session.execute(_PAGES_OF, {"key": source_id}).scalar()
    _keep(session, source_id, pages=PageHabit.from_text(known).after(page, cause).to_text())


def tell(session: Session, source_ids: Collection[str], told: str | None, cause: str | None, now: datetime) -> None:
    """The operator is told that these are in this state; None: that they work again."""
    for source_id in source_ids:
        _keep(session, source_id, told=told, told_cause=cause, told_at=now)


def _keep(session: Session, source_id: str, **values: Any) -> None:
    session.execute(_kept(session.get_bind().dialect.name, tuple(values)), {"source_id": source_id} | values)


@cache
def _kept(dialect: str, names: tuple[str, ...]) -> Any:
    """The statement that keeps these columns; built once, as one runs for every page that is read."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(_TABLE).values({name: bindparam(name) for name in ("source_id", *names)})
    renewed = {name: statement.excluded[name] for name in names}
    return statement.on_conflict_do_update(index_elements=["source_id"], set_=renewed)


_TABLE = cast("Table", SourceHabit.__table__)
_PAGES_OF = select(_TABLE.c.pages).where(_TABLE.c.source_id == bindparam("key"))


def _read(row: SourceHabit) -> Habits:
    return Habits(
        listing=Habit.from_text(row.listing),
        pages=PageHabit.from_text(row.pages),
        told=row.told,
        told_cause=row.told_cause,
        told_at=row.told_at,
    )
