"""Polls, recorded whole; entries wanted once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from storage import pages, sources
from storage.engine import Database
from storage.tables import Entry
from storage.values import PollOutcome, PollRecorded, SourceState
from tests.storage.builders import NOW, entry, polled, registered, source_seed

LATER = NOW + timedelta(minutes=5)


def record(database: Database, outcome: PollOutcome, source_id: str = "shafaq-en", minutes: float = 0) -> PollRecorded:
    with database.write() as session:
        return sources.record_poll(session, source_id, outcome, NOW + timedelta(minutes=minutes))


def state(database: Database, source_id: str = "shafaq-en") -> SourceState:
    with database.read() as session:
        found = sources.source_state(session, source_id)
    assert found is not None
    return found


def wanted_urls(database: Database, minutes: float = 0) -> list[str]:
    with database.read() as session:
        return sorted(page.url for page in pages.wanted(session, NOW + timedelta(minutes=minutes)))


@pytest.fixture(autouse=True)
def _registered(database: Database) -> None:
    with database.write() as session:
        registered(session, "shafaq-en", "shafaq-ar")


def test_a_new_source_is_due_at_once_and_has_never_been_read(database: Database) -> None:
    with database.read() as session:
        due = sources.due(session, NOW)
    assert [found.source_id for found in due] == ["shafaq-ar", "shafaq-en"]
    assert all(found.state == "new" and found.first_poll for found in due)


def test_a_source_is_due_again_only_when_its_time_has_come(database: Database) -> None:
    record(database, polled())
    with database.read() as session:
        assert [found.source_id for found in sources.due(session, NOW)] == ["shafaq-ar"]
        assert len(sources.due(session, LATER)) == 2
        assert sources.next_due_at(session) == NOW


def test_a_restart_keeps_next_polls_validators_and_history(database: Database) -> None:
    record(database, polled(entry()))
    before = state(database)
    with database.write() as session:
        sources.register(session, [source_seed("shafaq-en"), source_seed("shafaq-ar")], LATER)
    assert state(database) == before


def test_a_source_that_is_configured_no_more_is_off_but_remembered(database: Database) -> None:
    record(database, polled(entry()), source_id="shafaq-ar")
    with database.write() as session:
        sources.register(session, [source_seed("shafaq-en")], NOW)
        assert [found.source_id for found in sources.source_states(session)] == ["shafaq-en"]
        assert len(sources.source_states(session, enabled_only=False)) == 2
        sources.register(session, [source_seed("shafaq-en"), source_seed("shafaq-ar")], NOW)
    assert state(database, "shafaq-ar").etag == '"v1"'


def test_a_changed_address_forgets_its_validators_and_is_polled_at_once(database: Database) -> None:
    record(database, polled(entry(), last_modified="yesterday", body_hash="b"))
    with database.write() as session:
        sources.register(session, [source_seed("shafaq-en", url="https://example.org/moved.xml")], NOW)
    found = state(database)
    assert (found.etag, found.last_modified, found.body_hash, found.next_poll_at) == (None, None, None, NOW)


def test_a_shorter_interval_counts_from_now(database: Database) -> None:
    record(database, polled(next_poll_at=NOW + timedelta(hours=1)))
    with database.write() as session:
        sources.register(session, [source_seed("shafaq-en", interval_s=60)], NOW)
    assert state(database).next_poll_at == NOW + timedelta(seconds=60)


def test_a_clock_that_was_set_back_leaves_no_source_unread(database: Database) -> None:
    record(database, polled(next_poll_at=NOW + timedelta(hours=2, minutes=5)), minutes=120)
    with database.read() as session:
        assert "shafaq-en" in [found.source_id for found in sources.due(session, NOW)]


def test_unseen_entries_become_wanted_pages_with_what_the_feed_said(database: Database) -> None:
    told = entry(1, summary="s", content="<p>c</p>", published_raw="Mon", published_at=NOW)
    assert record(database, polled(told, entry(2))) == PollRecorded(new=2)
    with database.read() as session:
        found = {page.url: page for page in pages.wanted(session, NOW)}[told.url]
    assert (found.raw_url, found.title, found.summary, found.content) == (told.raw_url, "Title 1", "s", "<p>c</p>")
    assert (found.published_raw, found.published_at, found.first_seen_at) == ("Mon", NOW, NOW)
    assert (found.outlet, found.source_id, found.attempts, found.fetched_before) == ("shafaq", "shafaq-en", 0, False)


def test_pages_of_the_first_understood_poll_are_marked(database: Database) -> None:
    record(database, polled(status="failed", cause_code="timeout"))
    record(database, polled(entry(1)))
    record(database, polled(entry(1), entry(2)), minutes=5)
    with database.read() as session:
        marks = {page.url[-1]: page.first_poll for page in pages.wanted(session, LATER)}
    assert marks == {"1": True, "2": False}


def first_wins(_: Database) -> tuple[PollOutcome, PollRecorded, str]:
    return (
        polled(entry(1, title="first"), entry(1, title="second", entry_hash="h2")),
        PollRecorded(new=1, seen=1),
        "first",
    )


def same_again(database: Database) -> tuple[PollOutcome, PollRecorded, str]:
    record(database, polled(entry(1)))
    return polled(entry(1)), PollRecorded(seen=1), "Title 1"


def hash_changed(database: Database) -> tuple[PollOutcome, PollRecorded, str]:
    record(database, polled(entry(1)))
    return polled(entry(1, title="edited", entry_hash="h2")), PollRecorded(changed=1), "edited"


@pytest.mark.parametrize("when", [first_wins, same_again, hash_changed])
def test_what_a_poll_brings(
    database: Database, when: Callable[[Database], tuple[PollOutcome, PollRecorded, str]]
) -> None:
    outcome, expected, title = when(database)
    assert record(database, outcome, minutes=5) == expected
    with database.read() as session:
        assert [page.title for page in pages.wanted(session, LATER)] == [title]


def test_a_page_already_read_is_wanted_again_when_its_entry_changes(database: Database) -> None:
    record(database, polled(entry(1)))
    with database.write() as session:
        pages.page_done(session, 1, NOW, etag='"page"')
    assert wanted_urls(database) == []
    record(database, polled(entry(1, entry_hash="h2")), minutes=5)
    with database.read() as session:
        [again] = pages.wanted(session, LATER)
    assert (again.fetched_before, again.etag, again.first_seen_at) == (True, '"page"', NOW)


def test_two_feeds_that_show_one_page_differently_do_not_fetch_it_for_ever(database: Database) -> None:
    record(database, polled(entry(1, entry_hash="in english")))
    with database.write() as session:
        pages.page_done(session, 1, NOW)
    for minutes in (1, 2, 3):
        assert record(database, polled(entry(1, entry_hash="in arabic")), "shafaq-ar", minutes) == PollRecorded(seen=1)
        assert record(database, polled(entry(1, entry_hash="in english")), minutes=minutes) == PollRecorded(seen=1)
    assert wanted_urls(database, 5) == []


def test_an_entry_that_changes_at_every_poll_is_believed_only_so_often(database: Database) -> None:
    record(database, polled(entry(1)))
    changed = [
        record(database, polled(entry(1, entry_hash=f"v{number}")), minutes=number).changed for number in range(2, 40)
    ]
    assert sum(changed) == sources.CHANGES_MAX
    assert changed[-1] == 0


def test_a_failed_poll_keeps_validators_and_counts(database: Database) -> None:
    record(database, polled(entry(1)))
    for minutes in (5, 10):
        record(database, polled(status="failed", cause_code="http_503", message="busy", etag=None), minutes=minutes)
    found = state(database)
    assert (found.state, found.failures, found.cause_code, found.message) == ("failing", 2, "http_503", "busy")
    assert (found.etag, found.last_ok_at, found.failing_since) == ('"v1"', NOW, LATER)
    record(database, polled(status="not_modified", etag=None), minutes=15)
    found = state(database)
    assert (found.state, found.failures, found.failing_since, found.cause_code) == ("ok", 0, None, None)
    assert (found.polls_total, found.failures_total) == (4, 2)


def test_a_304_renews_validators_only_where_it_brings_them(database: Database) -> None:
    record(database, polled(entry(1), last_modified="old", body_hash="b"))
    record(database, polled(status="not_modified", etag=None, last_modified="new"), minutes=5)
    found = state(database)
    assert (found.etag, found.last_modified, found.body_hash, found.last_full_at) == ('"v1"', "new", "b", NOW)
    assert found.last_ok_at == LATER


def test_a_full_answer_without_validators_forgets_the_old_ones(database: Database) -> None:
    record(database, polled(entry(1)))
    record(database, polled(entry(1), etag=None), minutes=5)
    assert state(database).etag is None


def test_validators_and_wanted_pages_are_kept_together_or_not_at_all(database: Database) -> None:
    def break_off() -> None:
        with database.write() as session:
            sources.record_poll(session, "shafaq-en", polled(entry(1)), NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    assert (state(database).etag, wanted_urls(database)) == (None, [])


def test_a_poll_of_a_source_that_was_never_registered_is_a_bug(database: Database) -> None:
    with pytest.raises(LookupError):
        record(database, polled(entry(1)), source_id="absent")


def test_postponing_moves_polls_only_later(database: Database) -> None:
    record(database, polled(next_poll_at=NOW + timedelta(hours=9)))
    with database.write() as session:
        sources.postpone(session, ["shafaq-en", "shafaq-ar"], LATER)
    assert state(database, "shafaq-ar").next_poll_at == LATER
    assert state(database).next_poll_at == NOW + timedelta(hours=9)


def test_the_last_sight_of_an_entry_is_written_once_a_day(database: Database) -> None:
    record(database, polled(entry(1)))
    record(database, polled(entry(1)), minutes=60)
    with database.read() as session:
        assert session.scalar(select(Entry.last_seen_at)) == NOW
    record(database, polled(entry(1)), minutes=60 * 25)
    with database.read() as session:
        assert session.scalar(select(Entry.last_seen_at)) == NOW + timedelta(hours=25)


def test_a_feed_of_thousands_of_entries_is_recorded(database: Database) -> None:
    many = [entry(number) for number in range(2500)]
    assert record(database, polled(*many)).new == 2500
    assert record(database, polled(*many), minutes=5) == PollRecorded(seen=2500)


def test_an_address_of_thousands_of_characters_is_kept(database: Database) -> None:
    url = "https://example.org/" + "%D8%B9" * 1500
    assert record(database, polled(entry(1, url=url))).new == 1
    assert record(database, polled(entry(1, url=url)), minutes=5).seen == 1
    assert wanted_urls(database) == [url]
