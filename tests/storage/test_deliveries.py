"""The outbox: nothing lost, nobody served twice by two senders, in order within an incident."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from core.values import DeliveryState
from storage import deliveries
from storage.engine import Database, open_database
from storage.values import ClaimedDelivery
from tests.storage.builders import NOW, new_incident, queued

LEASE_S = 60.0
LEASE_END = NOW + timedelta(seconds=LEASE_S)


def claim(session: Session, now: datetime = NOW, owner: str = "me", limit: int = 50) -> list[ClaimedDelivery]:
    return deliveries.claim_due(session, now, owner, LEASE_S, limit)


def states(session: Session) -> dict[DeliveryState, int]:
    return dict(Counter(found.state for found in deliveries.list_deliveries(session, limit=10_000)))


def test_a_queued_delivery_is_claimed_with_all_that_its_sender_needs(database: Database) -> None:
    with database.write() as session:
        notice_id = queued(session, new_incident(session), "ops", ring=True)
        [found] = claim(session)
    assert (found.channel, found.attempt, found.thread_ref, found.ring) == ("ops", 1, None, True)
    assert (found.notice_id, found.incident_id, found.lease_until) == (notice_id, 1, LEASE_END)
    assert found.document["notice"]["id"] == "BW-1.1"
    assert found.message_id == deliveries.message_id("BW-1.1", "ops")


def test_a_message_id_is_fixed_for_ever_and_differs_by_notice_and_channel() -> None:
    assert deliveries.message_id("BW-42.3", "ops") == "msg_eadc55f0fe7e3d7c422490f42ee2e356"
    assert len({deliveries.message_id(notice, channel) for notice in ("BW-1.1", "BW-1.2") for channel in "ab"}) == 4


def test_queueing_twice_is_harmless(database: Database) -> None:
    with database.write() as session:
        notice_id = queued(session, new_incident(session), "ops")
        assert deliveries.enqueue(session, notice_id, ["ops", "mail", "mail"], NOW) == 1
        assert deliveries.enqueue(session, notice_id, [], NOW) == 0
        assert len(claim(session)) == 2


def test_a_claimed_delivery_is_not_claimed_again_until_its_lease_ends(database: Database) -> None:
    with database.write() as session:
        queued(session, new_incident(session))
        [first] = claim(session)
        assert claim(session, LEASE_END - timedelta(seconds=1), "another") == []
        [second] = claim(session, LEASE_END, "another")
    assert (second.message_id, second.attempt) == (first.message_id, 2)


def test_only_the_owner_of_the_lease_records_the_outcome(database: Database) -> None:
    with database.write() as session:
        queued(session, new_incident(session))
        [found] = claim(session)
        claim(session, LEASE_END, "another")
        assert not deliveries.record_sent(session, found.id, "me", NOW)
        assert not deliveries.record_retry(session, found.id, "me", NOW, next_attempt_at=NOW, error="x")
        assert not deliveries.record_dead(session, found.id, "me", NOW, error="x")
        assert not deliveries.release(session, found.id, "me", NOW)
        assert not deliveries.extend_lease(session, found.id, "me", LEASE_END)
        assert deliveries.record_sent(session, found.id, "another", NOW, remote_ref="thread-1")
        assert not deliveries.record_sent(session, found.id, "another", NOW)
        assert states(session) == {DeliveryState.SENT: 1}


def test_a_refused_delivery_comes_back_at_its_time_under_the_same_id(database: Database) -> None:
    later = NOW + timedelta(minutes=2)
    with database.write() as session:
        queued(session, new_incident(session))
        [first] = claim(session)
        deliveries.record_retry(session, first.id, "me", NOW, next_attempt_at=later, error="HTTP 503", http_status=503)
        assert claim(session, later - timedelta(seconds=1)) == []
        assert deliveries.next_due_at(session) == later
        [second] = claim(session, later)
        [view] = deliveries.list_deliveries(session)
    assert (second.message_id, second.attempt, view.last_error) == (first.message_id, 2, "HTTP 503")


def test_an_update_waits_for_the_first_message_on_its_own_channel_only(database: Database) -> None:
    with database.write() as session:
        incident_id = new_incident(session)
        queued(session, incident_id, "slow", "fast")
        queued(session, incident_id, "slow", "fast")
        first = {found.channel: found for found in claim(session)}
        assert len(first) == 2
        deliveries.record_sent(session, first["fast"].id, "me", NOW, remote_ref="T1")
        deliveries.record_retry(session, first["slow"].id, "me", NOW, next_attempt_at=LEASE_END, error="busy")
        [update] = claim(session)
        assert (update.channel, update.document["notice"]["number"], update.thread_ref) == ("fast", 2, "T1")
        deliveries.record_sent(session, update.id, "me", NOW)
        [again] = claim(session, LEASE_END)
        assert (again.channel, again.document["notice"]["number"]) == ("slow", 1)
        deliveries.record_dead(session, again.id, "me", NOW, error="gone")
        [after] = claim(session, LEASE_END)
    assert (after.channel, after.document["notice"]["number"], after.thread_ref) == ("slow", 2, None)


def test_other_incidents_and_system_notices_wait_for_nobody(database: Database) -> None:
    with database.write() as session:
        for incident_id in (new_incident(session), new_incident(session), None, None):
            queued(session, incident_id)
        assert len(claim(session)) == 4


def test_what_rings_goes_first_and_channels_take_turns(database: Database) -> None:
    with database.write() as session:
        for _ in range(3):
            queued(session, new_incident(session), "a")
        queued(session, new_incident(session), "b")
        queued(session, new_incident(session), "a", ring=True)
        assert [(found.channel, found.ring) for found in claim(session, limit=3)] == [
            ("a", True), ("b", False), ("a", False),
        ]  # fmt: skip


def test_a_claim_can_be_narrowed_to_channels_and_to_so_many_of_each(database: Database) -> None:
    with database.write() as session:
        for _ in range(3):
            queued(session, new_incident(session), "a", "b")
        first = deliveries.claim_due(session, NOW, "me", LEASE_S, per_channel=1)
        second = deliveries.claim_due(session, NOW, "me", LEASE_S, channels=["b"])
    assert sorted(found.channel for found in first) == ["a", "b"]
    assert [found.channel for found in second] == ["b", "b"]


def test_a_paused_channel_keeps_its_deliveries_until_it_is_resumed(database: Database) -> None:
    with database.write() as session:
        queued(session, new_incident(session), "ops", "mail")
        assert deliveries.pause_channel(session, "ops", "token revoked", NOW)
        assert not deliveries.pause_channel(session, "ops", "another reason", NOW)
        assert [found.channel for found in claim(session)] == ["mail"]
        assert deliveries.next_due_at(session) == LEASE_END
        [paused] = deliveries.paused_channels(session)
        assert (paused.channel, paused.reason, paused.paused_at, paused.waiting) == ("ops", "token revoked", NOW, 1)
        assert deliveries.resume(session, "ops", NOW)
        assert not deliveries.resume(session, "ops", NOW)
        assert [found.channel for found in claim(session)] == ["ops"]


def test_a_daemon_that_starts_frees_the_leases_of_the_dead_one(database: Database) -> None:
    with database.write() as session:
        queued(session, new_incident(session))
        [first] = claim(session, owner="dead")
        assert deliveries.free_leases(session, NOW) == 1
        assert deliveries.free_leases(session, NOW) == 0
        [second] = claim(session)
        ledger = deliveries.attempts_of(session, first.id)
    assert second.message_id == first.message_id
    assert [(line.outcome, line.owner, line.attempt) for line in ledger] == [("lost", "dead", 1)]


def test_a_delivery_given_back_unsent_is_due_at_once_and_counts_no_attempt(database: Database) -> None:
    with database.write() as session:
        queued(session, new_incident(session))
        [first] = claim(session)
        assert deliveries.release(session, first.id, "me", NOW)
        [second] = claim(session)
    assert second.attempt == 1


def test_a_longer_lease_keeps_others_away(database: Database) -> None:
    with database.write() as session:
        queued(session, new_incident(session))
        [found] = claim(session)
        assert deliveries.extend_lease(session, found.id, "me", LEASE_END + timedelta(minutes=1))
        assert claim(session, LEASE_END, "another") == []


def test_the_ledger_has_a_line_for_every_attempt_and_every_act(database: Database) -> None:
    with database.write() as session:
        queued(session, new_incident(session))
        [found] = claim(session)
        deliveries.record_retry(
            session, found.id, "me", NOW, next_attempt_at=NOW, error="HTTP 500", http_status=500, started_at=NOW
        )
        claim(session, owner="late")
        claim(session, LEASE_END, "me")
        deliveries.record_dead(session, found.id, "me", NOW, error="gone")
        deliveries.retry(session, found.id, NOW)
        deliveries.discard(session, found.id, NOW)
        ledger = deliveries.attempts_of(session, found.id)
    assert [(line.attempt, line.outcome) for line in ledger] == [
        (1, "retry"), (2, "lost"), (3, "dead"), (0, "requeued"), (0, "discarded"),
    ]  # fmt: skip
    assert (ledger[0].error, ledger[0].http_status, ledger[0].started_at) == ("HTTP 500", 500, NOW)


def test_a_dead_delivery_can_be_retried_from_the_start_under_its_old_id(database: Database) -> None:
    later = NOW + timedelta(days=4)
    with database.write() as session:
        queued(session, new_incident(session))
        [first] = claim(session)
        deliveries.record_dead(session, first.id, "me", NOW, error="gone")
        assert deliveries.retry(session, first.id, later)
        [again] = claim(session, later)
    assert (again.message_id, again.attempt, again.created_at, again.since) == (first.message_id, 1, NOW, later)


def test_what_is_sent_or_being_sent_is_neither_retried_nor_discarded(database: Database) -> None:
    with database.write() as session:
        queued(session, new_incident(session))
        [found] = claim(session)
        assert not deliveries.retry(session, found.id, NOW)
        assert not deliveries.discard(session, found.id, NOW)
        deliveries.record_sent(session, found.id, "me", NOW)
        assert not deliveries.retry(session, found.id, NOW)
        assert not deliveries.discard(session, found.id, NOW)
        assert not deliveries.retry(session, 99, NOW)


def test_a_discarded_delivery_lets_the_next_one_go(database: Database) -> None:
    with database.write() as session:
        incident_id = new_incident(session)
        queued(session, incident_id)
        queued(session, incident_id)
        assert deliveries.discard(session, 1, NOW)
        [found] = claim(session)
        [dead] = deliveries.list_deliveries(session, states=(DeliveryState.DEAD,))
    assert found.id == 2
    assert dead.last_error == "discarded by the operator"


def test_a_paused_channel_gives_one_delivery_as_a_probe_when_it_is_time(database: Database) -> None:
    hour = timedelta(hours=1)
    with database.write() as session:
        queued(session, new_incident(session))
        queued(session, new_incident(session))
        deliveries.pause_channel(session, "ops", "answered 410", NOW, next_probe_at=NOW + hour)

        def probe(at: datetime) -> list[ClaimedDelivery]:
            return deliveries.claim_probe(session, at, "me", LEASE_S, "ops", every_s=3600)

        assert probe(NOW + hour - timedelta(seconds=1)) == []
        [found] = probe(NOW + hour)
        assert (found.id, found.is_probe) == (1, True)
        assert probe(NOW + hour) == []
        session.expire_all()
        assert deliveries.paused_channels(session)[0].next_probe_at == NOW + 2 * hour
        assert deliveries.claim_probe(session, NOW + hour, "me", LEASE_S, "mail", every_s=3600) == []


def test_a_clock_that_was_set_back_does_not_hold_a_delivery_up(database: Database) -> None:
    future = NOW + timedelta(hours=2)
    with database.write() as session:
        queued(session, new_incident(session), now=future)
        assert len(claim(session)) == 1


def test_deliveries_are_listed_by_what_is_asked(database: Database) -> None:
    with database.write() as session:
        queued(session, new_incident(session), "a", "b")
        queued(session, new_incident(session), "a")
        queued(session, None, "a")

        def ids(**which: object) -> list[int]:
            return [found.id for found in deliveries.list_deliveries(session, **which)]  # type: ignore[arg-type]

        assert ids() == [4, 3, 2, 1]
        assert ids(limit=1) == [4]
        assert ids(channel="b") == [2]
        assert ids(incident_id=1) == [2, 1]
        assert ids(ids=(3, 1)) == [3, 1]
        assert ids(states=(DeliveryState.SENT,)) == []
        assert [found.notice_public_id for found in deliveries.list_deliveries(session, ids=(4,))] == ["SYS-1"]


@pytest.mark.parametrize("same_process", [True, False], ids=["one database object", "one each"])
def test_claimers_at_once_never_get_the_same_delivery(database_url: str, same_process: bool) -> None:
    total, claimers = 300, 4
    with open_database(database_url) as database:
        with database.write() as session:
            for _ in range(total // 3):
                queued(session, new_incident(session), "a", "b", "c")
        claimed: list[int] = []
        start = threading.Barrier(claimers)

        def work(owner: str) -> None:
            mine = database if same_process else open_database(database_url)
            start.wait(30)
            empty = 0
            while empty < 3:
                with mine.write() as session:
                    got = claim(session, owner=owner, limit=7)
                    for found in got:
                        assert deliveries.record_sent(session, found.id, owner, NOW)
                empty = 0 if got else empty + 1
                claimed.extend(found.id for found in got)
            if not same_process:
                mine.close()

        threads = [threading.Thread(target=work, args=(f"owner-{number}",)) for number in range(claimers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with database.read() as session:
            assert states(session) == {DeliveryState.SENT: total}
    assert len(claimed) == len(set(claimed)) == total


def test_two_open_claims_at_once_share_the_work_on_postgresql(fresh_postgres_url: str) -> None:
    """SKIP LOCKED: the second claimer neither waits for the first nor gets its rows."""
    with open_database(fresh_postgres_url) as database:
        with database.write() as session:
            for _ in range(4):
                queued(session, new_incident(session))
        with database.write() as one, database.write() as other:
            first = claim(one, owner="one", limit=2)
            second = claim(other, owner="other", limit=4)
        assert len(first) == 2
        assert {found.id for found in first}.isdisjoint(found.id for found in second)
