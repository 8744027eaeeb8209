"""Hours of the day as people write them: "08:00", "22:00-06:00", and the time zone in which they count."""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

from config.fields import split_text

_HOUR = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")

#: what may end somebody's quiet: a death, an injury, a confirmed attack, the gravest severity
Waking = Literal["killed", "injured", "confirmed", "S4"]


def hour_of(text: str) -> time:
    """08:00 for "08:00". Raises ValueError for anything else."""
    found = _HOUR.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no hour of the day: write it as 08:00")
    return time(int(found[1]), int(found[2]))


def window_of(text: str) -> tuple[time, time]:
    """Begin and end of "22:00-06:00"; it may pass midnight. Raises ValueError for anything else."""
    begin, dash, end = text.partition("-")
    if not dash:
        raise ValueError(f"{text!r} is no time of the day from and to: write it as 22:00-06:00")
    if hour_of(begin) == hour_of(end):
        raise ValueError(f"{text!r} begins when it ends: to hold all back, send in a digest instead")
    return hour_of(begin), hour_of(end)


def _check_hour(text: str) -> str:
    hour_of(text)
    return text


def _check_window(text: str) -> str:
    window_of(text)
    return text


def _check_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # KeyError: ZoneInfoNotFoundError is one
        raise ValueError(f"{name!r} is no time zone: write one such as Asia/Baghdad or UTC") from None
    return name


HourOfDay = Annotated[str, AfterValidator(_check_hour)]
Window = Annotated[str, AfterValidator(_check_window)]
ZoneName = Annotated[str, AfterValidator(_check_zone)]
WakeAnyway = Annotated[tuple[Waking, ...], split_text]
WAKE_ANYWAY: tuple[Waking, ...] = ("killed", "confirmed")
