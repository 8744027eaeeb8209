"""The database: opened, checked, migrated, read and written. Every pragma stands here, with its reason.

::

    open_database(path or URL) -> Database
        .read()      a Session in one short read transaction
        .write()     a Session in one write transaction (BEGIN IMMEDIATE), committed on clean exit
        .run_read    the same for async code, in a small pool of threads
        .run_write   the same for async code, in the one writer thread, grouped commits (writer.py)

All rows are fetched inside the session: no cursor crosses an ``await``, so no cancelled task pins a snapshot.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, text
from sqlalchemy.orm import Session

from storage import locks, schema, upkeep
from storage.faults import DatabaseFault, explained
from storage.locks import DaemonLock
from storage.places import check_file, check_file_system, check_sqlite_version, database_url, shown
from storage.upkeep import APPLICATION_ID
from storage.writer import Writer

log = logging.getLogger(__name__)
T = TypeVar("T")

BUSY_TIMEOUT_S = 15.0  #: how long a writer waits for another process (a command beside the daemon)
CHECKPOINT_WAIT_MS = 200  #: how long a checkpoint waits for readers; the next one finds them gone
READ_THREADS = 4

_EVERY_CONNECTION = (
    # Reports, notices and deliveries point at each other; SQLite checks it only when asked, connection by connection.
    "PRAGMA foreign_keys = ON",
    # A committed alert survives a power cut. NORMAL would be faster and may lose the last commits (SQLite docs,
    # pragma synchronous, with WAL); grouped commits give the speed back.
    "PRAGMA synchronous = FULL",
    # After a checkpoint the -wal file is cut to this: one long read must not leave gigabytes behind.
    "PRAGMA journal_size_limit = 33554432",
    # Sorting and grouping in memory: no temporary files on a full disk.
    "PRAGMA temp_store = MEMORY",
    # No memory mapping: an error of the disk would be a SIGBUS, not an exception.
    "PRAGMA mmap_size = 0",
    # A file that somebody prepared cannot run functions through its schema.
    "PRAGMA trusted_schema = OFF",
    # A damaged page is an error at once, not a wrong answer.
    "PRAGMA cell_size_check = ON",
)

# 16 MiB of pages for the writer (the default is 2): its look-ups by key at a million rows stay in memory. The readers
# serve people and pages; five caches of that size would be a third of what the whole daemon takes.
_WRITER_CACHE, _READER_CACHE = "PRAGMA cache_size = -16384", "PRAGMA cache_size = -4096"

_POSTGRES_OPTIONS = " ".join(
    (
        "-c timezone=UTC",
        "-c lock_timeout=15000",  # as BUSY_TIMEOUT_S
        "-c idle_in_transaction_session_timeout=120000",  # a hung process must not hold row locks for ever
        "-c synchronous_commit=on",  # as synchronous=FULL, whatever the server's default
    )
)


class Database:
    """An open database. Get one from ``open_database``; ``close`` it, or use it as a context manager."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self.where = shown(url)  #: for messages; without user and password
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self.path = Path(str(url.database)) if self.is_sqlite else None  #: the file of SQLite
        self._write_lock = threading.RLock() if self.is_sqlite else None
        self._write_engine, self._read_engine = _sqlite_engines(url) if self.is_sqlite else _postgres_engines(url)
        self._writer = Writer(self._begin, self.where)
        self._readers = ThreadPoolExecutor(READ_THREADS, thread_name_prefix="basewatch-reader")
        self._lock: DaemonLock | None = None
        self._data_version = 0
        self._identity: tuple[int, int] | None = None  # device and inode of the SQLite file

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A Session on one consistent snapshot that cannot write. Keep it short. Raises DatabaseFault."""
        with explained(self.where), self._read_engine.connect() as connection, Session(bind=connection) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A Session in one write transaction; committed on clean exit, else rolled back. Raises DatabaseFault.

        On SQLite it waits for other writers before it reads, so a read that turns into a write never fails.
        """
        with (
            explained(self.where),
            self._begin() as connection,
            Session(bind=connection, join_transaction_mode="rollback_only", expire_on_commit=False) as session,
        ):
            yield session
            session.commit()  # flushes; the transaction is committed by _begin

    async def run_read(self, fn: Callable[[Session], T]) -> T:
        """What ``fn`` returns; it runs in a thread and must fetch all it returns."""

        def job() -> T:
            with self.read() as session:
                return fn(session)

        return await asyncio.wrap_future(self._readers.submit(job))

    async def run_write(self, fn: Callable[[Session], T]) -> T:
        """What ``fn`` returns, after its changes are committed; its own exception if it raises (its changes go).

        ``fn`` runs in the writer thread, perhaps twice (when the database threw its transaction away): it should touch
        nothing but its session. A task that is cancelled while ``fn`` runs does not undo it.
        """
        return await asyncio.wrap_future(self._writer.submit(fn))

    @property
    def writer(self) -> Writer:
        """The writer thread, for its counters."""
        return self._writer

    def lock_daemon(self) -> None:
        """Become the one daemon of this database. Raises DatabaseFault where another one is.

        SQLite: a lock on FILE.lock, freed by the system even after kill -9. PostgreSQL: an advisory lock on a
        connection of its own.
        """
        if self._lock is None:
            with explained(self.where):
                self._lock = DaemonLock.take(self.path, self._write_engine, self.where)

    def has_daemon(self) -> bool:
        """Whether a daemon, this one or another, runs on this database. Raises DatabaseFault."""
        with explained(self.where):
            return locks.is_held(self.path, self._read_engine)

    def holds_daemon_lock(self) -> bool:
        """False if this is not the daemon, or no longer (PostgreSQL: the lock's connection was lost)."""
        return self._lock is not None and self._lock.held()

    def keep_daemon_lock(self) -> bool:
        """True while this is the daemon; False where PostgreSQL had lost the lock and it is ours again.

        Raises DatabaseFault where it is not: kind "held" when another daemon has taken it.
        """
        if self._lock is None or self._lock.held():
            return True
        self._lock.release()
        with explained(self.where):
            self._lock = DaemonLock.take(self.path, self._write_engine, self.where)
        return False

    def data_version(self) -> int:
        """A number that changes when another process has written; cheap, to be asked every second.

        SQLite: any commit of another process. PostgreSQL: what ``storage.meta.nudge`` counts, which every act of an
        operator (retry, discard, resume, merge) calls.
        """
        if self._write_lock is None:
            with self.read() as session:
                return int(session.scalar(text("SELECT value FROM meta WHERE key = 'nudge'")) or 0)
        if self._write_lock.acquire(timeout=0.02):  # busy writing: the next second will tell
            try:
                with explained(self.where):
                    # The pragma ignores commits of its own connection, and all our writes go through this one.
                    raw = self._write_engine.raw_connection()
                    try:
                        self._data_version = int(raw.cursor().execute("PRAGMA data_version").fetchone()[0])
                    finally:
                        raw.close()
            finally:
                self._write_lock.release()
        return self._data_version

    def checkpoint(self) -> int:
        """Move the -wal file into the database and cut it; bytes of the -wal file afterwards (0 on PostgreSQL)."""
        if self.path is None:
            return 0
        with self._exclusive(), explained(self.where):
            raw = self._write_engine.raw_connection()
            try:
                # It waits for readers, and every write waits for it: a reader that never ends must not stop them.
                raw.cursor().execute(f"PRAGMA busy_timeout = {CHECKPOINT_WAIT_MS}")
                raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                raw.cursor().execute(f"PRAGMA busy_timeout = {int(BUSY_TIMEOUT_S * 1000)}")
                raw.close()
        return self.wal_bytes()

    def wal_bytes(self) -> int:
        """Size of the -wal file; 0 on PostgreSQL and where there is none."""
        try:
            return os.stat(f"{self.path}-wal").st_size if self.path else 0
        except FileNotFoundError:
            return 0

    def backup(self, target: Path) -> None:
        """A consistent copy of a SQLite database while it is in use; see ``upkeep.copy_file``."""
        if self.path is None:
            raise DatabaseFault("other", "Back up PostgreSQL with its own tools (pg_dump).")
        with explained(self.where):
            upkeep.copy_file(self.path, target)

    def file_is_ours(self) -> bool:
        """Whether the SQLite file that was opened still stands at its path; False once it is deleted or replaced.

        Open connections would go on writing into a file that nobody finds again. True on PostgreSQL.
        """
        return self.path is None or upkeep.identity(self.path) == self._identity

    def problems(self) -> list[str]:
        """What the database's own check finds wrong, empty if nothing; on SQLite it reads the whole file."""
        with self.read() as session:
            return upkeep.problems(session)

    def close(self) -> None:
        """Finish queued writes, give back threads, connections and the daemon's lock. Safe to call twice."""
        self._writer.close()
        self._readers.shutdown(wait=True)
        self._write_engine.dispose()
        self._read_engine.dispose()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        """On SQLite the threads of this process queue here, fairly enough, instead of polling the file's lock."""
        if self._write_lock is None:
            yield
        else:
            with self._write_lock:
                yield

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        with self._exclusive(), self._write_engine.begin() as connection:
            yield connection


def open_database(url_or_path: str | os.PathLike[str], *, create: bool = True, migrate: bool = True) -> Database:
    """The database, on the newest schema. An up-to-date one opens without loading Alembic.

    ``create=False`` refuses a file that is not there; ``migrate=False`` refuses one that is not on the newest schema.
    Raises DatabaseFault (a StorageError) for a file that is missing, foreign, newer, damaged, or on a network share.
    """
    url = database_url(url_or_path)
    if url.get_backend_name() == "sqlite":
        path = Path(str(url.database))
        check_sqlite_version()
        check_file_system(path)
        check_file(path, create=create)
    database = Database(url)
    try:
        with explained(database.where):
            _bring_up_to_date(database, migrate=migrate, create=create)
        if database.path is not None:
            database._identity = upkeep.identity(database.path)
    except BaseException:
        database.close()
        raise
    return database


def _bring_up_to_date(database: Database, *, migrate: bool, create: bool) -> None:
    with database._read_engine.connect() as connection:
        revision = _revision(database, connection)
    if revision == schema.HEAD:
        return
    if not migrate or (revision is None and not create):
        raise DatabaseFault(
            "migration",
            f"{database.where} is not on the schema of this Basewatch ({revision or 'empty'}, needed {schema.HEAD}). "
            "Start `basewatch run`, which upgrades it; make a backup first.",
        )
    with _migrating(database.url) as connection:
        schema.bring_up(connection)
    if revision is not None:
        log.info(
            "The database was brought from schema %s to %s", revision, schema.HEAD, extra={"action": "schema_upgraded"}
        )


def _revision(database: Database, connection: Connection) -> str | None:
    if database.is_sqlite:
        application_id = connection.scalar(text("PRAGMA application_id"))
        if application_id not in (0, APPLICATION_ID):
            raise DatabaseFault(
                "foreign",
                f"{database.where} belongs to another program (application id {application_id:#x}). "
                "Name another file as `database` in the configuration.",
            )
    revision = schema.stored_revision(connection)
    schema.check_known(revision)
    return revision


def run_migrations(url: URL, *, versions: Path | None = None, target: str = "head") -> None:
    """Run the migrations up to ``target``, on an empty database all of them; see ``schema.migrate``."""
    with _migrating(url) as connection:
        schema.migrate(connection, versions=versions, target=target)


@contextmanager
def _migrating(url: URL) -> Iterator[Connection]:
    """The one transaction in which the schema changes."""
    options: dict[str, Any] = {} if url.get_backend_name() == "sqlite" else _postgres_arguments()
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True, **options)
    if url.get_backend_name() == "sqlite":
        # Foreign keys off: a migration that rebuilds a table drops the old one, which would delete what points to it.
        # They are checked before the commit instead; the pragma does nothing inside a transaction.
        _prepare_sqlite(engine, begin="BEGIN IMMEDIATE", pragmas=(*_EVERY_CONNECTION, "PRAGMA foreign_keys = OFF"))
        _keep_wal(url)
    try:
        with engine.begin() as connection:
            yield connection
            if url.get_backend_name() == "sqlite":
                connection.execute(text(f"PRAGMA application_id = {APPLICATION_ID}"))
    finally:
        engine.dispose()


def _keep_wal(url: URL) -> None:
    """Write-ahead log: readers and the writer do not wait for each other. A property of the file, set once.

    Where two processes set it on a new file at once, SQLite answers one of them BUSY without waiting, whatever the
    timeout (measured: 3 of 80): so this waits itself.
    """
    raw = sqlite3.connect(str(url.database), timeout=BUSY_TIMEOUT_S)
    # What is pruned can be given back step by step. It counts from the first table on; docs/operations.md tells how an
    # older file gets it.
    raw.execute("PRAGMA auto_vacuum = INCREMENTAL")
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    try:
        while True:
            try:
                mode = raw.execute("PRAGMA journal_mode = WAL").fetchone()[0]
                break
            except sqlite3.OperationalError as error:
                if not error.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
    finally:
        raw.close()
    if mode != "wal":
        raise DatabaseFault(
            "network_fs", f"{url.database} is on a file system without shared memory. Use a local disk."
        )


def _sqlite_engines(url: URL) -> tuple[Engine, Engine]:
    # One connection writes (``data_version`` depends on it); as many read as there are reader threads, and a few more.
    arguments = {"timeout": BUSY_TIMEOUT_S}
    # pool_timeout: only a ``write`` inside a ``write`` of the same thread can find the one connection taken.
    write = create_engine(
        url, pool_size=1, max_overflow=0, pool_timeout=1, connect_args=arguments, hide_parameters=True
    )
    read = create_engine(url, pool_size=READ_THREADS, max_overflow=16, connect_args=arguments, hide_parameters=True)
    # IMMEDIATE: a transaction that reads first and writes later would fail at once if another wrote in between
    # (SQLITE_BUSY_SNAPSHOT, whatever the timeout); this one waits its turn at the start.
    _prepare_sqlite(write, begin="BEGIN IMMEDIATE", pragmas=(*_EVERY_CONNECTION, _WRITER_CACHE))
    # query_only: a read Session cannot write by mistake, outside of the writer's order.
    _prepare_sqlite(read, begin="BEGIN", pragmas=(*_EVERY_CONNECTION, _READER_CACHE, "PRAGMA query_only = ON"))
    return write, read


def _prepare_sqlite(engine: Engine, *, begin: str, pragmas: tuple[str, ...]) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(raw: Any, _record: object) -> None:
        # Python's sqlite3 must not start and end transactions by itself: it would commit before DDL and SAVEPOINT.
        raw.isolation_level = None
        for pragma in pragmas:
            raw.execute(pragma)

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def _postgres_arguments() -> dict[str, Any]:
    return {"connect_args": {"options": _POSTGRES_OPTIONS, "connect_timeout": 10, "application_name": "basewatch"}}


def _postgres_engines(url: URL) -> tuple[Engine, Engine]:
    # pool_pre_ping: a server that was restarted costs one reconnection, not one failed step for each old connection.
    write = create_engine(
        url, pool_size=4, max_overflow=16, pool_pre_ping=True, hide_parameters=True, **_postgres_arguments()
    )
    # One snapshot for all statements of a read, as in SQLite.
    read = write.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return write, read
