"""Ties the watch over this process to the daemon: what it looks at, what it calls, what it serves."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from alerts.channels import Channel
from alerts.classifier import Classifier
from alerts.deliver import DeliveryLoop
from alerts.routes.operators import operators
from basewatch.health.checks import Expected, Rounds
from basewatch.health.counts import Counts, Process
from basewatch.health.heartbeat import Heartbeat
from basewatch.health.keeper import PULSE_EVERY_S, Keeper
from basewatch.health.lag import LoopLag
from basewatch.page.server import PageServer
from basewatch.schedule import Scheduler
from config.outlets import Outlet, select_outlets
from config.settings import Settings
from config.watch import Watch
from core.clock import Clock
from crawler.service import CrawlService
from storage.engine import Database

if TYPE_CHECKING:
    from starlette.types import ASGIApp

PARTS = ("intake", "delivery", "watcher", "crawler", "page")


class Patient(Protocol):
    """What is looked at: the daemon."""

    settings: Settings
    clock: Clock
    started_at: datetime
    classified_at: datetime | None
    watch: Watch
    outlets: dict[str, Outlet]
    classifier: Classifier
    channels: dict[str, Channel]
    database: Database
    delivery: DeliveryLoop
    crawler: CrawlService
    scheduler: Scheduler
    restarts: Counter[str]
    articles_waiting: asyncio.Event


class Vigil:
    """Health and status page of one daemon. ``start`` once its parts run, ``aclose`` at the end."""

    def __init__(self, daemon: Patient) -> None:
        self._daemon = daemon
        self.lag = LoopLag()
        read = select_outlets(daemon.outlets, daemon.settings.crawler)
        self.keeper = Keeper(
            database=daemon.database,
            clock=daemon.clock,
            heartbeat=Heartbeat(daemon.settings.health, daemon.started_at),
            watch=lambda: daemon.watch,
            expected=self._expected,
            channels=lambda: operators(daemon.settings),
            counts=Counts(read, daemon.channels),
            rounds=self._rounds,
            process=self._process,
            on_released=daemon.articles_waiting.set,
            on_notice=lambda: daemon.delivery.wake(),
        )
        self.page = PageServer(daemon.settings.page, self._app) if daemon.settings.page.enabled else None

    async def start(self) -> None:
        """Begin to count, and look every few seconds from now on."""
        self.lag.start()
        await self.keeper.start()
        self._daemon.scheduler.every(PULSE_EVERY_S, "pulse", self.keeper.pulse)

    async def aclose(self) -> None:
        self.lag.stop()
        await self.keeper.aclose()

    def _expected(self) -> Expected:
        settings = self._daemon.settings
        return Expected(
            crawls=settings.crawler.enabled,
            channels=bool(self._daemon.channels),
            classify_every=timedelta(seconds=settings.alerts.classify_interval_s),
            deliver_every=timedelta(seconds=settings.delivery.interval_s),
            canary=settings.health.canary,
        )

    def _rounds(self) -> Rounds:
        daemon = self._daemon
        return Rounds(
            started_at=daemon.started_at,
            classified_at=daemon.classified_at,
            delivered_at=daemon.delivery.looked_at,
            lag_s=self.lag.worst_s,
        )

    def _process(self) -> Process:
        daemon = self._daemon
        return Process(
            started_at=daemon.started_at,
            model=daemon.classifier.model,
            crawl=daemon.crawler.summary(),
            writer=daemon.database.writer.counters,
            restarts=daemon.restarts,
            jobs=daemon.scheduler.counts,
            breaks=daemon.scheduler.breaks,
            job_names=tuple(daemon.scheduler.jobs),
            part_names=PARTS,
            channels=tuple(daemon.channels),
            lag_last_s=self.lag.last_s,
            lag_worst_s=self.lag.worst_s,
            wal_bytes=daemon.database.wal_bytes(),
            heartbeats=self.keeper.heartbeat.counts,
        )

    def _app(self) -> ASGIApp:
        # Imported here: the web server is no part of a quick start.
        from basewatch.page.app import build_app
        from basewatch.page.content import Content

        daemon = self._daemon
        return build_app(daemon.settings.page, self.keeper, Content(lambda: daemon))
