"""The ticks of the daemon: APScheduler 3.11 with, in one place, the settings that a process for months needs.

The scheduler only ticks. What is due is decided by the database and the clock, so that a late, doubled or lost tick
changes nothing but the time of the next look. APScheduler counts on the wall clock: where that is set back, its jobs
would stand still for as long, so we look at the clocks ourselves every few seconds and plan them anew.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_EXECUTED,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
    EVENT_JOB_SUBMITTED,
    JobEvent,
)
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from alerts.system import News, Params
from core.clock import Clock
from core.values import TextReason

log = logging.getLogger(__name__)

_EVENT_NAMES = {EVENT_JOB_ERROR: "failed", EVENT_JOB_MAX_INSTANCES: "skipped", EVENT_JOB_MISSED: "missed"}
_WORDS = {"failed": "failed", "skipped": "was skipped: its last run is not done", "missed": "ran late"}
LOOK_EVERY_S = 5.0  #: between two looks at the clocks: after a suspend everything runs again within so long
STEP_S = 2.0  #: two clocks that drift apart by more than this between two looks: one was set, or the machine slept
IN_A_ROW = 3  #: failed or skipped runs of one job after which the operator is told
LATE_S = 0.5  #: a run that starts later than this fell behind
BLIND_S = 600.0  #: a sleep of this length is told: nothing was checked for as long


def boot_time() -> float:
    """Seconds that go on while the machine is suspended; where the system has no such clock, the monotonic one."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


@dataclass(frozen=True, slots=True)
class Clocks:
    """Three clocks at one moment."""

    wall: datetime
    running_s: float  #: stands still while the machine is suspended
    boot_s: float  #: goes on while it is


@dataclass(frozen=True, slots=True)
class Break:
    """What happened between two looks at the clocks beside the passing of time."""

    slept_s: float
    stepped_s: float  #: by which the wall clock was set forward, or back where negative


def break_between(before: Clocks, after: Clocks) -> Break | None:
    """A suspend or a step of the wall clock of more than STEP_S; None where time just went by."""
    running = after.running_s - before.running_s
    boot = after.boot_s - before.boot_s
    slept, stepped = boot - running, (after.wall - before.wall).total_seconds() - boot
    found = Break(slept if slept > STEP_S else 0.0, stepped if abs(stepped) > STEP_S else 0.0)
    return found if found.slept_s or found.stepped_s else None


class Scheduler:
    """Named jobs at fixed intervals; ``counts`` holds what went wrong as ``(job, "failed"|"skipped"|"missed")``.

    ``tell`` gets a reason, a sentence for the operator and what it was made of: trouble that lasts, and hours that
    were slept through.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        tell: Callable[[TextReason, str, Params], None] = lambda *_: None,
        boot: Callable[[], float] = boot_time,
    ) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.breaks: Counter[str] = Counter({"slept": 0, "stepped": 0})  #: of the clocks
        self.jobs: dict[str, tuple[float, Callable[[], Awaitable[None]]]] = {}  #: name -> seconds, job
        self._clock, self._tell, self._boot = clock or Clock(), tell, boot
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={
                "misfire_grace_time": None,  # the default of 1 s drops a run whenever the loop was busy (measured)
                "coalesce": True,  # after a suspend one catch-up run, not one for every tick that was slept through
                "max_instances": 1,  # a slow run is never overtaken by itself
            },
        )
        self._told: dict[str, str] = {}  #: job -> the failure told last
        self._row: Counter[str] = Counter()  #: job -> failed or skipped runs in a row
        self._begun: dict[str, float] = {}  #: job -> running seconds at its last start
        self._seen: Clocks | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._scheduler.add_listener(self._record, EVENT_JOB_ERROR | EVENT_JOB_MAX_INSTANCES | EVENT_JOB_MISSED)
        self._scheduler.add_listener(self._worked, EVENT_JOB_EXECUTED)
        self._scheduler.add_listener(self._started, EVENT_JOB_SUBMITTED)

    def every(self, seconds: float, name: str, job: Callable[[], Awaitable[None]]) -> None:
        """Run ``job`` each ``seconds``, the first time after one interval. It must be safe when late or doubled."""
        self.jobs[name] = (seconds, job)
        self._scheduler.add_job(job, IntervalTrigger(seconds=seconds, timezone=UTC), id=name, name=name)

    def trigger(self, name: str) -> Callable[[datetime], datetime]:
        """When the job runs after a run at a given instant, clocks left alone."""
        trigger = self._scheduler.get_job(name).trigger

        def following(previous: datetime) -> datetime:
            found = trigger.get_next_fire_time(previous, previous)
            assert isinstance(found, datetime)  # an interval has no end
            return found

        return following

    def start(self) -> None:
        self._scheduler.start()
        self._look_again()

    def stop(self) -> None:
        """No run starts any more; a running one goes on until its own end."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def look_at_clocks(self) -> Break | None:
        """Plan anew where a clock was set or the machine slept; what was found."""
        now = Clocks(self._clock.now(), self._clock.monotonic(), self._boot())
        before, self._seen = self._seen, now
        found = break_between(before, now) if before is not None else None
        if found is None:
            return None
        if found.slept_s:
            self.breaks["slept"] += 1
            self._say_slept(found.slept_s)
        if found.stepped_s:
            self.breaks["stepped"] += 1
            way = "forward" if found.stepped_s > 0 else "back"
            log.warning(
                "The clock of this machine was set %s by %s: every job is planned anew", way, span(found.stepped_s),
                extra={"action": "clock_stepped", "by_s": round(found.stepped_s, 1)},
            )  # fmt: skip
        for name, (seconds, _) in self.jobs.items() if found.stepped_s < 0 else ():
            if self._scheduler.get_job(name) is not None:
                self._scheduler.reschedule_job(name, trigger=IntervalTrigger(seconds=seconds, timezone=UTC))
        if self._scheduler.running:
            self._scheduler.wakeup()
        return found

    # -- events

    def _look_again(self) -> None:
        self.look_at_clocks()
        self._timer = asyncio.get_running_loop().call_later(LOOK_EVERY_S, self._look_again)

    def _say_slept(self, seconds: float) -> None:
        text, params = slept(seconds)
        log.warning("%s", text, extra={"action": "slept", "for_s": round(seconds, 1)})
        if seconds >= BLIND_S:
            self._tell(TextReason.SLEPT, text, params)

    def _started(self, event: JobEvent) -> None:
        """Count the ticks that fell away since the last start: the loop was busy, or the last run took long."""
        seconds, _ = self.jobs[event.job_id]
        now = self._clock.monotonic()
        before = self._begun.get(event.job_id)
        self._begun[event.job_id] = now
        if before is None or now - before - seconds < LATE_S or (lost := int((now - before) / seconds - 0.5)) < 1:
            return
        is_first = not self.counts[event.job_id, "missed"]
        self.counts[event.job_id, "missed"] += lost
        log.log(
            logging.WARNING if is_first else logging.DEBUG,
            "The job %s ran %.1f s late; %d of its runs fell away", event.job_id, now - before - seconds, lost,
            extra={"action": "job_missed", "job": event.job_id, "times": self.counts[event.job_id, "missed"]},
        )  # fmt: skip

    def _record(self, event: JobEvent) -> None:
        what = _EVENT_NAMES[event.code]
        self.counts[event.job_id, what] += 1
        self._row[event.job_id] += 1
        error = getattr(event, "exception", None)
        is_news = (
            self._told.get(event.job_id) != str(error) if what == "failed" else self.counts[event.job_id, what] == 1
        )
        if is_news:
            if what == "failed":
                self._told[event.job_id] = str(error)
            log.warning(
                "The job %s %s%s",
                event.job_id,
                _WORDS[what],
                f": {error}" if error else "",
                extra={"action": f"job_{what}", "job": event.job_id, "times": self.counts[event.job_id, what]},
            )
        if self._row[event.job_id] == IN_A_ROW:
            self._tell(TextReason.JOB_TROUBLE, *job_trouble(event.job_id, what))

    def _worked(self, event: JobEvent) -> None:
        self._row.pop(event.job_id, None)
        if self._told.pop(event.job_id, None) is not None:
            log.info("The job %s works again", event.job_id, extra={"action": "job_recovered", "job": event.job_id})


def slept(seconds: float) -> News:
    """What the operator reads after a sleep of the machine."""
    text = f"This machine slept for {span(seconds)}: nothing was checked. What is due is caught up with now."
    if seconds < 3 * 3600:
        return text, {"say": "slept", "minutes": round(seconds / 60)}
    return text, {"say": "slept-hours", "hours": round(seconds / 3600)}


def job_trouble(job: str, what: str) -> News:
    """What the operator reads of a job that ``failed``, was ``skipped`` or ``missed`` too often in a row."""
    text = f"The job {job} {_WORDS[what]}, {IN_A_ROW} times in a row. See the log."
    return text, {"say": f"job-{what}", "job": job, "times": IN_A_ROW}


def span(seconds: float) -> str:
    """ "8 h 2 min", "40 min", "12 s"."""
    whole = round(abs(seconds))
    hours, minutes = whole // 3600, whole % 3600 // 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min" if minutes else f"{whole} s"
