"""Clocks that are set, a machine that sleeps, and summer time: no job stands still for longer than its interval."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo

import apscheduler.schedulers.base
import pytest

from basewatch.schedule import BLIND_S, Break, Clocks, Scheduler, break_between, span
from core.clock import Clock

START = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)


class Machine:
    """A machine whose three clocks a test moves; time runs on by itself besides."""

    def __init__(self) -> None:
        self.stepped = timedelta()
        self.slept = 0.0
        self.told: list[tuple[str, str, object]] = []

    def now(self) -> datetime:
        return datetime.now(UTC) + self.stepped + timedelta(seconds=self.slept)

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    def boot(self) -> float:
        return self.monotonic() + self.slept

    def scheduler(self) -> Scheduler:
        return Scheduler(
            Clock(now=self.now, monotonic=self.monotonic), tell=lambda *told: self.told.append(told), boot=self.boot
        )


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """APScheduler asks the system for the time; here it asks this machine."""
    one = Machine()

    class ItsTime(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return one.now().astimezone(tz)

    monkeypatch.setattr(apscheduler.schedulers.base, "datetime", ItsTime)
    monkeypatch.setattr("apscheduler.triggers.interval.datetime", ItsTime)
    return one


def clocks(wall_s: float, running_s: float, boot_s: float) -> Clocks:
    return Clocks(START + timedelta(seconds=wall_s), running_s, boot_s)


@pytest.mark.parametrize(
    ("after", "found"),
    [
        (clocks(5, 5, 5), None),
        (clocks(6, 5, 5), None),  # a clock that is slewed drifts, and nothing is wrong
        (clocks(28_805, 5, 28_805), Break(28_800, 0)),
        (clocks(7_205, 5, 5), Break(0, 7_200)),
        (clocks(-7_195, 5, 5), Break(0, -7_200)),
        (clocks(3_605, 5, 7_205), Break(7_200, -3_600)),  # it slept, and woke with a wrong clock
    ],
)
def test_a_sleep_and_a_step_are_told_apart(after: Clocks, found: Break | None) -> None:
    assert break_between(clocks(0, 0, 0), after) == found


async def until(happened: asyncio.Event) -> None:
    await asyncio.wait_for(happened.wait(), 30)
    happened.clear()


@pytest.mark.parametrize("hours", [-2, 2])
def test_a_clock_that_is_set_stalls_no_job(machine: Machine, hours: int, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> Scheduler:
        ran, runs = asyncio.Event(), 0

        async def job() -> None:
            nonlocal runs
            runs += 1
            ran.set()

        scheduler = machine.scheduler()
        scheduler.every(0.1, "tick", job)
        scheduler.start()
        await until(ran)
        machine.stepped = timedelta(hours=hours)
        scheduler.look_at_clocks()
        before = runs
        await until(ran)
        assert runs - before <= 2, "one run catches up, not one for every tick"
        await until(ran)
        scheduler.stop()
        return scheduler

    with caplog.at_level(logging.WARNING):
        scheduler = asyncio.run(scenario())
    assert (scheduler.breaks["stepped"], scheduler.breaks["slept"]) == (1, 0)
    assert f"set {'forward' if hours > 0 else 'back'} by 2 h 0 min" in caplog.text


def test_without_a_look_at_the_clocks_a_clock_set_back_would_stall_it(machine: Machine) -> None:
    """The fault that the look mends, so that a new APScheduler which mends it itself is noticed."""

    async def scenario() -> bool:
        ran = asyncio.Event()

        async def job() -> None:
            ran.set()

        scheduler = machine.scheduler()
        scheduler.every(0.1, "tick", job)
        scheduler.start()
        await until(ran)
        machine.stepped = timedelta(hours=-2)
        await asyncio.sleep(0.15)  # the run that was planned before the step
        ran.clear()
        await asyncio.sleep(0.4)
        scheduler.stop()
        return ran.is_set()

    assert not asyncio.run(scenario())


def test_after_eight_hours_of_sleep_a_job_runs_once_and_the_operator_hears_of_it(machine: Machine) -> None:
    async def scenario() -> tuple[int, int]:
        runs: list[datetime] = []
        ran = asyncio.Event()

        async def job() -> None:
            runs.append(machine.now())
            ran.set()

        scheduler = machine.scheduler()
        scheduler.every(300, "hourly", job)  # 96 of its ticks fall into the sleep
        scheduler.start()
        machine.slept = 8 * 3600.0
        scheduler.look_at_clocks()
        await until(ran)
        await asyncio.sleep(0.05)
        scheduler.stop()
        return len(runs), scheduler.breaks["slept"]

    assert asyncio.run(scenario()) == (1, 1)
    ((word, text, _),) = machine.told
    assert word == "slept"
    assert "8 h 0 min" in text


def test_a_short_nap_is_logged_and_not_told(machine: Machine) -> None:
    async def scenario() -> None:
        scheduler = machine.scheduler()
        scheduler.look_at_clocks()
        machine.slept = BLIND_S / 2
        assert scheduler.look_at_clocks() is not None

    asyncio.run(scenario())
    assert machine.told == []


def test_a_busy_loop_is_counted_as_missed_runs(machine: Machine) -> None:
    async def scenario() -> int:
        import time

        ran = asyncio.Event()

        async def job() -> None:
            ran.set()

        scheduler = machine.scheduler()
        scheduler.every(0.1, "tick", job)
        scheduler.start()
        await until(ran)
        time.sleep(0.9)
        await until(ran)
        scheduler.stop()
        return scheduler.counts["tick", "missed"]

    assert asyncio.run(scenario()) >= 3


def test_three_failures_in_a_row_are_told_once(machine: Machine) -> None:
    async def scenario() -> None:
        enough = asyncio.Event()
        runs = 0

        async def job() -> None:
            nonlocal runs
            runs += 1
            if runs == 6:
                enough.set()
            raise RuntimeError("the job's own fault")

        scheduler = machine.scheduler()
        scheduler.every(0.03, "doomed", job)
        scheduler.start()
        await until(enough)
        await asyncio.sleep(0.01)
        scheduler.stop()

    asyncio.run(scenario())
    assert [word for word, *_ in machine.told] == ["job-trouble"]


@pytest.mark.parametrize("day", [datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)])
def test_a_day_on_which_summer_time_begins_or_ends_has_its_ticks_all_the_same(day: datetime) -> None:
    """Intervals count in UTC: the hour that is left out or comes twice in Berlin changes nothing."""

    async def plan() -> list[datetime]:
        scheduler = Scheduler()

        async def job() -> None: ...

        scheduler.every(1800, "half-hourly", job)
        trigger = scheduler.trigger("half-hourly")
        times = [day]
        while times[-1] < day + timedelta(days=1):
            times.append(trigger(times[-1]))
        return times

    times = asyncio.run(plan())
    assert {after - before for before, after in pairwise(times)} == {timedelta(minutes=30)}
    local = [one.astimezone(ZoneInfo("Europe/Berlin")).utcoffset() for one in times]
    assert len(set(local)) == 2, "the day is one on which the clocks change"


def test_spans_read_as_people_say_them() -> None:
    assert [span(12), span(-2400), span(28_920)] == ["12 s", "40 min", "8 h 2 min"]
