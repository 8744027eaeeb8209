"""The removal of what nobody will ask for."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.keep import KeepSettings
from storage import articles, deliveries, incidents, pages, sources
from storage.engine import Database, open_database
from storage.retention import free_pages, give_back, prune, prune_all
from storage.tables import Article, DeliveryAttempt, Notice, RawPage, Verdict
from storage.values import PollRecorded
from storage.values import RawPage as RawSeed
from tests.storage.builders import (
    NOW,
    entry,
    mention,
    new_incident,
    polled,
    queued,
    registered,
    store,
    stored_article,
    verdict,
)

KEEP = KeepSettings()
RAW = RawSeed(body=b"gzip", headers={}, fetched_at=NOW, sha256="ab")
MUCH_LATER = NOW + timedelta(days=500)


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_old_raw_pages_go_unless_a_report_stands_on_their_article(database: Database) -> None:
    with database.write() as session:
        kept = stored_article(session, 1, raw=RAW)
        store(session, 2, raw=RAW)
        incidents.attach_report(session, new_incident(session), kept, mention(kept), NOW)
        assert not prune(session, NOW + timedelta(days=29), KEEP)
        assert prune(session, MUCH_LATER, KEEP)["raw_pages"] == 1
        assert session.scalars(select(RawPage.version_id)).all() == [kept.version_id]


def test_an_entry_that_was_pruned_and_resurfaces_is_not_new(database: Database) -> None:
    with database.write() as session:
        registered(session)
        sources.record_poll(session, "shafaq-en", polled(entry(1)), NOW)
        pages.page_done(session, 1, NOW)
        assert prune(session, MUCH_LATER, KEEP)["entries"] == 1
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
        assert prune(session, MUCH_LATER, KEEP)["attempts"] == 1
        assert session.scalar(select(func.count()).select_from(DeliveryAttempt)) == 1


def test_a_prune_is_bounded_and_can_be_repeated_until_nothing_is_left(database: Database) -> None:
    with database.write() as session:
        registered(session)
        sources.record_poll(session, "shafaq-en", polled(*(entry(number) for number in range(25))), NOW)
        assert [prune(session, MUCH_LATER, KEEP, limit=10).total() for _ in range(4)] == [10, 10, 5, 0]


def test_all_that_is_past_its_time_goes_in_one_go_however_much_it_is(database: Database) -> None:
    with database.write() as session:
        registered(session)
        sources.record_poll(session, "shafaq-en", polled(*(entry(number) for number in range(1_203))), NOW)
    assert asyncio.run(prune_all(database, MUCH_LATER, KEEP, stopping=lambda: True)).total() == 0
    assert asyncio.run(prune_all(database, MUCH_LATER, KEEP))["entries"] == 1_203
    with database.write() as session:
        assert not prune(session, MUCH_LATER, KEEP)


def judged(session: Session, number: int) -> int:
    """The id of an article that was stored and judged at NOW."""
    article = stored_article(session, number, raw=RAW, text=f"{number} tells this text from that of any other article.")
    incidents.save_verdict(session, article, verdict(), NOW)
    return article.article_id


def test_an_article_that_made_no_report_goes_with_all_its_parts_and_is_still_known(database: Database) -> None:
    with database.write() as session:
        registered(session)
        sources.record_poll(session, "shafaq-en", polled(entry(7)), NOW)
        pages.page_done(session, 1, NOW)
        judged(session, 7)
        with_report = stored_article(session, 2, raw=RAW)
        incidents.attach_report(session, new_incident(session), with_report, mention(with_report), NOW)
        incidents.save_verdict(session, with_report, verdict(), NOW)
        assert prune(session, NOW + timedelta(days=800), KEEP)["articles"] == 1
        assert [row.id for row in session.scalars(select(Article))] == [with_report.article_id]
        assert (count(session, RawPage), count(session, Verdict)) == (1, 1)
        later = NOW + timedelta(days=800)
        assert sources.record_poll(session, "shafaq-en", polled(entry(7)), later).new == 0


def test_what_waits_for_the_classifier_or_was_edited_of_late_is_kept(database: Database) -> None:
    with database.write() as session:
        store(session, 1)  # waits
        judged(session, 2)
        store(session, 2, now=MUCH_LATER, title="Edited", text="Other words of the same article, much later than that.")
        session.flush()
        edited = articles.article(session, 2)
        assert edited is not None
        incidents.save_verdict(session, edited, verdict(), MUCH_LATER)
        assert not prune(session, NOW + timedelta(days=731), KeepSettings(raw_pages_days=0, verdicts_days=0))


def test_a_verdict_that_is_pruned_does_not_make_its_article_wait_again(database: Database) -> None:
    with database.write() as session:
        judged(session, 1)
        assert prune(session, MUCH_LATER, KEEP)["verdicts"] == 1
        assert articles.count_unclassified(session) == 0


def test_notices_of_no_incident_go_once_sent_but_the_newest_keeps_the_count(database: Database) -> None:
    with database.write() as session:
        queued(session, None, "ops")
        queued(session, None, "ops")
        of_incident = queued(session, new_incident(session), "ops")
        for found in deliveries.claim_due(session, NOW, "me", 60):
            deliveries.record_sent(session, found.id, "me", NOW)
        waiting = queued(session, None, "slow")
        newest = queued(session, None, "slow")
        assert prune(session, MUCH_LATER, KEEP)["notices"] == 2
        assert set(session.scalars(select(Notice.id))) == {of_incident, waiting, newest}
        assert count(session, Notice) == 3


def test_nothing_goes_where_everything_is_kept_for_ever(database: Database) -> None:
    with database.write() as session:
        judged(session, 1)
        for_ever = KeepSettings(
            raw_pages_days=0, entries_days=0, articles_days=0, verdicts_days=0, attempts_days=0, notices_days=0
        )
        assert not prune(session, NOW + timedelta(days=9_999), for_ever)


def test_articles_are_kept_at_least_as_long_as_copies_of_them_are_looked_for() -> None:
    with pytest.raises(ValidationError, match="at least 31"):
        KeepSettings(articles_days=7)


def test_the_file_shrinks_after_much_was_removed(tmp_path: Path, now: datetime) -> None:
    path = tmp_path / "new.db"
    body = bytes(range(256)) * 400
    with open_database(path) as database:
        with database.write() as session:
            for number in range(200):
                raw = RawSeed(body=body, headers={}, fetched_at=NOW, sha256="ab")
                store(session, number, text=f"{number} is what tells this text from the other ones.", raw=raw)
        database.checkpoint()
        before = path.stat().st_size
        asyncio.run(prune_all(database, NOW + timedelta(days=40), KEEP))
        assert asyncio.run(give_back(database)) > 2_000
        database.checkpoint()
        assert path.stat().st_size < before / 2
        assert database.problems() == []
        with database.read() as session:
            assert free_pages(session)[0] > 0, "some room is left for what comes next"
    with closing(sqlite3.connect(path)) as raw_file:
        assert raw_file.execute("PRAGMA auto_vacuum").fetchone() == (2,)
