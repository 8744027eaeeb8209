"""Sees what commands wrote beside the daemon, and that the database and its lock are still the daemon's own."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Protocol

from alerts.deliver import DeliveryLoop
from basewatch.caretaker import database_gone, last_words
from basewatch.operator import Operator
from basewatch.supervisor import Pulse
from core.clock import Clock
from core.values import TextReason
from crawler.service import CrawlService
from storage.engine import Database
from storage.faults import DatabaseFault

log = logging.getLogger(__name__)

WATCH_EVERY_S = 1.0  #: how soon the daemon sees what a command wrote beside it


class Watched(Protocol):
    """What is woken, and ended where it lost its database: the daemon."""

    clock: Clock
    database: Database
    delivery: DeliveryLoop
    crawler: CrawlService
    pulse: Pulse
    operator: Operator
    stopping: asyncio.Event
    articles_waiting: asyncio.Event
    exit_code: int

    def stop(self) -> None:
        """Ask every part to finish what it holds and end."""


class Watcher:
    """One for each daemon; ``run`` is a part of it."""

    def __init__(self, daemon: Watched) -> None:
        self._daemon = daemon

    async def run(self) -> None:
        """Wake the parts when a command wrote beside us."""
        seen, _ = await asyncio.to_thread(self._look)
        while not self._daemon.stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._daemon.stopping.wait(), WATCH_EVERY_S)
            version, taken = await asyncio.to_thread(self._look)
            if version != seen:
                seen = version
                self._daemon.articles_waiting.set()
                self._daemon.delivery.wake()
                self._daemon.crawler.wake()
            self._stay_the_only_one(taken)
            await self._stay_on_our_file()
            self._daemon.pulse.beat("watcher")

    def _look(self) -> tuple[int, DatabaseFault | None]:
        """The database's number of changes by others, and why this is no longer its one daemon. Blocks.

        Takes the daemon's lock again where PostgreSQL lost it with its connection.
        """
        version = self._daemon.database.data_version()
        try:
            if not self._daemon.database.keep_daemon_lock():
                log.warning("The lock of the daemon was lost and taken again", extra={"action": "lock_taken_again"})
        except DatabaseFault as fault:
            if fault.kind != "held":
                raise
            return version, fault
        return version, None

    def _stay_the_only_one(self, taken: DatabaseFault | None) -> None:
        """End where another daemon took the lock."""
        if taken is not None:
            log.error("%s This one ends.", taken, extra={"action": "lock_lost"})
            self._daemon.exit_code = 1
            self._daemon.stop()

    async def _stay_on_our_file(self) -> None:
        """End where the database's file was deleted or replaced: all we write from then on would be lost."""
        if self._daemon.stopping.is_set() or self._daemon.database.file_is_ours():
            return
        news = database_gone(str(self._daemon.database.where))
        log.error("%s", news[0], extra={"action": "database_gone"})
        self._daemon.exit_code = 1
        direct, now = self._daemon.operator.direct(), self._daemon.clock.now()
        await last_words(direct, news, now, reason=TextReason.DATABASE_GONE)
        self._daemon.stop()
