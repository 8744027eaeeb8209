"""How often a source lists something new, by the hour of the week: learned from its own past, kept small. Pure.

For each of the 168 hours of a week a habit holds how many new entries came in it and for how many hours we were
listening. An hour that comes again weighs its past at MEMORY, so that a habit is five weeks old at most and follows a
newsroom that changes. Weeks and hours are in UTC: what counts is that an hour comes again, not what it is called.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

HOURS = 168  #: of a week
MEMORY = 0.8  #: what an hour of listening leaves of the same hour of the weeks before
KNOWN_AFTER_H = 6.0  #: hours of listening before a frequency is told at all
_HOUR = timedelta(hours=1)
_INSTANT = timedelta(microseconds=1)
_LONGEST_WALK = timedelta(weeks=4)  #: listening before that is forgotten anyway
_PRIOR_H = 2.0  #: an hour of the week leans on this many hours like those of the other days
_SEED_ITEMS = 5  #: dated entries that the first answer must hold to tell a frequency
_SEED_SPAN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Habit:
    """New entries and hours of listening, by hour of the week (0 is Monday, 00:00 to 01:00 UTC)."""

    counts: tuple[float, ...] = (0.0,) * HOURS
    hours: tuple[float, ...] = (0.0,) * HOURS
    until: datetime | None = None  #: listening is accounted for up to here

    @property
    def hours_known(self) -> float:
        """Hours of listening that it rests on, the older ones weighing less."""
        return sum(self.hours)

    @property
    def items_per_hour(self) -> float | None:
        """Mean over the week; None while too little is known."""
        known = self.hours_known
        return sum(self.counts) / known if known >= KNOWN_AFTER_H else None

    def expected(self, start: datetime, end: datetime) -> float:
        """New entries that usually come between the two instants; 0.0 where nothing is known."""
        mean = self.items_per_hour
        if mean is None or end <= start:
            return 0.0
        rates = self._rates(mean)
        weeks, rest = divmod(end - start, timedelta(weeks=1))
        return weeks * sum(rates) + sum(rates[slot] * share for _, slot, share in _pieces(start, start + rest))

    def _rates(self, mean: float) -> list[float]:
        """New entries an hour, for each hour of the week: what was seen in it, leaning on the same hour of all days,
        which leans on the mean."""
        of_day = [(sum(self.counts[hour::24]) + mean) / (sum(self.hours[hour::24]) + 1.0) for hour in range(24)]
        return [
            (self.counts[slot] + _PRIOR_H * of_day[slot % 24]) / (self.hours[slot] + _PRIOR_H) for slot in range(HOURS)
        ]

    def after(self, *, watched_from: datetime | None, now: datetime, listed: Sequence[datetime]) -> Habit:
        """The habit once ``listed`` came (one instant an entry) in a stretch of listening up to ``now``.

        ``watched_from``: start of that stretch; None where we did not listen before: nothing is learned, the stretch
        starts now.
        """
        if watched_from is None:
            return Habit(self.counts, self.hours, now)
        counts, hours = list(self.counts), list(self.hours)
        start = max(watched_from, self.until or watched_from, now - _LONGEST_WALK)
        for begins, slot, share in _pieces(start, now):
            left = MEMORY if begins else 1.0  # once an hour of the week, when it comes again
            counts[slot] *= left
            hours[slot] = hours[slot] * left + share
        for instant in listed:
            # What came by now came in the stretch before: on the stroke of an hour, in the hour that ended.
            counts[_slot((instant if start < instant <= now else now) - _INSTANT)] += 1.0
        return Habit(tuple(counts), tuple(hours), now)

    def to_text(self) -> str:
        """Under 2 kB of JSON."""
        return json.dumps(
            {
                "until": self.until.isoformat() if self.until else None,
                "counts": [_short(value) for value in self.counts],
                "hours": [_short(value) for value in self.hours],
            },
            separators=(",", ":"),
        )

    @classmethod
    def from_text(cls, text: str | None) -> Habit:
        """Raises ValueError for what ``to_text`` did not write; an empty habit for None."""
        if text is None:
            return cls()
        kept = json.loads(text)
        counts, hours = tuple(map(float, kept["counts"])), tuple(map(float, kept["hours"]))
        if len(counts) != HOURS or len(hours) != HOURS:
            raise ValueError("a habit has 168 hours")
        return cls(counts, hours, datetime.fromisoformat(kept["until"]) if kept["until"] else None)


def first_guess(published: Sequence[datetime], now: datetime) -> Habit:
    """The habit that the times in a source's first answer tell: from the oldest of the last week to now."""
    dated = sorted(instant for instant in published if now - _SEED_SPAN <= instant <= now)
    if len(dated) < _SEED_ITEMS:
        return Habit(until=now)
    return Habit().after(watched_from=dated[0], now=now, listed=dated[1:])


def _pieces(start: datetime, end: datetime) -> Iterator[tuple[bool, int, float]]:
    """(whether it begins here, hour of the week, share of it) from start to end."""
    at = start.astimezone(UTC)
    while at < end:
        this_hour = at.replace(minute=0, second=0, microsecond=0)
        next_hour = this_hour + _HOUR
        yield at == this_hour, _slot(at), (min(next_hour, end) - at) / _HOUR
        at = next_hour


def _slot(instant: datetime) -> int:
    utc = instant.astimezone(UTC)
    return utc.weekday() * 24 + utc.hour


def _short(value: float) -> float | int:
    rounded = round(value, 2)
    return int(rounded) if rounded == int(rounded) else rounded
