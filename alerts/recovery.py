"""A channel that was paused takes messages again: what waited goes out, all of it, as a digest where it is much."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from storage import deliveries, held
from storage.values import Hold


def bring_back(session: Session, channel: str, most: int, now: datetime) -> int | None:
    """Let a paused channel go on: how many notices waited for it; None where it was not paused.

    More than ``most`` of them become a digest that names all: nobody reads a hundred alarms of last week.
    """
    waiting = held.waiting_for(session, channel)
    if not deliveries.resume(session, channel, now):
        return None
    if waiting > most:
        note = "the channel could not be reached then"
        held.hold_waiting(session, channel, Hold(why="caught-up", until=now, note=note), now)
    return waiting
