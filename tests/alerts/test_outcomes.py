"""What a failure means for a delivery."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.outcomes import Dead, Paused, Retry, after_failure
from core.errors import ChannelGone, DeliveryError, PermanentFailure, TransientFailure
from tests.alerts.channels.messages import NOW

DAY = 86_400.0


def outcome(error: DeliveryError, *, attempt: int = 1, age_s: float = 0.0) -> Retry | Dead | Paused:
    return after_failure(
        error,
        attempt=attempt,
        since=NOW - timedelta(seconds=age_s),
        now=NOW,
        schedule_s=(5, 30, 120),
        give_up_after_s=3 * DAY,
        chance=0.5,
    )


def test_a_failure_that_may_pass_is_tried_again_on_the_schedule() -> None:
    assert outcome(TransientFailure("ops", "answered 503"), attempt=2) == Retry(
        at=NOW + timedelta(seconds=30), reason="answered 503"
    )


def test_what_the_receiver_asks_for_wins() -> None:
    found = outcome(TransientFailure("ops", "answered 429", retry_after_s=7.0), attempt=3)
    assert found == Retry(at=NOW + timedelta(seconds=7), reason="answered 429")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (PermanentFailure("ops", "answered 400"), Dead(reason="answered 400")),
        (DeliveryError("ops", "odd"), Dead(reason="odd")),
        (ChannelGone("ops", "answered 410"), Paused(reason="answered 410")),
    ],
)
def test_a_refusal_for_good_ends_the_message_or_pauses_the_channel(error: DeliveryError, expected: object) -> None:
    assert outcome(error) == expected


@pytest.mark.parametrize(("age_s", "dead"), [(3 * DAY - 121, False), (3 * DAY - 119, True), (4 * DAY, True)])
def test_it_is_given_up_when_the_next_attempt_would_come_too_late(age_s: float, dead: bool) -> None:
    found = outcome(TransientFailure("ops", "answered 503"), attempt=40, age_s=age_s)
    assert isinstance(found, Dead if dead else Retry)
    if dead:
        assert found.reason == "given up after 40 attempts: answered 503"


@given(attempt=st.integers(1, 10**9), asked=st.none() | st.floats(0, 21_600), age_s=st.floats(0, 10**7))
def test_a_retry_is_never_in_the_past_and_never_after_the_end(attempt: int, asked: float | None, age_s: float) -> None:
    found = outcome(TransientFailure("ops", "x", retry_after_s=asked), attempt=attempt, age_s=age_s)
    if isinstance(found, Retry):
        assert NOW <= found.at <= NOW - timedelta(seconds=age_s) + timedelta(days=3)
