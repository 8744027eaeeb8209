"""``basewatch backup`` and ``basewatch restore``: a copy of the database in use, checked, and put back."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from config.settings import Settings
from core.clock import utc_now
from core.errors import InputError
from core.text import counted
from storage import upkeep
from storage.faults import DatabaseFault, explained
from storage.locks import DaemonLock
from storage.places import check_file, database_url


def backup(settings: Settings, target: Path, *, check_only: bool, as_json: bool) -> None:
    """Copy the database to ``target`` (a folder: under a name with the time), check the copy, say what it holds.

    Raises InputError where ``target`` is something else than an older copy, StorageError where the copy fails.
    """
    if not check_only:
        source = _sqlite_file(settings)
        target = _named(source, target)
        check_file(source, create=False)
        with explained(str(source)):  # of any schema: before an upgrade it is not yet that of this Basewatch
            upkeep.copy_file(source, target)
    contents = upkeep.read_copy(target)
    if as_json:
        print(json.dumps({"ok": True, "file": str(target), **asdict(contents)}, ensure_ascii=False))  # noqa: T201
        return
    verb = "is whole" if check_only else "written and checked"
    Console(highlight=False).print(
        f"{target} {verb}: {contents.bytes / 2**20:.1f} MiB, schema {contents.revision}, {_counts(contents)}, "
        f"{counted(contents.notices, 'notice')}, {contents.deliveries} to deliver or delivered.",
        soft_wrap=True,
        markup=False,
    )


def restore(settings: Settings, copy: Path, *, as_json: bool) -> None:
    """Put a checked copy in the database's place; what stood there is kept beside it.

    Raises StorageError for a copy that is damaged or foreign, or while a daemon runs on the database.
    """
    source = _sqlite_file(settings)
    contents = upkeep.read_copy(copy)
    if copy.resolve() == source.resolve():
        raise InputError(f"{copy} is the database itself: name a copy of it")
    try:
        lock = DaemonLock.on_file(source)
    except DatabaseFault as fault:
        if fault.kind != "held":
            raise
        raise InputError(f"a daemon runs on {source}: stop it, put the copy back, start it again") from None
    try:
        moved = upkeep.put_back(copy, source, f".before-restore-{utc_now():%Y%m%dT%H%M%SZ}")
    finally:
        lock.release()
    if as_json:
        document = {"ok": True, "file": str(source), "set_aside": [str(path) for path in moved], **asdict(contents)}
        print(json.dumps(document, ensure_ascii=False))  # noqa: T201
        return
    kept = f" What stood there is now {moved[0]}." if moved else ""
    Console(highlight=False).print(
        f"{source} is now the copy {copy} ({_counts(contents)}).{kept} "
        "What was delivered after the copy was made may be delivered again, under the same ids. "
        "Start the daemon: basewatch run",
        soft_wrap=True,
        markup=False,
    )


def _counts(contents: upkeep.Contents) -> str:
    return f"{counted(contents.articles, 'article')}, {counted(contents.incidents, 'incident')}"


def _sqlite_file(settings: Settings) -> Path:
    url = database_url(settings.database_address)
    if url.get_backend_name() != "sqlite":
        raise DatabaseFault(
            "other",
            "The database is PostgreSQL: back it up with `pg_dump -Fc`, put it back with `pg_restore`.",
        )
    return Path(str(url.database))


def _named(source: Path, target: Path) -> Path:
    if target.is_dir():
        return target / f"basewatch-{utc_now():%Y%m%dT%H%M%SZ}.db"
    if not target.suffix and not target.exists():  # "/backups" that was never made, or is not mounted
        raise InputError(f"there is no folder {target}: create it, or name a file with an ending, such as {target}.db")
    if not target.parent.is_dir():
        raise InputError(f"the folder {target.parent} does not exist: create it, or name another")
    if target.exists():
        if target.resolve() == source.resolve():
            raise InputError(f"{target} is the database itself: name another file")
        if not _is_copy(target):
            raise InputError(f"{target} exists and is no copy of Basewatch's: name another file")
    return target


def _is_copy(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as raw:
            return bool(raw.execute("PRAGMA application_id").fetchone()[0] == upkeep.APPLICATION_ID)
    except sqlite3.Error:
        return False
