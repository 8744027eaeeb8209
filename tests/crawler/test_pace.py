"""How often a source is polled: its own rhythm, within limits; faster where something happens."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from crawler.schedule import next_poll_at, pace, spread

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def interval(items_per_hour=None, *, configured_s=300, low=60, high=3600, **more):
    return pace(
        configured_s=configured_s, min_interval_s=low, max_interval_s=high, items_per_hour=items_per_hour, **more
    ).interval_s


@pytest.mark.parametrize(
    ("items_per_hour", "seconds"),
    [(None, 300), (6, 300), (12, 150), (30, 60), (500, 60), (3, 600), (1, 900), (0.01, 900), (0, 900)],
)
def test_a_source_is_polled_twice_a_gap_within_limits(items_per_hour, seconds) -> None:
    assert interval(items_per_hour) == seconds


def test_the_limits_go_with_what_is_configured_and_never_leave_its_bounds() -> None:
    assert interval(0.01, configured_s=1, low=1) == 3
    assert interval(9000, configured_s=1, low=1) == 1
    assert interval(0.01, configured_s=1800) == 3600
    assert interval(0.01, configured_s=7200) == 3600


def test_an_interval_of_the_outlets_own_entry_is_not_unlearned() -> None:
    assert interval(40, configured_s=600, is_fixed=True) == 600


def test_an_open_incident_makes_it_faster_never_slower() -> None:
    assert interval(0.5, is_hot=True) == 60
    assert interval(0.5, configured_s=1000, is_hot=True) == 200
    assert interval(100, configured_s=120, is_hot=True) == 60


def test_a_first_mover_is_polled_every_minute_whatever_its_rhythm() -> None:
    assert interval(0.01, first_mover=True) == 60
    assert interval(None, first_mover=True, configured_s=10, low=10) == 10
    assert interval(None, first_mover=True, low=120) == 120


def test_cache_lifetimes_are_capped_at_the_slowest_rhythm_and_do_not_slow_who_must_be_fast() -> None:
    longest = {
        who: pace(configured_s=300, min_interval_s=60, max_interval_s=3600, **more).longest_fresh_s
        for who, more in {"usual": {}, "hot": {"is_hot": True}, "first": {"first_mover": True}}.items()
    }
    assert longest == {"usual": 900, "hot": 60, "first": 60}


def test_nothing_is_asked_while_the_servers_answer_is_good_nor_against_a_retry_after() -> None:
    def wait(**more):
        at = next_poll_at(NOW, interval_s=60, max_interval_s=3600, chance=random.Random(1), **more)
        return (at - NOW).total_seconds()

    assert wait(fresh_for_s=900) == 900
    assert wait(fresh_for_s=5) >= 54
    assert wait(fresh_for_s=900, retry_after_s=4000, failures=1) >= 4000


def test_sources_made_due_together_are_asked_apart_and_always_alike() -> None:
    shares = [spread(f"source-{number}") for number in range(500)]
    assert 0.5 <= min(shares) < 0.55 < 0.95 < max(shares) <= 1
    assert spread("a") == spread("a")
    assert timedelta(seconds=spread("a")) > timedelta(0)
