"""Clock times in a sentence: "at 23:57 local time", "around 3 a.m.", "الساعة 3 فجراً", "в 3 часа ночи", "à 21h30".

The few words for parts of the day stand here rather than in the lexicons: they only count right behind a number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

_AFTERNOON = (
    r"p\.?\s?m\b\.?|مساء|ليلا|عصرا|ظهرا|شب\b|عصر\b|بعدازظهر|ئێوارە|شەو|вечера|дня|du soir|de l'après-midi|בערב|בלילה"
)
_MORNING = r"a\.?\s?m\b\.?|صباحا|فجرا|صبح|بامداد|بەیانی|утра|ночи|du matin|בבוקר|לפנות בוקר"
_PART = rf"(?:(?P<late>{_AFTERNOON})|(?P<early>{_MORNING}))"
#: the hour after a preposition or a word for "o'clock" needs neither minutes nor a part of the day
_HOUR_WORD = r"(?:الساعة|ساعت|کاتژمێر|[Ss]aet|saat|בשעה|الساعه)\s*:?\s*"
_CLOCK = re.compile(
    rf"(?<![\d:.,/])(?:(?P<h>[01]?\d|2[0-4])\s?[:٫]\s?(?P<m>[0-5]\d)(?![\d:])"
    rf"|(?P<hf>[01]?\d|2[0-3])h(?P<mf>[0-5]\d)?\b"
    rf"|(?P<hd>[01]?\d|2[0-3])\.(?P<md>[0-5]\d)(?=\s?{_AFTERNOON}|\s?{_MORNING}|\s?GMT|\s?UTC)"
    rf"|(?P<hb>1[0-2]|0?[1-9])(?:\s?(?:часа|часов|час))?(?=\s?(?:{_AFTERNOON}|{_MORNING})))"
    rf"(?:ê|ان|ę)?\s{{0,2}}{_PART}?",
    re.IGNORECASE,
)
_NAMED_HOUR = re.compile(rf"{_HOUR_WORD}(?P<h>[01]?\d|2[0-3])(?![\d:٫.])\s{{0,2}}{_PART}?", re.IGNORECASE)
_UNIVERSAL = re.compile(r"\s{0,2}\(?(?:GMT|UTC|غرينتش|گرینویچ|по Гринвичу)", re.IGNORECASE)

_DIGITS = {ord(digits[n]): str(n) for digits in ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹") for n in range(10)}


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day as a sentence gives it."""

    at: time
    universal: bool  #: stated in UTC rather than in the time of the place


def clock_in(text: str) -> Clock | None:
    """The first time of day in a text; None where there is none. ``12 km``, ``3:1`` and plain numbers are none."""
    text = text.translate(_DIGITS)
    for pattern in (_CLOCK, _NAMED_HOUR):
        for match in pattern.finditer(text):
            found = {name: value for name, value in match.groupdict().items() if value is not None}
            hour = next((int(found[name]) for name in ("h", "hf", "hd", "hb") if name in found), 0)
            minute = next((int(found[name]) for name in ("m", "mf", "md") if name in found), 0)
            if "late" in found and hour < 12:
                hour += 12
            elif "early" in found and hour == 12:
                hour = 0
            if hour <= 24:
                return Clock(time(hour % 24, minute), bool(_UNIVERSAL.match(text, match.end())))
    return None
