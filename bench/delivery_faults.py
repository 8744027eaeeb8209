"""Notices over every kind of channel to faulty receivers; and healthy channels beside one that never answers."""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.orm import Session

from alerts.channels import build_channels
from alerts.deliver import DeliveryLoop
from bench.arrivals import SECRET, queue
from bench.faulty_chats import FAULTS, GOOD
from bench.machine import machine
from config.settings import Settings
from core.clock import utc_now
from core.values import DeliveryState
from storage import deliveries
from storage.engine import Database, open_database

N_NOTICES = 10_000
KINDS = (*GOOD, "email")
DEADLINE_S = 2.0  #: of an attempt; the receivers' slowness is measured against it
DOWN_S = 2.0  #: for which all receivers are down at first
PACED_S, PACED_PER_S = 40.0, 2  #: of the comparison: notices a second, each to nine measured channels and a tenth
ROUNDS = 4  #: of it, in turn with a tenth channel that answers and with one that never does
TENTH = "tenth"
WITHIN_S = 1_800.0  #: then what has not arrived is lost


@dataclass(slots=True)
class Receivers:
    """The running receivers; what they took is filled in when they have ended."""

    http: str
    smtp_port: int
    accepted: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)

    def channel(self, kind: str, way: str) -> dict[str, object]:
        """The settings of a channel of this kind; ``way``: "faulty", "good" or "silent"."""
        url = f"http://{self.http}/{way}/{kind}"
        own: dict[str, dict[str, object]] = {
            "webhook": {"url": url, "secrets": [SECRET]},
            "slack_bot": {"url": url, "token": "x", "channel": "C1"},
            "telegram": {"url": url, "token": "x", "chat": "-1001"},
            "matrix": {"url": url, "token": "x", "room": "!r:x.example"},
            "ntfy": {"url": f"{url}/topic"},
            "email": {
                "host": "127.0.0.1", "port": self.smtp_port, "starttls": "off-insecure", "from": "b@x.example",
                "to": ["desk@x.example"],
            },
        }  # fmt: skip
        return {"kind": kind, **own.get(kind, {"url": url})}


def run(n_notices: int = N_NOTICES, *, paced_s: float = PACED_S) -> dict[str, str | int | float]:
    """The figures of ``basewatch bench delivery-faults``."""
    with receivers(DOWN_S) as found, tempfile.TemporaryDirectory(prefix="basewatch-bench-") as folder:
        queued, figures = asyncio.run(_load(Path(folder) / "faults.db", found, n_notices))
    ids = [found.accepted.get(kind, {}).get(notice, []) for kind, notices in queued.items() for notice in notices]
    with receivers(0.0) as other, tempfile.TemporaryDirectory(prefix="basewatch-bench-") as folder:
        healthy, beside = asyncio.run(_compared(Path(folder), other, paced_s))
    return {
        "lost": sum(not one for one in ids),
        "doubled_under_one_id": sum(len(one) > 1 and len(set(one)) == 1 for one in ids),
        "double_ids": sum(len(set(one)) > 1 for one in ids),
        **figures,
        **{f"met_{fault.replace(' ', '_')}": found.faults.get(fault, 0) for fault in FAULTS},
        "p95_beside_healthy_s": round(healthy, 4),
        "p95_beside_broken_s": round(beside, 4),
        "p95_ratio": round(beside / healthy, 2),
        "n_notices": n_notices,
        "n_channels": len(KINDS),
        **machine(),
    }


@contextmanager
def receivers(down_s: float) -> Iterator[Receivers]:
    """Receivers of every kind, in a process of their own."""
    command = [sys.executable, "-m", "bench.faulty_chats", str(down_s)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    http, smtp = process.stdout.readline().split()
    found = Receivers(http=f"127.0.0.1:{http}", smtp_port=int(smtp))
    try:
        yield found
    finally:
        told, _ = process.communicate("")
        if told:
            found.accepted, found.faults = json.loads(told)["accepted"], json.loads(told)["faults"]


def _settings(found: Receivers, channels: dict[str, dict[str, object]], **delivery: object) -> Settings:
    delivery["allow_hosts"] = [found.http, "127.0.0.1"]
    return Settings.model_validate({"delivery": delivery, "channels": channels})


async def _load(path: Path, found: Receivers, n_notices: int) -> tuple[dict[str, list[str]], dict[str, int | float]]:
    """Send them all, a tenth to each channel, then send again by hand what became a dead letter (a redirect does, with
    every channel); the notices queued for each, and what was counted."""
    channels = {kind: found.channel(kind, "faulty") for kind in KINDS}
    # waits short enough for a bench
    settings = _settings(found, channels, retry_schedule_s=[0.2, 0.5, 1, 2], interval_s=0.5, deadline_s=DEADLINE_S)
    queued: dict[str, list[str]] = {}
    with open_database(path) as database:
        for position, kind in enumerate(KINDS):
            share = n_notices * (position + 1) // len(KINDS) - n_notices * position // len(KINDS)
            queued[kind] = queue(database, share, [kind])
        started = utc_now()
        await _deliver(database, settings)
        with database.write() as session:
            dead = deliveries.list_deliveries(session, states=(DeliveryState.DEAD,), limit=n_notices)
            for row in dead:
                deliveries.retry(session, row.id, utc_now())
        await _deliver(database, settings)
        with database.read() as session:
            still = deliveries.list_deliveries(session, states=(DeliveryState.DEAD,), limit=n_notices)
    return queued, {
        "dead_letters_sent_again": len(dead),
        "dead": len(still),
        "took_s": round((utc_now() - started).total_seconds(), 1),
    }


async def _compared(folder: Path, found: Receivers, seconds: float) -> tuple[float, float]:
    """The 95th percentiles beside a tenth channel that answers and beside one that never does, measured in turn: the
    machine's own load, and the work of ten channels, hit both."""
    took: dict[bool, list[float]] = {False: [], True: []}
    for number in range(2 * ROUNDS):
        broken = number % 2 == 1
        took[broken] += await _paced(folder / f"{number}.db", found, seconds / ROUNDS, broken=broken)
    return statistics.quantiles(took[False], n=20)[-1], statistics.quantiles(took[True], n=20)[-1]


async def _paced(path: Path, found: Receivers, seconds: float, *, broken: bool) -> list[float]:
    """Seconds from a notice's creation to its acceptance on the nine channels, at an even load."""
    channels = {kind: found.channel(kind, "good") for kind in GOOD}
    channels[TENTH] = found.channel("webhook", "silent" if broken else "good")
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
            sent = deliveries.list_deliveries(session, states=(DeliveryState.SENT,), limit=100_000)
    nine = [row for row in sent if row.channel != TENTH]
    return [(row.sent_at - row.created_at).total_seconds() for row in nine if row.sent_at is not None]


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
