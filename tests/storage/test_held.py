"""What is held back is told once: in a digest, or by itself, whoever asks and however often."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from storage import deliveries, held, incidents
from storage.engine import Database
from storage.values import Hold, QueueSeed
from tests.storage.builders import NOW, new_incident, notice, queued

LATER = NOW + timedelta(hours=8)


def hold_back(session: Session, why: str = "quiet", *, channel: str = "ops", until: object = LATER) -> int:
    """The id of the incident whose notice is held."""
    incident_id = new_incident(session)
    hold = Hold(why=why, until=until, note=f"{why} until later")  # type: ignore[arg-type]
    reference = notice(session, incident_id)
    assert deliveries.queue(session, reference.id, [QueueSeed(channel=channel, route="night", hold=hold)], NOW) == 1
    return incident_id


def states(session: Session) -> list[str]:
    return [found.state.value for found in deliveries.list_deliveries(session)][::-1]


def test_a_held_delivery_is_not_claimed_and_says_why(database: Database) -> None:
    with database.write() as session:
        hold_back(session)
        assert deliveries.claim_due(session, LATER + timedelta(days=1), "me", 60) == []
        [view] = deliveries.list_deliveries(session)
    assert (view.state.value, view.held_for, view.held_note, view.route) == (
        "held", "quiet", "quiet until later", "night",
    )  # fmt: skip


def test_it_is_due_when_its_time_has_come_and_folded_once(database: Database) -> None:
    with database.write() as session:
        hold_back(session)
        hold_back(session)
        assert not held.is_any_due(session, LATER - timedelta(seconds=1))
        assert held.due(session, LATER - timedelta(seconds=1)) == []
        assert held.is_any_due(session, LATER)
        ids = [row.id for row in held.due(session, LATER)]
        digest = notice(session, None)
        assert held.fold(session, ids, digest.id, LATER) == 2
        assert held.fold(session, ids, digest.id, LATER) == 0
        assert held.due(session, LATER) == []
        assert states(session) == ["digested", "digested"]
        assert {view.digest_notice_id for view in deliveries.list_deliveries(session)} == {digest.id}


def test_one_alone_goes_by_itself_without_ringing(database: Database) -> None:
    with database.write() as session:
        hold_back(session)
        assert held.let_go(session, 1, LATER, ring=False)
        assert not held.let_go(session, 1, LATER, ring=False)
        [claimed] = deliveries.claim_due(session, LATER, "me", 60)
    assert (claimed.ring, claimed.since) == (False, LATER)


def test_a_burst_ends_for_all_its_notices_at_once_and_others_keep_their_time(database: Database) -> None:
    with database.write() as session:
        hold_back(session, "burst", until=NOW + timedelta(seconds=60))
        hold_back(session, "burst", until=NOW + timedelta(seconds=90))
        hold_back(session, "burst", channel="mail", until=NOW + timedelta(seconds=90))
        hold_back(session, "quiet")
        assert held.bursts(session) == {
            "ops": NOW + timedelta(seconds=60), "mail": NOW + timedelta(seconds=90),
        }  # fmt: skip
        due = held.due(session, NOW + timedelta(seconds=60))
    assert [(row.channel, row.held_for) for row in due] == [("ops", "burst"), ("ops", "burst")]


def test_what_was_queued_lately_counts_what_is_sent_and_not_what_is_held(database: Database) -> None:
    with database.write() as session:
        queued(session, new_incident(session), "ops", now=NOW - timedelta(seconds=61))
        queued(session, new_incident(session), "ops", "mail")
        queued(session, new_incident(session), "ops", now=NOW + timedelta(hours=2))  # a clock set back since
        hold_back(session)
        assert held.queued_between(session, NOW - timedelta(seconds=60), NOW) == {"ops": 1, "mail": 1}


def test_a_backlog_can_be_held_to_be_told_in_one(database: Database) -> None:
    with database.write() as session:
        for _ in range(3):
            queued(session, new_incident(session), "ops")
        assert held.waiting_for(session, "ops") == 3
        assert held.hold_waiting(session, "ops", Hold(why="caught-up", until=NOW, note="it was away"), NOW) == 3
        assert held.waiting_for(session, "ops") == 0
        assert len(held.due(session, NOW)) == 3


def test_a_held_delivery_can_be_sent_or_given_up_by_hand(database: Database) -> None:
    with database.write() as session:
        hold_back(session)
        hold_back(session)
        assert deliveries.retry(session, 1, NOW)
        assert deliveries.discard(session, 2, NOW)
        assert states(session) == ["pending", "dead"]


def test_those_who_were_told_are_the_channels_with_something_sent_or_on_its_way(database: Database) -> None:
    with database.write() as session:
        first, second = new_incident(session), new_incident(session)
        queued(session, first, "ops")
        queued(session, second, "mail")
        hold_back(session, channel="chat")
        assert held.channels_told(session, second) == {"mail"}
        incidents.merge_incidents(session, first, second, NOW)
        assert held.channels_told(session, second) == {"ops", "mail"}
        assert held.channels_told(session, 3) == frozenset()
