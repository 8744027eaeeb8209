"""Facts about the database by key, and the few statements that the two databases spell differently."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from storage.tables import Base, Meta


def get_meta(session: Session, key: str) -> str | None:
    """The value kept under ``key``; None if there is none."""
    return session.scalar(select(Meta.value).where(Meta.key == key))


def set_meta(session: Session, key: str, value: str | None) -> None:
    """Keep ``value`` under ``key``; None forgets it."""
    if value is None:
        session.execute(delete(Meta).where(Meta.key == key))
        return
    statement = dialect_insert(session, Meta).values(key=key, value=value)
    session.execute(statement.on_conflict_do_update(index_elements=["key"], set_={"value": statement.excluded.value}))


def nudge(session: Session) -> None:
    """Tell a running daemon that an operator changed something (``Database.data_version`` on PostgreSQL)."""
    serialise(session, "nudge")
    set_meta(session, "nudge", str(int(get_meta(session, "nudge") or 0) + 1))


def is_postgres(session: Session) -> bool:
    """Whether this session speaks to PostgreSQL rather than SQLite."""
    return session.get_bind().dialect.name == "postgresql"


def dialect_insert(session: Session, table: type[Base]) -> Any:
    """INSERT of the session's database, with its ON CONFLICT (SQLAlchemy spells it per dialect)."""
    if is_postgres(session):
        return postgresql.insert(table)
    return sqlite.insert(table)


def serialise(session: Session, what: str) -> None:
    """Wait until no other transaction is in its own ``serialise`` of the same name; held until the commit.

    For "read the highest, then write the next". On SQLite every write transaction is alone anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:what))"), {"what": f"basewatch:{what}"})
