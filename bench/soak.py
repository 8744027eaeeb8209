"""Thirty days in minutes: the daemon's own parts under a simulated clock, outlets and a receiver that fail at random.

Every thirty simulated minutes each source is polled, what it brought is classified, matched and sent, and every job of
the schedule runs whose interval has passed. Outlets answer 503, garbage, half a body, 304 or nothing; the receiver
refuses a tenth. Attacks are planted, each told by three outlets: each must arrive as one new notice.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from basewatch.daemon import Daemon
from bench.latency import SECRET
from bench.machine import machine, resident_mib
from bench.soak_world import START, STEP
from config.settings import load_settings
from core.clock import Clock
from core.errors import BasewatchError
from crawler.reactor import run_on_reactor
from storage import housekeeping, sources

DAYS, SOURCES = 30, 50
A_DAY = int(timedelta(days=1) / STEP)
SETTLE = 8  #: steps after the last day without new items: what is retried arrives

CONFIG = """
data_dir = "{folder}"
config_dir = "{folder}"
contact = "bench@example.org"
[crawler]
interval_s = 1500
min_interval_s = 1500
max_interval_s = 1500
timeout_s = 0.5
per_host_per_minute = 600
outlets_only = {slugs}
allow_hosts = {hosts}
[delivery]
allow_hosts = ["{hook}"]
[log]
level = "error"
[channels.hook]
kind = "webhook"
url = "http://{hook}/hook"
secrets = ["{secret}"]
"""

OUTLET = """
[[outlet]]
slug = "{slug}"
name = "Soak {slug}"
family = "{slug}"
leaning = "unknown"
languages = ["en"]
country = "IQ"
time_zone = "Asia/Baghdad"
home = "http://{host}/"
[[outlet.source]]
kind = "feed"
lang = "en"
url = "http://{host}/rss"
confidence = "G"
"""


class LeapingClock(Clock):
    """Runs as fast as the real one, and leaps forward when told to."""

    def __init__(self, start: datetime) -> None:
        self._start, self._began, self._leapt = start, time.monotonic(), 0.0
        super().__init__(now=lambda: start + timedelta(seconds=self._s()), monotonic=self._s)

    def leap_to(self, instant: datetime) -> None:
        """Be there at once; never back."""
        self._leapt += max(0.0, (instant - self.now()).total_seconds())

    def _s(self) -> float:
        return time.monotonic() - self._began + self._leapt


@dataclass(slots=True)
class World:
    """The process that plays the outlets and the receiver."""

    process: subprocess.Popen[str]
    hook: str = ""
    hosts: list[str] = field(default_factory=list)
    plan: dict[str, int] = field(default_factory=dict)

    @classmethod
    def begin(cls, n_sources: int, steps: int) -> World:
        command = [sys.executable, "-m", "bench.soak_world", str(n_sources), str(steps)]
        world = cls(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        told = json.loads(world._line())
        world.hook, world.hosts, world.plan = told["hook"], told["hosts"], told["plan"]
        return world

    def set(self, instant: datetime) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(instant.isoformat() + "\n")
        self.process.stdin.flush()
        self._line()

    def end(self) -> tuple[dict[str, list[str]], dict[str, int]]:
        """Message ids of new notices by site, and the faults that were dealt out."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        told = json.loads(self._line())
        self.process.wait(10)
        return told["arrived"], told["faults"]

    def _line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise BasewatchError("the outlets of the soak ended by themselves")
        return line


@dataclass(slots=True)
class Watched:
    """What is measured on the way."""

    memory: list[float] = field(default_factory=list)  #: MiB at the end of each day
    wal_bytes: int = 0
    jobs_run: int = 0
    jobs_failed: int = 0


def run(days: int = DAYS, n_sources: int = SOURCES) -> dict[str, str | int | float]:
    """The figures of ``basewatch bench soak``."""
    logging.disable(logging.ERROR)
    began = time.monotonic()
    world = World.begin(n_sources, days * A_DAY)
    try:
        with tempfile.TemporaryDirectory(prefix="basewatch-bench-") as name:
            figures = run_on_reactor(lambda: _live(world, _config(Path(name), world), days))
        arrived, faults = world.end()
    finally:
        logging.disable(logging.NOTSET)
        world.process.kill()
        world.process.wait()
    return {
        "simulated_days": days,
        "seconds_s": round(time.monotonic() - began, 1),
        **figures,
        "n_attacks": len(world.plan),
        "attacks_lost": sum(not arrived.get(site) for site in world.plan),
        "attacks_alerted_twice": sum(len(set(ids)) > 1 for ids in arrived.values()),
        "alerts_of_nothing": len(arrived.keys() - world.plan.keys()),
        **{f"n_{what}": count for what, count in sorted(faults.items())},
        **machine(),
    }


def _config(folder: Path, world: World) -> Path:
    slugs = [f"soak-{number:02}" for number in range(len(world.hosts))]
    (folder / "outlets").mkdir()
    text = "".join(OUTLET.format(slug=slug, host=host) for slug, host in zip(slugs, world.hosts, strict=True))
    (folder / "outlets" / "soak.toml").write_text(text, encoding="utf-8")
    path = folder / "basewatch.toml"
    path.write_text(
        CONFIG.format(
            folder=folder, slugs=json.dumps(slugs), hosts=json.dumps(world.hosts), hook=world.hook, secret=SECRET
        ),
        encoding="utf-8",
    )
    path.chmod(0o600)
    return path


async def _live(world: World, config: Path, days: int) -> dict[str, str | int | float]:
    clock, watched = LeapingClock(START), Watched()
    daemon = Daemon(load_settings(config), clock=clock)
    daemon.chores.plan()
    last_run = dict.fromkeys(daemon.scheduler.jobs, START)
    steps = days * A_DAY + SETTLE
    try:
        for step in range(steps):
            instant = START + step * STEP
            world.set(min(instant, START + (days * A_DAY - 1) * STEP))
            clock.leap_to(instant)
            await daemon.crawler.run_once()
            await daemon.classify_all()
            await daemon.delivery.run_once()
            await _run_jobs(daemon, last_run, watched)
            await daemon.delivery.run_once()
            watched.wal_bytes = max(watched.wal_bytes, daemon.database.wal_bytes())
            if step % A_DAY == A_DAY - 1:
                watched.memory.append(_memory(world))
        return _figures(daemon, watched, steps)
    finally:
        await daemon.close()


async def _run_jobs(daemon: Daemon, last_run: dict[str, datetime], watched: Watched) -> None:
    """Every job of the schedule whose interval has passed, as its own tick would."""
    now = daemon.clock.now()
    for name, (seconds, job) in daemon.scheduler.jobs.items():
        if (now - last_run[name]).total_seconds() >= seconds:
            last_run[name] = now
            watched.jobs_run += 1
            try:
                await job()
            except Exception:  # noqa: BLE001 - counted: the soak is about what goes on all the same
                watched.jobs_failed += 1


def _memory(world: World) -> float:
    """MiB of this process and its page reader, without the outlets."""
    return resident_mib(os.getpid()) - resident_mib(world.process.pid)


def _figures(daemon: Daemon, watched: Watched, steps: int) -> dict[str, str | int | float]:
    with daemon.database.read() as session:
        states = sources.source_states(session)
        counts = housekeeping.counts(session, daemon.clock.now())
    missed = sum(max(0, steps - state.polls_total) for state in states)
    first = watched.memory[0] if watched.memory else 0.0
    last = watched.memory[-1] if watched.memory else 0.0
    return {
        "n_polls": sum(state.polls_total for state in states),
        "polls_missed": missed,
        "n_articles": counts.articles,
        "n_incidents": counts.incidents,
        "unclassified": counts.unclassified,
        "parked": counts.parked,
        "deliveries_waiting": counts.deliveries["pending"] + counts.deliveries["sending"],
        "n_jobs_run": watched.jobs_run,
        "jobs_failed": watched.jobs_failed,
        "rss_mib_day_1": round(first, 1),
        "rss_mib_last_day": round(last, 1),
        "rss_mib_most": round(max(watched.memory, default=0.0), 1),
        "rss_growth_percent": round(100 * (last - first) / first, 1) if first else 0.0,
        "wal_mib_most": round(watched.wal_bytes / 2**20, 1),
        "database_problems": len(daemon.database.problems()),
    }
