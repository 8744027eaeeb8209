"""The tally: incidents counted by day, base, country, weapon, outcome or actor, in a column for each status. Pure.

One incident is one site and one wave. What only its attacker claims, what was denied and what was withdrawn stand in
columns of their own: the total holds what somebody else than the attacker reported and nobody took back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from alerts.phrases import where, zone_of
from core.documents import IncidentPart
from core.values import Status

NOT_STATED = "not stated"
#: counted in the total; the others stand beside it
REAL = (Status.REPORTED, Status.CORROBORATED, Status.CONFIRMED)


class By(StrEnum):
    """What the rows of a tally are."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    BASE = "base"
    COUNTRY = "country"
    WEAPON = "weapon"
    OUTCOME = "outcome"
    ACTOR = "actor"
    SEVERITY = "severity"


TIMES = frozenset({By.DAY, By.WEEK, By.MONTH})


@dataclass(frozen=True, slots=True)
class Period:
    """Days, both ends included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def before(self) -> Period:
        """The period of the same length that ends the day before."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a tally."""

    key: str
    counts: Counter[Status]
    before: int = 0  #: total of the same line in the period compared with

    @property
    def total(self) -> int:
        return sum(self.counts[status] for status in REAL)


@dataclass(frozen=True, slots=True)
class Tally:
    """The lines, and the whole; a line's incidents may be counted in another line too (two weapons)."""

    by: By
    period: Period
    versus: Period | None
    rows: tuple[Row, ...]
    whole: Row


def tally(incidents: Sequence[IncidentPart], by: By, period: Period, versus: Period | None = None) -> Tally:
    """The tally of a period, with the totals of ``versus`` beside it.

    Days, weeks and months without an incident have a line, too.
    """
    now = [part for part in incidents if (day := day_of(part)) is not None and period.first <= day <= period.last]
    then = [] if versus is None else [
        part for part in incidents if (day := day_of(part)) is not None and versus.first <= day <= versus.last
    ]  # fmt: skip
    counts = _counted(now, KEYS[by])
    if by in NAMES:
        for offset in range(period.days):
            counts.setdefault(NAMES[by](period.first + timedelta(days=offset)), Counter())
    # Lines of time have no counterpart in another period: only the whole is compared.
    earlier = {} if by in TIMES else _counted(then, KEYS[by])
    for key in earlier:
        counts.setdefault(key, Counter())
    rows = [Row(key, counts[key], _real(earlier.get(key, Counter()))) for key in counts]
    rows.sort(key=lambda row: row.key if by in TIMES else (-row.total, -sum(row.counts.values()), row.key))
    whole = Row("all", Counter(part.status for part in now), _real(Counter(part.status for part in then)))
    return Tally(by, period, versus, tuple(rows), whole)


def day_of(part: IncidentPart) -> date | None:
    """The local day of the attack; that of the first report where no report tells it."""
    if part.local_date is not None:
        return date.fromisoformat(part.local_date)
    instant = part.event_from or part.first_reported_at or part.first_seen_at
    return instant.astimezone(zone_of(part)).date()


def _counted(
    parts: Iterable[IncidentPart], keys: Callable[[IncidentPart], Sequence[str]]
) -> dict[str, Counter[Status]]:
    found: dict[str, Counter[Status]] = {}
    for part in parts:
        for key in keys(part):
            found.setdefault(key, Counter())[part.status] += 1
    return found


def _real(counts: Counter[Status]) -> int:
    return sum(counts[status] for status in REAL)


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


#: how a line of time is called, by a day in it
NAMES: dict[By, Callable[[date], str]] = {By.DAY: str, By.WEEK: _week, By.MONTH: lambda day: f"{day:%Y-%m}"}

KEYS: dict[By, Callable[[IncidentPart], Sequence[str]]] = {
    By.DAY: lambda part: [NAMES[By.DAY](day_of(part) or date.min)],
    By.WEEK: lambda part: [NAMES[By.WEEK](day_of(part) or date.min)],
    By.MONTH: lambda part: [NAMES[By.MONTH](day_of(part) or date.min)],
    By.BASE: lambda part: [where(part)],
    By.COUNTRY: lambda part: [part.country or NOT_STATED],
    By.WEAPON: lambda part: [weapon.value for weapon in part.weapons] or [NOT_STATED],
    By.OUTCOME: lambda part: [part.outcome.value],
    By.ACTOR: lambda part: [part.claimed_by_name or part.attributed_to_name or NOT_STATED],
    By.SEVERITY: lambda part: [part.severity.value],
}
