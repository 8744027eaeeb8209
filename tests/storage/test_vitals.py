"""The vitals, and what was appended, on both databases."""

from __future__ import annotations

from datetime import timedelta

from core.values import CANARY_OUTLET, DeliveryState
from storage import articles, deliveries, incidents, overview, sources
from storage.engine import Database
from storage.values import StoredArticle
from storage.vitals import Grown, Marks, Vitals, grown_since, marks_now, vitals
from tests.storage.builders import (
    NOW,
    article_seed,
    incident_seed,
    incident_with_report,
    notice,
    polled,
    queued,
    registered,
    stored_article,
    verdict,
)


def test_an_empty_database_has_nothing_to_tell(database: Database) -> None:
    with database.read() as session:
        assert vitals(session, NOW) == Vitals(sources={"new": 0, "ok": 0, "failing": 0})
        assert marks_now(session) == Marks()


def test_the_vitals_say_what_is_polled_what_waits_and_what_got_out(database: Database) -> None:

    with database.write() as session:
        registered(session, "a", "b", "c")
        sources.record_poll(session, "a", polled(), NOW)
        sources.record_poll(session, "b", polled(status="failed", cause_code="dns", message="no such name"), NOW)
        stored_article(session, 1)
        stored_article(session, 2)
        queued(session, None, "ops", "desk")
        claimed = deliveries.claim_due(session, now=NOW, owner="me", lease_s=60, limit=1, channels=("ops",))
        deliveries.record_sent(session, claimed[0].id, "me", NOW + timedelta(seconds=2))
    with database.read() as session:
        found = vitals(session, NOW - timedelta(hours=1))
    assert found.sources == {"new": 1, "ok": 1, "failing": 1}
    assert (found.polled, found.failing) == (2, 1)
    assert found.last_ok_at == NOW
    assert (found.waiting, found.oldest_waiting_at) == (2, NOW)
    assert found.pending == {"desk": 1}
    assert found.oldest_pending_at == NOW
    assert found.last_sent_at == NOW + timedelta(seconds=2)


def test_what_was_polled_before_the_start_does_not_count(database: Database) -> None:

    with database.write() as session:
        registered(session, "a")
        sources.record_poll(session, "a", polled(), NOW)
    with database.read() as session:
        assert vitals(session, NOW + timedelta(seconds=1)).polled == 0


def test_each_row_that_was_appended_counts_once(database: Database) -> None:
    with database.write() as session:
        incident_with_report(session, 1)
        before = marks_now(session)
    with database.write() as session:
        article = stored_article(session, 2, outlet="rudaw")
        incidents.save_verdict(session, article, verdict(), NOW)
        reported = incident_seed(first_reported_at=NOW - timedelta(minutes=2), first_seen_at=NOW)
        incident_id = incidents.create_incident(session, reported, NOW)
        queued(session, incident_id, "ops", ring=True)
        claimed = deliveries.claim_due(session, now=NOW, owner="me", lease_s=60, limit=1)
        deliveries.record_sent(session, claimed[0].id, "me", NOW + timedelta(seconds=3))
    with database.read() as session:
        grown, after = grown_since(session, before)
        assert grown.articles == {"rudaw": 1}
        assert grown.verdicts == {"attack": 1}
        assert grown.incidents == 1
        assert grown.notices == {("new", True): 1}
        assert grown.attempts == {("ops", "sent"): 1}
        assert grown.from_publication_s == [123.0]
        assert grown.from_first_sight_s == [3.0]
        nothing, same = grown_since(session, after)
        assert same == after
        assert nothing == Grown()


def test_a_canary_counts_neither_as_article_nor_as_verdict_and_stands_in_no_list(database: Database) -> None:
    with database.write() as session:
        canary: StoredArticle = stored_article(session, 7, outlet=CANARY_OUTLET, family=CANARY_OUTLET)
        incidents.save_verdict(session, canary, verdict(), NOW)
        articles.store(session, article_seed(8), NOW)
    with database.read() as session:
        grown, _ = grown_since(session, Marks())
        assert grown.articles == {"shafaq": 1}
        assert not grown.verdicts
        assert [one.outlet for one in overview.latest_articles(session)] == ["shafaq"]


def test_the_latest_articles_come_first_with_their_newest_verdict(database: Database) -> None:
    with database.write() as session:
        first, second = stored_article(session, 1), stored_article(session, 2)
        incidents.save_verdict(session, first, verdict(model="m1"), NOW)
        incidents.save_verdict(session, first, verdict(model="m2"), NOW)
    with database.read() as session:
        found = overview.latest_articles(session, 10)
    assert [(one.article_id, one.label) for one in found] == [(second.article_id, None), (first.article_id, "attack")]
    assert found[1].link == "https://example.org/news/1"


def test_an_incident_is_shown_with_its_newest_notice(database: Database) -> None:
    with database.write() as session:
        one, other = incident_with_report(session, 1), incident_with_report(session, 2)
        notice(session, one)
        newest = notice(session, one)
    with database.read() as session:
        found = overview.newest_documents(session, [one, other])
        assert found.keys() == {one}
        assert found[one]["notice"]["id"] == newest.public_id
        assert overview.newest_documents(session, []) == {}
        assert deliveries.list_deliveries(session, states=(DeliveryState.SENT,)) == []
