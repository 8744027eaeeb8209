"""Spans and instants as people type them: "90m", "2h", "7d"; "18:00", "2026-11-24T18:00+03:00"."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from alerts.routes.hours import next_at
from core.errors import InputError

_SPAN = re.compile(r"(\d{1,4})\s*(m|min|h|d|w)")
_UNITS = {"m": "minutes", "min": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def span_of(text: str) -> timedelta:
    """Two hours for "2h". Raises InputError for anything that is no span above 0."""
    found = _SPAN.fullmatch(text.strip().lower())
    if found is None or int(found[1]) == 0:
        raise InputError(f"{text!r} is no span of time: write it as 90m, 2h, 7d or 2w")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def instant_of(text: str, zone: str, now: datetime) -> datetime:
    """An instant (UTC): an ISO time, in UTC where it names no zone, or the next "18:00" in ``zone``."""
    if re.fullmatch(r"\d{1,2}:\d{2}", text.strip()):
        try:
            return next_at(text.strip().zfill(5), zone, now)
        except ValueError:
            raise InputError(f"{text!r} is no hour of the day: write it as 18:00") from None
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InputError(f"{text!r} is no time: write it as 18:00, or as 2026-11-24T18:00+03:00") from None
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)
