"""Which outlets break news of attacks: minutes after the event and after the first report. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.leads import FirstWord

#: an event whose time is known no better says nothing of minutes: "overnight", "on Monday"
VAGUE_EVENT = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One outlet's first report of one incident, in minutes."""

    incident: str
    outlet: str
    after_event: float | None  #: None where the hour of the event is not known, or it is said to lie after the report
    after_first: float  #: 0.0 for the outlet that was first


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """How one outlet does over all incidents that it told of."""

    outlet: str
    incidents: int
    first: int  #: of them, told of before (or in the same minute as) every other outlet
    after_event: tuple[float, float] | None  #: p50, p95 in minutes
    after_first: tuple[float, float]


def words(first_words: Iterable[FirstWord]) -> list[Word]:
    """In minutes, in the order given."""
    by_incident: dict[str, list[FirstWord]] = defaultdict(list)
    for word in first_words:
        by_incident[word.incident].append(word)
    return [
        Word(
            incident=incident,
            outlet=word.outlet,
            after_event=_after_event(word),
            after_first=_minutes(min(other.told_at for other in told), word.told_at),
        )
        for incident, told in by_incident.items()
        for word in told
    ]


def leads(told: Iterable[Word]) -> list[Lead]:
    """One row an outlet: who was first most often stands first."""
    by_outlet: dict[str, list[Word]] = defaultdict(list)
    for word in told:
        by_outlet[word.outlet].append(word)
    found = [_lead(outlet, of_outlet) for outlet, of_outlet in by_outlet.items()]
    return sorted(found, key=lambda lead: (-lead.first, lead.after_first[0], -lead.incidents, lead.outlet))


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that ``share`` of all do not exceed (nearest rank). Raises IndexError for no values."""
    ordered = sorted(values)
    rank = -int(-share * len(ordered) // 1)  # rounded up
    return ordered[max(rank, 1) - 1]


def _lead(outlet: str, told: Sequence[Word]) -> Lead:
    after_event = [word.after_event for word in told if word.after_event is not None]
    after_first = [word.after_first for word in told]
    return Lead(
        outlet=outlet,
        incidents=len(told),
        first=sum(word.after_first < 1 for word in told),
        after_event=(percentile(after_event, 0.5), percentile(after_event, 0.95)) if after_event else None,
        after_first=(percentile(after_first, 0.5), percentile(after_first, 0.95)),
    )


def _after_event(word: FirstWord) -> float | None:
    start, end = word.event_from, word.event_to
    if start is None or start > word.told_at or (end is not None and end - start > VAGUE_EVENT):
        return None
    return _minutes(start, word.told_at)


def _minutes(start: datetime, end: datetime) -> float:
    return round((end - start).total_seconds() / 60, 1)
