"""What is late is told together; what is quiet is closed; a denial that came first still counts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from config.channels import ConsoleSettings
from core.documents import NoticeDocument
from core.values import Label, NoticeKind, OriginKind, Status
from storage import deliveries, incidents, lifecycle
from storage.engine import Database
from tests.alerts.making import DAY, HIT, T0, attack, local, origin, the_watch
from tests.alerts.test_intake import Room
from tests.alerts.test_people import Desk

CTG = (origin(OriginKind.OFFICIAL, "Kurdistan CTG"),)
SITES = sorted(the_watch().sites)[:40]


@pytest.fixture
def room(database: Database) -> Room:
    return Room(database)


def told(room: Room, *, at_once: bool = False) -> list[NoticeKind]:
    with room.database.write() as session:
        return room.intake._desk.tell_late(session, room.clock.now(), at_once=at_once)


def outage(room: Room) -> None:
    """Twelve hours dark: forty attacks, one every eighteen minutes, are read within four minutes after it."""
    room.later(hours=12)
    for number in range(40):
        happened = T0 + timedelta(minutes=18 * number)
        told = attack(SITES[number], event_from=happened, date=None, outcome=HIT)
        room.store(f"Attack {number}", told, outlet=f"o{number}", published_at=happened)
        room.later(seconds=6)
    room.run()


def test_an_outage_of_twelve_hours_with_forty_attacks_is_one_digest_and_rings_only_for_what_is_fresh(
    sqlite_database: Database,
) -> None:
    room = Room(sqlite_database)
    outage(room)
    now = room.clock.now()
    fresh = [view for view in room.incidents() if view.event_from and now - view.event_from < timedelta(hours=6)]
    assert len(room.incidents()) == 40
    assert {notice.incident_id for notice in room.notices()} == {view.id for view in fresh}
    assert told(room) == []  # more may come
    room.later(minutes=11)
    assert told(room) == [NoticeKind.DIGEST]
    assert told(room) == []
    digest = room.notices()[-1]
    assert (digest.kind, digest.reason, digest.ring) == (NoticeKind.DIGEST, "backlog", False)
    text = NoticeDocument.model_validate(digest.document).notice.text or ""
    assert text.startswith(f"{40 - len(fresh)} attacks were found late")
    assert all(f"{view.public_id} S" in text for view in room.incidents() if view not in fresh)
    with room.database.read() as session:
        assert len(lifecycle.digest_items(session)) == 40 - len(fresh)
        assert [d.channel for d in deliveries.list_deliveries(session) if d.notice_id == digest.id] == ["ops"]


def test_few_late_ones_are_told_one_by_one(room: Room) -> None:
    room.later(hours=8)
    room.tell("Harir", attack("harir", event_from=T0), published_at=T0)
    assert room.notices() == []
    room.later(minutes=10)
    assert told(room) == [NoticeKind.NEW]
    (notice,) = room.notices()
    assert (notice.public_id, notice.ring, notice.late) == ("BW-1.1", False, True)


def test_what_a_digest_told_is_updated_and_corrected_afterwards(room: Room) -> None:
    room.later(hours=8)
    for base in SITES[:5]:
        room.tell(f"At {base}", attack(base, event_from=T0), published_at=T0, outlet=base)
    assert told(room, at_once=True) == [NoticeKind.DIGEST]
    room.later(minutes=5)
    room.tell("Two dead", attack(SITES[0], killed=2, event_from=T0), outlet="k24", label=Label.UPDATE)
    denied = attack(SITES[1], denied=True, origins=CTG)
    room.tell("None at all", denied, outlet="nrt", label=Label.UPDATE)
    assert room.kinds()[1:] == [("update", "toll-changed"), ("correction", "denied")]


def test_a_late_incident_that_is_denied_while_it_waits_is_never_told(room: Room) -> None:
    room.later(hours=8)
    room.tell("Harir", attack("harir", event_from=T0), published_at=T0)
    room.tell("None at all", attack("harir", denied=True, origins=CTG), outlet="nrt", label=Label.UPDATE)
    assert told(room, at_once=True) == []
    assert room.notices() == []


def test_a_digest_reaches_who_would_have_got_the_gravest_of_it(sqlite_database: Database) -> None:
    room = Room(sqlite_database, channels={"new": ConsoleSettings(notices=(NoticeKind.NEW,)),
                                           "sys": ConsoleSettings(notices=(NoticeKind.SYSTEM,))})  # fmt: skip
    room.later(hours=8)
    for base in SITES[:5]:
        room.tell(f"At {base}", attack(base, event_from=T0), published_at=T0, outlet=base)
    told(room, at_once=True)
    with room.database.read() as session:
        assert [d.channel for d in deliveries.list_deliveries(session)] == ["new"]


def test_a_resurfaced_archive_raises_nothing(room: Room) -> None:
    for number in range(6):
        old = DAY - timedelta(days=300 + number)
        room.tell(f"Archive {number}", attack(date=old, event_from=local(old, 12)), outlet=f"o{number}")
    assert told(room, at_once=True) == []
    assert room.notices() == []


# -- closing ---------------------------------------------------------------------------------------------------------


def close(room: Room) -> int:
    with room.database.write() as session:
        return lifecycle.close_quiet(session, room.clock.now(), timedelta(hours=72))


def test_an_incident_is_closed_when_nothing_new_came_for_three_days_and_never_opened_again(room: Room) -> None:
    room.tell("Erbil", attack(outcome=HIT))
    room.later(hours=71)
    assert close(room) == 0
    room.later(hours=1)
    assert close(room) == 1
    closed_at = room.incidents()[0].closed_at
    room.tell("Erbil, three days on", attack(killed=1), outlet="shafaq", label=Label.UPDATE)
    (found,) = room.incidents()
    assert (found.closed_at, found.report_count) == (closed_at, 2)  # it takes a late report that states its day
    assert close(room) == 0


def test_a_closed_incident_never_takes_a_new_attack(room: Room) -> None:
    room.tell("Erbil", attack(outcome=HIT))
    room.later(hours=73)
    close(room)
    room.tell("Erbil attacked", attack(date=None), outlet="shafaq")
    assert [view.public_id for view in room.incidents()] == ["BW-1", "BW-2"]


# -- a denial that comes before its report ---------------------------------------------------------------------------


def test_a_denial_that_came_first_holds_when_the_report_comes(room: Room) -> None:
    room.tell("No attack at Erbil", attack(denied=True, origins=CTG), outlet="nrt", label=Label.UPDATE)
    assert room.incidents() == []
    room.later(minutes=20)
    room.tell("Drone at Erbil", attack(outcome=HIT, event_from=T0 - timedelta(hours=1)))
    (found,) = room.incidents()
    assert (found.status, found.report_count, room.notices()) == (Status.DENIED, 2, [])
    with room.database.read() as session:
        assert lifecycle.waiting_denials(session, T0 - timedelta(days=1), T0 + timedelta(days=1)) == []


def test_a_denial_does_not_deny_what_happened_after_it(room: Room) -> None:
    room.tell("No attack at Erbil", attack(denied=True, origins=CTG), outlet="nrt", label=Label.UPDATE)
    room.later(minutes=50)
    room.tell("Drone at Erbil", attack(outcome=HIT, event_from=T0 + timedelta(minutes=40)))
    assert (room.incidents()[0].status, room.kinds()) == (Status.REPORTED, [("new", "new-incident")])
    assert [fact["reason"] for fact in room.facts("refused")] == ["denied-before-it-happened"]


def test_a_denial_that_its_outlet_edits_away_waits_no_more(room: Room) -> None:
    url = "https://nrt.example/1"
    room.tell("No attack", attack(denied=True, origins=CTG), outlet="nrt", url=url, label=Label.UPDATE)
    room.tell("Statement withdrawn", outlet="nrt", url=url)
    room.later(minutes=20)
    room.tell("Drone at Erbil", attack(outcome=HIT, event_from=T0 - timedelta(hours=1)))
    assert room.incidents()[0].status is Status.REPORTED


def test_a_held_incident_that_people_withdraw_is_never_told(sqlite_database: Database) -> None:
    desk = Desk(sqlite_database)
    desk.later(hours=8)
    desk.tell("Harir", attack("harir", event_from=T0), published_at=T0)
    desk.do(desk.people.retract, "BW-1")
    assert told(desk, at_once=True) == []
    with desk.database.read() as session:
        assert incidents.notices_of(session, 1) == []
