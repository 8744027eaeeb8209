"""The canary: the whole way, and nothing left of it but a message that says TEST."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from sqlalchemy import func, select

from alerts.canary import PASSED, canary_article, release, site_for
from alerts.classifier import Classifier
from alerts.headline import first_line
from alerts.intake import Intake, IntakeSummary
from config.settings import Settings
from core.clock import SimulatedClock
from core.documents import NoticeDocument
from core.values import Article, Label, Verdict
from storage import canary, deliveries, incidents
from storage import tables as t
from storage.engine import Database
from tests.alerts.making import the_watch

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


@cache
def the_classifier() -> Classifier:
    return Classifier.load(the_watch())


class Blind:
    """A classifier that sees no attack anywhere."""

    model = "blind"

    def classify(self, article: Article) -> Verdict:
        return Verdict(label=Label.OTHER, probability=0.02, lang="en", model="blind")


def go(database: Database, classifier: Classifier | Blind, *, now: datetime = NOW) -> IntakeSummary:
    """Release a canary and classify what waits."""
    with database.write() as session:
        release(session, the_watch(), now)
    clock = SimulatedClock(now + timedelta(seconds=2))
    intake = Intake(database, classifier, the_watch(), {}, Settings(), clock, canary_channels=("ops", "desk"))
    return asyncio.run(intake.run(limit=10))


def accept_all(database: Database, at: datetime) -> list[dict[str, object]]:
    """Every delivery that waits is accepted; their documents."""
    with database.write() as session:
        claimed = deliveries.claim_due(session, now=at, owner="me", lease_s=60, limit=10)
        for one in claimed:
            deliveries.record_sent(session, one.id, "me", at)
    return [one.document for one in claimed]


def count(database: Database, table: type[t.Base]) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_canary_is_told_as_a_test_to_the_operators_channels_and_leaves_no_incident(database: Database) -> None:
    summary = go(database, the_classifier())
    assert (summary.classified, summary.positives, summary.incidents, summary.new) == (1, 0, 0, 0)
    assert summary.notices == 1
    told = accept_all(database, NOW + timedelta(seconds=5))
    assert len(told) == 2
    document = NoticeDocument.model_validate(told[0])
    assert document.incident is None
    assert first_line(document, now=NOW).startswith("TEST No attack")
    assert document.notice.text is not None
    assert "It would have read: S2 " in document.notice.text
    assert not document.notice.ring
    for table in (t.Incident, t.Report, t.Fact):
        assert count(database, table) == 0


def test_once_it_arrived_its_time_is_kept_and_its_article_deleted(database: Database) -> None:
    go(database, the_classifier())
    with database.write() as session:
        assert canary.settle(session, PASSED) is None  # it is on its way
    arrived = NOW + timedelta(seconds=5)
    accept_all(database, arrived)
    with database.write() as session:
        assert canary.settle(session, PASSED) == arrived
        assert canary.last_canary_at(session) == arrived
        assert canary.settle(session, PASSED) is None  # once
    for table in (t.Article, t.ArticleVersion, t.ArticleUrl, t.Verdict):
        assert count(database, table) == 0


def test_the_next_day_it_goes_again_although_its_words_are_much_the_same(database: Database) -> None:
    for day in range(3):
        now = NOW + timedelta(days=day)
        assert go(database, the_classifier(), now=now).notices == 1
        accept_all(database, now + timedelta(seconds=9))
        with database.write() as session:
            assert canary.settle(session, PASSED) == now + timedelta(seconds=9)


def test_it_joins_no_real_incident_and_gives_none_a_number(database: Database) -> None:
    go(database, the_classifier())
    with database.write() as session:
        assert incidents.list_incidents(session) == []
        assert canary.was_told(session, NOW)
        assert not canary.was_told(session, NOW + timedelta(minutes=1))


def test_a_classifier_that_misses_it_is_told_to_the_operator(database: Database) -> None:
    summary = go(database, Blind())
    assert summary.notices == 1
    (told, _) = accept_all(database, NOW + timedelta(seconds=5))
    line = first_line(NoticeDocument.model_validate(told), now=NOW)
    assert line.startswith("SYSTEM Basewatch does not recognise its own test report")
    with database.write() as session:
        assert canary.settle(session, PASSED) is None
        assert canary.last_canary_at(session) is None


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_it_is_recognised_at_any_hour(hour: int) -> None:
    site = site_for(the_watch())
    now = datetime(2026, 12, 31, hour, 2, tzinfo=UTC)
    seed = canary_article(site, now)
    article = Article(title=seed.title, text=seed.text, published_at=now, first_seen_at=now, outlet=seed.outlet)
    verdict = the_classifier().classify(article)
    assert verdict.label is Label.ATTACK
    assert verdict.probability > 0.9
    assert [attack.base for attack in verdict.attacks] == [site.id]
