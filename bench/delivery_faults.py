"""Notices over several channels, one of them faulty; and a channel beside one that never answers."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from pathlib import Path

from sqlalchemy.orm import Session

from alerts.channels import build_channels
from alerts.deliver import DeliveryLoop
from bench.arrivals import Receiver, queue, receiver
from bench.machine import machine
from config.settings import Settings
from core.values import DeliveryState
from storage import deliveries
from storage.engine import Database, open_database

N_NOTICES = 10_000
GOOD = ("one", "two", "three")  #: channels whose receiver accepts everything, beside the flaky one
PACED_S, PACED_PER_S = 15.0, 20  #: the load at which the channels' delay is compared: far from what the machine can do
WITHIN_S = 600.0  #: then what has not arrived is lost


def run(n_notices: int = N_NOTICES, *, paced_s: float = PACED_S) -> dict[str, str | int | float]:
    """The figures of ``basewatch bench delivery-faults``."""
    with receiver() as found, tempfile.TemporaryDirectory(prefix="basewatch-bench-") as folder:
        queued, dead = asyncio.run(_load(Path(folder) / "faults.db", found, n_notices))
    with receiver() as other, tempfile.TemporaryDirectory(prefix="basewatch-bench-") as folder:
        alone = asyncio.run(_paced(Path(folder) / "alone.db", other, paced_s, broken=False))
        beside = asyncio.run(_paced(Path(folder) / "beside.db", other, paced_s, broken=True))
    paths = ("/good", "/flaky")
    counts = [found.count(path, queued[path]) for path in paths]
    return {
        "lost": sum(lost for lost, _, _ in counts),
        "doubled_under_one_id": sum(doubled for _, doubled, _ in counts),
        "double_ids": sum(two for _, _, two in counts),
        "dead": dead,
        "p95_alone_s": round(alone, 4),
        "p95_beside_broken_s": round(beside, 4),
        "p95_ratio": round(beside / alone, 2),
        "n_notices": n_notices,
        "n_channels": len(GOOD) + 1,
        **machine(),
    }


def _settings(found: Receiver, channels: dict[str, str]) -> Settings:
    """Channels by name and path, with waits short enough for a bench."""
    delivery = {"allow_hosts": [found.host], "retry_schedule_s": [0.2, 0.5, 1, 2], "interval_s": 0.5}
    named = {name: found.channel(path) for name, path in channels.items()}
    return Settings.model_validate({"delivery": delivery, "channels": named})


async def _load(path: Path, found: Receiver, n_notices: int) -> tuple[dict[str, list[str]], int]:
    """Send them all, a quarter to each channel; what was queued for each path, and how many were given up."""
    settings = _settings(found, {**dict.fromkeys(GOOD, "/good"), "flaky": "/flaky"})
    queued: dict[str, list[str]] = {"/good": [], "/flaky": []}
    with open_database(path) as database:
        share = n_notices // (len(GOOD) + 1)
        for name in GOOD:
            queued["/good"] += queue(database, share, [name])
        queued["/flaky"] = queue(database, n_notices - share * len(GOOD), ["flaky"])
        await _deliver(database, settings)
        with database.read() as session:
            dead = deliveries.list_deliveries(session, states=(DeliveryState.DEAD,), limit=n_notices)
    return queued, len(dead)


async def _paced(path: Path, found: Receiver, seconds: float, *, broken: bool) -> float:
    """The 95th percentile of seconds from a notice's creation to its acceptance on a good channel, at an even load."""
    channels = {"one": "/good"} | ({"broken": "/silent"} if broken else {})
    settings = _settings(found, channels)
    with open_database(path) as database:
        stop, made = asyncio.Event(), build_channels(settings)
        loop = DeliveryLoop(database, made, settings)
        running = asyncio.create_task(loop.run(stop))
        for _ in range(int(seconds * PACED_PER_S)):
            await asyncio.to_thread(queue, database, 1, list(channels))
            loop.wake()
            await asyncio.sleep(1 / PACED_PER_S)
        await asyncio.sleep(1)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        for one in made.values():
            await one.aclose()
        with database.read() as session:
            sent = deliveries.list_deliveries(session, channel="one", states=(DeliveryState.SENT,), limit=100_000)
    took = [(row.sent_at - row.created_at).total_seconds() for row in sent if row.sent_at is not None]
    return statistics.quantiles(took, n=20)[-1]


async def _deliver(database: Database, settings: Settings) -> None:
    """Run the delivery loop until nothing is on its way any more."""
    stop, made = asyncio.Event(), build_channels(settings)
    loop = DeliveryLoop(database, made, settings)
    running = asyncio.create_task(loop.run(stop))
    async with asyncio.timeout(WITHIN_S):
        while not await database.run_read(is_settled):  # noqa: ASYNC110 - asked of the database, which has no event
            await asyncio.sleep(0.2)
    stop.set()
    loop.wake()
    await running
    for one in made.values():
        await one.aclose()


def is_settled(session: Session) -> bool:
    """Whether nothing is on its way any more."""
    open_states = (DeliveryState.PENDING, DeliveryState.SENDING)
    return not deliveries.list_deliveries(session, states=open_states, limit=1)
