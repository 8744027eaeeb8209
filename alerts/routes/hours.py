"""When a time of the day ends or comes again, in a zone with its summer time. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from config.hours import hour_of, window_of


def quiet_until(window: str, zone: str, now: datetime) -> datetime | None:
    """The end (UTC) of the window "22:00-06:00" if ``now`` lies in it; None if not. It may pass midnight."""
    begin, end = window_of(window)
    here = now.astimezone(ZoneInfo(zone))
    clock = here.time()
    if begin < end:
        return _instant(here.date(), end, zone, now) if begin <= clock < end else None
    if clock >= begin:
        return _instant(here.date() + timedelta(days=1), end, zone, now)
    return _instant(here.date(), end, zone, now) if clock < end else None


def next_at(hour: str, zone: str, now: datetime) -> datetime:
    """The next instant (UTC), after ``now``, at which clocks in the zone show the hour."""
    today = now.astimezone(ZoneInfo(zone)).date()
    for day in (today, today + timedelta(days=1), today + timedelta(days=2)):
        instant = datetime.combine(day, hour_of(hour), tzinfo=ZoneInfo(zone)).astimezone(UTC)
        if instant > now:
            return instant
    raise AssertionError("a day has an hour like any other within two days")


def _instant(day: date, clock: time, zone: str, now: datetime) -> datetime:
    local = datetime.combine(day, clock, tzinfo=ZoneInfo(zone))
    first = local.astimezone(UTC)
    # In the hour that comes twice in autumn, the end that is still ahead counts.
    return first if first > now else local.replace(fold=1).astimezone(UTC)
