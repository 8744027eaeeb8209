"""The waits between attempts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.backoff import CAP_S, delay_s

SCHEDULE = (5.0, 30.0, 120.0)


@pytest.mark.parametrize(("attempt", "wait"), [(1, 5), (2, 30), (3, 120), (4, 120), (1_000_000, 120), (0, 5), (-3, 5)])
def test_the_schedule_gives_the_waits_and_its_last_repeats(attempt: int, wait: float) -> None:
    assert delay_s(attempt, SCHEDULE, chance=0.5) == wait


def test_jitter_spreads_by_a_fifth_either_way() -> None:
    assert delay_s(3, SCHEDULE, chance=0.0) == pytest.approx(96)
    assert delay_s(3, SCHEDULE, chance=1.0) == pytest.approx(144)
    assert len({delay_s(3, SCHEDULE) for _ in range(20)}) > 1


@pytest.mark.parametrize(("asked", "wait"), [(60.0, 60.0), (7.5, 7.5), (0.01, 1.0), (0.0, 30.0), (None, 30.0)])
def test_what_the_receiver_asks_for_wins(asked: float | None, wait: float) -> None:
    assert delay_s(2, SCHEDULE, retry_after_s=asked, chance=0.5) == wait


@given(
    attempt=st.integers(-(10**30), 10**30),
    schedule=st.lists(st.floats(0.001, 1e300), min_size=1, max_size=20),
    asked=st.none() | st.floats(0, 1e300),
    chance=st.floats(0, 1),
)
def test_no_attempt_number_waits_less_than_nothing_or_more_than_a_day(
    attempt: int, schedule: list[float], asked: float | None, chance: float
) -> None:
    assert 0 <= delay_s(attempt, schedule, retry_after_s=asked, chance=chance) <= CAP_S
