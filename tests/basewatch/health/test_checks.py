"""Which stage does its work: from the vitals and from when each loop came round."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from basewatch.health.checks import Check, Expected, Rounds, checks, cycle_is_full
from storage.vitals import Vitals

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
EXPECTED = Expected(
    crawls=True, channels=True, classify_every=timedelta(seconds=30), deliver_every=timedelta(seconds=5), canary=True
)


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def well(**changes: Any) -> Vitals:
    vitals = Vitals(
        sources={"new": 0, "ok": 5, "failing": 1},
        polled=6,
        failing=1,
        last_poll_at=ago(seconds=20),
        last_ok_at=ago(seconds=20),
        next_poll_at=NOW + timedelta(seconds=10),
        last_sent_at=ago(hours=3),
        last_canary_at=ago(hours=3),
    )
    return replace(vitals, **changes)


def rounds(**changes: Any) -> Rounds:
    value = Rounds(started_at=ago(days=2), classified_at=ago(seconds=10), delivered_at=ago(seconds=3))
    return replace(value, **changes)


def wrong(vitals: Vitals, of: Rounds | None = None, expected: Expected = EXPECTED) -> list[str]:
    return [check.name for check in checks(vitals, of or rounds(), expected, NOW) if not check.ok]


def test_when_every_stage_works_every_check_is_well_and_says_so_in_a_sentence() -> None:
    found = checks(well(), rounds(), EXPECTED, NOW)
    assert [check.name for check in found] == ["fetch", "classify", "deliver", "canary", "loop"]
    assert all(check.ok and check.text.endswith(".") for check in found)


@pytest.mark.parametrize(
    ("vitals", "of", "names"),
    [
        (well(failing=6), None, ["fetch"]),  # deaf
        (well(next_poll_at=ago(minutes=6)), None, ["fetch"]),  # due, and nobody polls
        (well(sources={}), None, ["fetch"]),
        (well(polled=0, failing=0, next_poll_at=ago(seconds=1)), None, ["fetch"]),  # starting: not ready yet
        (well(), rounds(classified_at=ago(minutes=3)), ["classify"]),  # the classifier hangs
        (well(waiting=4, oldest_waiting_at=ago(minutes=11)), None, ["classify"]),
        (well(), rounds(delivered_at=ago(minutes=3)), ["deliver"]),
        (well(pending={"ops": 2}, oldest_pending_at=ago(minutes=16), last_sent_at=ago(hours=1)), None, ["deliver"]),
        (well(last_canary_at=ago(hours=27)), None, ["canary"]),
        (well(last_canary_at=None), None, ["canary"]),
        (well(), rounds(lag_s=6.0), ["loop"]),
    ],
)
def test_a_stage_that_stands_still_is_named(vitals: Vitals, of: Rounds | None, names: list[str]) -> None:
    assert wrong(vitals, of) == names


@pytest.mark.parametrize(
    ("vitals", "of", "expected"),
    [
        (well(failing=6, next_poll_at=ago(hours=1)), None, replace(EXPECTED, crawls=False)),
        (well(), rounds(delivered_at=None), replace(EXPECTED, channels=False)),
        (well(last_canary_at=None), None, replace(EXPECTED, canary=False)),
        # right after a start: what lay for hours is no fault of this process yet
        (well(last_canary_at=None), rounds(started_at=ago(minutes=5)), EXPECTED),
        (well(waiting=9, oldest_waiting_at=ago(hours=9)), rounds(started_at=ago(minutes=5)), EXPECTED),
        # one broken receiver among others that accept
        (well(pending={"ops": 1}, oldest_pending_at=ago(hours=2), last_sent_at=ago(minutes=1)), None, EXPECTED),
        (well(paused=("ops",)), None, EXPECTED),
    ],
)
def test_what_is_switched_off_or_has_only_begun_is_no_fault(
    vitals: Vitals, of: Rounds | None, expected: Expected
) -> None:
    assert wrong(vitals, of, expected) == []


def test_the_sentence_says_which_articles_wait_since_when() -> None:
    found = checks(well(waiting=4, oldest_waiting_at=ago(minutes=30)), rounds(), EXPECTED, NOW)
    assert found[1] == Check(
        name="classify", ok=False, text="Articles wait for a verdict since 2026-11-24 11:30 UTC: 4."
    )


@pytest.mark.parametrize(
    ("vitals", "of", "full"),
    [
        (well(), None, True),
        (well(last_ok_at=ago(minutes=9)), None, False),  # polled since, and nobody answered
        (well(last_ok_at=ago(minutes=9), last_poll_at=ago(minutes=9)), None, True),  # nothing was due since
        (well(last_ok_at=None, last_poll_at=None), None, False),  # nothing was ever heard
        (well(), rounds(classified_at=ago(minutes=2)), False),
        (well(), rounds(delivered_at=ago(minutes=2)), False),
        (well(), rounds(classified_at=None), False),
        (well(failing=6), None, False),
        (well(last_canary_at=None), None, True),  # the canary has an alarm of its own
    ],
)
def test_a_cycle_is_full_when_each_stage_worked_since_the_last_one(
    vitals: Vitals, of: Rounds | None, full: bool
) -> None:
    assert cycle_is_full(vitals, of or rounds(), EXPECTED, ago(minutes=1), NOW) is full
