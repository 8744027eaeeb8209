"""Copies and checks of a database in use, and how a copy is put back."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from storage import schema
from storage.faults import DatabaseFault, explained

APPLICATION_ID = 0x42415357  #: "BASW" in the header of the file: tells our files from others
BESIDE = ("", "-wal", "-shm")  #: the file, and what belongs to it while it is in use


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a file holds, for people who compare a copy with its original."""

    revision: str
    bytes: int
    articles: int
    incidents: int
    notices: int
    deliveries: int


def identity(path: Path) -> tuple[int, int] | None:
    """Device and inode of the file, None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def copy_file(source: Path, target: Path) -> None:
    """A consistent copy of a SQLite file, with all that is committed, made beside ``target`` and moved there whole.

    Copying the file itself would miss what is still in its -wal file. All pages in one step: between two steps any
    write of another process makes the copy begin again, and a busy daemon would keep it from ever ending. Writers do
    not wait for it. The copy has the permissions of the source.
    """
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    try:
        part.touch(mode=0o600)
        with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(part)) as copy:
            original.backup(copy, pages=-1)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, without -wal beside it
        part.chmod(source.stat().st_mode & 0o777)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(target)
        _sync_folder(target.parent)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def read_copy(path: Path) -> Contents:
    """What a copy holds, after every page and reference of it was checked; it is not written to.

    Raises DatabaseFault where it is missing, foreign, newer or damaged.
    """
    if not path.is_file():
        raise DatabaseFault("missing", f"There is no file {path}.")
    with explained(str(path)), closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as raw:
        if raw.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            raise DatabaseFault("foreign", f"{path} is no database of Basewatch.")
        found = [row[0] for row in raw.execute("PRAGMA integrity_check")]
        if found != ["ok"] or raw.execute("PRAGMA foreign_key_check").fetchone() is not None:
            raise DatabaseFault("corrupt", f"{path} is damaged: use another copy.")
        revision = str(raw.execute("SELECT version_num FROM alembic_version").fetchone()[0])
        schema.check_known(revision)
        tables = ("articles", "incidents", "notices", "deliveries")
        rows = {name: raw.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}  # noqa: S608
    return Contents(revision=revision, bytes=path.stat().st_size, **rows)


def put_back(copy: Path, database: Path, aside: str) -> list[Path]:
    """Put a checked copy in the place of the database, which must be in nobody's use; the files set aside.

    What stood there stays, with ``aside`` after its name: -wal and -shm must go with it, or SQLite would take the old
    -wal for part of the new file.
    """
    part = database.with_name(database.name + ".part")
    copy_file(copy, part)
    moved = []
    for ending in BESIDE:
        old = database.with_name(database.name + ending)
        if old.exists():
            kept = database.with_name(database.name + aside + ending)
            old.replace(kept)
            moved.append(kept)
    part.replace(database)
    _sync_folder(database.parent)
    return moved


def problems(session: Session) -> list[str]:
    """One sentence for each thing wrong; empty if nothing is, and on PostgreSQL, which checks itself, if it answers."""
    if session.get_bind().dialect.name != "sqlite":
        session.execute(text("SELECT 1"))
        return []
    found = [str(row[0]) for row in session.execute(text("PRAGMA quick_check"))]
    orphans = session.execute(text("PRAGMA foreign_key_check")).fetchall()
    return [line for line in found if line != "ok"] + [f"a row of {row[0]} points to nothing" for row in orphans]


def _sync_folder(folder: Path) -> None:
    """A renamed file survives a power cut only once its folder is on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
