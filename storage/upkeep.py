"""Copies and checks of a database in use."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session


def copy_file(source: Path, target: Path) -> None:
    """A consistent copy of a SQLite file, with all that is committed, made beside ``target`` and moved there whole.

    Copying the file itself would miss what is still in its -wal file.
    """
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(part)) as copy:
        original.backup(copy, pages=2048, sleep=0.01)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, without -wal beside it
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(target)


def problems(session: Session) -> list[str]:
    """One sentence for each thing wrong; empty if nothing is, and on PostgreSQL, which checks itself, if it answers."""
    if session.get_bind().dialect.name != "sqlite":
        session.execute(text("SELECT 1"))
        return []
    found = [str(row[0]) for row in session.execute(text("PRAGMA quick_check"))]
    orphans = session.execute(text("PRAGMA foreign_key_check")).fetchall()
    return [line for line in found if line != "ok"] + [f"a row of {row[0]} points to nothing" for row in orphans]
