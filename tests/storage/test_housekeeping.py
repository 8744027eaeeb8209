"""Counts, and the removal of what nobody will ask for."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy import func, select

from storage import deliveries, incidents, pages, sources
from storage.engine import Database
from storage.housekeeping import counts, prune, prune_all
from storage.tables import DeliveryAttempt, Page, RawPage
from storage.values import PollRecorded
from storage.values import RawPage as RawSeed
from tests.storage.builders import (
    NOW,
    entry,
    incident_with_report,
    mention,
    new_incident,
    polled,
    queued,
    registered,
    store,
    stored_article,
)

RAW = RawSeed(body=b"gzip", headers={}, fetched_at=NOW, sha256="ab")
MUCH_LATER = NOW + timedelta(days=500)


def test_counts_say_how_things_stand(database: Database) -> None:
    with database.write() as session:
        registered(session, "a", "b", "c")
        sources.record_poll(session, "a", polled(entry(8), entry(9)), NOW)
        sources.record_poll(session, "b", polled(status="failed"), NOW)
        incident_with_report(session)
        store(session, 2)
        queued(session, new_incident(session), "x", "y")
        deliveries.claim_due(session, NOW, "me", 60, 1)
        found = counts(session, NOW)
    assert found.sources == {"ok": 1, "failing": 1, "new": 1}
    assert (found.articles, found.articles_last_24h, found.pages_wanted) == (2, 2, 2)
    assert (found.unclassified, found.parked, found.incidents, found.notices) == (2, 0, 2, 1)
    assert found.deliveries == {"pending": 1, "sending": 1, "sent": 0, "dead": 0, "held": 0}
    assert (found.oldest_pending_at, found.last_article_at, found.last_poll_ok_at) == (NOW, NOW, NOW)


def test_counts_of_an_empty_database_are_zero(database: Database) -> None:
    with database.read() as session:
        found = counts(session, NOW)
    assert (found.articles, found.sources, found.oldest_pending_at) == (0, {}, None)
    assert found.deliveries == {"pending": 0, "sending": 0, "sent": 0, "dead": 0, "held": 0}


def test_old_raw_pages_go_unless_a_report_stands_on_their_article(database: Database) -> None:
    with database.write() as session:
        kept = stored_article(session, 1, raw=RAW)
        store(session, 2, raw=RAW)
        incidents.attach_report(session, new_incident(session), kept, mention(kept), NOW)
        assert prune(session, NOW + timedelta(days=29)).total == 0
        assert prune(session, MUCH_LATER).raw_pages == 1
        assert session.scalars(select(RawPage.version_id)).all() == [kept.version_id]


def test_an_entry_that_was_pruned_and_resurfaces_is_not_new(database: Database) -> None:
    with database.write() as session:
        registered(session)
        sources.record_poll(session, "shafaq-en", polled(entry(1)), NOW)
        pages.page_done(session, 1, NOW)
        assert prune(session, MUCH_LATER).entries == 1
        assert sources.record_poll(session, "shafaq-en", polled(entry(1)), MUCH_LATER) == PollRecorded(seen=1)
        assert pages.count_wanted(session) == 0


def test_attempts_of_what_is_not_sent_are_kept(database: Database) -> None:
    with database.write() as session:
        queued(session, new_incident(session), "sent", "dead")
        for found in deliveries.claim_due(session, NOW, "me", 60):
            if found.channel == "sent":
                deliveries.record_sent(session, found.id, "me", NOW)
            else:
                deliveries.record_dead(session, found.id, "me", NOW, error="gone")
        assert prune(session, MUCH_LATER).attempts == 1
        assert session.scalar(select(func.count()).select_from(DeliveryAttempt)) == 1


def test_a_prune_is_bounded_and_can_be_repeated_until_nothing_is_left(database: Database) -> None:
    with database.write() as session:
        registered(session)
        sources.record_poll(session, "shafaq-en", polled(*(entry(number) for number in range(25))), NOW)
        assert [prune(session, MUCH_LATER, limit=10).total for _ in range(4)] == [10, 10, 5, 0]


def test_all_that_is_past_its_time_goes_in_one_go_however_much_it_is(database: Database) -> None:
    with database.write() as session:
        registered(session)
        sources.record_poll(session, "shafaq-en", polled(*(entry(number) for number in range(1_203))), NOW)
    assert asyncio.run(prune_all(database, MUCH_LATER, stopping=lambda: True)).total == 0
    assert asyncio.run(prune_all(database, MUCH_LATER)).entries == 1_203
    with database.write() as session:
        assert prune(session, MUCH_LATER).total == 0


def test_what_a_feed_said_of_a_page_that_was_given_up_is_not_kept_for_ever(database: Database) -> None:
    with database.write() as session:
        registered(session)
        sources.record_poll(session, "shafaq-en", polled(entry(1, summary="s", content="c")), NOW)
        pages.page_failed(session, 1, "http_410", None, NOW)
        assert session.execute(select(Page.summary, Page.content)).one() == (None, None)
