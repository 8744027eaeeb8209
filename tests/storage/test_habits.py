"""What is remembered of a source's ways, and what was told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.page_habit import PageField
from storage import courtesy, habits, sources
from storage.engine import Database
from tests.storage.builders import NOW, entry, polled, registered

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _registered(database: Database) -> None:
    with database.write() as session:
        registered(session, "shafaq-en")


def live(database: Database, hours: int, per_hour: int = 1, start: int = 0) -> None:
    """Poll each hour from NOW; each answer lists ``per_hour`` new entries."""
    with database.write() as session:
        for hour in range(start, start + hours):
            seeds = [entry(f"https://shafaq.example/{hour}-{number}") for number in range(per_hour)]
            sources.record_poll(session, "shafaq-en", polled(*seeds), NOW + hour * HOUR)


def state(database: Database):
    with database.read() as session:
        return sources.source_state(session, "shafaq-en")


def test_the_frequency_of_a_source_is_learned_from_its_polls(database: Database) -> None:
    live(database, 4, per_hour=2)
    assert state(database).items_per_hour is None
    live(database, 44, per_hour=2, start=4)
    assert state(database).items_per_hour == pytest.approx(2, rel=0.05)
    with database.read() as session:
        habit = habits.habits_of(session, "shafaq-en").listing
    assert habit.expected(NOW, NOW + 10 * HOUR) == pytest.approx(20, rel=0.1)


def test_both_clocks_are_kept(database: Database) -> None:
    live(database, 3)
    found = state(database)
    assert found.last_poll_at == NOW + 2 * HOUR
    assert found.last_listed_at == NOW + 2 * HOUR
    assert found.watching_since == NOW
    newest = NOW - timedelta(minutes=7)
    with database.write() as session:
        dated = entry("https://shafaq.example/dated", published_at=newest)
        sources.record_poll(session, "shafaq-en", polled(dated), NOW + 3 * HOUR)
    assert state(database).newest_item_at == NOW + 2 * HOUR  # an older date never sets the clock back


def test_a_night_without_polls_teaches_nothing_and_starts_a_new_stretch(database: Database) -> None:
    live(database, 24)
    before = state(database).items_per_hour
    live(database, 1, per_hour=40, start=40)
    found = state(database)
    assert found.watching_since == NOW + 40 * HOUR
    assert found.items_per_hour == pytest.approx(before)


def test_pages_and_what_was_told_are_kept_beside_it(database: Database) -> None:
    live(database, 2)
    with database.write() as session:
        habits.learn_page(session, "shafaq-en", PageField.READ | PageField.TEXT)
        habits.learn_page(session, "shafaq-en", PageField(0), "http_403")
        habits.tell(session, ["shafaq-en"], "quiet", None, NOW)
    with database.read() as session:
        kept = habits.all_habits(session)["shafaq-en"]
    assert (kept.pages.recent, kept.pages.cause) == ((9, 0), "http_403")
    assert (kept.told, kept.told_at) == ("quiet", NOW)
    assert kept.listing.until is not None


def test_pauses_and_rules_are_kept_until_they_are_over_or_renewed(database: Database) -> None:
    with database.write() as session:
        courtesy.pause_hosts(session, {"a.example:443": NOW + HOUR, "b.example:443": NOW + 3 * HOUR}, NOW)
        courtesy.pause_hosts(session, {"a.example:443": NOW + 2 * HOUR}, NOW)
        courtesy.keep_rules(session, "https://a.example", "User-agent: *\nDisallow: /x", NOW)
        courtesy.keep_rules(session, "https://a.example", "", NOW + HOUR)
    with database.read() as session:
        assert courtesy.paused_hosts(session, NOW + HOUR)["a.example:443"] == NOW + 2 * HOUR
        assert list(courtesy.paused_hosts(session, NOW + 2 * HOUR)) == ["b.example:443"]
        assert courtesy.kept_rules(session, "https://a.example") == courtesy.KeptRules(text="", read_at=NOW + HOUR)
        assert courtesy.kept_rules(session, "https://b.example") is None
