"""What a database error means for people: one sentence that says what to do."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from sqlalchemy.exc import DBAPIError, IntegrityError

from core.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator

FaultKind = Literal[
    "full", "locked", "corrupt", "not_a_database", "foreign", "newer", "read_only", "missing", "io", "unreachable",
    "refused", "network_fs", "held", "closed", "migration", "other",
]  # fmt: skip


class DatabaseFault(StorageError):
    """A StorageError with a stable ``kind`` for counters and for the caller's next step.

    "full", "locked", "io" and "unreachable" may pass by themselves; the others need a person.
    """

    def __init__(self, kind: FaultKind, message: str) -> None:
        self.kind: FaultKind = kind
        super().__init__(message)

    @property
    def may_pass(self) -> bool:
        return self.kind in ("full", "locked", "io", "unreachable")


_SQLITE: tuple[tuple[tuple[str, ...], FaultKind, str], ...] = (
    (
        ("SQLITE_FULL",),
        "full",
        "The disk of {where} is full; nothing of this step was kept. Free some space: Basewatch goes on by itself.",
    ),
    (
        ("SQLITE_BUSY", "SQLITE_LOCKED"),
        "locked",
        "The database {where} stayed locked by another program. "
        "Close other programs that have it open (a database browser, a copy in progress) and try again.",
    ),
    (
        ("SQLITE_CORRUPT",),
        "corrupt",
        "The database {where} is damaged. Stop Basewatch, keep a copy of the file with its -wal and -shm files, "
        "and restore the last backup; 'sqlite3 FILE .recover' may save the rest.",
    ),
    (
        ("SQLITE_NOTADB",),
        "not_a_database",
        "{where} is not a SQLite database. Name another file as `database` in the configuration.",
    ),
    (
        ("SQLITE_READONLY", "SQLITE_PERM"),
        "read_only",
        "The database {where} cannot be written. Let the user that runs Basewatch write the file and its folder.",
    ),
    (
        ("SQLITE_CANTOPEN",),
        "missing",
        "The database {where} cannot be opened. Check that the folder exists and may be written.",
    ),
    (
        ("SQLITE_IOERR",),
        "io",
        "Reading or writing the database {where} failed in the disk or file system. Check the disk; then start again.",
    ),
)

_POSTGRES: tuple[tuple[str, FaultKind, str], ...] = (
    (
        "53100",
        "full",
        "The disk of the PostgreSQL server is full; nothing of this step was kept. Free some space there.",
    ),
    ("55P03", "locked", "Another program held a lock in {where} for too long. Try again."),
    ("40P01", "locked", "Two programs waited for each other in {where}; nothing of this step was kept. Try again."),
    ("57014", "locked", "A statement in {where} took too long and was stopped. Try again."),
    ("28", "refused", "PostgreSQL refused the user or password for {where}. Check `database` in the configuration."),
    (
        "3D000",
        "missing",
        "There is no database {where}. Create it ('createdb') or correct `database` in the configuration.",
    ),
    ("42501", "refused", "The user of {where} may not do this. Make it the owner of the database."),
    ("25006", "read_only", "{where} is read-only. Connect to the primary server."),
    ("XX", "corrupt", "PostgreSQL reports damage or an internal error in {where}. See the server's log."),
)


def explain(error: BaseException, where: str) -> DatabaseFault | None:
    """The fault behind an error of SQLAlchemy, sqlite3 or psycopg; None if it is none (a bug, a constraint)."""
    original = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(error, IntegrityError) or isinstance(original, sqlite3.IntegrityError):
        return None
    if isinstance(original, sqlite3.DatabaseError):
        return _explain_sqlite(original, where)
    if type(original).__module__.startswith("psycopg"):
        return _explain_postgres(original, where)
    return None


def _explain_sqlite(error: sqlite3.DatabaseError, where: str) -> DatabaseFault | None:
    name = getattr(error, "sqlite_errorname", "") or ""
    for prefixes, kind, sentence in _SQLITE:
        if any(name == prefix or name.startswith(prefix + "_") for prefix in prefixes):
            return DatabaseFault(kind, sentence.format(where=where))
    return None


def _explain_postgres(error: BaseException | None, where: str) -> DatabaseFault | None:
    state = getattr(error, "sqlstate", None)
    for prefix, kind, sentence in _POSTGRES:
        if state and state.startswith(prefix):
            return DatabaseFault(kind, sentence.format(where=where))
    lost = state is None or state.startswith(("08", "57P"))
    if lost and type(error).__name__ in ("OperationalError", "AdminShutdown", "CannotConnectNow", "ConnectionTimeout"):
        return _connection_fault(str(error), where)
    return None


def _connection_fault(text: str, where: str) -> DatabaseFault:
    """libpq gives no SQLSTATE when the connection itself fails: its words are all there is."""
    if "password" in text or "authentication" in text:
        return DatabaseFault("refused", f"PostgreSQL refused the user or password for {where}. Check `database`.")
    if "does not exist" in text and "database" in text:
        return DatabaseFault("missing", f"There is no database {where}. Create it ('createdb') or correct `database`.")
    return DatabaseFault(
        "unreachable", f"PostgreSQL for {where} cannot be reached. Check that it runs and is reachable."
    )


@contextmanager
def explained(where: str) -> Iterator[None]:
    """Turn a database error into its DatabaseFault, the cause chained; let everything else pass."""
    try:
        yield
    except (DBAPIError, sqlite3.DatabaseError) as error:
        fault = explain(error, where)
        if fault is None:
            raise
        raise fault from error
