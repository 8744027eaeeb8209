"""The hard cases of matching, each by name, through intake: one incident or several, and the reason that is shown."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from basewatch.commands.incidents import show_incident
from config.settings import Settings
from core.values import OTHER_NAMED, UNNAMED, Label, OriginKind, Status
from storage.engine import Database, open_database
from tests.alerts.making import DAY, DRONE, HIT, ROCKET, T0, attack, local, origin
from tests.alerts.test_intake import Room

NEXT_DAY = DAY + timedelta(days=1)
WIRE = (
    "Air defences at the base shot down two drones before dawn, a security source said, adding that nobody was hurt "
    "and that debris had fallen into open ground beside the runway, where a small fire was put out within minutes."
)


@pytest.fixture
def room(sqlite_database: Database) -> Room:
    return Room(sqlite_database)


def placed(room: Room) -> list[str]:
    return [fact["reason"] for fact in room.facts("placed")]


def refused(room: Room) -> list[str]:
    return [fact["reason"] for fact in room.facts("refused")]


def test_a_place_within_a_site_is_that_site(room: Room) -> None:
    room.tell("Erbil air base hit", attack(outcome=HIT))
    room.tell("Blast near Erbil", attack(UNNAMED, place="Erbil"), outlet="shafaq")
    assert (len(room.incidents()), placed(room)[1]) == (1, "same-place-and-day")


def test_a_base_that_nobody_names_joins_by_country_day_weapon_and_count(room: Room) -> None:
    room.tell("Harir hit", attack("harir", count=2))
    room.tell("A base in Iraq hit", attack(UNNAMED, count=2), outlet="shafaq")
    assert (len(room.incidents()), placed(room)[1]) == (1, "same-country-day-weapon")


def test_a_report_before_the_base_is_named_goes_to_it_later(room: Room) -> None:
    room.tell("A base in Iraq hit", attack(UNNAMED, count=2))
    room.later(minutes=20)
    room.tell("It was Harir", attack("harir", count=2), outlet="shafaq")
    (found,) = room.incidents()
    assert (found.base, placed(room)[1], room.kinds()[-1]) == (
        "harir", "same-country-day-weapon", ("update", "place-named"),
    )  # fmt: skip


def test_a_round_up_of_three_bases_joins_each_and_opens_none(room: Room) -> None:
    sites = ("erbil-airbase", "harir", "ain-al-asad")
    for site in sites:
        room.tell(f"{site} hit", attack(site), outlet=site)
    room.later(hours=2)
    summary = room.tell("Three bases hit", *(attack(site) for site in sites), outlet="round")
    assert (len(room.incidents()), summary.incidents) == (3, 0)
    assert placed(room)[3:] == ["same-site-and-day"] * 3
    assert all(view.report_count == 2 for view in room.incidents())


def test_a_second_attack_of_the_day_is_its_own(room: Room) -> None:
    room.later(hours=-10)
    room.tell("Harir hit", attack("harir", outcome=HIT))
    room.later(hours=5)
    room.tell("Second attack on Harir today", attack("harir", another=True), outlet="shafaq")
    assert (len(room.incidents()), refused(room)) == (2, ["another-attack"])


def test_two_waves_an_hour_apart_are_two_and_within_it_one(room: Room) -> None:
    room.later(hours=4)
    for hour, minute in ((20, 0), (20, 40), (23, 0)):
        when = local(DAY, hour, minute)
        room.tell(f"Harir at {hour}:{minute:02}", attack("harir", event_from=when), outlet=f"o{hour}{minute}")
    assert [view.report_count for view in room.incidents()] == [2, 1]
    assert (placed(room)[1], set(refused(room))) == ("same-site-and-time", {"pause-between"})


def test_ten_to_midnight_is_one_attack_with_the_day_after(room: Room) -> None:
    room.later(hours=6)
    room.tell("Harir at ten to midnight", attack("harir", event_from=local(DAY, 23, 50)))
    room.tell("Harir on Wednesday", attack("harir", date=NEXT_DAY), outlet="shafaq")
    assert (len(room.incidents()), placed(room)[1]) == (1, "same-site-and-night")


def test_an_article_of_a_day_without_an_hour_joins_the_attack_of_that_day(room: Room) -> None:
    room.tell("Harir hit", attack("harir", event_from=T0 - timedelta(hours=1)))
    midnight = local(DAY, 3)
    room.tell("Harir", attack("harir"), outlet="shafaq", published_at=midnight, date_only=True)
    assert (len(room.incidents()), placed(room)[1]) == (1, "same-site-and-day")


def test_a_claim_that_lumps_a_week_together_makes_no_incident(room: Room) -> None:
    week = attack(UNNAMED, event_from=T0 - timedelta(days=7), event_to=T0, count=29, date=None)
    assert room.tell("29 operations in a week", week).incidents == 0
    assert room.notices() == []


def test_a_wire_copy_under_ten_mastheads_is_one_voice_and_one_alert(room: Room) -> None:
    for number in range(10):
        room.tell("Two drones shot down", attack("harir", count=2), outlet=f"paper{number}", text=WIRE)
        room.later(minutes=2)
    (found,) = room.incidents()
    assert (found.report_count, found.outlet_count, found.status) == (10, 10, Status.REPORTED)
    assert room.kinds() == [("new", "new-incident")]


def test_contradictory_counts_are_a_range_of_one_attack(room: Room) -> None:
    source = (origin(OriginKind.SOURCE),)
    room.tell("Five rockets", attack("harir", count=5, weapons=[ROCKET], origins=source))
    officials = (origin(OriginKind.OFFICIAL, "the coalition"),)
    room.tell("Two rockets", attack("harir", count=2, weapons=[ROCKET], origins=officials), outlet="shafaq")
    (found,) = room.incidents()
    part = found.facts["incident"]
    assert (part["count_low"], part["count_high"], found.status) == (2, 5, Status.CONFIRMED)
    assert room.facts("count") == [5, 2]


def test_show_names_the_veto_behind_each_refusal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "basewatch.db"
    with open_database(path) as database:
        room = Room(database)
        room.tell("Harir, drones", attack("harir", weapons=[DRONE]))
        room.later(hours=5)
        room.tell("Harir, rockets", attack("harir", weapons=[ROCKET]), outlet="shafaq", label=Label.ATTACK)
        room.tell("Harir, some place", attack(OTHER_NAMED, place="Harir"), outlet="k24")
    show_incident(Settings(database=str(path)), "BW-2", as_json=True)
    shown = json.loads(capsys.readouterr().out)
    reasons = [(line["what"], line["reason"], line["other"]) for line in shown["reasons"] if line["what"] == "refused"]
    assert ("refused", "weapons-differ", "https://rudaw.example/Harir,-drones") in reasons
    show_incident(Settings(database=str(path)), "BW-2")
    assert "weapons-differ" in capsys.readouterr().out
