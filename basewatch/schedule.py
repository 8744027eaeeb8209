"""The ticks of the daemon: APScheduler 3.11 with, in one place, the settings that a process for months needs.

The scheduler only ticks. What is due is decided by the database and the clock, so that a late, doubled or lost tick
changes nothing but the time of the next look.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = logging.getLogger(__name__)

_EVENT_NAMES = {EVENT_JOB_ERROR: "failed", EVENT_JOB_MAX_INSTANCES: "skipped", EVENT_JOB_MISSED: "missed"}


class Scheduler:
    """Named jobs at fixed intervals; ``counts`` holds what went wrong as ``(job, "failed"|"skipped"|"missed")``."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={
                "misfire_grace_time": None,  # the default of 1 s drops a run whenever the loop was busy (measured)
                "coalesce": True,  # after a suspend one catch-up run, not one for every tick that was slept through
                "max_instances": 1,  # a slow run is never overtaken by itself
            },
        )
        self._told: dict[str, str] = {}  #: job -> the failure told last
        self._scheduler.add_listener(self._record, EVENT_JOB_ERROR | EVENT_JOB_MAX_INSTANCES | EVENT_JOB_MISSED)
        self._scheduler.add_listener(self._worked, EVENT_JOB_EXECUTED)

    def every(self, seconds: float, name: str, job: Callable[[], Awaitable[None]]) -> None:
        """Run ``job`` each ``seconds``, the first time after one interval."""
        self._scheduler.add_job(job, "interval", seconds=seconds, id=name, name=name)

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        """No run starts any more; a running one goes on until its own end."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def _record(self, event: JobEvent) -> None:
        what = _EVENT_NAMES[event.code]
        self.counts[event.job_id, what] += 1
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
                {"failed": "failed", "skipped": "was skipped: its last run is not done", "missed": "ran late"}[what],
                f": {error}" if error else "",
                extra={"action": f"job_{what}", "job": event.job_id, "times": self.counts[event.job_id, what]},
            )

    def _worked(self, event: JobEvent) -> None:
        if self._told.pop(event.job_id, None) is not None:
            log.info("The job %s works again", event.job_id, extra={"action": "job_recovered", "job": event.job_id})
