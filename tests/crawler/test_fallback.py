"""Which spares are called and sent back: the pure decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.fallback import HOLD, Change, decide
from tests.basewatch.test_reachability import source

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def main(**changes):
    return replace(source("main"), lang="en", url="https://main.example/rss", **changes)


def spare(name="spare", **changes):
    values = {"spare": True, "active": False, "lang": "en", "url": f"https://{name}.example/rss"} | changes
    return replace(source(name), **values)


def called(*sources):
    return [(change.source_id, change.active) for change in decide(sources, NOW)]


def test_a_first_choice_that_works_leaves_the_spare_alone():
    assert called(main(), spare()) == []


@pytest.mark.parametrize(
    ("cause", "failures", "is_called"),
    [("http_404", 1, False), ("http_404", 2, True), ("timeout", 2, False), ("timeout", 3, True)],
)
def test_what_seldom_passes_calls_a_spare_the_second_time_and_the_rest_the_third(cause, failures, is_called):
    assert called(main(failures=failures, cause_code=cause), spare()) == (
        [(spare().source_id, True)] if is_called else []
    )


def test_the_reason_is_said():
    (change,) = decide([main(failures=2, cause_code="http_404"), spare()], NOW)
    assert change == Change(spare().source_id, active=True, why=f"{main().source_id} fails (http_404)")


def test_silence_of_twenty_usual_gaps_calls_a_spare():
    habit = {"entries_total": 100, "items_per_hour": 1.0}
    assert called(main(last_listed_at=NOW - timedelta(hours=19), **habit), spare()) == []
    assert called(main(last_listed_at=NOW - timedelta(hours=21), **habit), spare()) == [(spare().source_id, True)]


def test_only_a_spare_that_fails_too_calls_the_next():
    broken = main(failures=2, cause_code="http_404")
    one, two = spare("one"), spare("two")
    assert called(broken, one, two) == [(one.source_id, True)]
    active = replace(one, active=True, active_since=NOW)
    assert called(broken, active, two) == []
    assert called(broken, replace(active, failures=2, cause_code="http_403"), two) == [(two.source_id, True)]


def test_a_spare_is_read_for_half_an_hour_before_it_stands_by_again():
    held = spare(active=True, active_since=NOW - HOLD + timedelta(minutes=1))
    assert called(main(), held) == []
    assert called(main(), replace(held, active_since=NOW - HOLD)) == [(held.source_id, False)]


def test_languages_are_lines_of_their_own():
    arabic = spare("arabic", lang="ar")
    assert called(main(failures=2, cause_code="http_404"), replace(main(), lang="ar", source_id="m-ar"), arabic) == []


def test_a_host_that_asked_for_a_pause_is_not_asked_by_another_door():
    paused = main(failures=3, cause_code="rate_limited")
    assert called(paused, spare(url="https://main.example/list")) == []
    assert called(paused, spare()) == [(spare().source_id, True)]
