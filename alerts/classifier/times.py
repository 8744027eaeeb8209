"""When: time words of a sentence turned into local days, counted back from the day of publication."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from alerts.classifier.scan import Hit
from core.jalali import jalali_to_date

_NUMBER = re.compile(r"\d{1,4}")
RECENT_DAYS = 7  #: an attack told up to this many days later may be the subject of an update
OLD_REACH = 8  #: characters between "a year ago" and the date that it shifts
TODAY_REACH = 4  #: characters between "today" and the name of that day
BESIDE = 2  #: characters between two expressions that are one
SPOKEN_REACH = 6  #: characters between "said" and the day on which it was said
SINCE_REACH = 25  #: characters between "since" and the date it governs


@dataclass(frozen=True, slots=True)
class TimeMention:
    """One expression of time. ``day`` None with ``old`` False: a part of the day or "recently", no day."""

    start: int
    end: int
    day: date | None
    old: bool = False  #: certainly more than a week before publication
    since: bool = False  #: the beginning of a period, not the time of an event
    part: str | None = None  #: "evening" or "morning"
    spoken: bool = False  #: the day on which somebody spoke ("said on Tuesday"), at most that of the event
    relative: bool = False  #: counted back from publication ("yesterday"), not named


def time_mentions(
    hits: Sequence[Hit], text: str, published: date, from_endings: Collection[str] = ()
) -> list[TimeMention]:
    """Expressions of time among the hits of a sentence, in order of position.

    ``from_endings``: case endings that mean "from": on the name of a month they begin a period.
    """
    found: list[TimeMention] = []
    since_at = -1_000
    for index, hit in enumerate(hits):
        classes = hit.entry.classes
        if "since" in classes or "since_word" in classes:
            since_at = hit.word_end
        mention = _mention(hits, index, text, published)
        if mention is not None:
            before = found[-1] if found else None
            if before is not None and before.old and before.day is None and mention.start - before.end <= OLD_REACH:
                mention = TimeMention(mention.start, mention.end, None, old=True)  # "a year ago, on January 8"
            calendar = mention.old or hit.entry.month is not None or hit.entry.jalali is not None
            begins = 0 <= mention.start - since_at <= SINCE_REACH
            if calendar and (begins or hit.ending.endswith(tuple(from_endings))):
                mention = TimeMention(mention.start, mention.end, mention.day, mention.old, since=True)
            elif mention.day is not None and _spoken(hits, index):
                mention = replace(mention, spoken=True)
            beside = before is not None and before.day is not None and 0 <= mention.start - before.end <= BESIDE
            if beside and "t_today" in classes and "t_today" not in hits[index - 1].entry.classes:
                continue  # "yesterday, in the hours of the evening"
            found.append(mention)
    return found


def _spoken(hits: Sequence[Hit], index: int) -> bool:
    """Whether a word for saying stands right before a day: "the army said on Tuesday"."""
    start = hits[index].start
    return any(
        "say" in h.entry.classes and 0 <= start - h.word_end <= SPOKEN_REACH for h in hits[max(0, index - 4) : index]
    )


def writing_day(hits: Sequence[Hit], published: date) -> date:
    """The day on which a report of the small hours was written: the day before, where it names that one as its own.

    "The army said Tuesday", "this evening, Tuesday", on the wire as Wednesday begins where the attack was.
    """
    eve = (published - timedelta(days=1)).weekday()
    days = [hit for hit in hits if hit.entry.weekday == eve]
    if not days or any(hit.entry.weekday == published.weekday() for hit in hits):
        return published
    if any("t_yesterday" in hit.entry.classes for hit in hits):
        return published
    todays = [hit for hit in hits if "t_today" in hit.entry.classes]
    named = any(
        max(day.start - today.word_end, today.start - day.word_end) <= TODAY_REACH for today in todays for day in days
    )
    spoken = any(_spoken(hits, index) for index, hit in enumerate(hits) if hit.entry.weekday == eve)
    return published - timedelta(days=1) if named or spoken or not todays else published


def _mention(hits: Sequence[Hit], index: int, text: str, published: date) -> TimeMention | None:
    hit = hits[index]
    entry = hit.entry
    if entry.month is not None or entry.jalali is not None:
        dated = _calendar_day(hit, text, published)
        if dated is not None:
            return dated
    counts = entry.number is not None and text[hit.start - 1] == " "  # "اثنين" without its article is two
    if entry.weekday is not None and not counts:
        back = (published.weekday() - entry.weekday) % 7
        return TimeMention(hit.start, hit.word_end, published - timedelta(days=back))
    classes = entry.classes
    if "t_before_yesterday" in classes:
        return TimeMention(hit.start, hit.word_end, published - timedelta(days=2), relative=True)
    if "t_yesterday" in classes:
        return TimeMention(hit.start, hit.word_end, published - timedelta(days=1), relative=True)
    if "t_today" in classes:
        return TimeMention(hit.start, hit.word_end, published)
    if "t_ago_day" in classes:
        number = _number_before(hits, index, text)
        if number is not None and number <= 60:
            old = number > RECENT_DAYS
            return TimeMention(hit.start, hit.word_end, published - timedelta(days=number), old=old, relative=True)
    if "t_old" in classes or "t_ago_old" in classes:
        return TimeMention(hit.start, hit.word_end, None, old=True)
    if "t_evening" in classes or "t_morning" in classes:
        part = "evening" if "t_evening" in classes else "morning"
        return TimeMention(hit.start, hit.word_end, None, part=part)
    return None


def _number_before(hits: Sequence[Hit], index: int, text: str) -> int | None:
    word = text[max(0, hits[index].start - 8) : hits[index].start].split(" ")
    if word and len(word) > 1 and word[-2].isdigit():
        return int(word[-2])
    if index and hits[index - 1].entry.number is not None and hits[index].start - hits[index - 1].word_end <= 2:
        return hits[index - 1].entry.number
    return None


def _calendar_day(hit: Hit, text: str, published: date) -> TimeMention | None:
    """The day that a month name and the numbers around it give; an older month alone is old."""
    before = text[max(0, hit.start - 14) : hit.start].split()
    after = text[hit.word_end : hit.word_end + 16].split()
    numbers_before = [int(m.group()) for w in before[-2:] if (m := _NUMBER.match(w))]
    numbers_after = [int(m.group()) for w in after[:3] if (m := _NUMBER.match(w))]
    day = next((n for n in reversed(numbers_before) if 1 <= n <= 31), None)
    if day is None:
        day = next((n for n in numbers_after[:1] if 1 <= n <= 31), None)
    year = next((n for n in numbers_after if 1300 <= n <= 1500 or 1990 <= n <= 2100), None)
    entry = hit.entry
    if entry.jalali is not None:
        return _jalali_mention(hit, year, entry.jalali, day, published)
    month = entry.month or 1
    if day is None:
        if year is None and month == published.month and "may" not in text[hit.start : hit.end]:
            return None
        return TimeMention(hit.start, hit.word_end, None, old=(year, month) != (published.year, published.month))
    return _dated(hit, year, month, day, published)


def _jalali_mention(hit: Hit, year: int | None, month: int, day: int | None, published: date) -> TimeMention | None:
    if day is None:
        return TimeMention(hit.start, hit.word_end, None, old=year is not None) if year is not None else None
    this_year = published.year - 621
    for candidate in [year] if year else [this_year, this_year - 1]:
        try:
            found = jalali_to_date(candidate, month, day)
        except ValueError:
            continue
        if found <= published + timedelta(days=1):
            return TimeMention(hit.start, hit.word_end, found, old=(published - found).days > RECENT_DAYS)
    return None


def _dated(hit: Hit, year: int | None, month: int, day: int, published: date) -> TimeMention | None:
    for candidate in [year] if year else [published.year, published.year - 1]:
        try:
            found = date(candidate, month, day)
        except ValueError:
            continue
        if found <= published + timedelta(days=1) or year:
            return TimeMention(hit.start, hit.word_end, found, old=(published - found).days > RECENT_DAYS)
    return None
