"""Hours of the day in a zone, over midnight and over both changes of the clocks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from alerts.routes.hours import next_at, quiet_until


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("window", "zone", "now", "until"),
    [
        ("22:00-06:00", "UTC", "2026-11-23T21:59", None),
        ("22:00-06:00", "UTC", "2026-11-23T22:00", "2026-11-24T06:00"),
        ("22:00-06:00", "UTC", "2026-11-24T05:59", "2026-11-24T06:00"),
        ("22:00-06:00", "UTC", "2026-11-24T06:00", None),
        ("22:00-06:00", "Asia/Baghdad", "2026-11-23T19:30", "2026-11-24T03:00"),
        ("12:00-14:00", "UTC", "2026-11-23T13:00", "2026-11-23T14:00"),
        ("12:00-14:00", "UTC", "2026-11-23T11:00", None),
        # the night in which clocks go forward at 02:00, and the one in which 02:00 comes twice
        ("22:00-06:00", "Europe/Berlin", "2026-03-28T22:00", "2026-03-29T04:00"),
        ("22:00-06:00", "Europe/Berlin", "2026-10-24T21:00", "2026-10-25T05:00"),
        ("22:00-02:30", "Europe/Berlin", "2026-10-25T01:10", "2026-10-25T01:30"),
    ],
)
def test_quiet_hours_end_when_the_clock_on_the_wall_says_so(
    window: str, zone: str, now: str, until: str | None
) -> None:
    assert quiet_until(window, zone, utc(now)) == (utc(until) if until else None)


@pytest.mark.parametrize(
    ("zone", "now", "then"),
    [
        ("UTC", "2026-11-23T07:59", "2026-11-23T08:00"),
        ("UTC", "2026-11-23T08:00", "2026-11-24T08:00"),
        ("Asia/Baghdad", "2026-11-23T06:00", "2026-11-24T05:00"),
        ("Europe/Berlin", "2026-03-28T08:00", "2026-03-29T06:00"),
    ],
)
def test_an_hour_comes_again_within_a_day_or_so(zone: str, now: str, then: str) -> None:
    assert next_at("08:00", zone, utc(now)) == utc(then)
