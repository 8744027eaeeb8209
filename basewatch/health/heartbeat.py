"""The heartbeat: posted to a service outside after a full cycle of fetch, classify and deliver, and never otherwise.

The service (Healthchecks, Uptime Kuma, Cronitor, …) alarms when it stays away: the one alarm that works when this
machine has no power. It carries no content. Where the cycle breaks, the fail address, if there is one, hears it once.
"""

from __future__ import annotations

import logging
from collections import Counter
from datetime import datetime, timedelta

from alerts.dial import Guard
from alerts.http import HttpSender, refusal
from config.health import HealthSettings
from config.secret import Secret
from core.errors import DeliveryError

log = logging.getLogger(__name__)

NAME = "heartbeat"
DEADLINE_S = 10.0
RETRY_AFTER = timedelta(seconds=30)  #: a post that failed is tried again
BROKEN_FOR = timedelta(minutes=2)  #: the fail address hears of what lasts: not of a start, or of one slow round


class Heartbeat:
    """Posts when it should. ``beat`` and ``broken`` are called every few seconds; both return whether they posted."""

    def __init__(self, settings: HealthSettings, started_at: datetime, sender: HttpSender | None = None) -> None:
        self._settings = settings
        self._sender = sender or HttpSender(
            Guard(settings.hosts if settings.allow_private else ()), deadline_s=DEADLINE_S
        )
        self.last_at: datetime | None = None  #: of the last one that was accepted
        self.counts: Counter[str] = Counter({"accepted": 0, "failed": 0, "fail-accepted": 0, "fail-failed": 0})
        self._cycle_from = started_at  #: a full cycle must have happened since
        self._not_before = started_at
        self._broken_since: datetime | None = None
        self._broken_told = False
        self._told: str | None = None  #: the failure that was logged last

    @property
    def enabled(self) -> bool:
        return self._settings.heartbeat_url is not None

    @property
    def cycle_from(self) -> datetime:
        """Since when each stage must have worked for the next beat."""
        return self._cycle_from

    async def beat(self, now: datetime) -> bool:
        """The cycle is full: post, if the interval has passed."""
        self._broken_since, self._broken_told = None, False
        url = self._settings.heartbeat_url
        if url is None or now < self._not_before:
            return False
        if not await self._post(url, now, ""):
            self._not_before = now + min(RETRY_AFTER, timedelta(seconds=self._settings.heartbeat_interval_s))
            return True
        self.last_at = self._cycle_from = now
        self._not_before = now + timedelta(seconds=self._settings.heartbeat_interval_s)
        return True

    async def broken(self, now: datetime) -> bool:
        """A stage does not work: post to the fail address, once, when that lasts."""
        if self._broken_since is None:
            self._broken_since = now
        url = self._settings.heartbeat_fail_url
        lasts = now - self._broken_since >= BROKEN_FOR
        if url is None or self._broken_told or not lasts or now < self._not_before:
            return False
        self._broken_told = await self._post(url, now, "fail-")
        if not self._broken_told:
            self._not_before = now + RETRY_AFTER
        return True

    async def aclose(self) -> None:
        await self._sender.aclose()

    async def _post(self, url: Secret, now: datetime, kind: str) -> bool:
        """Whether it was accepted. The address never stands in a log."""
        try:
            reply = await self._sender.post(NAME, url.reveal(), b"", {})
            problem: DeliveryError | None = refusal(NAME, reply, now=now, gone=frozenset())
        except DeliveryError as error:
            problem = error
        self.counts[kind + ("accepted" if problem is None else "failed")] += 1
        if problem is None:
            if self._told is not None:
                log.info("The heartbeat is accepted again", extra={"action": "heartbeat_back"})
            self._told = None
        elif self._told != problem.reason:
            self._told = problem.reason
            log.warning("The heartbeat was not accepted: %s", problem.reason, extra={"action": "heartbeat_failed"})
        return problem is None
