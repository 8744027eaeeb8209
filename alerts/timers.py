"""What is due by the clock: held notices, reminders, the daily word. Everything due stands in the database.

The daemon calls ``fire`` every few seconds; nothing depends on when. A call that comes late does what is due once; two
calls at once do it once; one that is cut short leaves the database as it was.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from alerts import allwell, digests, reminders
from config.settings import Settings
from core.clock import Clock
from storage import attention, held
from storage.engine import Database


class Timers:
    """Fires what is due, for one configuration."""

    def __init__(self, database: Database, settings: Settings, clock: Clock | None = None) -> None:
        self._database, self._settings, self._clock = database, settings, clock or Clock()

    async def fire(self) -> int:
        """Do all that is due; how many things were done. Reads alone where nothing is."""
        if not await self._database.run_read(self._is_due):
            return 0
        return await self._database.run_write(self.fire_within)

    def _is_due(self, session: Session) -> bool:
        now = self._clock.now()
        return (
            held.is_any_due(session, now)
            or attention.is_any_due(session, now)
            or allwell.is_due(session, self._settings, now)
        )

    def fire_within(self, session: Session) -> int:
        """The same in the caller's transaction."""
        now = self._clock.now()
        done = digests.tell_held(session, self._settings, now)
        done += reminders.remind(session, self._settings, now)
        return done + allwell.tell_daily(session, self._settings, now)
