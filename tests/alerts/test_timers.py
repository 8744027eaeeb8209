"""What is due by the clock is done once, whether late, doubled or cut short; all of it stands in the database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.values import NoticeKind, Severity, Status
from storage import attention, incidents, silences
from storage.engine import Database
from storage.meta import set_meta
from storage.values import IncidentSeed, SilenceSeed
from tests.alerts.timing import MORNING, NIGHT, Desk, sent

# --- held back, and told at the end


def test_quiet_hours_end_in_one_digest_that_names_all_whoever_fires_and_how_late(database: Database) -> None:
    desk = Desk(database, {"quiet_hours": "22:00-06:00"})
    for _ in range(3):
        desk.tell()
    assert desk.states() == ["held"] * 3
    assert desk.fire(hours=6, minutes=59) == 0
    assert desk.fire(hours=2) == 3
    assert desk.fire() == 0
    assert desk.states() == ["digested"] * 3 + ["pending"]
    [text] = desk.texts()
    assert text.splitlines()[0] == "3 notices held back: quiet hours until 06:00 (UTC)"
    assert [line.split()[0] for line in text.splitlines()[1:]] == ["BW-1.1", "BW-2.1", "BW-3.1"]
    assert not desk.rows()[-1].ring


def test_one_held_notice_alone_goes_out_whole_and_does_not_ring_any_more(database: Database) -> None:
    desk = Desk(database, {"quiet_hours": "22:00-06:00"})
    desk.tell()
    desk.fire(hours=7)
    [row] = desk.rows()
    assert (row.state.value, row.ring, row.notice_public_id) == ("pending", False, "BW-1.1")


def test_a_burst_becomes_digests_that_name_every_one_and_fit_a_chat(database: Database) -> None:
    desk = Desk(database, channels={"desk": {}}, delivery={"burst_per_minute": 5})
    for _ in range(60):
        desk.tell()
    assert desk.states().count("pending") == 5
    assert desk.fire(seconds=30) == 0
    assert desk.fire(seconds=30) == 55
    texts = desk.texts()
    assert all(len(text) <= 1_900 for text in texts)
    assert f"(1 of {len(texts)})" in texts[0]
    named = {line.split()[0] for text in texts for line in text.splitlines()[1:]}
    assert named == {f"BW-{number}.1" for number in range(6, 61)}
    assert all(row.ring for row in desk.rows() if row.kind is NoticeKind.DIGEST)


def test_a_channel_that_takes_no_digests_gets_what_was_held_one_by_one(database: Database) -> None:
    desk = Desk(database, channels={"desk": {"quiet_hours": "22:00-06:00", "notices": ["new"]}})
    desk.tell()
    desk.tell()
    desk.fire(hours=7)
    assert desk.states() == ["pending", "pending"]


def test_a_silence_loses_nothing_and_names_what_it_held_when_it_is_ended(database: Database) -> None:
    desk = Desk(database, channels={"desk": {}})
    with database.write() as session:
        seed = SilenceSeed(base="erbil-air-base", from_at=NIGHT, until_at=MORNING, reason="exercise")
        silences.add(session, seed, NIGHT)
    desk.tell()
    desk.tell()
    desk.tell(base="ain-al-asad", base_name="Ain al-Asad")
    assert desk.states() == ["held", "held", "pending"]
    assert desk.fire(minutes=10) == 0
    with database.write() as session:
        silences.end(session, 1, desk.clock.now())
    assert desk.fire() == 2
    assert "silence 1 until 24 Nov 06:00 UTC: exercise" in desk.texts()[0]


# --- until somebody answers


def test_a_ringing_notice_is_repeated_until_it_is_acknowledged(database: Database) -> None:
    desk = Desk(database, {"repeat_every_min": 10})
    number = desk.tell()
    sent(desk)
    assert desk.fire(minutes=9) == 0
    assert desk.fire(minutes=1) == 1
    assert desk.fire() == 0
    [_, reminder] = desk.notices(number)
    assert (reminder.reason, reminder.ring, reminder.public_id) == ("not-acknowledged", True, "BW-1.2")
    assert "basewatch ack BW-1 --by NAME" in desk.texts(number)[1]
    sent(desk)
    with database.write() as session:
        assert attention.acknowledge(session, number, "Nadia", desk.clock.now()) == 1
    assert desk.fire(hours=5) == 0


def test_a_daemon_that_was_away_repeats_once_and_not_for_every_time_missed(database: Database) -> None:
    desk = Desk(database, {"repeat_every_min": 10})
    number = desk.tell()
    sent(desk)
    assert desk.fire(hours=3) == 1
    assert desk.fire(minutes=9) == 0
    sent(desk)
    assert desk.fire(minutes=1) == 1
    assert len(desk.notices(number)) == 3


def test_reminders_do_not_pile_up_before_a_channel_that_is_down(database: Database) -> None:
    desk = Desk(database, {"repeat_every_min": 10})
    number = desk.tell()
    for _ in range(5):
        desk.fire(minutes=10)
    assert len(desk.notices(number)) == 1


def test_what_nobody_acknowledges_is_passed_on_from_one_to_the_next_and_then_ends(database: Database) -> None:
    channels = {"desk": {}, "phone": {}, "boss": {}}
    desk = Desk(database, {"escalate_after_min": 15, "escalate_to": ["phone", "boss"]}, channels=channels)
    number = desk.tell()
    assert [row.channel for row in desk.rows()] == ["desk"]
    assert desk.fire(minutes=15) == 1
    assert [row.channel for row in desk.rows()] == ["desk", "phone"]
    assert "on desk: it is passed on to you" in desk.texts(number)[1]
    assert desk.fire(minutes=14) == 0
    assert desk.fire(minutes=1) == 1
    assert [row.channel for row in desk.rows()] == ["desk", "phone", "boss"]
    with database.read() as session:
        [done] = attention.follow_ups_of(session, number)
    assert (done.step, done.done_reason) == (2, "unanswered")


@pytest.mark.parametrize("status", [Status.DENIED, Status.RETRACTED])
def test_what_was_withdrawn_is_not_repeated(database: Database, status: Status) -> None:
    desk = Desk(database, {"repeat_every_min": 10})
    number = desk.tell()
    seed = IncidentSeed(status=status, severity=Severity.S2, base="erbil-air-base", first_seen_at=NIGHT)
    with database.write() as session:
        incidents.set_incident(session, number, seed, NIGHT)
    assert desk.fire(minutes=30) == 0
    with database.read() as session:
        assert attention.follow_ups_of(session, number)[0].done_reason == "withdrawn"


def test_a_rule_that_is_gone_from_the_configuration_ends_what_waited_for_it(database: Database) -> None:
    number = Desk(database, {"repeat_every_min": 10}).tell()
    assert Desk(database).fire(minutes=30) == 0
    with database.read() as session:
        assert attention.follow_ups_of(session, number)[0].done_reason == "route-gone"


def test_a_silence_of_the_incident_stops_its_reminders_while_it_holds(database: Database) -> None:
    desk = Desk(database, {"repeat_every_min": 10})
    number = desk.tell()
    sent(desk)
    with database.write() as session:
        until = NIGHT + timedelta(minutes=15)
        silences.add(session, SilenceSeed(incident_id=number, from_at=NIGHT, until_at=until, reason="known"), NIGHT)
    assert desk.fire(minutes=10) == 0
    assert desk.fire(minutes=10) == 1


# --- the daily word


def test_the_daily_word_comes_at_its_hour_once_to_the_operator(database: Database) -> None:
    desk = Desk(database, operator=["phone"], delivery={"all_well": True})
    assert desk.fire() == 0
    assert desk.fire(hours=8, minutes=59) == 0
    with database.write() as session:
        set_meta(session, "last_canary_at", (desk.clock.now() - timedelta(minutes=20)).isoformat())
    desk.tell()
    assert desk.fire(minutes=1) == 1
    assert desk.fire() == 0
    [row] = [row for row in desk.rows() if row.kind is NoticeKind.SYSTEM]
    assert row.channel == "phone"
    [text] = desk.texts()
    assert (
        text.splitlines()[0] == "Running, but not all is well: no article in 24 h; 0 articles, 1 new incident in 24 h"
    )
    assert "Last synthetic test passed: 21 min ago." in text
    assert desk.fire(days=3) == 1
    assert desk.fire() == 0


def test_the_daily_word_says_what_no_rule_took(database: Database) -> None:
    desk = Desk(database, {"countries": ["SY"]}, delivery={"all_well": True})
    desk.fire()
    desk.tell()
    desk.fire(hours=9)
    assert "1 notice went to nobody" in desk.texts()[0]


# --- in the channel's language


def test_a_digest_is_in_the_language_of_its_channel(database: Database) -> None:
    channels = {"desk": {"language": "ar", "quiet_hours": "22:00-06:00"}}
    desk = Desk(database, channels=channels)
    desk.tell()
    desk.tell()
    desk.fire(hours=7)
    [text] = desk.texts()
    first, *rest = text.splitlines()
    assert first == "إشعاران مؤجّلان: وردت في ساعات الهدوء"
    assert [line.split()[:2] for line in rest] == [["BW-1.1", "أنباء"], ["BW-2.1", "أنباء"]]
