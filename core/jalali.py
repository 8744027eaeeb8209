"""The Iranian solar calendar, both ways.

Rule: a year is leap when ``(25 * year + 11) mod 33 < 8``; the same arithmetic as ICU's PersianCalendar, right against
the astronomical calendar from 1799 to 2256 (Jalali 1178 to 1634).
"""

from __future__ import annotations

from datetime import date

_BEFORE_YEAR_ONE = 226_894  #: ``date.toordinal()`` of the day before 1 Farvardin 1, less the leap term of year 1 (0)


def is_leap(year: int) -> bool:
    return (25 * year + 11) % 33 < 8


def _days_before(year: int) -> int:
    """Ordinal of the day before 1 Farvardin."""
    return _BEFORE_YEAR_ONE + 365 * (year - 1) + (8 * year + 21) // 33


def jalali_to_date(year: int, month: int, day: int) -> date:
    """The Gregorian day. Raises ValueError for a day that the calendar has not."""
    if not (1 <= year <= 3000 and 1 <= month <= 12 and 1 <= day <= _length(year, month)):
        raise ValueError(f"no such day in the Iranian calendar: {year}-{month}-{day}")
    before = 31 * (month - 1) if month <= 7 else 30 * (month - 1) + 6
    return date.fromordinal(_days_before(year) + before + day)


def date_to_jalali(day: date) -> tuple[int, int, int]:
    """Year, month and day of the Iranian calendar."""
    year = day.year - 621
    if day.toordinal() <= _days_before(year):
        year -= 1
    nth = day.toordinal() - _days_before(year) - 1
    if nth < 186:
        return year, nth // 31 + 1, nth % 31 + 1
    return year, (nth - 186) // 30 + 7, (nth - 186) % 30 + 1


def _length(year: int, month: int) -> int:
    if month <= 6:
        return 31
    return 30 if month <= 11 or is_leap(year) else 29
