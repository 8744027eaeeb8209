"""Trouble of a source is told once, with its cause, many at once in one notice, and its end is told, too."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from basewatch import outlet_news
from basewatch.outlet_news import AGAIN_AFTER, TOGETHER, WELL_FOR, News, news_of, news_text, patients
from storage import habits, notices, sources
from storage.habits import Habits
from storage.values import PollOutcome
from tests.basewatch.test_reachability import source
from tests.storage.builders import registered

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=3)
HOUR = timedelta(hours=1)


def failing(name: str, *, since=NOW - 2 * HOUR, failures: int = 5, cause: str = "http_403", polled=NOW):
    state = source(name, failures=failures, cause=cause)
    return replace(state, failing_since=since, last_poll_at=polled, message="the outlet refuses us")


def well(name: str, *, since=NOW - HOUR):
    return replace(source(name), last_ok_at=NOW, watching_since=since, last_listed_at=NOW)


def news(*states, told: dict[str, Habits] | None = None, **more) -> News:
    return news_of(patients(states, told or {}, NOW), NOW, **({"heard_since": LONG_AGO} | more))


def names(found: News) -> tuple[list[str], list[str]]:
    return [one.state.source_id for one in found.troubled], [one.state.source_id for one in found.recovered]


def told(state: str, at: datetime) -> Habits:
    return Habits(told=state, told_cause="dns", told_at=at)


def test_a_failure_is_told_when_it_lasts() -> None:
    assert names(news(failing("a"), well("b"))) == (["a"], [])
    assert names(news(failing("a", since=NOW - HOUR / 2))) == ([], [])
    assert names(news(failing("a", failures=2))) == ([], [])


def test_it_is_told_once_and_again_only_as_another_trouble_a_day_later() -> None:
    assert names(news(failing("a"), told={"a": told("blocked", LONG_AGO)})) == ([], [])
    assert names(news(failing("a"), told={"a": told("failing", NOW - AGAIN_AFTER / 2)})) == ([], [])
    assert names(news(failing("a"), told={"a": told("failing", NOW - AGAIN_AFTER)})) == (["a"], [])


def test_the_end_of_what_was_told_is_told_when_it_lasts() -> None:
    kept = {"a": told("failing", NOW - HOUR)}
    assert names(news(well("a"), told=kept)) == ([], ["a"])
    assert names(news(well("a", since=NOW - WELL_FOR / 2), told=kept)) == ([], [])
    assert names(news(well("a"))) == ([], [])


def test_what_comes_close_together_is_told_together() -> None:
    kept = {"a": told("blocked", NOW - TOGETHER / 2)}
    assert names(news(failing("a"), failing("b"), told=kept)) == ([], [])


def test_a_network_that_is_down_is_not_told_outlet_by_outlet() -> None:
    many = [failing(f"s{number}", cause="dns") for number in range(60)]
    assert names(news(*many, is_cut_off=True)) == ([], [])
    # It is back, but these were not asked since.
    assert names(news(*many, heard_since=NOW + HOUR)) == ([], [])


def test_sixty_sources_make_one_short_notice() -> None:
    text = news_text(news(*[failing(f"s{number:02}") for number in range(60)]), NOW)
    assert text.startswith("60 sources need a look:")
    assert "- and 40 more" in text
    assert len(text.splitlines()) < 25
    assert "- s00 is blocked since 2026-03-01 10:00 UTC: the outlet refuses us" in text


def test_a_notice_says_who_works_again() -> None:
    assert news_text(news(well("a"), told={"a": told("failing", NOW - HOUR)}), NOW) == "1 source works again:\n- a"


@pytest.mark.parametrize("cause", ["dns", "blocked_page"])
def test_the_whole_way_through_the_database_trouble_once_then_its_end(database, cause) -> None:
    failed = PollOutcome(status="failed", next_poll_at=NOW, cause_code=cause, message="no answer")
    good = PollOutcome(status="not_modified", next_poll_at=NOW, http_status=304)

    def look(now):
        with database.write() as session:
            found = outlet_news.look(session, now, heard_since=LONG_AGO, is_cut_off=False)
            if found.troubled or found.recovered:
                outlet_news.tell(session, found, ("ops",), now)

    def poll(outcome, now):
        with database.write() as session:
            sources.record_poll(session, "shafaq-en", outcome, now)

    with database.write() as session:
        registered(session, "shafaq-en", "shafaq-ar")
    for minutes in range(0, 130, 10):
        poll(failed, NOW + timedelta(minutes=minutes))
        look(NOW + timedelta(minutes=minutes))
    for minutes in range(130, 180, 5):
        poll(good, NOW + timedelta(minutes=minutes))
        look(NOW + timedelta(minutes=minutes))
    with database.read() as session:
        written = notices.notices_of(session, None)
        assert habits.habits_of(session, "shafaq-en").told is None
    assert [one.reason for one in written] == ["outlet-trouble", "outlet-recovery"]
    assert "shafaq-en" in written[0].document["notice"]["text"]
