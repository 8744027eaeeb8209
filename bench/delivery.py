"""Notices through the outbox to a loopback webhook: queued, claimed, signed, sent, answered and recorded."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from alerts.channels import build_channels
from alerts.deliver import DeliveryLoop
from bench.machine import machine
from config.settings import Settings
from core.clock import utc_now
from core.documents import IncidentPart, NoticeDocument, NoticePart
from core.values import NoticeKind, Severity, Status
from storage import deliveries, incidents
from storage.engine import Database, open_database
from storage.values import IncidentSeed

N_NOTICES = 1_000
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  #: a fixed key of the bench's own receiver


def run(n_notices: int = N_NOTICES) -> dict[str, str | int | float]:
    """The figures of ``basewatch bench delivery``."""
    receiver = subprocess.Popen(
        [sys.executable, "-m", "bench.receiver"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert receiver.stdout is not None
    host = f"127.0.0.1:{receiver.stdout.readline().strip()}"
    try:
        with tempfile.TemporaryDirectory(prefix="basewatch-bench-") as folder:
            figures = asyncio.run(_measure(Path(folder) / "bench.db", host, n_notices))
    finally:
        told, _ = receiver.communicate("")
    arrived = json.loads(told)
    return {
        **figures,
        "lost": n_notices - arrived["ids"],
        "double_ids": arrived["arrived"] - arrived["ids"],
        "n_notices": n_notices,
        **machine(),
    }


async def _measure(path: Path, host: str, n_notices: int) -> dict[str, str | int | float]:
    channel = {"kind": "webhook", "url": f"http://{host}/hook", "secrets": [SECRET]}
    settings = Settings.model_validate({"delivery": {"allow_hosts": [host]}, "channels": {"hook": channel}})
    with open_database(path) as database:
        _queue(database, n_notices)
        channels = build_channels(settings)
        loop = DeliveryLoop(database, channels, settings)
        commits, started, cpu = database.writer.counters.commits, time.perf_counter(), time.process_time()
        await loop.run_once()
        took_s, cpu_s = time.perf_counter() - started, time.process_time() - cpu
        for one in channels.values():
            await one.aclose()
        return {
            "notices_per_s": round(n_notices / took_s, 1),
            "commits_per_s": round((database.writer.counters.commits - commits) / took_s, 1),
            "cpu_ms_per_notice": round(1000 * cpu_s / n_notices, 2),
        }


def _queue(database: Database, n_notices: int) -> None:
    """One incident a notice, so that none waits for another."""
    now = utc_now()
    notice = NoticePart(id="", number=0, kind=NoticeKind.NEW, reason="new-incident", ring=True, created_at=now)
    part = IncidentPart(id="", status=Status.REPORTED, severity=Severity.S3, base="erbil-airbase", first_seen_at=now)
    document = NoticeDocument(notice=notice, incident=part).to_json()
    seed = IncidentSeed(status=Status.REPORTED, severity=Severity.S3, base="erbil-airbase", first_seen_at=now)
    with database.write() as session:
        for _ in range(n_notices):
            incident = incidents.create_incident(session, seed, now)
            ref = incidents.add_notice(session, incident, NoticeKind.NEW, "new-incident", True, False, document, now)
            deliveries.enqueue(session, ref.id, ["hook"], now)
