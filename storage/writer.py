"""The one thread that writes: whoever waits together is committed together.

A commit waits for the disk (``synchronous=FULL``); a function waits for a few rows. So the functions that queued up
while the last commit ran go into one transaction, each in a SAVEPOINT of its own: one that raises is undone alone. Its
caller, like every other, hears of the outcome only after the COMMIT.

::

    run_write(fn) -> queue | take what waits | BEGIN IMMEDIATE | SAVEPOINT fn RELEASE, … | COMMIT | resolve every future
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from storage.faults import DatabaseFault, explain

log = logging.getLogger(__name__)
T = TypeVar("T")

GROUP_MAX = 200  #: functions in one transaction at most
GROUP_S = 0.05  #: seconds after which no further function joins a transaction: others write too


@dataclass(slots=True)
class WriteCounters:
    """What the writer has done since start."""

    functions: int = 0
    failed: int = 0
    commits: int = 0
    largest_group: int = 0
    busy_s: float = 0.0


@dataclass(slots=True)
class _Job:
    fn: Callable[[Session], Any]
    future: Future[Any]
    result: Any = None


class _TransactionLostError(Exception):
    """The database rolled the whole transaction back under us (SQLITE_FULL, SQLITE_IOERR, a lost connection)."""


class Writer:
    """Runs functions on a Session in one thread, in groups.

    ``begin`` gives a Connection inside a write transaction, committed on clean exit.
    """

    def __init__(self, begin: Callable[[], AbstractContextManager[Connection]], where: str) -> None:
        self._begin, self._where = begin, where
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False
        self.counters = WriteCounters()

    def submit(self, fn: Callable[[Session], T]) -> Future[T]:
        """A future that resolves after the commit. Raises DatabaseFault once closed."""
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise DatabaseFault("closed", "The database is already closed.")
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="basewatch-writer", daemon=True)
                self._thread.start()
            self._jobs.put(_Job(fn, future))
        return future

    def waiting(self) -> int:
        """Functions in the queue, about."""
        return self._jobs.qsize()

    def close(self) -> None:
        """Finish what is queued, then end the thread. Safe to call twice."""
        with self._lock:
            already, self._closed = self._closed, True
            if not already:
                self._jobs.put(None)
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while (first := self._jobs.get()) is not None:
            started = time.monotonic()
            self._run_group(first)
            self.counters.busy_s += time.monotonic() - started

    def _run_group(self, first: _Job) -> None:
        """One transaction for ``first`` and for all that waits; where it is lost, each of them again, alone."""
        taken: list[_Job] = []
        kept: list[_Job] = []
        try:
            with self._begin() as connection:
                deadline = time.monotonic() + GROUP_S
                job: _Job | None = first
                while job is not None:
                    if job.future.set_running_or_notify_cancel():
                        taken.append(job)
                        if self._run_one(job, connection):
                            kept.append(job)
                    job = self._next(len(taken), deadline)
        except Exception as error:  # noqa: BLE001 - the edge of the thread: every outcome goes to a future
            self._lost(taken, kept, error, first)
            return
        self._committed(kept)

    def _next(self, taken: int, deadline: float) -> _Job | None:
        if taken >= GROUP_MAX or time.monotonic() >= deadline:
            return None
        try:
            job = self._jobs.get_nowait()
        except queue.Empty:
            return None
        if job is None:
            self._jobs.put(None)  # the end: seen again by _run, after this group
        return job

    def _run_one(self, job: _Job, connection: Connection) -> bool:
        """Whether the function's changes wait for the commit; False: it failed alone, and its future knows."""
        try:
            with connection.begin_nested(), Session(bind=connection, join_transaction_mode="rollback_only") as session:
                job.result = job.fn(session)
                session.commit()  # flushes; the savepoint is released by its own context
        except Exception as error:
            if _is_lost(connection):
                raise _TransactionLostError from error
            self._fail(job, error)
            return False
        if _is_lost(connection):
            raise _TransactionLostError
        return True

    def _lost(self, taken: list[_Job], kept: list[_Job], error: Exception, first: _Job) -> None:
        """Nothing of the group was kept. The function that lost it fails; the others run again, each alone."""
        if not isinstance(error, _TransactionLostError):  # BEGIN or COMMIT itself failed: nobody is to blame
            for job in taken or [first]:
                if not job.future.done():
                    self._fail(job, error)
            return
        cause = error.__cause__ or error
        culprit = taken[-1]
        self._fail(culprit, cause if isinstance(cause, Exception) else error)
        for job in kept:
            self._again(job)

    def _again(self, job: _Job) -> None:
        try:
            with self._begin() as connection:
                if not self._run_one(job, connection):
                    return
        except Exception as error:  # noqa: BLE001 - the edge of the thread
            cause = error.__cause__ if isinstance(error, _TransactionLostError) else error
            self._fail(job, cause if isinstance(cause, Exception) else error)
            return
        self._committed([job])

    def _committed(self, jobs: list[_Job]) -> None:
        self.counters.commits += 1
        self.counters.functions += len(jobs)
        self.counters.largest_group = max(self.counters.largest_group, len(jobs))
        for job in jobs:
            job.future.set_result(job.result)

    def _fail(self, job: _Job, error: Exception) -> None:
        self.counters.failed += 1
        fault = _fault_behind(error, self._where)
        if not job.future.running():
            job.future.set_running_or_notify_cancel()
        if not job.future.cancelled():
            job.future.set_exception(fault or error)


def _fault_behind(error: Exception, where: str) -> DatabaseFault | None:
    """The fault that the error is, or in whose wake it came.

    After SQLITE_FULL the savepoint is gone, and undoing it raises an error of its own on top.
    """
    link: BaseException | None = error
    while link is not None:
        fault = explain(link, where)
        if fault is not None:
            fault.__cause__ = link
            return fault
        link = link.__cause__ or link.__context__
    return None


def _is_lost(connection: Connection) -> bool:
    """Whether the transaction is gone: a function after this would write outside of any."""
    if connection.invalidated or connection.closed:
        return True
    raw = connection.connection.dbapi_connection
    if raw is None:
        return True
    if connection.dialect.name == "sqlite":
        return not raw.in_transaction
    # psycopg: 0 idle, 1 active, 2 in transaction, 3 in a failed transaction, 4 unknown (connection gone)
    return int(raw.info.transaction_status) != 2
