"""Whether a source does what it usually does. Pure: from its row, its habits and the time.

::

    a spare that is not called --> standing-by
    polls fail -- a wall --> blocked      pages cannot be read -- a wall --> blocked
        `-- else --> failing                  `-- else --> failing
    pages lost a field --> changed-layout
    nothing new for far longer than usual --> quiet
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from storage.habits import Habits
from storage.values import SourceState

#: causes that mean "they keep us out", not "they are broken" (crawler/outcomes.py)
WALLS = frozenset({"blocked_page", "http_401", "http_403"})
#: new entries that should have come before silence is called quiet: the chance of none by accident is e^-8 for a source
#: that lists one by one; bursts and holidays take the rest of that margin
QUIET_EXPECTED = 8.0
#: the same while its habit is younger than two weeks, and its weekends are not known
QUIET_EXPECTED_YOUNG = 24.0
_WELL_KNOWN_H = 250.0  #: of listening, weighed: some ten days
_KNOWN_H = 72.0  #: three days: before that, a night would count as silence
_SHORTEST_SILENCE = timedelta(hours=1)
_LOOK_BACK = timedelta(hours=24)


class Condition(StrEnum):
    """What a source is like now."""

    NEW = "new"  #: never understood yet
    OK = "ok"
    STANDBY = "standing-by"  #: a spare that is not read, since those before it work
    QUIET = "quiet"  #: answers, but lists nothing new against its own habit
    LAYOUT = "changed-layout"  #: its pages stopped giving a field
    BLOCKED = "blocked"  #: a wall or a refusal in place of the feed, or of the pages
    FAILING = "failing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """A source's condition and why."""

    condition: Condition
    cause: str | None = None  #: stable word: an outcome, "pages:" and an outcome, "pages-without:" and fields
    since: datetime | None = None  #: beginning of trouble, where it is known
    expected_since_newest: float = 0.0  #: new entries that usually come in such a time
    expected_24h: float | None = None  #: that usually come in these 24 hours; None while its habit is not known

    @property
    def is_well(self) -> bool:
        return self.condition in (Condition.OK, Condition.NEW, Condition.STANDBY)


def health(state: SourceState, habits: Habits, now: datetime) -> Health:
    """The condition of a source; trouble with its polls goes before trouble with its pages, that before silence."""
    listing = habits.listing
    expected_24h = listing.expected(now - _LOOK_BACK, now) if listing.items_per_hour is not None else None
    if not state.active:  # whatever it was like when it was read last: nobody asks it now
        return Health(condition=Condition.STANDBY)
    if state.failures:
        condition = Condition.BLOCKED if state.cause_code in WALLS else Condition.FAILING
        return Health(condition=condition, cause=state.cause_code, since=state.failing_since, expected_24h=expected_24h)
    if state.last_ok_at is None:
        return Health(condition=Condition.NEW)
    if habits.pages.unread():
        wall = habits.pages.cause in WALLS
        condition = Condition.BLOCKED if wall else Condition.FAILING
        return Health(condition=condition, cause=f"pages:{habits.pages.cause}", expected_24h=expected_24h)
    if lost := habits.pages.missing():
        cause = "pages-without:" + ",".join(lost)
        return Health(condition=Condition.LAYOUT, cause=cause, expected_24h=expected_24h)
    silent_since = _silent_since(state)
    expected = listing.expected(silent_since, now) if silent_since is not None else 0.0
    is_quiet = silent_since is not None and _is_quiet(habits, expected, now - silent_since)
    return Health(
        condition=Condition.QUIET if is_quiet else Condition.OK,
        cause="nothing-new" if is_quiet else None,
        since=silent_since if is_quiet else None,
        expected_since_newest=expected,
        expected_24h=expected_24h,
    )


def _silent_since(state: SourceState) -> datetime | None:
    """When it last listed something new, but not before we began to listen without a gap."""
    known = [instant for instant in (state.last_listed_at or state.last_new_at, state.watching_since) if instant]
    return max(known, default=None)


def _is_quiet(habits: Habits, expected: float, silence: timedelta) -> bool:
    hours = habits.listing.hours_known
    if hours < _KNOWN_H or silence < _SHORTEST_SILENCE:
        return False
    return expected >= (QUIET_EXPECTED if hours >= _WELL_KNOWN_H else QUIET_EXPECTED_YOUNG)
