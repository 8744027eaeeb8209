"""Keeps watch over this process: looks at the vitals, sends canaries out, and beats or keeps silent.

``pulse`` is a job of the scheduler; ``look`` and ``metrics`` answer whoever asks. All of it reads the database and what
the parts count anyway; only the canary and its time are written.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from alerts.canary import PASSED, release
from alerts.system import write_system_notice
from basewatch.health.checks import (
    CANARY_EVERY,
    CANARY_FIRST,
    Check,
    Expected,
    Rounds,
    checks,
    cycle_is_full,
)
from basewatch.health.counts import Counts, Process, standing
from basewatch.health.exposition import render
from basewatch.health.heartbeat import Heartbeat
from config.watch import Watch
from core.clock import Clock
from core.values import TextReason
from storage import canary as canary_rows
from storage.engine import Database
from storage.vitals import Marks, Vitals, grown_since, marks_now, vitals

log = logging.getLogger(__name__)

PULSE_EVERY_S = 15.0
RESTART_QUIET = timedelta(minutes=10)  #: a daemon that is started again so soon sends no second canary


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How things stood at one look."""

    at: datetime
    vitals: Vitals
    checks: tuple[Check, ...]

    @property
    def ready(self) -> bool:
        return all(check.ok for check in self.checks)


class Keeper:
    """One for each daemon. ``start`` before the first ``pulse``."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        heartbeat: Heartbeat,
        watch: Callable[[], Watch],
        expected: Callable[[], Expected],
        channels: Callable[[], Sequence[str]],
        counts: Counts,
        rounds: Callable[[], Rounds],
        process: Callable[[], Process],
        on_released: Callable[[], None],
        on_notice: Callable[[], None],
    ) -> None:
        self._database, self._clock, self._counts = database, clock, counts
        self.heartbeat = heartbeat
        self._watch, self._expected, self._channels = watch, expected, channels
        self._rounds, self._process = rounds, process
        self._on_released, self._on_notice = on_released, on_notice
        self._marks: Marks | None = None
        self._released_at: datetime | None = None  #: when the last canary set out, perhaps from the process before
        self._sent_by_us = False
        self._outstanding = False  #: it has not arrived yet
        self._late_told = False

    async def start(self) -> None:
        """Count from here, and see how the last canary stands."""
        self._marks, self._released_at, arrived = await self._database.run_read(
            lambda session: (marks_now(session), canary_rows.released_at(session), canary_rows.last_canary_at(session))
        )
        self._outstanding = self._released_at is not None and (arrived is None or arrived < self._released_at)

    async def look(self) -> Standing:
        """How things stand now. Raises DatabaseFault."""
        rounds, now = self._rounds(), self._clock.now()
        found = await self._database.run_read(lambda session: vitals(session, rounds.started_at))
        return Standing(at=now, vitals=found, checks=checks(found, rounds, self._expected(), now))

    async def metrics(self) -> str:
        """The answer of ``/metrics``. Raises DatabaseFault."""
        await self._count()
        found = await self.look()
        process = self._process()
        families = [*standing(found.vitals, found.checks, process, found.at), *self._counts.families()]
        return render(sorted(families, key=lambda each: each.name))

    async def pulse(self) -> None:
        """One round of the watch. Raises DatabaseFault."""
        await self._count()
        if self._expected().canary:
            await self._look_after_canary()
        if self.heartbeat.enabled:
            await self._beat()

    async def aclose(self) -> None:
        await self.heartbeat.aclose()

    async def _count(self) -> None:
        marks = self._marks
        if marks is None:
            return
        grown, after = await self._database.run_read(lambda session: grown_since(session, marks))
        if self._marks is marks:  # not where somebody else counted the same rows meanwhile
            self._counts.add(grown)
            self._marks = after

    async def _beat(self) -> None:
        found = await self.look()
        full = cycle_is_full(found.vitals, self._rounds(), self._expected(), self.heartbeat.cycle_from, found.at)
        if full:
            await self.heartbeat.beat(found.at)
        elif not all(check.ok for check in found.checks[:3]):
            await self.heartbeat.broken(found.at)

    # -- canary

    async def _look_after_canary(self) -> None:
        now = self._clock.now()
        if self._outstanding:
            arrived = await self._database.run_write(lambda session: canary_rows.settle(session, PASSED))
            if arrived is not None:
                self._outstanding = False
                log.info("The canary arrived", extra={"action": "canary_arrived"})
            elif self._sent_by_us and not self._late_told and self._is_late(now):
                await self._tell_late(now)
        if is_due(now, self._released_at, sent_by_us=self._sent_by_us):
            await self._send_out(now)

    async def _send_out(self, now: datetime) -> None:
        article_id = await self._database.run_write(lambda session: release(session, self._watch(), now))
        self._released_at, self._sent_by_us, self._outstanding, self._late_told = now, True, True, False
        log.info("A canary was sent out", extra={"action": "canary_released", "article_id": article_id})
        self._on_released()

    def _is_late(self, now: datetime) -> bool:
        return self._released_at is not None and now - self._released_at > CANARY_FIRST

    async def _tell_late(self, now: datetime) -> None:
        """Say once that the canary got nowhere, unless it was judged and its own notice, or a channel's, tells."""
        released_at = self._released_at
        assert released_at is not None
        self._late_told = True

        def write(session: Session) -> bool:
            if canary_rows.was_told(session, released_at):
                return False
            return write_system_notice(session, TextReason.CANARY_LATE, LATE_TEXT, self._channels(), now)

        if await self._database.run_write(write):
            log.error("The canary was not classified in time", extra={"action": "canary_late"})
            self._on_notice()


LATE_TEXT = (
    "The daily self-test was not classified within 15 minutes: alerts may be late, too.\n"
    "Look at the status page, at `basewatch outlets health` and at the log of the daemon."
)


def is_due(now: datetime, released: datetime | None, *, sent_by_us: bool) -> bool:
    """Whether a canary should set out: at start (unless one has just done so) and then daily.

    A release in the future means that the clock was set back: it is due.
    """
    if released is None or released > now:
        return True
    return now - released >= (CANARY_EVERY if sent_by_us else RESTART_QUIET)
