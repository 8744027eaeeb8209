"""A source's frequency by the hour of the week, learned from what it lists while we listen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.habit import HOURS, Habit, first_guess

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


def lived(days: int, items_at) -> Habit:
    """A habit after so many days from MONDAY, asked each hour; ``items_at(instant)`` new entries then."""
    habit, now = Habit(until=MONDAY), MONDAY
    for _ in range(days * 24):
        items = [now + HOUR / 2] * items_at(now)
        now += HOUR
        if items:
            habit = habit.after(watched_from=MONDAY, now=now, listed=items)
    return habit


def test_nothing_is_known_before_some_hours_of_listening() -> None:
    habit = Habit().after(watched_from=MONDAY, now=MONDAY + 5 * HOUR, listed=[MONDAY + HOUR] * 50)
    assert habit.items_per_hour is None
    assert habit.expected(MONDAY, MONDAY + timedelta(days=9)) == 0


def test_an_even_source_is_expected_evenly() -> None:
    habit = lived(14, lambda now: 3)
    assert habit.items_per_hour == pytest.approx(3, rel=0.02)
    assert habit.expected(MONDAY, MONDAY + 10 * HOUR) == pytest.approx(30, rel=0.02)
    assert habit.expected(MONDAY, MONDAY + timedelta(weeks=2)) == pytest.approx(2 * HOURS * 3, rel=0.02)


def test_a_source_that_sleeps_on_fridays_is_expected_to() -> None:
    habit = lived(35, lambda now: 0 if now.weekday() == 4 else 2)
    friday = MONDAY + timedelta(days=4)
    assert habit.expected(friday + 2 * HOUR, friday + 20 * HOUR) < 12
    assert habit.expected(friday - 18 * HOUR, friday) > 30


def test_a_newsroom_that_changes_is_followed_within_weeks() -> None:
    habit = lived(14, lambda now: 4)
    for week in range(8):
        until = MONDAY + timedelta(days=14, weeks=week + 1)
        habit = habit.after(watched_from=MONDAY, now=until, listed=[until] * 17)
    assert habit.items_per_hour is not None
    assert habit.items_per_hour < 1.2


def test_a_time_without_listening_teaches_nothing() -> None:
    habit = lived(7, lambda now: 1)
    later = MONDAY + timedelta(days=30)
    woken = habit.after(watched_from=None, now=later, listed=[later] * 90)
    assert woken.items_per_hour == habit.items_per_hour
    assert woken.until == later


def test_the_first_answer_tells_a_first_guess_from_its_own_times() -> None:
    times = [MONDAY - HOUR * number for number in range(1, 25)]
    assert first_guess(times, MONDAY).items_per_hour == pytest.approx(23 / 24, rel=0.1)
    assert first_guess(times[:4], MONDAY).items_per_hour is None
    assert first_guess([MONDAY - timedelta(days=80)] * 30, MONDAY).items_per_hour is None


def test_it_comes_back_from_its_text_which_is_small() -> None:
    habit = lived(40, lambda now: now.hour % 5)
    text = habit.to_text()
    assert len(text) < 2_048
    back = Habit.from_text(text)
    assert back.until == habit.until
    assert back.counts == pytest.approx(habit.counts, abs=0.01)
    assert Habit.from_text(None) == Habit()
    with pytest.raises(ValueError, match="168"):
        Habit.from_text('{"until":null,"counts":[1],"hours":[1]}')
