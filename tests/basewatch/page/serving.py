"""A status page served for tests: the real server on a free port, over a real database and a made-up daemon."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPResponse
from typing import Any

from alerts.channels import build_channels
from alerts.classifier import Classifier
from alerts.deliver import DeliveryLoop
from basewatch.health.vigil import Vigil
from basewatch.schedule import Scheduler
from config.outlets import Outlet, load_outlets
from config.settings import Settings
from config.watch import Watch, load_watch
from core.clock import Clock
from crawler.counters import CrawlSummary
from storage.engine import Database
from storage.meta import set_meta
from storage.vitals import LAST_CANARY


@dataclass
class Idle:
    """A crawler that does nothing."""

    def summary(self) -> CrawlSummary:
        return CrawlSummary()


@dataclass
class Steady:
    """A delivery loop that has just come round."""

    @property
    def looked_at(self) -> datetime:
        return datetime.now(UTC)

    def wake(self) -> None:
        """There is nothing to deliver."""


@dataclass
class FakeDaemon:
    """What the page is shown of a daemon, without its parts running."""

    database: Database
    settings: Settings = field(default_factory=Settings)
    clock: Clock = field(default_factory=Clock)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    well: bool = False  #: it has run for an hour, and every stage has just worked
    classified_at: datetime | None = None
    watch: Watch = field(default_factory=load_watch)
    outlets: dict[str, Outlet] = field(default_factory=load_outlets)
    restarts: Counter[str] = field(default_factory=Counter)
    articles_waiting: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        if self.well:
            self.started_at, self.classified_at = datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC)
            with self.database.write() as session:
                set_meta(session, LAST_CANARY, self.started_at.isoformat())
        self.classifier = Classifier.load(self.watch)
        self.channels = build_channels(self.settings)
        self.delivery: Any = Steady() if self.well else DeliveryLoop(self.database, self.channels, self.settings)
        self.crawler: Any = Idle()
        self.scheduler = Scheduler()


@dataclass
class Page:
    """A page that is served; ``get`` asks it."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str = "/", method: str = "GET", **headers: str) -> tuple[HTTPResponse, str]:
        """The answer and its body; header names with _ for -; ``Host`` is the page's own unless given."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, headers={key.replace("_", "-"): value for key, value in headers.items()})
            answer = connection.getresponse()
            return answer, answer.read().decode()
        finally:
            connection.close()


@contextmanager
def served(database: Database, settings: Settings, *, well: bool = False) -> Iterator[Page]:
    """The page of a daemon with these settings, on a loop of its own in a thread."""
    ready, ended = threading.Event(), threading.Event()
    failures: list[BaseException] = []
    port: list[int] = []

    async def serve() -> None:
        stop = asyncio.Event()
        vigil = Vigil(FakeDaemon(database, settings, well=well))  # type: ignore[arg-type]
        assert vigil.page is not None
        await vigil.keeper.start()
        task = asyncio.create_task(vigil.page.run(stop))
        while vigil.page.port is None and not task.done():
            await asyncio.sleep(0.01)
        if vigil.page.port is None:
            await task  # raises what kept it from listening
            return
        port.append(vigil.page.port)
        ready.set()
        await asyncio.to_thread(ended.wait)
        stop.set()
        await task
        await vigil.aclose()

    def run() -> None:
        try:
            asyncio.run(serve())
        except Exception as error:  # noqa: BLE001 - raised again by whoever asked for the page
            failures.append(error)
            ready.set()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(30)
    if failures:
        raise failures[0]
    try:
        yield Page(port[0])
    finally:
        ended.set()
        thread.join(20)
        assert not thread.is_alive(), "the page did not end"
    if failures:
        raise failures[0]
