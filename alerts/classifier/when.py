"""The day and the instants (UTC) of an attack: its local day, narrowed by a part of the day or a time of the clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from alerts.classifier.clocks import Clock, clock_in
from alerts.classifier.reading import Reading
from alerts.classifier.sentences import FLASH_WORDS, Sentence
from alerts.classifier.targets import EVENT

#: hours of the local day that a part of the day covers
PARTS = {"morning": (0, 12), "evening": (17, 24)}
SLACK = timedelta(minutes=10)  #: clocks of outlets differ by so much
HALF_A_DAY = timedelta(hours=12)  #: a clock less far ahead of publication is of another zone, not of the day before
SMALL_HOURS = time(5)  #: until then a night belongs to the day before, in speech
LOOKED_AT = 4  #: sentences in which the time of the attack is looked for
ANSWERS = frozenset({"response", "ownstrike", "since", "tally"})  #: whose clock is that of something else


@dataclass(frozen=True, slots=True)
class Moment:
    """When an attack was; all None where no day is known."""

    day: date | None
    start: datetime | None = None  #: UTC
    end: datetime | None = None  #: UTC


def when(reading: Reading, sentences: Sequence[Sentence], day: date | None, zone: tzinfo, *, stated: bool) -> Moment:
    """The moment of an attack told by ``sentences``, most telling first. ``stated``: the text itself gives the day.

    A time of the clock that would lie after publication is of the day before where the day is only inferred ("at
    23:57", published at 00:05), and is no time of the attack where the text gives the day.
    """
    if day is None:
        return Moment(None)
    known = reading.article.published_at if not reading.article.date_only else None
    local = known.astimezone(zone) if known is not None else None
    if local is not None and local.date() == day and local.time() < SMALL_HOURS and _is_evening(sentences):
        day -= timedelta(days=1)  # "this evening", told after midnight: that evening has not come yet
    clock, at_night = _clock(reading, sentences)
    if clock is not None:
        at = _at(clock, day, zone)
        if (
            stated
            and at_night
            and clock.at < SMALL_HOURS
            and (known is None or at + timedelta(days=1) <= known + SLACK)
        ):
            at += timedelta(days=1)  # "on Monday night, at 00:20"
        too_soon = not stated or (local is not None and local.date() == day and local.time() < SMALL_HOURS)
        if known is not None and at > known + HALF_A_DAY and too_soon:
            at -= timedelta(days=1)
        if known is None or at <= known + SLACK:
            return Moment(at.astimezone(zone).date(), at, at)
    return Moment(day, *_window(sentences, day, zone, known))


def _at(clock: Clock, day: date, zone: tzinfo) -> datetime:
    if not clock.universal:
        return datetime.combine(day, clock.at, zone).astimezone(UTC)
    at = datetime.combine(day, clock.at, UTC)  # the day is local: at 22:30 UTC the next one has begun there
    return at - timedelta(days=(at.astimezone(zone).date() - day).days)


def _clock(reading: Reading, sentences: Sequence[Sentence]) -> tuple[Clock | None, bool]:
    """The time of the clock that tells the attack, and whether its sentence speaks of the evening or night."""
    if reading.scan is None:
        return None, False
    offsets = reading.scan.plain.offsets
    for sentence in sentences[:LOOKED_AT]:
        if sentence.classes & ANSWERS or any(mention.old for mention in sentence.times):
            continue
        if not sentence.classes & EVENT and any(hit.entry.month is not None for hit in sentence.hits):
            continue  # "By AGENCY, 8 November 2019 21:45": when it was written
        found = clock_in(reading.raw[offsets[sentence.start] : offsets[sentence.end - 1] + 1])
        if found is not None:
            return found, any(mention.part == "evening" for mention in sentence.times)
    if reading.words <= FLASH_WORDS:  # a line of a flash that holds a time alone is no sentence
        return clock_in(reading.raw), False
    return None, False


def _is_evening(sentences: Sequence[Sentence]) -> bool:
    """Whether the first of the telling sentences that names a part of the day names the evening, of no day by name."""
    for sentence in sentences[:LOOKED_AT]:
        parts = {mention.part for mention in sentence.times if mention.part}
        if parts and not sentence.classes & ANSWERS:
            return parts == {"evening"} and not any(hit.entry.weekday is not None for hit in sentence.hits)
    return False


def _window(
    sentences: Sequence[Sentence], day: date, zone: tzinfo, known: datetime | None
) -> tuple[datetime, datetime]:
    """Earliest and latest instant of a local day, narrowed by the part of the day and by publication."""
    first, last = 0, 24
    for sentence in sentences[:3]:
        part = next((t.part for t in sentence.times if t.part), None)
        if part is not None:
            first, last = PARTS[part]
            break
    begin = datetime.combine(day, time(0), zone)
    start, end = begin + timedelta(hours=first), begin + timedelta(hours=last)
    if known is not None and start.astimezone(UTC) < known < end.astimezone(UTC):
        end = known
    return start.astimezone(UTC), end.astimezone(UTC)
