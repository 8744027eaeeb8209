"""Acknowledgements and what waits for them: each step once, none after somebody has answered."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from storage import attention, incidents
from storage.engine import Database
from tests.storage.builders import NOW, new_incident, notice

SOON = NOW + timedelta(minutes=15)


def wait(session: Session, incident_id: int, notice_id: int, kind: str = "repeat") -> bool:
    return attention.follow_up(
        session, incident_id=incident_id, notice_id=notice_id, route="desk", kind=kind, next_at=SOON, now=NOW
    )


def waiting(session: Session, kind: str = "repeat") -> int:
    """The id of an incident whose first notice waits to be acknowledged."""
    incident_id = new_incident(session)
    assert wait(session, incident_id, notice(session, incident_id).id, kind)
    return incident_id


def test_a_follow_up_is_due_at_its_time_and_each_step_is_taken_once(database: Database) -> None:
    with database.write() as session:
        waiting(session)
        assert not attention.is_any_due(session, NOW)
        assert attention.is_any_due(session, SOON)
        [one] = attention.due(session, SOON)
        later = SOON + timedelta(minutes=15)
        assert attention.take_step(session, one, later, SOON)
        assert not attention.take_step(session, one, later, SOON)
        assert attention.due(session, SOON) == []
        session.expire_all()
        [again] = attention.due(session, later)
        assert (again.step, again.created_at) == (1, NOW)
        assert attention.take_step(session, again, None, later, last="unanswered")
        [done] = attention.follow_ups_of(session, again.incident_id)
    assert (done.step, done.done_at, done.done_reason) == (2, later, "unanswered")


def test_an_acknowledgement_ends_what_waits_for_it_and_is_kept(database: Database) -> None:
    with database.write() as session:
        incident_id = waiting(session)
        assert attention.acknowledge(session, incident_id, "Nadia", NOW, note="calling the base") == 1
        assert attention.acknowledge(session, incident_id, "Omar", SOON) == 0
        assert attention.due(session, SOON) == []
        assert [one.done_reason for one in attention.follow_ups_of(session, incident_id)] == ["acknowledged"]
        found = attention.acknowledgements_of(session, incident_id)
    assert [(one.by, one.note, one.at) for one in found] == [("Nadia", "calling the base", NOW), ("Omar", None, SOON)]


def test_acknowledging_an_incident_answers_for_those_merged_into_it(database: Database) -> None:
    with database.write() as session:
        loser, winner = waiting(session), waiting(session, "escalate")
        incidents.merge_incidents(session, loser, winner, NOW)
        assert attention.acknowledge(session, winner, "Nadia", NOW) == 2


def test_an_incident_waits_once_by_each_route_until_it_was_answered(database: Database) -> None:
    with database.write() as session:
        incident_id = waiting(session)
        second = notice(session, incident_id).id
        assert not wait(session, incident_id, second)
        attention.acknowledge(session, incident_id, "Nadia", NOW)
        assert wait(session, incident_id, second)
        assert not wait(session, incident_id, second)
