"""Counts for people who ask how it goes."""

from __future__ import annotations

from sqlalchemy import select

from storage import deliveries, pages, sources
from storage.engine import Database
from storage.housekeeping import counts
from storage.tables import Page
from tests.storage.builders import (
    NOW,
    entry,
    incident_with_report,
    new_incident,
    polled,
    queued,
    registered,
    store,
)


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


def test_what_a_feed_said_of_a_page_that_was_given_up_is_not_kept_for_ever(database: Database) -> None:
    with database.write() as session:
        registered(session)
        sources.record_poll(session, "shafaq-en", polled(entry(1, summary="s", content="c")), NOW)
        pages.page_failed(session, 1, "http_410", None, NOW)
        assert session.execute(select(Page.summary, Page.content)).one() == (None, None)
