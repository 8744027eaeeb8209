"""What the daemon's schedule runs, job by job; each may come late, twice at once, or be cut short."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Protocol

from alerts.deliver import DeliveryLoop
from alerts.intake import Intake
from alerts.routes.operators import operators
from alerts.system import write_system_notice
from alerts.timers import Timers
from basewatch import outlet_news
from basewatch.caretaker import DISK_EVERY_S, WAL_EVERY_S, Caretaker
from basewatch.export import directory
from basewatch.reachability import DeafnessWatch, Hearing, reach, reach_params, reach_text
from basewatch.schedule import Scheduler
from basewatch.supervisor import Pulse, Supervisor
from config.settings import Settings
from core.clock import Clock
from core.text import counted
from core.values import TextReason
from crawler.service import CrawlService
from storage import lifecycle, sources
from storage.engine import Database

log = logging.getLogger(__name__)

REACH_EVERY_S = 15.0
TELL_LATE_EVERY_S = 20.0
_REASONS = {"deaf": TextReason.DEAF, "half_deaf": TextReason.HALF_DEAF, "hearing": TextReason.HEARING_AGAIN}
OUTLETS_EVERY_S = 300.0  #: habits of every source are read for it
HOUSEKEEPING_EVERY_S = 3600.0


class Household(Protocol):
    """Whose chores they are: the daemon."""

    settings: Settings
    clock: Clock
    started_at: datetime
    database: Database
    delivery: DeliveryLoop
    crawler: CrawlService
    intake: Intake
    timers: Timers
    scheduler: Scheduler
    supervisor: Supervisor
    pulse: Pulse
    caretaker: Caretaker
    articles_waiting: asyncio.Event


class Chores:
    """The jobs of one daemon. ``plan`` names them to its scheduler."""

    def __init__(self, daemon: Household) -> None:
        self._daemon = daemon
        self._deafness = DeafnessWatch()
        self._hanging_told: list[str] = []

    def plan(self) -> None:
        """Name every job of the schedule; nothing ticks yet."""
        self._daemon.scheduler.every(self._daemon.settings.alerts.classify_interval_s, "classify", self._tick_classify)
        self._daemon.scheduler.every(TELL_LATE_EVERY_S, "late", self._tell_late)
        self._daemon.scheduler.every(self._daemon.settings.delivery.interval_s, "deliver", self._tick_deliver)
        self._daemon.scheduler.every(self._daemon.settings.delivery.interval_s, "timers", self._fire_timers)
        self._daemon.scheduler.every(REACH_EVERY_S, "reach", self.look_at_reach)
        self._daemon.scheduler.every(OUTLETS_EVERY_S, "outlets", self._look_at_outlets)
        self._daemon.scheduler.every(HOUSEKEEPING_EVERY_S, "housekeeping", self._keep_house)
        self._daemon.scheduler.every(WAL_EVERY_S, "wal", self._daemon.caretaker.look_at_wal)
        self._daemon.scheduler.every(DISK_EVERY_S, "disk", self._daemon.caretaker.look_at_disk)
        if self._daemon.supervisor.watchdog_s is not None:
            self._daemon.scheduler.every(self._daemon.supervisor.watchdog_s / 3, "watchdog", self._say_alive)
        if self._daemon.settings.export.directory is not None:
            self._daemon.scheduler.every(self._daemon.settings.export.interval_s, "export", self._export)

    async def _tick_classify(self) -> None:
        self._daemon.articles_waiting.set()

    async def _tell_late(self) -> None:
        """Late incidents wait a little for others: after an outage they are told in one digest."""
        if await self._daemon.intake.tell_late():
            self._daemon.delivery.wake()

    async def _tick_deliver(self) -> None:
        self._daemon.delivery.wake()

    async def _fire_timers(self) -> None:
        if await self._daemon.timers.fire():
            self._daemon.delivery.wake()

    async def look_at_reach(self) -> None:
        """Say so when no outlet answers, or too few, and when they do again."""
        states = await self._daemon.database.run_read(sources.source_states)
        now = self._daemon.clock.now()
        found = reach(states, since=self._daemon.started_at)
        news = self._deafness.judge(found, now)
        if news is None:
            return
        text = reach_text(found, now, self._deafness.bad_since)
        level = logging.INFO if news.endswith("hearing") else logging.WARNING
        if news == "deaf" and self._daemon.crawler.counts.offline:
            level = logging.DEBUG  # the crawler has said in one line that the network is down
        action = {"deaf": "deaf", "half": "half_deaf", "hearing": "hearing"}[news.removeprefix("tell-")]
        log.log(level, "%s", text, extra={"action": action})
        if news.startswith("tell-"):
            reason = _REASONS[action]
            params, channels = reach_params(found, now, self._deafness.bad_since), operators(self._daemon.settings)
            await self._daemon.database.run_write(
                lambda session: write_system_notice(session, reason, text, channels, now, params=params)
            )
            self._daemon.delivery.wake()

    async def _export(self) -> None:
        """Bring the directory that other programs read up to date."""
        chosen, now = self._daemon.settings.export, self._daemon.clock.now()
        found = await self._daemon.database.run_read(lambda session: directory.read(session, chosen, now))
        if await asyncio.to_thread(directory.write, found, chosen, now):
            log.info("Exported %d incidents", len(found), extra={"action": "exported", "incidents": len(found)})

    async def _look_at_outlets(self) -> None:
        """Tell of single sources that are quiet, blocked, failing or changed, and of those that are well again."""
        now, channels = self._daemon.clock.now(), operators(self._daemon.settings)
        found = reach(await self._daemon.database.run_read(sources.source_states), since=self._daemon.started_at)
        heard_since = self._deafness.heard_since or self._daemon.started_at
        is_cut_off = found.hearing is Hearing.DEAF or (found.hearing is Hearing.HALF and found.network)
        news = await self._daemon.database.run_read(
            lambda session: outlet_news.look(session, now, heard_since=heard_since, is_cut_off=is_cut_off)
        )
        if news.troubled or news.recovered:
            text = await self._daemon.database.run_write(lambda session: outlet_news.tell(session, news, channels, now))
            log.warning("%s", text.replace("\n", " "), extra={"action": "outlet_news"})
            self._daemon.delivery.wake()

    async def _keep_house(self) -> None:
        now = self._daemon.clock.now()
        quiet = timedelta(hours=self._daemon.settings.alerts.close_after_hours)
        closed = await self._daemon.database.run_write(lambda session: lifecycle.close_quiet(session, now, quiet))
        if closed:
            log.info("Closed %s of which nothing new came", counted(closed, "incident"), extra={"action": "closed"})
        await self._daemon.caretaker.keep_house()

    async def _say_alive(self) -> None:
        """Tell the service manager that we live, only while every part turns."""
        self._daemon.pulse.beat("delivery", self._daemon.delivery.turned_at)
        if self._daemon.settings.crawler.enabled:
            self._daemon.pulse.beat("crawler", self._daemon.crawler.turned_at)
        if not (hanging := self._daemon.pulse.hanging()):
            self._daemon.supervisor.alive()
        elif self._hanging_told != hanging:
            what = " and ".join(hanging)
            log.error("%s hangs: the service manager is to begin anew", what, extra={"action": "part_hangs"})
        self._hanging_told = hanging
