"""What hosts asked of us, in the database: robots.txt and pauses outlive the process."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from core.clock import Clock
from crawler.politeness import HostGate
from storage import courtesy
from storage.engine import Database


class RulesShelf:
    """The Shelf of ``crawler/robots.py`` over the database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def recall(self, site: str) -> tuple[str, float] | None:
        kept = await self._database.run_read(lambda session: courtesy.kept_rules(session, site))
        return (kept.text, (self._clock.now() - kept.read_at).total_seconds()) if kept is not None else None

    async def keep(self, site: str, text: str) -> None:
        now = self._clock.now()
        await self._database.run_write(lambda session: courtesy.keep_rules(session, site, text, now))


def pauses_to_keep(gate: HostGate, now: datetime) -> Mapping[str, datetime]:
    """The pauses that hosts asked for since the last call, as instants."""
    return {host: now + timedelta(seconds=seconds) for host, seconds in gate.new_pauses().items()}


async def hold_paused_hosts(database: Database, gate: HostGate, now: datetime) -> None:
    """Give no turn to hosts whose pause an earlier life of this process was told."""
    for host, until in (await database.run_read(lambda session: courtesy.paused_hosts(session, now))).items():
        gate.hold(host, (until - now).total_seconds())
    gate.new_pauses()  # they are kept already
