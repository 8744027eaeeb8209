"""When something was published, from what outlets write: RFC 822, ISO 8601, and dates as people write them.

Unknown is None, never "now". A time over ten minutes in the future is a mislabelled zone (measured: several outlets
send local time as UTC): it is read again in the outlet's own zone, and when that is in the future too, it is unknown.
The tables of names live in ``calendar_names`` and are offered here too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.calendar_names import (
    GREGORIAN_MONTHS,
    JALALI_MONTHS,
    RELATIVE_DAYS,
    WEEKDAYS,
    ascii_digits,
    fold_name,
)
from core.jalali import date_to_jalali, jalali_to_date
from core.values import check_aware

__all__ = [
    "FUTURE_TOLERANCE", "GREGORIAN_MONTHS", "JALALI_MONTHS", "RELATIVE_DAYS", "WEEKDAYS", "ParsedTime", "ascii_digits",
    "date_to_jalali", "fold_name", "jalali_to_date", "parse_published", "zone_named",
]  # fmt: skip

FUTURE_TOLERANCE = timedelta(minutes=10)  #: a clock that is merely fast stays under it
_OLDEST_YEAR = 1995  #: no outlet of the watch was on the web before; 1970 and year 0 are broken clocks
_LONGEST = 200  #: characters; a longer "date" is something else
_LAST_KURDISH_OFFSET = 1321  #: the Kurdish calendar counts the Jalali year plus 1321


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedTime:
    """One instant of publication and how sure its parts are."""

    at: datetime  #: aware, UTC; of a date without time 12:00 UTC, so that the day is right from -12 to +11
    date_only: bool  #: the text gives a day and no time of day
    zone_inferred: bool  #: the text names no zone, or one that cannot be true: the outlet's zone was used
    raw: str  #: as it was written

    def __post_init__(self) -> None:
        check_aware("at", self.at)


def parse_published(
    raw: str | None, *, zone: str | tzinfo | None, now: datetime, zone_lies: bool = False
) -> ParsedTime | None:
    """The instant that ``raw`` tells, or None where it tells none that can be true.

    ``zone`` is the outlet's (None: UTC), used where the text names none. ``zone_lies`` says that the outlet is known to
    label its local time as another zone: the label is then not believed. ``now`` is aware.
    """
    check_aware("now", now)
    if not raw or len(raw) > _LONGEST:
        return None
    home = zone_named(zone)
    text = " ".join(ascii_digits(raw).translate(_CLEAN).split())
    try:
        found = _epoch(text) or _read(text, now.astimezone(home).date(), now)
        return None if found is None else _placed(found, raw, home, now, zone_lies)
    except (ValueError, OverflowError):
        return None  # a 31st of February, a 25th hour


def zone_named(zone: str | tzinfo | None) -> tzinfo:
    """The zone by its IANA name; UTC for None and for a name that nobody knows."""
    if isinstance(zone, tzinfo):
        return zone
    try:
        return ZoneInfo(zone) if zone else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


@dataclass(frozen=True, slots=True)
class _Found:
    """What the text says, before a zone is chosen."""

    day: date
    clock: tuple[int, int, int] | None
    zone: tzinfo | None


def _placed(found: _Found, raw: str, home: tzinfo, now: datetime, zone_lies: bool) -> ParsedTime | None:
    if not _OLDEST_YEAR <= found.day.year <= now.year + 1:
        return None
    if found.clock is None:
        if found.day > now.astimezone(home).date() + timedelta(days=1):
            return None
        noon = datetime(found.day.year, found.day.month, found.day.day, 12, tzinfo=UTC)
        return ParsedTime(at=noon, date_only=True, zone_inferred=found.zone is None, raw=raw)
    hour, minute, second = found.clock
    tries = [home] if zone_lies or found.zone is None else [found.zone, home]
    for zone in tries:
        at = datetime.combine(found.day, time(hour, minute, min(second, 59)), zone).astimezone(UTC)
        if at <= now + FUTURE_TOLERANCE:
            return ParsedTime(at=at, date_only=False, zone_inferred=zone is not found.zone, raw=raw)
    return None


# ---- reading ------------------------------------------------------------------------------------------------------

_CLEAN = str.maketrans(
    {
        "\u200c": None,
        "\u200e": None,
        "\u200f": None,
        "\u061c": None,
        "،": ",",
        "\u00a0": " ",
        "\u202f": " ",
        "٫": ".",
        "−": "-",
        "–": "-",
    }
)

#: Zone names of RFC 822 and of the region's feeds. Those that mean several zones (IST, AST) are left out on purpose.
_ZONES: Mapping[str, int] = {
    "UTC": 0, "GMT": 0, "UT": 0, "Z": 0, "EST": -300, "EDT": -240, "CST": -360, "CDT": -300, "MST": -420, "MDT": -360,
    "PST": -480, "PDT": -420, "BST": 60, "CET": 60, "CEST": 120, "EET": 120, "EEST": 180, "MSK": 180, "TRT": 180,
    "IRST": 210, "IRDT": 270, "IDT": 180, "GST": 240,
}  # fmt: skip

_ISO = re.compile(
    r"(?<!\d)(?P<y>\d{4})(?P<sep>[-/.])(?P<m>\d{1,2})(?P=sep)(?P<d>\d{1,2})(?!\d)"
    r"(?:(?:[T ]|, | - | \| )(?P<h>\d{2}):(?P<min>\d{2})(?::(?P<s>\d{2})(?:[.,]\d+)?)?)?",
)
_NUMERIC = re.compile(r"(?<!\d)(?P<a>\d{1,2})(?P<sep>[-/.])(?P<b>\d{1,2})(?P=sep)(?P<y>\d{4})(?!\d)")
_CLOCK = re.compile(r"(?<![\d:.])(?P<h>\d{1,2})[:h](?P<min>\d{2})(?::(?P<s>\d{2})(?:[.,]\d+)?)?(?![\d:])")
_TWELVE = re.compile(r"(?<![\d:])(?P<h>\d{1,2}) ?(?P<half>[ap]\.?m\b)", re.IGNORECASE)
_OFFSET = re.compile(r"^\s*(?:(?:UTC|GMT)\s*)?(?P<sign>[+-])(?P<h>\d{1,2}):?(?P<m>\d{2})?(?!\d)", re.IGNORECASE)
_ZONE_NAME = re.compile(rf"^\s*\(?({'|'.join(sorted(_ZONES, key=len, reverse=True))})\b", re.IGNORECASE)

# After a clock time: words for the halves of the day, folded. "م" alone means PM only right after a time.
_AFTERNOON = (
    "pm",
    "p.m",
    "م",
    "مساء",
    "مساء",
    "ب.ظ",
    "بعدازظهر",
    "بعد از ظهر",
    "عصر",
    "د.ن",
    "دواي نيوه",
    "os",
    "вечера",
    "אחה",
)
_MORNING = ("am", "a.m", "ص", "صباحا", "ق.ظ", "صبح", "پ.ن", "پيش نيوه", "oo", "утра", "בבוקר")


def _names(tables: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """All languages in one look-up; the first language wins where two share a name (they agree, tested)."""
    merged: dict[str, int] = {}
    for table in tables.values():
        for name, number in table.items():
            merged.setdefault(fold_name(name), number)
    return merged


_GREGORIAN = _names(GREGORIAN_MONTHS)
_JALALI = _names(JALALI_MONTHS)
_RELATIVE = _names(RELATIVE_DAYS)

# A name may carry an ending (Sorani ی, Kurmanji a or ê, Turkish 'da) or start with Hebrew ב; short forms end in a dot.
_ALL_MONTHS = "|".join(re.escape(name) for name in sorted({**_GREGORIAN, **_JALALI}, key=len, reverse=True))
_MONTH = rf"(?P<name>{_ALL_MONTHS})(?:ي|e|a|an|['’]\w{{1,3}})?\.?"
_DAY = r"(?P<d>\d{1,2})(?:st|nd|rd|th|er|ي|e|emin|\.)?"
_YEAR = r"(?P<y>\d{4})"
_DAY_FIRST = re.compile(rf"(?<![\d:]){_DAY}[\s,-]+(?:de |ב)?{_MONTH}(?:[\s,/-]+(?:{_YEAR})(?![\d:]))?(?!\w)")
_MONTH_FIRST = re.compile(rf"(?<!\w){_MONTH}\s+{_DAY}(?!\d|:\d)(?:[\s,]+{_YEAR}(?!\d))?")
# Arabic also writes both habits at once: "21 نيسان / أبريل 2024".
_BOTH_HABITS = re.compile(rf"(?<![\d:]){_DAY}\s+\w+(?:\s\w+)?\s*/\s*{_MONTH}\s+{_YEAR}(?!\d)")


def _epoch(text: str) -> _Found | None:
    """Seconds or milliseconds since 1970, as some page metadata give."""
    if not (text.isdigit() and len(text) in (10, 13)):
        return None
    at = datetime.fromtimestamp(int(text) / (1000 if len(text) == 13 else 1), UTC)
    return _Found(at.date(), (at.hour, at.minute, at.second), UTC)


def _read(text: str, today: date, now: datetime) -> _Found | None:
    folded = fold_name(text)
    for reader in (_iso_day, _named_day, _numeric_day, _relative_day):
        day = reader(folded, today)
        if day is None:
            continue
        clock, zone = _clock_and_zone(folded)
        return _Found(day, clock, zone)
    return None


def _iso_day(text: str, today: date) -> date | None:
    match = _ISO.search(text)
    return None if match is None else _day(int(match["y"]), int(match["m"]), int(match["d"]))


def _named_day(text: str, today: date) -> date | None:
    for pattern in (_BOTH_HABITS, _DAY_FIRST, _MONTH_FIRST):
        match = pattern.search(text)
        if match is not None:
            return _named(match, today)
    return None


def _named(match: re.Match[str], today: date) -> date:
    name, number = match["name"], int(match["d"])
    year = int(match["y"]) if match["y"] else None
    is_jalali = name in _JALALI and (name not in _GREGORIAN or year is None or year < 1600 or year > 2600)
    if is_jalali:
        if year is not None and year > 2600:
            year -= _LAST_KURDISH_OFFSET
        return _latest(lambda y: jalali_to_date(y, _JALALI[name], number), year, date_to_jalali(today)[0], today)
    return _latest(lambda y: date(y, _GREGORIAN[name], number), year, today.year, today)


def _latest(day_in: Callable[[int], date], year: int | None, this_year: int, today: date) -> date:
    """The day in the year told; without one, in the latest year that does not put it in the future."""
    if year is not None:
        return day_in(year)
    day = day_in(this_year)
    return day if day <= today + timedelta(days=1) else day_in(this_year - 1)


def _numeric_day(text: str, today: date) -> date | None:
    """Day first, as the region writes; month first where the numbers or the future allow nothing else."""
    match = _NUMERIC.search(text)
    if match is None:
        return None
    first, second, year = int(match["a"]), int(match["b"]), int(match["y"])
    if second > 12:
        return _day(year, first, second)
    day = _day(year, second, first)
    if day > today + timedelta(days=1) and first <= 12:
        return _day(year, first, second)
    return day


def _relative_day(text: str, today: date) -> date | None:
    words = re.split(r"[\s,|-]+", text)
    return next((today + timedelta(days=_RELATIVE[word]) for word in words if word in _RELATIVE), None)


def _day(year: int, month: int, day: int) -> date:
    """A Gregorian or, by its year, a Jalali day."""
    return jalali_to_date(year, month, day) if 1300 <= year <= 1500 else date(year, month, day)


def _clock_and_zone(text: str) -> tuple[tuple[int, int, int] | None, tzinfo | None]:
    iso = _ISO.search(text)
    match = iso if iso is not None and iso["h"] is not None else _CLOCK.search(text)
    if match is None:
        short = _TWELVE.search(text)
        if short is None:
            return None, None
        return (_half(int(short["h"]), short["half"].startswith("p")), 0, 0), _zone(text[short.end() :])
    hour, minute, second = int(match["h"]), int(match["min"]), int(match["s"] or 0)
    after = text[match.end() :].lstrip(" ")
    before = text[: match.start()].rstrip(" ,-|")
    if after.startswith(_AFTERNOON) or before.endswith(("os", "בערב")):
        hour = _half(hour, True)
    elif after.startswith(_MORNING) or before.endswith("oo"):
        hour = _half(hour, False)
    if hour == 24 and minute == 0:
        hour = 0  # "24:00" as some write midnight; the day told is taken
    return (hour, minute, second), _zone(re.sub(r"^[ap]\.?m\.?", "", after))


def _half(hour: int, afternoon: bool) -> int:
    """12-hour to 24-hour; an hour over 12 is taken as it is ("21:05 PM" is met)."""
    if hour > 12:
        return hour
    return hour % 12 + (12 if afternoon else 0)


def _zone(rest: str) -> tzinfo | None:
    offset = _OFFSET.match(rest)
    if offset is not None:
        minutes = int(offset["h"]) * 60 + int(offset["m"] or 0)
        if minutes > 14 * 60:
            return None
        return timezone(timedelta(minutes=minutes if offset["sign"] == "+" else -minutes))
    named = _ZONE_NAME.match(rest)
    return timezone(timedelta(minutes=_ZONES[named[1].upper()])) if named is not None else None
