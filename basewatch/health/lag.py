"""How late the loop is: what blocks it (a parse, a look-up, a regular expression) shows here."""

from __future__ import annotations

import asyncio
from collections import deque

EVERY_S = 2.0  #: between two looks
KEPT = 30  #: looks: the last minute


class LoopLag:
    """Asks the loop to wake it up, and notes how late that comes. ``start`` and ``stop`` on the loop."""

    def __init__(self) -> None:
        self._late: deque[float] = deque(maxlen=KEPT)
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._arm(loop)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def last_s(self) -> float:
        """Seconds that the last wake-up came late."""
        return self._late[-1] if self._late else 0.0

    @property
    def worst_s(self) -> float:
        """The most seconds that a wake-up of the last minute came late."""
        return max(self._late, default=0.0)

    def _arm(self, loop: asyncio.AbstractEventLoop) -> None:
        due = loop.time() + EVERY_S
        self._timer = loop.call_at(due, self._look, loop, due)

    def _look(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        self._late.append(max(0.0, loop.time() - due))
        self._arm(loop)
