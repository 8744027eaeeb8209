"""What is due by the clock is done once, whether late, doubled or cut short; all of it stands in the database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.documents import NoticeDocument
from core.values import NoticeKind, Severity, Status
from storage import attention, incidents, silences
from storage.engine import Database, open_database
from storage.meta import set_meta
from storage.values import IncidentSeed, SilenceSeed
from tests.alerts.channels.messages import without_isolates
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
    for _ in range(90):
        desk.tell()
    assert desk.states().count("pending") == 5
    assert desk.fire(seconds=30) == 0
    assert desk.fire(seconds=30) == 85
    texts = desk.texts()
    assert all(len(text) <= 3_300 for text in texts)
    assert f"(1 of {len(texts)})" in texts[0]
    named = {line.split()[0] for text in texts for line in text.splitlines()[1:]}
    assert named == {f"BW-{number}.1" for number in range(6, 91)}
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
    assert [line.split()[0] for line in rest] == ["أنباء", "أنباء"]  # a line that began with the id would run leftward
    assert [without_isolates(line).split()[-1] for line in rest] == ["(BW-1.1)", "(BW-2.1)"]


# --- several holds at once


def silence(desk: Desk, hours: float, **what: object) -> None:
    with desk.database.write() as session:
        now = desk.clock.now()
        seed = SilenceSeed(from_at=now, until_at=now + timedelta(hours=hours), reason="exercise", **what)  # type: ignore[arg-type]
        silences.add(session, seed, now)


BASE, COUNTRY = {"base": "erbil-air-base"}, {"country": "IQ"}


@pytest.mark.parametrize(("first", "second"), [(BASE, COUNTRY), (COUNTRY, BASE)])
@pytest.mark.parametrize("later_added", [False, True])
def test_of_two_silences_the_one_that_ends_last_holds_whichever_came_first(
    database: Database, first: dict[str, str], second: dict[str, str], later_added: bool
) -> None:
    desk = Desk(database, channels={"desk": {}})
    silence(desk, 1, **first)
    if not later_added:
        silence(desk, 3, **second)
    desk.tell()
    desk.tell()
    if later_added:
        silence(desk, 3, **second)
    desk.fire(hours=1)
    assert desk.states() == ["held"] * 2
    desk.fire(hours=1, minutes=59)
    assert desk.states() == ["held"] * 2
    desk.fire(minutes=1)
    assert desk.states() == ["digested"] * 2 + ["pending"]
    assert "silence 2 until 24 Nov 02:00 UTC" in desk.texts()[0]


def test_ending_the_longer_silence_leaves_what_the_shorter_still_covers(database: Database) -> None:
    desk = Desk(database, channels={"desk": {}})
    silence(desk, 3, **COUNTRY)
    silence(desk, 1, **BASE)
    desk.tell()
    desk.tell(base="ain-al-asad", base_name="Ain al-Asad")
    with database.write() as session:
        silences.end(session, 1, desk.clock.now())
    desk.fire()
    assert desk.states() == ["held", "pending"]
    desk.fire(hours=1)
    assert desk.states() == ["pending", "pending"]


def test_a_silence_that_ends_at_night_is_told_in_the_morning_unless_people_want_to_be_woken_for_it(
    database: Database,
) -> None:
    desk = Desk(database, channels={"desk": {"quiet_hours": "22:00-06:00"}})
    silence(desk, 2, **BASE)
    desk.tell()
    desk.tell(status=Status.CONFIRMED)
    desk.fire(hours=2)
    assert desk.states() == ["held", "pending"]
    desk.fire(hours=5)
    assert desk.states() == ["pending", "pending"]
    assert not any(row.ring for row in desk.rows())


def test_a_correction_goes_with_what_it_corrects(database: Database) -> None:
    desk = Desk(database, channels={"desk": {"quiet_hours": "22:00-06:00"}})
    silence(desk, 2, **BASE)
    number = desk.tell(status=Status.CONFIRMED)
    desk.tell(number, kind=NoticeKind.CORRECTION, ring=False, status=Status.RETRACTED)
    desk.fire(hours=2)
    assert desk.states() == ["digested", "digested", "pending"]


def test_silence_quiet_hours_and_escalation_lose_nothing_together(database: Database) -> None:
    channels = {"desk": {}, "phone": {"quiet_hours": "22:00-06:00"}, "boss": {}}
    desk = Desk(database, {"escalate_after_min": 15, "escalate_to": ["phone", "boss"]}, channels=channels)
    number = desk.tell()
    silence(desk, 0.5, incident_id=number)
    desk.fire(minutes=15)
    assert desk.states("phone") == ["held"]  # by the silence, then by its own night
    desk.fire(minutes=15)
    assert desk.states("phone") == ["held"]
    assert desk.states("boss") == ["pending"]
    desk.fire(hours=7)
    assert desk.states("phone") == ["pending"]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    spans=st.lists(st.tuples(st.integers(0, 5), st.integers(1, 9), st.booleans()), max_size=3),
    told=st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=4),
)
def test_nothing_leaves_while_something_holds_it_and_nothing_stays_when_all_have_ended(
    tmp_path_factory: pytest.TempPathFactory, spans: list[tuple[int, int, bool]], told: list[tuple[int, bool]]
) -> None:
    with open_database(tmp_path_factory.mktemp("held") / "b.db") as database:
        desk = Desk(database, channels={"desk": {"quiet_hours": "00:00-03:00"}})
        with database.write() as session:
            for begins, lasts, whole in spans:
                since = NIGHT + timedelta(hours=begins)
                what = COUNTRY if whole else BASE
                until = since + timedelta(hours=lasts)
                silences.add(session, SilenceSeed(from_at=since, until_at=until, reason="x", **what), NIGHT)  # type: ignore[arg-type]
        for hour in range(20):
            now = desk.clock.now()
            for at, at_base in told:
                if at == hour:
                    desk.tell(**({} if at_base else {"base": "ain-al-asad"}))
            before = len(desk.notices())
            desk.fire(minutes=1)
            held_now = {row.incident_id for row in desk.rows() if row.state.value == "held"}
            for view in desk.notices():
                base = NoticeDocument.model_validate(view.document).incident
                if base is None or view.incident_id is None:
                    continue
                silenced = any(
                    since <= hour < since + lasts and (whole or base.base == "erbil-air-base")
                    for since, lasts, whole in spans
                )
                if (silenced or 0 <= now.hour < 3) and view.created_at == now:
                    assert view.incident_id in held_now
            assert len(desk.notices()) >= before
            desk.clock.set(now + timedelta(hours=1))
        desk.fire(minutes=1)
        assert "held" not in desk.states()
        named = " ".join(desk.texts()) + " ".join(
            row.notice_public_id for row in desk.rows() if row.state.value == "pending"
        )
        assert all(f"BW-{number}.1" in named for number in range(1, len(told) + 1))
