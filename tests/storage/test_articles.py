"""Stored once: versions, aliases, duplicates, failures."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from storage import articles, incidents, pages, sources
from storage.engine import Database
from storage.tables import Article, ArticleVersion, RawPage
from storage.values import RawPage as RawSeed
from storage.values import Stored
from tests.storage.builders import BODY, NOW, article_seed, entry, polled, registered, store, verdict

LATER = NOW + timedelta(minutes=30)
FLASH = "Sirens sound at the US embassy in Baghdad"


def count(database: Database, table: type[Article] | type[ArticleVersion] | type[RawPage]) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_new_article_is_version_one_and_comes_back_as_it_was(database: Database) -> None:
    with database.write() as session:
        assert store(session, 1, author="A", published_raw="now") == Stored(
            article_id=1, version=1, is_new=True, is_changed=False
        )
        found = articles.article(session, 1)
    assert found is not None
    assert (found.title, found.text, found.author) == ("Drone shot down over base, report 1", BODY, "A")
    assert (found.published_at, found.first_seen_at, found.edited_at) == (NOW, NOW, None)
    assert found.article.published_at == NOW
    assert found.article.url == "https://example.org/news/1"


def test_the_same_words_again_change_nothing(database: Database) -> None:
    with database.write() as session:
        store(session)
        again = store(session, now=LATER, title="DRONE shot  down over base - report 1")
    assert again == Stored(article_id=1, version=1, is_new=False, is_changed=False)
    assert count(database, ArticleVersion) == 1


def test_an_edit_is_a_new_version_and_first_sight_never_moves(database: Database) -> None:
    with database.write() as session:
        store(session)
        edited = store(session, now=LATER, text=BODY + " Two were hurt.", first_seen_at=LATER)
        found = articles.article(session, 1)
        before = articles.article(session, 1, 1)
    assert edited == Stored(article_id=1, version=2, is_new=False, is_changed=True)
    assert found is not None
    assert before is not None
    assert (found.first_seen_at, found.edited_at) == (NOW, LATER)
    assert (before.text, before.edited_at) == (BODY, None)


def test_only_the_newest_words_of_an_unread_article_wait_for_the_classifier(database: Database) -> None:
    with database.write() as session:
        store(session)
        store(session, text="Other words")
        assert [(found.article_id, found.version) for found in articles.unclassified(session, "m1")] == [(1, 2)]


def test_an_outlet_that_edits_at_every_fetch_is_versioned_so_often_and_then_counted(database: Database) -> None:
    with database.write() as session:
        for number in range(40):
            last = store(session, text=f"Visitors: {number}")
        row = session.get_one(Article, 1)
        assert (last.version, last.is_changed) == (1 + articles.EDITS_MAX, False)
        assert row.edits_dropped == 39 - articles.EDITS_MAX
        changed = store(session, text="Visitors: and news", published_at=LATER)
    assert changed.is_changed


def test_what_only_the_feed_said_is_replaced_when_the_page_arrives_and_never_the_other_way(database: Database) -> None:
    with database.write() as session:
        store(session, text="A summary", from_feed_only=True)
        page = store(session)
        feed = store(session, text="A summary, again", from_feed_only=True)
        found = articles.article(session, 1)
        edits = session.get_one(Article, 1).hash_only_edits
    assert (page.version, page.is_changed, feed.version, feed.is_changed) == (2, True, 2, False)
    assert found is not None
    assert (found.text, found.from_feed_only, edits) == (BODY, False, 0)


def raw(words: bytes = b"gzip") -> RawSeed:
    return RawSeed(body=words, headers={"Content-Type": "text/html"}, fetched_at=NOW, sha256="ab")


def test_a_page_with_the_words_of_its_feed_adds_time_and_evidence_without_a_version(database: Database) -> None:
    with database.write() as session:
        store(session, from_feed_only=True, published_at=None)
        same = store(session, raw=raw())
        found = articles.article(session, 1)
    assert not same.is_changed
    assert found is not None
    assert (found.published_at, found.from_feed_only) == (NOW, False)
    assert count(database, RawPage) == 1


def test_every_version_keeps_its_own_evidence(database: Database) -> None:
    with database.write() as session:
        store(session, raw=raw(b"one"))
        store(session, raw=raw(b"two"), text="Other words")
        kept = session.scalars(select(RawPage).order_by(RawPage.version_id)).all()
        assert [(row.body, row.headers, row.sha256) for row in kept] == [
            (b"one", {"Content-Type": "text/html"}, "ab"),
            (b"two", {"Content-Type": "text/html"}, "ab"),
        ]


def test_the_same_words_under_another_address_of_the_family_are_an_alias(database: Database) -> None:
    with database.write() as session:
        store(session)
        double = store(session, url="https://amp.example.org/news/1", first_seen_at=LATER)
        assert double == Stored(article_id=1, version=1, is_new=False, is_changed=False, duplicate_of=1)
        assert articles.urls_of(session, 1) == ["https://amp.example.org/news/1", "https://example.org/news/1"]
        found = articles.article_by_url(session, "https://amp.example.org/news/1")
    assert found is not None
    assert (found.article_id, found.url) == (1, "https://example.org/news/1")


def test_the_same_words_of_another_family_are_another_article(database: Database) -> None:
    with database.write() as session:
        store(session)
        copy = store(session, url="https://other.example/1", outlet="rudaw", family="rudaw")
        found = [articles.article(session, number) for number in (1, 2)]
    assert copy.is_new
    assert found[0] is not None
    assert found[1] is not None
    assert found[0].fingerprint == found[1].fingerprint is not None


@pytest.mark.parametrize(
    ("text", "after", "is_new"),
    [
        ("", timedelta(hours=5), False),
        ("", timedelta(hours=7), True),  # the same flash for the next attack
        (BODY, timedelta(days=2), False),
        (BODY, timedelta(days=40), True),
    ],
)
def test_a_flash_is_a_duplicate_for_hours_and_a_report_for_weeks(
    database: Database, text: str, after: timedelta, is_new: bool
) -> None:
    then: datetime = NOW + after
    with database.write() as session:
        store(session, 1, title=FLASH, text=text)
        again = store(session, 2, then, title=FLASH, text=text, first_seen_at=then, published_at=then)
    assert again.is_new == is_new


def test_words_too_few_to_tell_are_never_duplicates(database: Database) -> None:
    with database.write() as session:
        assert [store(session, number, title="Live", text="").is_new for number in (1, 2)] == [True, True]


def test_an_alias_that_goes_on_its_own_way_does_not_make_versions_for_ever(database: Database) -> None:
    with database.write() as session:
        store(session)
        store(session, url="https://amp.example.org/1")
        versions = [
            store(session, url=url, text=words).version
            for _ in range(3)
            for url, words in (("https://amp.example.org/1", "Shortened for phones"),)
        ]
    assert versions == [2, 2, 2]


def test_storing_finishes_the_page(database: Database) -> None:
    with database.write() as session:
        registered(session)
        sources.record_poll(session, "shafaq-en", polled(entry(1, content="x" * 1000)), NOW)
        store(session, page_id=1)
        assert pages.wanted(session, LATER) == []


def test_hostile_characters_are_replaced_and_the_article_is_kept(database: Database) -> None:
    with database.write() as session:
        store(session, title="a\0b", text="lone \ud800 surrogate")
        found = articles.article(session, 1)
        again = store(session, title="a\0b", text="lone \ud800 surrogate")
    assert found is not None
    assert (found.title, found.text) == ("a\ufffdb", "lone \ufffd surrogate")
    assert not again.is_changed


def test_a_judged_version_is_not_handed_out_again_by_any_model(database: Database) -> None:
    with database.write() as session:
        store(session)
        [found] = articles.unclassified(session, "m1")
        incidents.save_verdict(session, found, verdict(model="m1"), NOW)
        assert articles.unclassified(session, "m2") == []
        assert articles.count_unclassified(session) == 0


def test_a_poison_article_is_parked_after_three_tries_while_the_others_go_on(database: Database) -> None:
    with database.write() as session:
        for number in range(5):
            store(session, number)
        [poison, *_] = articles.unclassified(session, "m1")
        assert articles.record_failure(session, poison.article_id, 1, "boom", NOW) == 1
        assert articles.unclassified(session, "m1")[-1].article_id == poison.article_id
        articles.record_failure(session, poison.article_id, 1, "boom", NOW)
        assert articles.record_failure(session, poison.article_id, 1, "boom, again", LATER) == articles.TRIES_MAX
        assert poison.article_id not in [found.article_id for found in articles.unclassified(session, "m1")]
        [parked] = articles.failures(session, parked_only=True)
        assert (parked.tries, parked.error, parked.last_at, parked.parked) == (3, "boom, again", LATER, True)
        assert articles.unpark(session, poison.article_id, 1)
        assert not articles.unpark(session, poison.article_id, 1)
        assert articles.count_unclassified(session) == 5


def test_one_transaction_stores_an_article_whole_or_not_at_all(database: Database) -> None:
    def break_off() -> None:
        with database.write() as session:
            store(session, raw=raw())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    assert (count(database, Article), count(database, RawPage)) == (0, 0)


def test_seeds_without_a_zone_are_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        article_seed(published_at=datetime(2026, 1, 1))  # noqa: DTZ001
