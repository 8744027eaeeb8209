"""Incidents, reports, facts, notices; ids for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from core.errors import InputError
from core.values import Label, NoticeKind, Severity, Status
from storage import articles, incidents
from storage.engine import Database, open_database
from storage.tables import Incident
from storage.values import FactSeed, IncidentFilter
from tests.storage.builders import (
    NOW,
    attack,
    incident_seed,
    incident_with_report,
    mention,
    new_incident,
    notice,
    queued,
    store,
    stored_article,
    verdict,
)

HOUR = timedelta(hours=1)


def test_a_verdict_is_saved_once_for_a_version_and_model(database: Database) -> None:
    with database.write() as session:
        article = stored_article(session)
        first = incidents.save_verdict(session, article, verdict(model="m1"), NOW)
        assert first is not None
        assert incidents.save_verdict(session, article, verdict(model="m1", label=Label.OTHER), NOW) is None
        assert incidents.save_verdict(session, article, verdict(model="m2"), NOW) is not None
        kept = incidents.verdicts_of(session, article.article_id, 1)
    assert [(row.verdict, row.version) for row in kept] == [(verdict(model="m1"), 1), (verdict(model="m2"), 1)]


def test_an_incident_comes_back_as_it_was_written(database: Database) -> None:
    seed = incident_seed(
        place="قرب عين الأسد", kind="airbase", event_from=NOW - HOUR, event_to=NOW, local_date="2026-11-23",
        first_reported_at=NOW, facts={"weapons": ["drone"], "count": None, "nested": {"ا": [1.5, True]}},
    )  # fmt: skip
    with database.write() as session:
        incident_id = incidents.create_incident(session, seed, NOW)
        found = incidents.incident(session, incident_id)
    assert found is not None
    assert {name: getattr(found, name) for name in seed.__slots__} == {
        name: getattr(seed, name) for name in seed.__slots__
    }
    assert (found.public_id, found.merged_into, found.report_count, found.outlet_count) == ("BW-1", None, 0, 0)


def test_setting_an_incident_replaces_it_and_keeps_when_it_was_opened(database: Database) -> None:
    with database.write() as session:
        incident_id = new_incident(session)
        incidents.set_incident(session, incident_id, incident_seed(status=Status.CONFIRMED, closed_at=NOW), NOW + HOUR)
        found = incidents.incident(session, incident_id)
    assert found is not None
    assert (found.status, found.closed_at, found.opened_at, found.changed_at) == (
        Status.CONFIRMED,
        NOW,
        NOW,
        NOW + HOUR,
    )


def test_an_id_is_never_given_twice_even_after_its_row_is_gone(database_url: str) -> None:
    with open_database(database_url) as database, database.write() as session:
        last = [new_incident(session) for _ in range(3)][-1]
    with open_database(database_url) as database:
        with database.write() as session:
            session.delete(session.get_one(Incident, last))
        with database.write() as session:
            assert new_incident(session) > last


@pytest.mark.parametrize("written", ["BW-7", "bw-7", " 7 "])
def test_a_public_id_is_read_as_people_write_it(written: str) -> None:
    assert incidents.parse_public_id(written) == 7


@pytest.mark.parametrize("written", ["", "BW-", "BW-x", "7.1", "-7", "٧", "BW-99999999999999999999"])
def test_anything_else_is_refused(written: str) -> None:
    with pytest.raises(InputError, match="BW-42"):
        incidents.parse_public_id(written)


def test_an_id_that_was_never_given_is_refused_in_a_sentence(database: Database) -> None:
    with database.read() as session, pytest.raises(InputError, match="BW-99"):
        incidents.resolve(session, "BW-99")


def test_a_merge_leaves_a_redirect_that_every_look_up_follows(database: Database) -> None:
    with database.write() as session:
        first, second, third = (incident_with_report(session, number) for number in (1, 2, 3))
        incidents.add_fact(session, first, FactSeed(field="count", value=1), NOW)
        queued(session, first)
        incidents.merge_incidents(session, first, second, NOW)
        incidents.merge_incidents(session, second, third, NOW)
        assert incidents.resolve(session, "BW-1").id == third
        detail = incidents.incident_detail(session, "BW-1")
        assert [found.id for found in incidents.list_incidents(session)] == [third]
        assert len(incidents.list_incidents(session, IncidentFilter(include_merged=True))) == 3
        assert incidents.mentions_of(session, first) == []
    assert (detail.incident.public_id, detail.merged) == ("BW-3", ["BW-1", "BW-2"])
    assert {report.article_id for report in detail.reports} == {1, 2, 3}
    assert [fact.value for fact in detail.facts] == [1]
    assert [found.public_id for found in detail.notices] == ["BW-1.1"]
    assert [found.notice_public_id for found in detail.deliveries] == ["BW-1.1"]


def test_a_merge_into_itself_or_of_what_is_gone_is_refused(database: Database) -> None:
    with database.write() as session:
        first, second = new_incident(session), new_incident(session)
        incidents.merge_incidents(session, first, second, NOW)
        for loser, winner in ((second, second), (first, second), (second, first), (second, 99)):
            with pytest.raises(InputError):
                incidents.merge_incidents(session, loser, winner, NOW)


def test_a_mention_belongs_to_one_incident_and_moves_when_it_is_attached_again(database: Database) -> None:
    with database.write() as session:
        article = stored_article(session)
        first, second = new_incident(session), new_incident(session)
        told = mention(article)
        assert incidents.attach_report(session, first, article, told, NOW) == incidents.attach_report(
            session, second, article, told, NOW
        )
        assert incidents.mentions_of(session, first) == []
        assert incidents.mentions_of(session, second) == [replace(told, incident_id=second)]
        assert incidents.move_report(session, told, first)
        assert not incidents.move_report(session, mention(article, 7), first)
        assert len(incidents.mentions_of(session, first)) == 1


def test_a_later_version_takes_the_place_of_the_earlier_one_in_the_count(database: Database) -> None:
    with database.write() as session:
        incident_id = incident_with_report(session)
        store(session, text="Edited words")
        edited = articles.article(session, 1)
        assert edited is not None
        incidents.attach_report(session, incident_id, edited, mention(edited), NOW)
        assert [told.version for told in incidents.mentions_of(session, incident_id)] == [2]
        found = incidents.incident(session, incident_id)
        every = incidents.reports_of(session, incident_id)
    assert found is not None
    assert found.report_count == 1
    assert [(report.version, report.is_current) for report in every] == [(1, False), (2, True)]


def test_an_edit_that_tells_of_no_attack_takes_its_report_out_of_the_count(database: Database) -> None:
    with database.write() as session:
        incident_id = incident_with_report(session)
        assert incidents.supersede_reports(session, 1, before_version=2) == 1
        assert incidents.mentions_of(session, incident_id) == []


def test_an_article_may_tell_of_several_attacks(database: Database) -> None:
    with database.write() as session:
        article = stored_article(session)
        ids = [new_incident(session) for _ in range(2)]
        for index, incident_id in enumerate(ids):
            told = mention(article, index, attack=attack(count=index))
            incidents.attach_report(session, incident_id, article, told, NOW)
        found = incidents.neighbourhood(session, NOW)
    assert [(told.index, told.attack.count, told.incident_id) for told in found] == [(0, 0, 1), (1, 1, 2)]


@pytest.mark.parametrize(
    ("changes", "is_near"),
    [
        ({}, True),
        ({"published_at": NOW - 72 * HOUR}, True),
        ({"published_at": NOW - 73 * HOUR, "attack": attack(event_from=None)}, False),
        ({"published_at": NOW - 99 * HOUR, "attack": attack(event_from=NOW)}, True),
        ({"published_at": None, "first_seen_at": NOW + 71 * HOUR, "attack": attack(event_from=None)}, True),
        ({"published_at": NOW + 73 * HOUR, "attack": attack(event_from=None)}, False),
    ],
)
def test_the_neighbourhood_goes_by_time_of_report_or_of_event(
    database: Database, changes: dict[str, Any], is_near: bool
) -> None:
    with database.write() as session:
        incident_with_report(session, **changes)
        assert bool(incidents.neighbourhood(session, NOW)) == is_near


def test_the_neighbourhood_comes_in_one_order_whatever_order_it_was_written_in(database: Database) -> None:
    with database.write() as session:
        made = [stored_article(session, number) for number in range(4)]
        incident_id = new_incident(session)
        for article, age in ((made[2], 1), (made[0], 3), (made[3], 3), (made[1], 2)):
            told = mention(article, published_at=NOW - age * HOUR)
            incidents.attach_report(session, incident_id, article, told, NOW)
        found = incidents.neighbourhood(session, NOW)
    assert [told.article_id for told in found] == [1, 4, 2, 3]


def test_facts_are_appended_and_not_stated_is_not_zero(database: Database) -> None:
    with database.write() as session:
        incident_id = incident_with_report(session)
        seeds = [
            FactSeed(field="killed", value=None, article_id=1, version=1, said_by="CTG", said_at=NOW),
            FactSeed(field="killed", value=0),
            FactSeed(field="weapons", value=["drone"]),
        ]
        assert incidents.add_fact(session, incident_id, seeds, NOW) == 3
        found = incidents.facts_of(session, incident_id)
    assert [(fact.field, fact.value) for fact in found] == [("killed", None), ("killed", 0), ("weapons", ["drone"])]
    assert (found[0].said_by, found[0].said_at, found[0].article_id) == ("CTG", NOW, 1)


def test_incidents_are_listed_by_what_is_asked(database: Database) -> None:
    with database.write() as session:
        incidents.create_incident(session, incident_seed(status=Status.CONFIRMED, severity=Severity.S4), NOW)
        incidents.create_incident(session, incident_seed(base="al-tanf", country="SY", closed_at=NOW), NOW)
        incidents.create_incident(session, incident_seed(first_seen_at=NOW - 48 * HOUR), NOW)

        def ids(**which: Any) -> list[int]:
            return [found.id for found in incidents.list_incidents(session, IncidentFilter(**which))]

        assert ids() == [3, 2, 1]
        assert ids(limit=1) == [3]
        assert ids(status=Status.CONFIRMED) == ids(severity=Severity.S4) == [1]
        assert ids(base="al-tanf") == ids(country="SY") == [2]
        assert ids(open_only=True) == [3, 1]
        assert ids(since=NOW - HOUR) == [2, 1]
        assert ids(until=NOW - HOUR) == [3]
        near = incidents.incidents_between(session, NOW - HOUR, NOW + HOUR)
        assert [found.id for found in near] == [2, 1]


def test_notices_are_numbered_within_their_incident_and_complete_their_document(database: Database) -> None:
    with database.write() as session:
        first, second = new_incident(session), new_incident(session)
        references = [notice(session, incident_id) for incident_id in (first, first, second, None, None)]
        document = {"notice": {"text": "said"}, "incident": {"id": "BW-1"}}
        written = incidents.add_notice(session, first, NoticeKind.UPDATE, "toll-changed", True, True, document, NOW)
        last = incidents.notices_of(session, first)[-1]
        own = incidents.notices_of(session, None)
    assert [found.public_id for found in references] == ["BW-1.1", "BW-1.2", "BW-2.1", "SYS-1", "SYS-2"]
    assert (written.public_id, last.public_id, [found.number for found in own]) == ("BW-1.3", "BW-1.3", [1, 2])
    assert document == {"notice": {"text": "said"}, "incident": {"id": "BW-1"}}
    assert last.document["incident"] == {"id": "BW-1"}
    assert last.document["notice"] == {
        "text": "said", "id": "BW-1.3", "number": 3, "kind": "update", "reason": "toll-changed", "ring": True,
        "late": True, "created_at": "2026-11-23T18:00:00.123456Z",
    }  # fmt: skip


def test_the_number_told_beforehand_is_the_one_that_is_given(database: Database) -> None:
    with database.write() as session:
        incident_id = new_incident(session)
        assert incidents.next_notice_number(session, incident_id) == notice(session, incident_id).number == 1
        assert incidents.next_notice_number(session, incident_id) == 2


def test_recent_rings_can_be_asked_for(database: Database) -> None:
    with database.write() as session:
        incident_id = new_incident(session)
        notice(session, incident_id, ring=True, now=NOW - 7 * HOUR)
        notice(session, incident_id, ring=True, now=NOW - HOUR)
        notice(session, incident_id, ring=False, now=NOW)
        assert [found.number for found in incidents.notices_since(session, NOW - 6 * HOUR)] == [2, 3]
        assert [found.number for found in incidents.notices_since(session, NOW - 6 * HOUR, rings_only=True)] == [2]


def test_a_notice_number_cannot_be_taken_twice(database: Database) -> None:
    with database.write() as session:
        notice(session, None)
    doubled = text(
        "INSERT INTO notices (number, kind, reason, ring, late, document, created_at) "
        "SELECT number, kind, reason, ring, late, document, created_at FROM notices"
    )
    with pytest.raises(Exception, match=r"(?i)unique"), database.write() as session:
        session.execute(doubled)
