"""Every job of the daemon's schedule is safe when it comes late, twice at once, or is cut short."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from basewatch.daemon import Daemon
from config.settings import Settings
from core.clock import Clock, utc_now
from storage.engine import Database
from tests.storage.builders import incident_with_report, queued


def fill(database: Database) -> None:
    with database.write() as session:
        queued(session, incident_with_report(session), "console")


def test_each_job_may_be_doubled_cut_short_and_months_late(sqlite_path: Path, tmp_path: Path) -> None:
    late = timedelta()
    clock = Clock(now=lambda: utc_now() + late)

    async def scenario() -> list[str]:
        nonlocal late
        settings = {"data_dir": str(tmp_path), "database": str(sqlite_path), "page": {"enabled": False}}
        daemon = Daemon(Settings.model_validate(settings), clock=clock)
        try:
            fill(daemon.database)
            daemon.chores.plan()
            for _, job in daemon.scheduler.jobs.values():
                await asyncio.gather(job(), job())
                cut_short = asyncio.ensure_future(job())
                await asyncio.sleep(0)
                cut_short.cancel()
                with suppress(asyncio.CancelledError):
                    await cut_short
                await job()
            late = timedelta(days=90)
            for _, job in daemon.scheduler.jobs.values():
                await job()
            assert daemon.database.problems() == []
            return list(daemon.scheduler.jobs)
        finally:
            await daemon.close()

    jobs = asyncio.run(scenario())
    assert {"classify", "deliver", "reach", "housekeeping", "wal", "disk"} <= set(jobs)
