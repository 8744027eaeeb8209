"""The queue of wanted pages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from storage import pages, sources
from storage.engine import Database
from tests.storage.builders import NOW, entry, polled, source_seed

LATER = NOW + timedelta(minutes=5)


@pytest.fixture(autouse=True)
def _three_outlets(database: Database) -> None:
    """Five pages of one outlet, two of another, one of a third; page 4 is the newest of the first."""
    with database.write() as session:
        seeds = [source_seed(outlet, outlet=outlet) for outlet in ("many", "few", "one")]
        sources.register(session, seeds, NOW)
        ages = (3, 2, 1, 0, 4)
        entries = [entry(number, published_at=NOW - timedelta(hours=age)) for number, age in enumerate(ages, 1)]
        sources.record_poll(session, "many", polled(*entries), NOW)
        sources.record_poll(session, "few", polled(entry(11), entry(12)), NOW)
        sources.record_poll(session, "one", polled(entry(21)), NOW)


def test_outlets_take_turns_and_the_newest_of_each_comes_first(database: Database) -> None:
    with database.read() as session:
        found = pages.wanted(session, NOW)
    assert [page.outlet for page in found[:3]] == ["many", "few", "one"]
    assert [page.url.rsplit("/", 1)[1] for page in found if page.outlet == "many"] == ["4", "3", "2", "1", "5"]
    assert len(found) == 8


def test_limits_hold_in_all_and_for_each_outlet(database: Database) -> None:
    with database.read() as session:
        assert len(pages.wanted(session, NOW, 2)) == 2
        assert [page.outlet for page in pages.wanted(session, NOW, per_outlet=1)] == ["many", "few", "one"]
        assert {page.outlet for page in pages.wanted(session, NOW, outlets=["few"])} == {"few"}


def test_pages_being_fetched_are_left_out_before_turns_are_given(database: Database) -> None:
    with database.read() as session:
        first = pages.wanted(session, NOW, per_outlet=1)
        second = pages.wanted(session, NOW, per_outlet=1, exclude=[page.id for page in first])
    assert [page.outlet for page in second] == ["many", "few"]


def test_a_failed_page_waits_behind_the_others_until_its_time(database: Database) -> None:
    with database.write() as session:
        assert pages.page_failed(session, 4, "timeout", LATER, NOW) == 1
        assert 4 not in [page.id for page in pages.wanted(session, NOW)]
        of_many = [page for page in pages.wanted(session, LATER) if page.outlet == "many"]
    assert (of_many[-1].id, of_many[-1].attempts) == (4, 1)


def test_a_page_that_is_given_up_is_wanted_no_more(database: Database) -> None:
    with database.write() as session:
        pages.page_failed(session, 4, "http_404", None, NOW)
        assert pages.count_wanted(session) == 7
