"""The way in, kept going: due sources and wanted pages, taken from the database until told to stop.

::

    due source | poll | wanted pages | page | article stored | on_stored

The database says what is due and what is wanted, so that a restart goes on where it stopped and storms nobody. What is
under way is kept here, in memory: one crawler a database.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from config.outlets import Outlet, Source, select_outlets
from config.settings import Settings
from core.clock import Clock
from core.errors import BasewatchError
from crawler import settings as project_settings
from crawler.counters import CrawlSummary
from crawler.paging import Pager
from crawler.polling import Poller
from crawler.reader import PageReader
from crawler.schedule import spread
from crawler.shelf import RulesShelf, hold_paused_hosts
from crawler.urls import host_key
from crawler.web import Web
from storage import alertness, revisits
from storage import pages as page_rows
from storage import sources as source_rows
from storage.engine import Database
from storage.values import SourceSeed, SourceState, Stored, WantedPage

log = logging.getLogger(__name__)

_LONGEST_SLEEP_S = 5.0  #: another process may have made a source due
_SHORTEST_SLEEP_S = 0.02
_LONGEST_FAULT_PAUSE_S = 60.0  #: before a job that failed by a fault of ours is tried again
_MOST_DOUBLINGS = 10
_REVISITS_EVERY_S = 60.0  #: between two looks for pages that an incident stands on
_INCIDENTS_EVERY_S = 5.0  #: between two looks for countries in which an incident is open
_AHEAD = 8  #: jobs taken up per place in the gate: enough to keep the round over hosts fair


class CrawlService:
    """Reads outlets. ``on_stored`` is called on the loop after each article is committed; it must not block."""

    def __init__(
        self,
        settings: Settings,
        outlets: Mapping[str, Outlet],
        database: Database,
        clock: Clock,
        on_stored: Callable[[Stored], None] = lambda _: None,
    ) -> None:
        crawler = settings.crawler
        self._database, self._clock, self._crawler = database, clock, crawler
        self._outlets = select_outlets(outlets, crawler)
        self._all_outlets = outlets
        self._sources = {source.id: source for outlet in outlets.values() for source in outlet.sources}
        self.counts = CrawlSummary()
        self.web = Web(crawler, user_agent=user_agent(settings.contact), clock=clock, shelf=RulesShelf(database, clock))
        self.reader = PageReader(timeout_s=crawler.extract_timeout_s)
        by_host: dict[str, list[str]] = {}
        for outlet in self._outlets.values():
            for source in outlet.live_sources:
                by_host.setdefault(host_key(source.url), []).append(source.id)
        self._poller = Poller(
            crawler, web=self.web, reader=self.reader, database=database, clock=clock, counts=self.counts,
            find=self._find, by_host=by_host, outlets=self._outlets, is_hot=lambda source: source.country in self._hot,
        )  # fmt: skip
        self._pager = Pager(
            crawler, web=self.web, reader=self.reader, database=database, clock=clock, counts=self.counts,
            find=self._find, on_stored=on_stored,
        )  # fmt: skip
        self._under_way: dict[str, asyncio.Task[None]] = {}  # "source:id" or "page:id"
        self._changed = asyncio.Event()
        self._most = _AHEAD * crawler.concurrency
        self._started = False
        self.turned_at = 0.0  #: monotonic; when the loop of ``run`` last came round
        self._faults: dict[str, int] = {}  # job -> faults of ours in a row
        self._fault_told: str | None = None  # the one that was logged last, until a job works
        self._revisited_at: float | None = None  # monotonic
        self._hot: frozenset[str] = frozenset()  # countries in which an incident is open
        self._hot_at: float | None = None  # monotonic

    async def start(self) -> None:
        """Register the sources and start Scrapy and the page reader. ``run`` and ``run_once`` do it themselves.

        After ``close``, or after a start that failed, it starts again.
        """
        if self._started:
            return
        seeds, now = self._seeds(), self._clock.now()
        await self._database.run_write(lambda session: source_rows.register(session, seeds, now))
        await self._open(now)

    async def _open(self, now: datetime) -> None:
        await hold_paused_hosts(self._database, self.web.gate, now)
        await self.web.start()
        await self.reader.start()
        self._started = True

    async def run(self, stop: asyncio.Event) -> None:
        """Read outlets until ``stop`` is set; then finish nothing new and return within a few seconds.

        Raises what the database raises; it is closed then, and may be run again.
        """
        ending = asyncio.create_task(stop.wait())
        try:
            await self.start()
            while not stop.is_set():
                self._changed.clear()
                self.turned_at = self._clock.monotonic()
                await self._look_at_incidents()
                await self._revisit()
                sleep_s = await self._take_up_work()
                changed = asyncio.create_task(self._changed.wait())
                await asyncio.wait({ending, changed}, timeout=sleep_s, return_when=asyncio.FIRST_COMPLETED)
                changed.cancel()
        finally:
            ending.cancel()
            await self.close()

    async def run_once(self) -> CrawlSummary:
        """Poll every source that is due now, once, and try each page that is wanted now, once; what came of it."""
        await self.start()
        await self._look_at_incidents()
        await self._revisit()
        now = self._clock.now()
        for source in await self._database.run_read(lambda session: source_rows.due(session, now, 1_000_000)):
            self._begin_poll(source)
        await self._all_done()
        self._poller.say_rest()
        await self._try_wanted()
        return self.summary()

    async def read_now(self) -> CrawlSummary:
        """Poll each source of the outlets that stands not by, due or not, once, and try each page that they want, once.

        For a command beside the daemon: sources are added where they are not known yet, and none is switched off.
        """
        seeds, now = self._seeds(), self._clock.now()
        await self._database.run_write(lambda session: source_rows.add_unknown(session, seeds, now))
        await self._open(now)
        known = await self._database.run_read(lambda session: source_rows.source_states(session))
        for source in known:
            if source.outlet in self._outlets and source.active:
                self._begin_poll(source)
        await self._all_done()
        await self._try_wanted()
        return self.summary()

    async def _try_wanted(self) -> None:
        tried: set[int] = set()
        while pages := [page for page in await self._wanted(tried) if page.id not in tried]:
            tried.update(page.id for page in pages)
            for page in pages:
                self._begin_page(page)
            await self._all_done()

    def wake(self) -> None:
        """Look for due sources and wanted pages now (a command changed the database)."""
        self._changed.set()

    def summary(self) -> CrawlSummary:
        """The counters as they stand."""
        self.counts.reader_restarts = self.reader.restarts
        return self.counts

    async def close(self) -> None:
        """Cancel what is under way and stop Scrapy and the page reader. What was not stored is wanted again."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._under_way.clear()
        self._started = False
        await self.web.close()
        await self.reader.close()

    # -- taking up work

    async def _take_up_work(self) -> float:
        """Begin what is due and there is room for; seconds until it is worth to look again."""
        now = self._clock.now()
        room = self._most - len(self._under_way)
        if room <= 0:
            return _LONGEST_SLEEP_S  # the end of a job wakes the loop

        busy = [int(key.removeprefix("page:")) for key in self._under_way if key.startswith("page:")]

        def look(session: Session) -> tuple[list[SourceState], list[WantedPage], datetime | None]:
            return (
                source_rows.due(session, now, room + len(self._under_way)),
                page_rows.wanted(session, now, room, exclude=busy, outlets=self._outlets),
                source_rows.next_due_at(session),
            )

        sources, pages, next_due = await self._database.run_read(look)
        for source in sources:
            self._begin_poll(source)
        for page in pages:
            self._begin_page(page)
        if next_due is None or next_due <= now:  # nothing, or all of it under way: the end of a job wakes the loop
            return _LONGEST_SLEEP_S if self._under_way or next_due is None else 1.0
        return min(max((next_due - now).total_seconds(), _SHORTEST_SLEEP_S), _LONGEST_SLEEP_S)

    async def _look_at_incidents(self) -> None:
        """Read the outlets of a country with an open incident faster from now on, those of the others at their pace."""
        monotonic = self._clock.monotonic()
        if self._hot_at is not None and monotonic - self._hot_at < _INCIDENTS_EVERY_S:
            return
        self._hot_at = monotonic
        now = self._clock.now()
        hot = await self._database.run_read(lambda session: alertness.hot_countries(session, now))
        fresh, self._hot = hot - self._hot, hot
        if not fresh:
            return
        states = await self._database.run_read(source_rows.source_states)
        soonest = {
            state.source_id: now + timedelta(seconds=spread(state.source_id) * self._poller.pace(state).interval_s)
            for state in states
            if state.country in fresh
            and not state.failures
            and state.outlet in self._outlets
            and not self.web.gate.held_for(host_key(state.url))
        }
        await self._database.run_write(lambda session: alertness.hasten(session, soonest))

    async def _revisit(self) -> None:
        """Want the pages again that open incidents stand on and whose next visit has come."""
        monotonic = self._clock.monotonic()
        if self._revisited_at is not None and monotonic - self._revisited_at < _REVISITS_EVERY_S:
            return
        self._revisited_at = monotonic
        now = self._clock.now()
        due = await self._database.run_read(lambda session: revisits.due_revisits(session, now))
        if due:
            await self._database.run_write(lambda session: revisits.want_again(session, due, now))

    async def _wanted(self, tried: set[int]) -> list[WantedPage]:
        now = self._clock.now()
        return await self._database.run_read(
            lambda session: page_rows.wanted(session, now, self._most, exclude=tried, outlets=self._outlets)
        )

    def _begin_poll(self, source: SourceState) -> None:
        if self.web.gate.held_for(host_key(source.url)) > 0:
            return  # the host asked for a pause: due again when it is over
        self._begin(f"source:{source.source_id}", lambda: self._poll(source))

    def _begin_page(self, page: WantedPage) -> None:
        held_s = 0.0 if page.whole else self.web.gate.held_for(host_key(page.raw_url))
        if held_s > 0:
            self._begin(f"page:{page.id}", lambda: self._pager.set_aside(page, held_s))
        else:
            self._begin(f"page:{page.id}", lambda: self._pager.take(page))

    def _begin(self, key: str, job: Callable[[], object]) -> None:
        if key in self._under_way:
            return
        self._under_way[key] = asyncio.create_task(self._guarded(key, job), name=key)

    async def _guarded(self, key: str, job: Callable[..., object]) -> None:
        """The edge of a job: a fault of ours costs this job alone, is counted, and the rest goes on."""
        try:
            await job()  # type: ignore[misc]
        except Exception as error:  # noqa: BLE001
            self.counts.errors += 1
            self._tell_fault(key, str(error) if isinstance(error, BasewatchError) else type(error).__name__)
            # What it left due is fetched again then: on a full disk, no outlet is asked every second for hours.
            self._faults[key] = min(self._faults.get(key, 0) + 1, _MOST_DOUBLINGS)
            await asyncio.sleep(min(2.0 ** (self._faults[key] - 1), _LONGEST_FAULT_PAUSE_S))
        else:
            self._faults.pop(key, None)
            self._fault_told = None
        finally:
            self._under_way.pop(key, None)
            self._changed.set()

    def _tell_fault(self, key: str, what: str) -> None:
        """One line a cause, not one a source and second."""
        level = logging.DEBUG if what == self._fault_told else logging.ERROR
        self._fault_told = what
        log.log(level, "Reading %s failed inside Basewatch: %s", key, what, extra={"action": "crawl_error"})

    async def _poll(self, source: SourceState) -> None:
        recorded = await self._poller.poll(source)
        if recorded.new or recorded.changed:
            self._changed.set()

    async def _all_done(self) -> None:
        while self._under_way:
            await asyncio.wait(list(self._under_way.values()))
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(0)

    # -- outlets

    def _seeds(self) -> list[SourceSeed]:
        return [
            SourceSeed(
                source_id=source.id,
                outlet=outlet.slug,
                kind=source.kind,
                url=source.url,
                interval_s=max(1, round(source.interval_s or self._crawler.interval_s)),
                country=outlet.country,
                lang=source.lang,
                rank=rank,
                spare=source.spare,
            )
            for outlet in self._outlets.values()
            for rank, source in enumerate(outlet.live_sources)
        ]

    def _find(self, row: SourceState | WantedPage) -> tuple[Outlet, Source | None]:
        return self._all_outlets[row.outlet], self._sources.get(row.source_id)


def user_agent(contact: str) -> str:
    """``Basewatch/0.1.0 (+desk@example.org)``: who reads, and whom to write to."""
    return f"{project_settings.USER_AGENT} (+{contact})" if contact else project_settings.USER_AGENT
