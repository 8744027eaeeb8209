"""The daemon: wires the way in and the way out, keeps them running, stops them cleanly.

::

    crawler ──stored──▶ intake (classify, match, write) ──committed──▶ delivery ──▶ channels
       ▲                   ▲                                             ▲
       └───── APScheduler ticks, and the watcher sees what commands wrote ┘

Nothing lies in memory between the parts: a wake-up makes the next one fast, the schedule is the safety net. A part that
fails is logged, counted and started again after a pause; the others go on.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime

from alerts.channels import build_channels
from alerts.classifier import Classifier
from alerts.deliver import DeliveryLoop
from alerts.intake import Intake
from alerts.opinion_desk import opinion_desk
from alerts.routes.operators import operators
from alerts.stranded import tell_stranded
from alerts.timers import Timers
from basewatch import starting
from basewatch.caretaker import Caretaker
from basewatch.chores import Chores
from basewatch.health.vigil import Vigil
from basewatch.leaving import leave, leave_within
from basewatch.once import first_of, left_undone
from basewatch.operator import Operator
from basewatch.parts import Asides, keep_running
from basewatch.reachability import polled_text
from basewatch.reloading import Note, begin_anew, check_new, has_lost_its_terminal, note_daemon, note_reload, refused
from basewatch.schedule import Scheduler
from basewatch.supervisor import Pulse, Supervisor
from basewatch.watcher import Watcher
from config.outlets import load_outlets, select_outlets
from config.routes import check_sites
from config.settings import Settings
from config.watch import load_watch
from core.clock import Clock
from core.errors import BasewatchError, ConfigError
from core.text import counted
from core.values import TextReason
from crawler.counters import CrawlSummary
from crawler.reactor import run_on_reactor
from crawler.service import CrawlService
from storage import deliveries
from storage.engine import open_database
from storage.values import Stored

log = logging.getLogger(__name__)

STOP_WITHIN_S = 14.0  #: then what still runs is cancelled; we promise an end within 20 s of SIGTERM
LEAVE_WITHIN_S = 18.0  #: of SIGTERM: then the process ends, whatever hangs
THREADS_S = 1.0  #: after everything is closed, for threads that may still end by themselves
INTAKE_BATCH = 50  #: articles a round; small, so that the first of a backlog are delivered early

#: most seconds between two turns of a part: then it hangs, and the service manager should start us anew. A batch may
#: wait for as many second opinions as it has articles; a channel's attempt for its deadline.
HANGS_AFTER_S = {"intake": 1200.0, "delivery": 600.0, "crawler": 300.0, "watcher": 120.0}


def run(settings: Settings, *, once: bool = False, reread: Callable[[], Settings] | None = None) -> int:
    """Run the daemon in this process until it is told to stop; the exit code.

    ``reread`` gives the settings anew for a reload. Raises BasewatchError where it cannot start.
    """

    async def main() -> int:
        daemon = Daemon(settings, reread=reread)
        daemon.on_stopping = lambda: leave_within(
            LEAVE_WITHIN_S,
            "a part hangs; what it held is taken up at the next start",
            leave=lambda code: begin_anew() if daemon.begins_anew else leave(code or daemon.exit_code),
        )
        code = await daemon.run(once=once)
        if daemon.begins_anew and not code:
            begin_anew()
        leave_within(THREADS_S, code=code)  # all is closed: what is left are threads that nobody can end
        return code

    return run_on_reactor(main)


class Daemon:
    """One daemon on one database. Build it on the running loop, then await ``run``."""

    def __init__(
        self, settings: Settings, *, clock: Clock | None = None, reread: Callable[[], Settings] | None = None
    ) -> None:
        """Load everything that can be wrong before anything is started.

        Raises ConfigError for a wrong file, StorageError for an unusable database or when another daemon holds it.
        """
        self.settings = settings
        self.clock = clock or Clock()
        self.born = time.monotonic()
        self.started_at: datetime = self.clock.now()
        self.stopping = asyncio.Event()
        self.articles_waiting = asyncio.Event()
        self.on_stopping: Callable[[], None] = lambda: None  #: called once, when it is first told to stop
        self.exit_code = 0
        self.restarts: Counter[str] = Counter()
        self.watch = load_watch(settings.watch, settings.config_dir)
        check_sites(settings.routes, self.watch)
        self.outlets = load_outlets(settings.config_dir)
        self.classifier = Classifier.load(self.watch, settings.config_dir)
        self.channels = build_channels(settings)
        self.database = open_database(settings.database_address)
        try:
            self.database.lock_daemon()
        except BaseException:
            self.database.close()
            raise
        self.delivery = DeliveryLoop(self.database, self.channels, settings, self.clock)
        self.crawler = CrawlService(settings, self.outlets, self.database, self.clock, self._stored)
        self.opinions = opinion_desk(settings, self.classifier, self.clock)
        self.intake = Intake(
            self.database, self.classifier, self.watch, self.outlets, settings, self.clock, self.opinions,
            canary_channels=operators(settings),
        )  # fmt: skip
        self.operator = Operator(settings, self.database, self.channels, self.delivery, self.clock)
        self.asides = Asides()
        self.timers = Timers(self.database, settings, self.clock)
        self.scheduler = Scheduler(self.clock, tell=lambda *told: self.asides.begin(self.operator.tell(*told)))
        self.supervisor = Supervisor()
        self.pulse = Pulse(HANGS_AFTER_S, self.clock.monotonic)
        self.caretaker = Caretaker(
            self.database, settings.keep, self.clock, self.stopping.is_set, self.operator.tell, self.operator.direct()
        )
        self.classified_at: datetime | None = None  #: when nothing was left to classify, or all of it had been tried
        self.vigil = Vigil(self)
        self.chores = Chores(self)
        self.begins_anew = False  #: a reload was asked for: the process begins anew once everything is closed
        self._reread = reread
        self._began_with_terminal = sys.stdin is not None and sys.stdin.isatty()

    # -- life ---------------------------------------------------------------------------------------------------------

    async def run(self, *, once: bool = False) -> int:
        """Run until SIGTERM or SIGINT (or, with ``once``, until one round is done); 0 when it ended as asked."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        loop.add_signal_handler(signal.SIGHUP, self._hang_up)
        try:
            await self._take_over()
            if once:
                starting.done()
                await self._one_round()
            else:
                await self._forever()
        finally:
            await self.close()
        return self.exit_code

    def stop(self) -> None:
        """Ask every part to finish what it holds and end."""
        if not self.stopping.is_set():
            log.info("Stopping", extra={"action": "stopping"})
            if not self.begins_anew:
                self.supervisor.stopping()
            self.on_stopping()
        self.stopping.set()
        self.articles_waiting.set()
        self.delivery.wake()

    async def _take_over(self) -> None:
        """Free what a dead predecessor held: we have the lock, so nobody else is sending."""
        now = self.clock.now()
        await self.database.run_write(lambda session: note_daemon(session, os.getpid(), socket.gethostname(), now))
        freed = await self.database.run_write(lambda session: deliveries.free_leases(session, now))
        stranded = await self.database.run_write(
            lambda session: tell_stranded(session, self.settings, self.channels, now)
        )
        if stranded:
            log.warning(
                "%s waiting for channels that are not configured",
                counted(stranded, "notice"),
                extra={"action": "stranded"},
            )
        if not self.channels:
            log.warning("No channel is enabled: nobody is told of anything", extra={"action": "no_channel"})
        if freed:
            what = "1 delivery" if freed == 1 else f"{freed} deliveries"
            log.info("Took over %s of a daemon that died", what, extra={"action": "leases_freed"})

    async def _one_round(self) -> None:
        """Poll everything that is due, classify it, deliver it; a stop signal ends it between these.

        Raises BasewatchError where the database gives up; what did not work otherwise makes the exit code 1.
        """
        summary: CrawlSummary | None = None
        if self.settings.crawler.enabled:
            round_ = asyncio.create_task(self.crawler.run_once())
            ending = asyncio.create_task(self.stopping.wait())
            await asyncio.wait({round_, ending}, return_when=asyncio.FIRST_COMPLETED)
            ending.cancel()
            round_.cancel()
            with suppress(asyncio.CancelledError):
                summary = await round_
                log.info("%s", polled_text(summary), extra={"action": "polled_once"})
        failed = await self.classify_all()
        await self.intake.tell_late(at_once=True)
        await self.timers.fire()
        try:
            sent = await self.delivery.run_once()
        except* BasewatchError as faults:
            raise first_of(faults) from faults
        what = f"{sent.sent} sent, {sent.retried} to be tried again, {sent.dead} given up"
        log.info("Deliveries of this round: %s", what, extra={"action": "delivered_once"})
        if (problem := left_undone(summary, sent, failed=failed)) is not None:
            log.error("The round is not complete: %s", problem, extra={"action": "round_incomplete"})
            self.exit_code = 1
        await self.chores.look_at_reach()

    async def _forever(self) -> None:
        parts: dict[str, Callable[[], Awaitable[None]]] = {
            "intake": self._intake,
            "delivery": lambda: self.delivery.run(self.stopping),
            "watcher": Watcher(self).run,
        }
        if self.settings.crawler.enabled:
            parts["crawler"] = lambda: self.crawler.run(self.stopping)
        if (page := self.vigil.page) is not None:
            parts["page"] = lambda: page.run(self.stopping)
        tasks = [
            asyncio.create_task(keep_running(name, self._begun(name, part), self.stopping, self.restarts), name=name)
            for name, part in parts.items()
        ]
        await self.vigil.start()
        self.chores.plan()
        self.scheduler.start()
        self._announce()
        self.asides.begin(self.vigil.keeper.pulse())
        self.asides.begin(self.caretaker.look_at_disk())
        await self.stopping.wait()
        self.scheduler.stop()
        _, late = await asyncio.wait(tasks, timeout=STOP_WITHIN_S)
        for task in late:
            log.warning("The part %s did not end in time", task.get_name(), extra={"action": "part_cancelled"})
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def close(self) -> None:
        """Give back everything: outlets, channels, the database and its lock."""
        self.scheduler.stop()
        await self.vigil.aclose()
        await self.crawler.close()
        for channel in self.channels.values():
            await channel.aclose()
        if self.opinions is not None:
            await self.opinions.aclose()
        await asyncio.to_thread(self.database.close)
        log.info("Stopped", extra={"action": "stopped"})

    def _announce(self) -> None:
        chosen = select_outlets(self.outlets, self.settings.crawler)
        count = sum(len(outlet.live_sources) for outlet in chosen.values())
        log.info(
            "Watching %s of %s for %s; alerts go to: %s",
            counted(count, "source"),
            counted(len(chosen), "outlet"),
            counted(len(self.watch.sites), "site"),
            ", ".join(self.channels) or "nobody (no channel is enabled)",
            extra={"action": "started", "after_s": round(time.monotonic() - self.born, 2)},
        )
        self.supervisor.ready(f"Watching {counted(count, 'source')} of {counted(len(chosen), 'outlet')}")
        starting.done()

    # -- reload -------------------------------------------------------------------------------------------------------

    def _hang_up(self) -> None:
        """SIGHUP: take up a changed configuration, or end with the terminal that was closed."""
        if has_lost_its_terminal(self._began_with_terminal):
            self.stop()
        elif not self.stopping.is_set():
            self.asides.begin(self._reload())

    async def _reload(self) -> None:
        """Begin anew with the new configuration, or say why the old one runs on."""
        try:
            if self._reread is None:
                raise ConfigError("this daemon was started without a file to read again")
            await asyncio.to_thread(check_new, self.settings, self._reread)
        except BasewatchError as error:
            text, params = refused(error)
            log.error("%s", text, extra={"action": "reload_refused"})
            await self._note_reload(ok=False, text=text)
            await self.operator.tell(TextReason.RELOAD_REFUSED, text, params)
            return
        log.info("The changed configuration is taken up", extra={"action": "reloading"})
        await self._note_reload(ok=True, text="The changed configuration is taken up.")
        self.supervisor.reloading()
        self.begins_anew = True
        self.stop()

    async def _note_reload(self, *, ok: bool, text: str) -> None:
        note = Note(at=self.clock.now(), ok=ok, text=text)
        await self.database.run_write(lambda session: note_reload(session, note))

    # -- parts --------------------------------------------------------------------------------------------------------

    def _stored(self, stored: Stored) -> None:
        self.articles_waiting.set()

    def _begun(self, name: str, part: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        """The part, with its beginning counted as a turn: one that fails and begins again does not hang."""

        def begin() -> Awaitable[None]:
            self.pulse.beat(name)
            return part()

        return begin

    async def _intake(self) -> None:
        """Classify what is stored, whenever an article arrives or the schedule ticks."""
        while not self.stopping.is_set():
            self.pulse.beat("intake")
            self.articles_waiting.clear()
            await self.classify_all()
            await self.articles_waiting.wait()

    async def classify_all(self) -> int:
        """Classify what waits; how many failed. Those are tried again at the next tick: what failed them may pass."""
        failed = 0
        while True:
            summary = await self.intake.run(limit=INTAKE_BATCH)
            if summary.notices:
                self.delivery.wake()
            failed += summary.failed
            is_last = summary.classified + summary.failed < INTAKE_BATCH or not summary.classified
            if is_last or self.stopping.is_set():
                self.classified_at = self.clock.now()
                return failed
