"""What outlets see of us: a day of polls under a simulated clock, over real HTTP, against servers that remember.

Each host has its own ways: validators of both kinds, 304 for ever, none at all, an ETag that changes each time, pauses
in both forms, cache lifetimes. Every request is judged by what its server had said before. In the midst of it the
crawler is restarted ten times within a minute.
"""

from __future__ import annotations

import dataclasses
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from basewatch.demo.loopback import LoopbackServer, Request, Response
from config.outlets import Outlet, load_outlets
from config.settings import Settings
from core.clock import SimulatedClock
from crawler.reactor import run_on_reactor
from crawler.service import CrawlService
from storage import pages, sources
from storage.engine import Database, open_database

HOURS = 26  #: over a day, so that the one full fetch a day is seen
RESTARTS = 10
START = datetime(2026, 3, 1, 0, 0, 30, tzinfo=UTC)
DAY = timedelta(hours=24)
STORIES_EVERY = timedelta(hours=3)  #: a new item on each feed
#: every so often, the hosts that pause us do so
PAUSE_EVERY, PAUSE = timedelta(hours=1), timedelta(minutes=20)
LIFETIME = timedelta(minutes=10)
FIRST_MOVER_S, JITTER = 60.0, 0.1


@dataclass(slots=True)
class Tally:
    """What the servers noted."""

    requests: int = 0
    not_modified: int = 0
    full: int = 0
    unavoidable: int = 0  #: full answers of servers that give nothing to ask conditionally with
    daily: int = 0  #: the one full fetch a day
    needless: int = 0  #: full answers of what we had, which a conditional request would have spared
    in_pause: int = 0  #: requests before the Retry-After of the host was over
    pauses: int = 0
    in_lifetime: int = 0  #: requests before an answer's lifetime was over
    robots_again: int = 0  #: robots.txt asked for twice within a day
    most_a_minute: int = 0  #: requests to one host in 60 s


@dataclass(slots=True)
class Host:
    """One outlet's server, and its memory."""

    kind: str  #: etag, modified, storm, none, liar, seconds, date or lifetime
    clock: SimulatedClock
    tally: Tally
    base: str = ""
    requests: list[datetime] = field(default_factory=list)
    given: dict[str, tuple[str, datetime]] = field(default_factory=dict)  # path -> version given in full, and when
    paused_until: datetime = START
    last_pause: datetime = START
    fresh_until: datetime = START
    robots_at: datetime | None = None

    def answer(self, request: Request) -> Response:
        now = self.clock.now()
        self._count(now)
        if request.path == "/robots.txt":
            self.tally.robots_again += self.robots_at is not None and now - self.robots_at < DAY
            self.robots_at = now
            return Response(body=b"User-agent: *\nDisallow: /private\n")
        if self.kind in ("seconds", "date") and now - self.last_pause >= PAUSE_EVERY:
            return self._pause(now)
        if self.kind == "lifetime" and request.path.startswith("/rss"):
            self.tally.in_lifetime += now < self.fresh_until
            self.fresh_until = now + LIFETIME
        return self._content(request, now)

    def _count(self, now: datetime) -> None:
        self.tally.requests += 1
        self.tally.in_pause += now < self.paused_until
        self.requests.append(now)
        minute = sum(now - instant < timedelta(minutes=1) for instant in self.requests[-200:])
        self.tally.most_a_minute = max(self.tally.most_a_minute, minute)

    def _pause(self, now: datetime) -> Response:
        self.tally.pauses += 1
        self.last_pause, self.paused_until = now, now + PAUSE
        if self.kind == "seconds":
            return Response(status=429, headers={"Retry-After": str(int(PAUSE.total_seconds()))})
        return Response(status=503, headers={"Retry-After": format_datetime(self.paused_until, usegmt=True)})

    def _content(self, request: Request, now: datetime) -> Response:
        number = 0 if self.kind == "storm" else (now - START) // STORIES_EVERY
        is_feed = request.path.startswith("/rss")
        version = f"{number}" if is_feed else "page"
        sent = request.headers.get("if-none-match"), request.headers.get("if-modified-since")
        validators = self._validators(version, now)
        is_conditional = sent != (None, None)
        if self.kind not in ("none", "liar") and (
            (is_conditional and self.kind == "storm")
            or sent == (validators.get("ETag"), validators.get("Last-Modified"))
        ):
            self.tally.not_modified += 1
            return Response(status=304, headers=validators)
        self._judge(request.path, version, now, is_conditional=is_conditional)
        body = self._feed(number) if is_feed else _page(request.path)
        kind = "application/rss+xml" if is_feed else "text/html; charset=utf-8"
        return Response(headers={"Content-Type": kind, **validators}, body=body.encode())

    def _judge(self, path: str, version: str, now: datetime, *, is_conditional: bool) -> None:
        self.tally.full += 1
        had, at = self.given.get(path, (None, now))
        self.given[path] = (version, now)
        if had != version:
            return
        if self.kind in ("none", "liar"):
            self.tally.unavoidable += 1
        elif not is_conditional and now - at >= DAY:
            self.tally.daily += 1
        else:
            self.tally.needless += 1

    def _validators(self, version: str, now: datetime) -> dict[str, str]:
        modified = format_datetime(START + timedelta(seconds=len(version)), usegmt=True)
        stamp = {"0": modified, "page": modified}.get(version) or format_datetime(
            START + int(version) * STORIES_EVERY, usegmt=True
        )
        return {
            "none": {},
            "modified": {"Last-Modified": stamp},
            "liar": {"ETag": f'"{now.timestamp()}"'},
            "lifetime": {"ETag": f'"{version}"', "Cache-Control": f"max-age={int(LIFETIME.total_seconds())}"},
        }.get(self.kind, {"ETag": f'W/"{version}"'})

    def _feed(self, number: int) -> str:
        items = "".join(
            f"<item><title>Ministry opens road number {index}</title><link>{self.base}/a/{index}</link></item>"
            for index in range(number + 1)
        )
        return f'<rss version="2.0"><channel><title>{self.kind}</title>{items}</channel></rss>'


def _page(path: str) -> str:
    number = path.rpartition("/")[2]
    return (
        f"<!doctype html><html><head><title>Road {number}</title></head><body><article><h1>Road number {number}</h1>"
        f"<p>The ministry of transport opened road number {number} on Sunday, its spokesman told reporters at the "
        "ceremony.</p><p>The road is to shorten the way between the two towns by half an hour.</p></article>"
        "</body></html>"
    )


KINDS = ("etag", "modified", "storm", "none", "liar", "seconds", "date", "lifetime")


async def measure(hours: float = HOURS, restarts: int = RESTARTS) -> dict[str, int | float]:
    """The servers' notes of so many simulated hours, on the reactor's loop."""
    clock, tally = SimulatedClock(START), Tally()
    with tempfile.TemporaryDirectory(prefix="basewatch-bench-") as folder:
        async with AsyncExitStack() as stack:
            hosts = [Host(kind, clock, tally) for kind in KINDS]
            servers = [await stack.enter_async_context(LoopbackServer(host.answer)) for host in hosts]
            for host, server in zip(hosts, servers, strict=True):
                host.base = server.url
            settings = Settings.model_validate(
                {"contact": "bench@example.org", "crawler": {"allow_hosts": [server.host for server in servers]}}
            )
            outlets = {host.kind: _outlet(host) for host in hosts}
            database = stack.enter_context(open_database(Path(folder) / "bench.db"))
            await _live(settings, outlets, database, clock, START + timedelta(hours=hours), restarts)
            storm = next(host for host in hosts if host.kind == "storm")
            budget = int(hours * 3600 / (FIRST_MOVER_S * (1 - JITTER))) + 3  # and robots.txt twice, and one page
            return _figures(tally, len(storm.requests), budget, restarts, hours)


async def _live(
    settings: Settings,
    outlets: dict[str, Outlet],
    database: Database,
    clock: SimulatedClock,
    end: datetime,
    restarts: int,
) -> None:
    """Poll what is due until ``end``, with the restarts within a minute in the middle."""
    middle = clock.now() + (end - clock.now()) / 2
    restart_at = [middle + timedelta(seconds=6 * number) for number in range(restarts)]
    service = CrawlService(settings, outlets, database, clock)
    try:
        while clock.now() < end:
            await service.run_once()
            due = await database.run_read(lambda session: (sources.next_due_at(session), pages.next_wanted_at(session)))
            soonest = min(instant for instant in (*due, end) if instant is not None)
            if restart_at and soonest >= restart_at[0]:
                soonest = restart_at.pop(0)
                await service.close()
                service = CrawlService(settings, outlets, database, clock)
            clock.set(max(soonest, clock.now() + timedelta(seconds=1)))
    finally:
        await service.close()


def _outlet(host: Host) -> Outlet:
    model = load_outlets()["shafaq"]
    paths = ("/rss", "/rss2") if host.kind in ("seconds", "date") else ("/rss",)
    found = tuple(
        dataclasses.replace(
            model.live_sources[0],
            id=f"{host.kind}{path[1:].replace('rss', '')}",
            outlet=host.kind,
            url=host.base + path,
        )
        for path in paths
    )
    return dataclasses.replace(
        model, slug=host.kind, family=host.kind, sources=found, first_mover=host.kind == "storm", article_url=None
    )


def _figures(tally: Tally, storm: int, budget: int, restarts: int, hours: float) -> dict[str, int | float]:
    return {
        "needless_full_downloads": tally.needless,
        "requests_in_retry_after": tally.in_pause,
        "requests_in_lifetime": tally.in_lifetime,
        "robots_txt_again_within_a_day": tally.robots_again,
        "requests_over_budget_in_304_storm": max(0, storm - budget),
        "most_requests_a_minute_to_one_host": tally.most_a_minute,
        "n_requests": tally.requests,
        "n_requests_in_304_storm": storm,
        "n_budget_in_304_storm": budget,
        "n_not_modified": tally.not_modified,
        "n_full": tally.full,
        "n_full_once_a_day": tally.daily,
        "n_full_unavoidable": tally.unavoidable,
        "n_pauses": tally.pauses,
        "n_restarts": restarts,
        "n_hosts": len(KINDS),
        "simulated_h": hours,
    }


def run(hours: float = HOURS) -> dict[str, int | float]:
    """The politeness report."""
    figures: dict[str, int | float] = {}

    async def main() -> int:
        figures.update(await measure(hours))
        return 0

    run_on_reactor(main)
    return figures
