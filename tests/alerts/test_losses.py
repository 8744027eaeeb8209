"""Nothing is lost, doubled or left untold where clocks, rules, channels and people change under what waits."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.stranded import GIVEN_UP, tell_stranded
from core.values import NoticeKind, Severity, Status
from storage import attention, deliveries, incidents, silences
from storage.engine import Database
from storage.ledger import attempts_of
from storage.values import FollowUpView, Hold, QueueSeed, SilenceSeed
from tests.alerts.timing import MORNING, NIGHT, Desk, sent
from tests.storage.builders import new_incident, notice

QUIET = {"quiet_hours": "22:00-06:00"}
YEAR = timedelta(days=365)


def follow_ups(desk: Desk, *numbers: int) -> list[FollowUpView]:
    with desk.database.read() as session:
        return [one for number in numbers for one in attention.follow_ups_of(session, number)]


def withdraw(desk: Desk, number: int) -> None:
    desk.tell(number, ring=False, kind=NoticeKind.CORRECTION, status=Status.RETRACTED, severity=Severity.S2)


# --- what corrects waits with what it corrects


def test_a_correction_of_what_is_still_held_stands_in_the_same_digest_after_it(database: Database) -> None:
    desk = Desk(database, {"certainty": ["reported"]} | QUIET)
    number = desk.tell()
    desk.clock.set(NIGHT + timedelta(hours=1))
    withdraw(desk, number)  # no rule fits it
    assert desk.states() == ["held", "held"]
    desk.fire(hours=7)
    [text] = desk.texts()
    first, second = text.splitlines()[1:]
    assert first.startswith("BW-1.1 S3 REPORTED")
    assert second.startswith("BW-1.2 WITHDRAWN")


def test_a_correction_does_not_overtake_an_alert_that_waits_for_the_digest(database: Database) -> None:
    gathered = {"certainty": ["reported"], "send": "digest"}
    desk = Desk(database, gathered, {"certainty": ["retracted"]})
    withdraw(desk, desk.tell())
    assert [(row.state.value, row.held_for) for row in desk.rows()] == [("held", "digest")] * 2


def test_a_channel_that_was_told_hears_the_correction_at_once_though_an_update_is_held_there(
    database: Database,
) -> None:
    desk = Desk(database, {"certainty": ["reported"], "ring": True}, {"ring": False, "send": "digest"})
    number = desk.tell()
    desk.tell(number, ring=False, kind=NoticeKind.UPDATE)
    desk.tell(number, ring=True, kind=NoticeKind.CORRECTION, status=Status.RETRACTED)
    assert desk.states() == ["pending", "held", "pending"]


def test_an_incident_that_was_merged_while_its_notice_was_held_is_corrected_in_the_same_digest(
    database: Database,
) -> None:
    desk = Desk(database, QUIET)
    loser, winner = desk.tell(), desk.tell()
    with database.write() as session:
        incidents.merge_incidents(session, loser, winner, NIGHT)
    desk.tell(winner, ring=False, kind=NoticeKind.CORRECTION)
    desk.fire(hours=7)
    [text] = desk.texts()
    assert [line.split()[0] for line in text.splitlines()[1:]] == ["BW-1.1", "BW-2.1", "BW-2.2"]
    assert desk.states() == ["digested"] * 3 + ["pending"]


def test_a_silence_that_ends_while_a_burst_is_held_tells_each_once(database: Database) -> None:
    desk = Desk(database, channels={"desk": {}}, delivery={"burst_per_minute": 1})
    with database.write() as session:
        seed = SilenceSeed(base="erbil-air-base", from_at=NIGHT, until_at=MORNING, reason="exercise")
        number = silences.add(session, seed, NIGHT)
    for base in ("erbil-air-base", "ain-al-asad", "ain-al-asad", "erbil-air-base", "ain-al-asad"):
        desk.tell(base=base)
    assert [row.held_for for row in desk.rows()] == ["silence", None, "burst", "silence", "burst"]
    with database.write() as session:
        silences.end(session, number, NIGHT)
    assert desk.fire() == 2
    assert desk.fire(minutes=1) == 2
    assert desk.fire(days=1) == 0
    named = [line.split()[0] for text in desk.texts() for line in text.splitlines()[1:]]
    assert sorted(named) == ["BW-1.1", "BW-3.1", "BW-4.1", "BW-5.1"]


# --- a clock that is set back


def test_what_a_wrong_clock_held_for_a_year_is_told_when_the_clock_is_right(database: Database) -> None:
    desk = Desk(database, QUIET | {"repeat_every_min": 10})
    desk.clock.set(NIGHT + YEAR)
    desk.tell()
    desk.clock.set(NIGHT)
    assert desk.fire() == 0  # it is night by the right clock, too
    assert desk.fire(hours=7) == 1
    assert desk.states() == ["pending"]


def test_a_repeat_that_a_wrong_clock_began_counts_from_now_and_not_at_every_tick(database: Database) -> None:
    desk = Desk(database, {"repeat_every_min": 10})
    desk.clock.set(NIGHT + YEAR)
    number = desk.tell()
    sent(desk)
    desk.clock.set(NIGHT)
    assert [desk.fire(seconds=1) for _ in range(3)] == [1, 0, 0]
    sent(desk)
    assert desk.fire(minutes=10) == 1
    assert len(desk.notices(number)) == 3


def test_the_daily_word_that_a_wrong_clock_planned_comes_within_a_day(database: Database) -> None:
    desk = Desk(database, delivery={"all_well": True})
    desk.clock.set(NIGHT + YEAR)
    desk.fire()
    desk.clock.set(NIGHT)
    assert desk.fire() == 1
    assert desk.fire() == 0


def test_a_paused_channel_is_probed_though_the_clock_was_set_back(database: Database) -> None:
    desk = Desk(database)
    desk.tell()
    with database.write() as session:
        deliveries.pause_channel(session, "desk", "answered 410", NIGHT + YEAR, next_probe_at=NIGHT + YEAR)
        assert len(deliveries.claim_probe(session, NIGHT, "me", 60, "desk", every_s=3600)) == 1


# --- until somebody answers


def test_two_incidents_that_became_one_are_repeated_once(database: Database) -> None:
    desk = Desk(database, {"repeat_every_min": 10})
    loser, winner = desk.tell(), desk.tell()
    sent(desk)
    with database.write() as session:
        incidents.merge_incidents(session, loser, winner, NIGHT)
    assert desk.fire(minutes=10) == 1
    assert [one.done_reason for one in follow_ups(desk, winner)] == [None, "merged"]


def test_whoever_acknowledged_the_incident_that_remains_has_answered_for_both(database: Database) -> None:
    desk = Desk(database, {"repeat_every_min": 10})
    loser, winner = desk.tell(), desk.tell()
    sent(desk)
    with database.write() as session:
        attention.acknowledge(session, winner, "Nadia", NIGHT)
        incidents.merge_incidents(session, loser, winner, NIGHT)
    assert desk.fire(minutes=10) == 0
    assert {one.done_reason for one in follow_ups(desk, winner)} == {"acknowledged"}


def test_acknowledging_a_merged_incident_ends_what_waits_for_the_one_that_remains(database: Database) -> None:
    desk = Desk(database, {"repeat_every_min": 10})
    loser, winner = desk.tell(), desk.tell()
    with database.write() as session:
        incidents.merge_incidents(session, loser, winner, NIGHT)
        remains = incidents.resolve(session, f"BW-{loser}")
        assert attention.acknowledge(session, remains.id, "Nadia", NIGHT) == 2


def test_escalation_passes_a_paused_channel_on_to_the_next_at_once(database: Database) -> None:
    channels = {"desk": {}, "phone": {}, "boss": {}}
    desk = Desk(database, {"escalate_after_min": 15, "escalate_to": ["phone", "boss"]}, channels=channels)
    desk.tell()
    with database.write() as session:
        deliveries.pause_channel(session, "phone", "answered 410", NIGHT)
    assert desk.fire(minutes=15) == 1
    assert desk.fire() == 1
    assert [row.channel for row in desk.rows()] == ["desk", "phone", "boss"]  # the phone has it when it is back


def test_what_rings_in_the_digest_of_a_burst_is_repeated_too(database: Database) -> None:
    desk = Desk(database, {"repeat_every_min": 10}, delivery={"burst_per_minute": 1})
    numbers = [desk.tell() for _ in range(3)]
    assert desk.states("desk") == ["pending", "held", "held"]
    assert [one.kind for one in follow_ups(desk, *numbers)] == ["repeat"] * 3
    desk.fire(minutes=1)
    assert desk.rows()[-1].ring


def test_a_new_daemon_repeats_what_the_old_one_began_and_not_twice(database: Database) -> None:
    rule = {"repeat_every_min": 10}
    desk = Desk(database, rule)
    number = desk.tell()
    sent(desk)
    assert desk.fire(minutes=10) == 1
    sent(desk)
    after = Desk(database, rule)
    after.clock.set(desk.clock.now())
    assert after.fire() == 0
    assert after.fire(minutes=10) == 1
    assert len(after.notices(number)) == 3


# --- channels that go away


@pytest.mark.parametrize("left", [{"mail": {}}, {"mail": {}, "desk": {"enabled": False}}], ids=["removed", "disabled"])
def test_what_waits_for_a_channel_that_is_gone_is_told_once_kept_and_given_up_in_the_end(
    database: Database, left: dict[str, dict[str, bool]]
) -> None:
    desk = Desk(database, channels={"desk": {}})
    desk.tell()
    desk.tell()
    after = Desk(database, channels=left)

    def begin(**later: float) -> int:
        with database.write() as session:
            return tell_stranded(session, after.settings, ["mail"], NIGHT + timedelta(**later))

    assert begin() == 2
    assert begin(hours=1) == 2
    [told] = after.rows("mail")
    assert told.kind is NoticeKind.SYSTEM
    assert "desk: 2 waiting" in after.texts()[0]
    assert after.states("desk") == ["pending"] * 2
    begin(days=4)
    assert after.states("desk") == ["dead"] * 2
    with database.read() as session:
        assert [one.error for one in attempts_of(session, after.rows("desk")[0].id)] == [GIVEN_UP]
    assert begin(days=5) == 0
    with database.write() as session:
        assert deliveries.retry(session, after.rows("desk")[0].id, NIGHT)


def test_what_waits_for_channels_that_are_there_is_nobodys_news(database: Database) -> None:
    desk = Desk(database)
    desk.tell()
    with database.write() as session:
        assert tell_stranded(session, desk.settings, ["desk", "phone"], NIGHT + timedelta(days=9)) == 0
    assert desk.states() == ["pending"] * 2


def test_with_every_channel_disabled_notices_are_written_and_nothing_is_queued(database: Database) -> None:
    desk = Desk(database, channels={"desk": {"enabled": False}, "phone": {"enabled": False}})
    number = desk.tell()
    assert (len(desk.notices(number)), desk.rows()) == (1, [])
    assert desk.fire(days=2) == 0


# --- very many


def test_thousands_of_held_notices_are_each_named_once(sqlite_database: Database) -> None:
    desk = Desk(sqlite_database, channels={"desk": {}})
    hold = Hold(why="quiet", until=MORNING, note="quiet hours until 06:00 (UTC)")
    with sqlite_database.write() as session:
        number = new_incident(session)
        for _ in range(1_200):  # more than one round takes
            deliveries.queue(session, notice(session, number).id, [QueueSeed(channel="desk", hold=hold)], NIGHT)
    desk.clock.set(MORNING)
    assert [desk.fire() for _ in range(3)] == [1_000, 200, 0]
    with sqlite_database.read() as session:
        texts = [one.document["notice"]["text"] for one in incidents.notices_of(session, None)]
    named = [line.split()[0] for text in texts for line in text.splitlines()[1:]]
    assert len(named) == len(set(named)) == 1_200
