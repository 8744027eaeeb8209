"""One daemon on one database."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from storage.faults import DatabaseFault

_ADVISORY_KEY = 4_271_926_002  # any number, the same in every Basewatch


@dataclass(slots=True)
class DaemonLock:
    """Held until ``release`` or the end of the process, whichever way it ends."""

    file: IO[str] | None = None
    connection: Connection | None = None

    @classmethod
    def take(cls, path: Path | None, engine: Engine, where: str) -> DaemonLock:
        """The lock. Raises DatabaseFault where another daemon holds it."""
        return cls(file=_lock_file(path)) if path is not None else cls(connection=_lock_server(engine, where))

    @classmethod
    def on_file(cls, path: Path) -> DaemonLock:
        """The lock of a SQLite file that need not be there, or fit to be opened. Raises DatabaseFault as ``take``."""
        return cls(file=_lock_file(path))

    def held(self) -> bool:
        if self.file is not None:
            return not self.file.closed
        if self.connection is None or self.connection.closed:
            return False
        try:
            self.connection.execute(text("SELECT 1"))
        except SQLAlchemyError:  # the server's word, or SQLAlchemy's own once the connection is known to be lost
            return False
        return True

    def release(self) -> None:
        if self.file is not None:
            self.file.close()
        if self.connection is not None and not self.connection.closed:
            self.connection.invalidate()  # closes it for good: a pooled connection would keep the lock
            self.connection.close()


def is_held(path: Path | None, engine: Engine) -> bool:
    """Whether a daemon holds the lock; nothing is written or made. False where that cannot be told."""
    if path is None:
        with engine.connect() as connection:
            key = {"high": _ADVISORY_KEY >> 32, "low": _ADVISORY_KEY & 0xFFFFFFFF}
            return connection.scalar(text(_HOLDERS), key) is not None
    try:
        with open(_beside(path), encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)  # freed with the file; a daemon that starts waits for it
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


_HOLDERS = (
    "SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database AND datname = current_database()"
    " WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND classid = :high AND objid = :low LIMIT 1"
)


def _beside(database: Path) -> Path:
    return database.with_name(database.name + ".lock")


def _lock_file(database: Path) -> IO[str]:
    # Beside the database, never on it: SQLite's own locks are POSIX locks, which die when any descriptor of the file
    # is closed. The lock file stays: removing it would let two daemons lock two files of one name.
    path = _beside(database)
    try:
        file = open(path, "a+", encoding="ascii")  # noqa: SIM115 - open as long as the lock is held
    except OSError as error:
        raise DatabaseFault("read_only", f"{path} cannot be written ({error.strerror}).") from error
    try:
        _patiently(file)
    except OSError:
        file.seek(0)
        holder = file.read(32).strip()
        file.close()
        raise DatabaseFault(
            "held",
            f"Another Basewatch daemon{f' (process {holder})' if holder.isdigit() else ''} already runs on {database}. "
            "Stop it first, or give this one a database of its own.",
        ) from None
    file.seek(0)
    file.truncate()
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file


def _patiently(file: IO[str]) -> None:
    """Take the lock; one that is only being looked at (``is_held``) is free within moments. Raises OSError."""
    for pause_s in (0.01, 0.05, 0.2):
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        time.sleep(pause_s)
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _lock_server(engine: Engine, where: str) -> Connection:
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    if not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _ADVISORY_KEY}):
        connection.close()
        raise DatabaseFault(
            "held",
            f"Another Basewatch daemon already runs on {where}. Stop it first, or give this one a database of its own.",
        )
    return connection
