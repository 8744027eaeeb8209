"""Ticks survive a busy loop, never overlap, and say when they fail."""

import asyncio
import logging

import pytest

from basewatch.schedule import Scheduler
from core.errors import StorageError


def test_a_job_whose_loop_was_busy_past_its_time_still_runs() -> None:
    async def scenario() -> int:
        ran: list[float] = []
        done = asyncio.Event()

        async def job() -> None:
            ran.append(asyncio.get_running_loop().time())
            done.set()

        scheduler = Scheduler()
        scheduler.every(0.2, "tick", job)
        scheduler.start()
        import time

        time.sleep(1.6)  # the loop is blocked: the default grace of 1 s would drop the run
        await asyncio.wait_for(done.wait(), 30)
        scheduler.stop()
        return len(ran)

    assert asyncio.run(scenario()) >= 1


def test_a_failing_job_is_counted_and_runs_again() -> None:
    async def scenario() -> int:
        second = asyncio.Event()
        tries: list[int] = []

        async def job() -> None:
            tries.append(1)
            if len(tries) == 2:
                second.set()
            raise RuntimeError("the job's own fault")

        scheduler = Scheduler()
        scheduler.every(0.05, "doomed", job)
        scheduler.start()
        await asyncio.wait_for(second.wait(), 30)
        await asyncio.sleep(0)
        scheduler.stop()
        return scheduler.counts["doomed", "failed"]

    assert asyncio.run(scenario()) >= 1


def test_a_slow_job_is_never_overtaken_by_itself() -> None:
    async def scenario() -> tuple[int, int]:
        running = most = 0
        gate = asyncio.Event()
        skipped = asyncio.Event()

        async def job() -> None:
            nonlocal running, most
            running += 1
            most = max(most, running)
            await gate.wait()
            running -= 1

        scheduler = Scheduler()
        scheduler.every(0.05, "slow", job)
        scheduler.start()

        async def until_skipped() -> None:
            while not scheduler.counts["slow", "skipped"]:
                await asyncio.sleep(0.01)
            skipped.set()

        await asyncio.wait_for(until_skipped(), 30)
        gate.set()
        scheduler.stop()
        return most, scheduler.counts["slow", "skipped"]

    most, skipped = asyncio.run(scenario())
    assert most == 1
    assert skipped >= 1


def test_the_same_failure_is_told_once_and_its_end_too(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        well = asyncio.Event()
        tries: list[int] = []

        async def job() -> None:
            tries.append(1)
            if len(tries) < 5:
                raise StorageError("The disk is full.")
            well.set()

        scheduler = Scheduler()
        scheduler.every(0.02, "house", job)
        scheduler.start()
        await asyncio.wait_for(well.wait(), 30)
        while "works again" not in caplog.text:
            await asyncio.sleep(0.01)
        scheduler.stop()

    with caplog.at_level(logging.INFO, logger="basewatch"):
        asyncio.run(asyncio.wait_for(scenario(), 10))
    assert [record.levelname for record in caplog.records if record.name == "basewatch.schedule"] == ["WARNING", "INFO"]
