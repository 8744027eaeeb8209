"""The first line says it all on a lock screen, in 100 characters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.headline import LIMIT, first_line
from core.documents import Casualties
from core.values import NoticeKind, Outcome, Severity, Status, Weapon
from tests.alerts.channels.messages import (
    EVENT,
    LONG,
    NOW,
    PAYLOADS,
    document,
    hostile,
    incident,
    notice,
    system,
    without_isolates,
)


def line(kind: NoticeKind = NoticeKind.NEW, *, late: bool = False, now: datetime = NOW, **changes: Any) -> str:
    return first_line(document(notice=notice(kind=kind, late=late), incident=incident(**changes)), now=now)


def casualties(*entries: tuple[str, str, int | None, int | None]) -> tuple[Casualties, ...]:
    return tuple(Casualties(whose=whose, kind=kind, low=low, high=high) for whose, kind, low, high in entries)


def test_the_designed_line_comes_out_to_the_letter() -> None:
    assert line() == "S3 CONFIRMED Erbil air base: 1 drone shot down, 0 hurt - CTG - 21:07 (6 min ago)"


@pytest.mark.parametrize(
    ("kind", "status", "start"),
    [
        (NoticeKind.UPDATE, Status.CONFIRMED, "UPDATE S3 CONFIRMED "),
        (NoticeKind.CORRECTION, Status.DENIED, "CORRECTION S3 DENIED "),
        (NoticeKind.CORRECTION, Status.RETRACTED, "WITHDRAWN S3 RETRACTED "),
        (NoticeKind.UPDATE, Status.RETRACTED, "WITHDRAWN S3 RETRACTED "),
        (NoticeKind.TEST, Status.RETRACTED, "TEST S3 RETRACTED "),
        (NoticeKind.TEST, Status.REPORTED, "TEST S3 REPORTED "),
    ],
)
def test_all_but_a_new_incident_says_what_it_is_first(kind: NoticeKind, status: Status, start: str) -> None:
    assert line(kind, status=status).startswith(start)


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ((), "casualties not stated"),
        ((("us", "injured", None, None),), "casualties not stated"),
        ((("us", "injured", 0, None),), "casualties not stated"),
        ((("us", "killed", None, None), ("us", "injured", 5, 5)), "5 US hurt"),
        ((("us", "injured", 2, 5),), "2-5 US hurt"),
        ((("us", "injured", 2, None),), "2+ US hurt"),
        ((("civilians", "injured", None, 4),), "up to 4 civilians hurt"),
        ((("civilians", "injured", 4, 4), ("us", "killed", 3, 3)), "3 US killed, 4 civilians hurt"),
        ((("us", "killed", 0, 0),), "0 killed"),
        ((("us", "killed", 0, 0), ("us", "injured", 0, 0)), "0 hurt"),
        ((("us", "killed", 0, 0), ("us", "injured", 1, 1)), "1 US hurt"),
    ],
)
def test_what_nobody_states_is_never_nought(entries: tuple[Any, ...], words: str) -> None:
    assert f"shot down, {words} - " in line(casualties=casualties(*entries))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"weapons": (Weapon.ROCKET,), "count_low": 5, "count_high": 5, "outcome": Outcome.HIT}, "5 rockets hit"),
        ({"weapons": (Weapon.ROCKET,), "count_low": 5, "count_high": 7, "outcome": Outcome.UNKNOWN}, "5-7 rockets"),
        ({"count_low": None, "count_high": None}, "drone attack shot down"),
        ({"weapons": (), "count_low": None, "count_high": None, "outcome": Outcome.FOILED}, "attack foiled"),
        ({"weapons": (Weapon.UNKNOWN,), "outcome": Outcome.UNKNOWN}, "attack,"),
        ({"weapons": (Weapon.IED,)}, "1 roadside bomb stopped"),
        ({"weapons": (Weapon.GUNFIRE,), "outcome": Outcome.MISSED}, "gunfire missed"),
        ({"weapons": (Weapon.DRONE, Weapon.ROCKET), "count_low": 3, "count_high": None}, "3+ drones/rockets shot down"),
        ({"weapons": (Weapon.BALLISTIC_MISSILE,), "outcome": Outcome.PARTLY_INTERCEPTED}, "partly shot down"),
    ],
)
def test_weapon_count_and_outcome_read_like_a_sentence(changes: dict[str, Any], words: str) -> None:
    assert words in line(**changes)


@pytest.mark.parametrize(
    ("changes", "later", "words"),
    [
        ({}, timedelta(0), "21:07 (6 min ago)"),
        ({}, timedelta(minutes=-6), "21:07 (just now)"),
        ({}, timedelta(hours=2), "21:07 (2 h ago)"),
        ({}, timedelta(hours=5), "21 Apr 21:07 (5 h ago)"),  # past midnight in Erbil
        ({}, timedelta(days=3), "21 Apr 21:07 (3 days ago)"),
        ({}, timedelta(days=400), "21 Apr 2024 21:07 (400 days ago)"),
        ({}, timedelta(hours=-3), " - 21:07"),  # a clock that is wrong by hours says nothing of "ago"
        ({"time_zone": "Mars/Olympus"}, timedelta(0), "18:07 (6 min ago)"),
        ({"event_from": None, "event_to": None}, timedelta(0), "CTG - 21 Apr"),
        ({"event_from": None, "local_date": None}, timedelta(0), "reported 21:07 (6 min ago)"),
        ({"event_from": NOW - timedelta(hours=20), "event_to": NOW}, timedelta(0), "CTG - 21 Apr"),
    ],
)
def test_time_is_the_places_own_and_says_no_more_than_is_known(
    changes: dict[str, Any], later: timedelta, words: str
) -> None:
    assert line(now=NOW + later, **changes).endswith(words)


def test_a_late_event_carries_its_date() -> None:
    assert line(late=True).endswith("21 Apr 21:07 (6 min ago)")


def test_a_claim_names_who_claims() -> None:
    text = line(status=Status.CLAIMED, status_by=None, claimed_by="iri", claimed_by_name="Islamic Resistance in Iraq")
    assert "S3 CLAIMED Erbil air base" in text
    assert "Islamic" in text


def test_a_site_goes_by_its_name_alone_without_what_stands_in_brackets() -> None:
    text = line(base_name="Erbil Air Base (coalition side of Erbil International Airport)")
    assert text == "S3 CONFIRMED Erbil Air Base: 1 drone shot down, 0 hurt - CTG - 21:07 (6 min ago)"


def test_what_matters_least_goes_first_when_room_is_short() -> None:
    long = line(
        base_name="Logistics support facility at the international airport of the capital",
        status_by="Security Media Cell of the Joint Operations Command",
        casualties=casualties(("us", "killed", 3, 3)),
    )
    assert len(long) <= LIMIT
    assert long.startswith("S3 CONFIRMED Logistics support")
    assert "3 US killed" in long
    assert long.endswith(" - 21:07")


def test_no_probability_coordinates_or_link_stand_in_it() -> None:
    text = line()
    assert not any(word in text for word in ("36.2", "43.9", "http", "%", "0."))


def test_a_system_notice_says_so() -> None:
    assert first_line(system(), now=NOW) == "SYSTEM Channel ops is paused."


@pytest.mark.parametrize("text", [*PAYLOADS, *LONG])
def test_hostile_text_stays_on_one_clean_line(text: str) -> None:
    for doc in (hostile(text), system(text)):
        shown = first_line(doc, now=NOW)
        assert 0 < len(shown) <= LIMIT
        shown = without_isolates(shown)
        assert shown.isprintable() or not any(char < " " for char in shown)
        assert not any(char in shown for char in "\r\n\u2028\u2029\u0085\u202e\u2066\u2068\u2069\x1b\x07\x00\ud800")


#: hypothesis takes naive bounds and gives each instant its zone
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@settings(max_examples=300, deadline=None)
@given(
    place=st.text(max_size=300),
    by=st.none() | st.text(max_size=300),
    low=st.none() | st.integers(0, 10**6),
    high=st.none() | st.integers(0, 10**6),
    kind=st.sampled_from(NoticeKind),
    severity=st.sampled_from(Severity),
    status=st.sampled_from(Status),
    outcome=st.sampled_from(Outcome),
    weapons=st.lists(st.sampled_from(Weapon), max_size=4).map(tuple),
    event=st.none() | INSTANTS,
    now=INSTANTS,
)
def test_no_document_makes_it_longer_than_100_or_raises(
    place: str,
    by: str | None,
    low: int | None,
    high: int | None,
    kind: NoticeKind,
    event: datetime | None,
    now: datetime,
    **changes: Any,
) -> None:
    text = line(
        kind, now=now, base="other-named", base_name=None, place=place, status_by=by, event_from=event, event_to=None,
        casualties=casualties(("us", "killed", low, high), ("civilians", "injured", high, low)),
        count_low=low, count_high=high, **changes,
    )  # fmt: skip
    assert len(text) <= LIMIT
    assert len(text.splitlines()) == 1


def test_the_event_of_these_tests_was_six_minutes_ago() -> None:
    assert timedelta(minutes=6) == NOW - EVENT
