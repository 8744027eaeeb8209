"""The time, from one place, so that tests and replays can bring their own."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Clock:
    """Wall clock and monotonic clock; both can be replaced.

    The wall clock says what is due (it survives a restart); the monotonic one measures how long something took.
    """

    now: Callable[[], datetime] = utc_now  #: aware, UTC
    monotonic: Callable[[], float] = time.monotonic  #: seconds


class SimulatedClock(Clock):
    """A clock that stands still until it is set: for tests and ``replay``."""

    def __init__(self, start: datetime) -> None:
        self.instant = start
        super().__init__(now=lambda: self.instant, monotonic=lambda: self.instant.timestamp())

    def set(self, instant: datetime) -> None:
        self.instant = instant
