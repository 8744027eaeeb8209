"""What a source is like: quiet, blocked, failing or changed, with the cause."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.habit import Habit
from core.page_habit import PageField, PageHabit
from crawler.health import Condition, health
from storage.habits import Habits
from tests.basewatch.test_reachability import source

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
NOW = MONDAY + timedelta(weeks=4)
HOUR = timedelta(hours=1)
WHOLE = PageField.READ | PageField.TITLE | PageField.TIME | PageField.TEXT

NO_PAGES = PageHabit()


def lived(weeks: float, per_hour) -> Habit:
    habit, now = Habit(until=NOW - timedelta(weeks=weeks)), NOW - timedelta(weeks=weeks)
    while now < NOW:
        now += HOUR
        habit = habit.after(watched_from=NOW - timedelta(weeks=9), now=now, listed=[now - HOUR / 2] * per_hour(now))
    return habit


STEADY = lived(4, lambda now: 1)


def well(**changes):
    values = {"last_ok_at": NOW, "last_poll_at": NOW, "watching_since": MONDAY, "last_listed_at": NOW} | changes
    return replace(source("a"), **values)


def condition(state, listing=STEADY, pages=NO_PAGES, now=NOW):
    return health(state, Habits(listing=listing, pages=pages), now)


def test_a_source_that_lists_as_usual_is_well() -> None:
    found = condition(well(last_listed_at=NOW - 5 * HOUR))
    assert found.condition is Condition.OK
    assert found.expected_24h == pytest.approx(24, rel=0.05)


def test_a_spare_that_stands_by_is_neither_quiet_nor_failing_whatever_it_was_like_before() -> None:
    for state in (well(failures=9, cause_code="http_403"), well(last_listed_at=NOW - 90 * HOUR), well(last_ok_at=None)):
        found = condition(replace(state, spare=True, active=False))
        assert found.condition is Condition.STANDBY
        assert found.is_well
        assert condition(replace(state, spare=True, active=True)).condition is not Condition.STANDBY


def test_silence_against_its_own_habit_is_quiet_and_says_since_when() -> None:
    found = condition(well(last_listed_at=NOW - 9 * HOUR))
    assert (found.condition, found.cause) == (Condition.QUIET, "nothing-new")
    assert found.since == NOW - 9 * HOUR
    assert found.expected_since_newest == pytest.approx(9, rel=0.1)


def test_a_newsroom_that_sleeps_at_night_is_not_quiet_at_night_and_is_by_day() -> None:
    by_day = lived(4, lambda now: 4 if 6 <= now.hour < 20 else 0)
    midnight, noon = NOW, NOW + 12 * HOUR
    evening = well(last_listed_at=NOW - 4 * HOUR)
    assert condition(evening, by_day, now=midnight + 5 * HOUR).condition is Condition.OK
    assert condition(evening, by_day, now=noon).condition is Condition.QUIET


def test_a_young_habit_needs_a_longer_silence_and_a_new_one_says_nothing() -> None:
    young, new = lived(0.6, lambda now: 1), lived(0.3, lambda now: 1)
    assert condition(well(last_listed_at=NOW - 12 * HOUR), young).condition is Condition.OK
    assert condition(well(last_listed_at=NOW - 30 * HOUR), young).condition is Condition.QUIET
    assert condition(well(last_listed_at=NOW - 60 * HOUR), new).condition is Condition.OK


def test_a_time_without_listening_is_no_silence() -> None:
    woken = well(last_listed_at=NOW - 90 * HOUR, watching_since=NOW - 2 * HOUR)
    assert condition(woken).condition is Condition.OK


def test_a_busy_source_is_not_quiet_within_the_hour() -> None:
    busy = lived(4, lambda now: 40)
    assert condition(well(last_listed_at=NOW - timedelta(minutes=50)), busy).condition is Condition.OK
    assert condition(well(last_listed_at=NOW - timedelta(minutes=61)), busy).condition is Condition.QUIET


@pytest.mark.parametrize(
    ("cause", "expected"),
    [("dns", "failing"), ("empty_feed", "failing"), ("blocked_page", "blocked"), ("http_403", "blocked")],
)
def test_a_wall_is_told_apart_from_a_failure(cause: str, expected: str) -> None:
    found = condition(replace(source("a", failures=2, cause=cause), failing_since=NOW))
    assert (found.condition, found.cause, found.since) == (expected, cause, NOW)


def test_pages_behind_a_wall_are_seen_though_the_feed_answers() -> None:
    pages = PageHabit()
    for _ in range(12):
        pages = pages.after(PageField(0), "blocked_page")
    found = condition(well(), pages=pages)
    assert (found.condition, found.cause) == (Condition.BLOCKED, "pages:blocked_page")


def test_a_layout_that_lost_the_time_is_told_with_the_field() -> None:
    pages = PageHabit()
    for page in [WHOLE] * 60 + [PageField.READ | PageField.TITLE | PageField.TEXT] * 15:
        pages = pages.after(page)
    found = condition(well(), pages=pages)
    assert (found.condition, found.cause) == (Condition.LAYOUT, "pages-without:time")


def test_a_source_that_was_never_understood_is_new() -> None:
    assert condition(replace(source("a"), last_ok_at=None)).condition is Condition.NEW
