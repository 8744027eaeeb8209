"""Who is told of what, when, and why not: pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.routes.facts import NoticeFacts, facts_of
from alerts.routes.holding import Around
from alerts.routes.operators import operators
from alerts.routes.planning import Plan, plan
from config.settings import Settings
from core.documents import Casualties
from core.values import Kind, NoticeKind, Severity, Status
from storage.values import SilenceView
from tests.alerts.channels.messages import document, incident, notice, system

NIGHT = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)
MORNING = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
FACTS = NoticeFacts(
    kind=NoticeKind.NEW, ring=True, severity=Severity.S3, status=Status.REPORTED, base="erbil-air-base", country="IQ",
    place_kind=Kind.AIRBASE, languages=frozenset({"ar"}), incident_ids=frozenset({42}),
)  # fmt: skip
CONSOLE = {"kind": "console"}


def settings(*routes: dict[str, Any], delivery: dict[str, Any] | None = None, **channels: dict[str, Any]) -> Settings:
    named = channels or {"desk": {}, "phone": {}}
    return Settings.model_validate(
        {
            "channels": {name: CONSOLE | more for name, more in named.items()},
            "routes": [{"name": f"r{number}", "channels": ["desk"]} | route for number, route in enumerate(routes, 1)],
            "delivery": delivery or {},
        }
    )


def made(config: Settings, facts: NoticeFacts = FACTS, around: Around | None = None, now: datetime = NIGHT) -> Plan:
    return plan(facts, config, around or Around(), now)


def now_to(plan_: Plan) -> list[str]:
    return [one.channel for one in plan_.channels if one.goes_now]


def held(plan_: Plan) -> dict[str, str]:
    return {one.channel: one.hold.note for one in plan_.channels if one.hold is not None}


# --- rules


@pytest.mark.parametrize(
    ("condition", "other", "why_not"),
    [
        ({"countries": ["IQ"]}, {"country": "SY"}, "country is SY, not IQ"),
        ({"bases": ["erbil-air-base"]}, {"base": "unnamed"}, "base is unnamed, not erbil-air-base"),
        ({"kinds": ["airbase", "naval"]}, {"place_kind": None}, "kind is not known, not airbase or naval"),
        ({"min_severity": "S3"}, {"severity": Severity.S2}, "severity is S2, below S3"),
        ({"certainty": ["reported"]}, {"status": Status.CLAIMED}, "certainty is claimed, not reported"),
        ({"languages": ["ar"]}, {"languages": frozenset({"en", "ckb"})}, "told in ckb or en, not in ar"),
        ({"notices": ["new"]}, {"kind": NoticeKind.UPDATE}, "it is a notice of kind update, not new"),
        ({"ring": True}, {"ring": False}, "it does not ring"),
    ],
)
def test_each_condition_narrows_and_says_why(condition: dict[str, Any], other: dict[str, Any], why_not: str) -> None:
    config = settings(condition)
    assert now_to(made(config)) == ["desk"]
    missed = made(config, replace(FACTS, **other))
    assert missed.channels == ()
    assert missed.considered[0].why_not == (why_not,)


def test_the_first_rule_that_fits_decides_unless_it_says_continue() -> None:
    first, rest = {"countries": ["IQ"]}, {"channels": ["phone"]}
    decided = made(settings(first, rest))
    assert now_to(decided) == ["desk"]
    assert [one.reached for one in decided.considered] == [True, False]
    assert now_to(made(settings(first | {"continue": True}, rest))) == ["desk", "phone"]


def test_without_rules_each_channel_takes_what_its_own_settings_say() -> None:
    config = settings(
        all={},
        off={"enabled": False},
        grave={"min_severity": "S4"},
        ringing={"ring_only": True},
        new={"notices": ["new"]},
    )
    assert now_to(made(config)) == ["all", "ringing", "new"]
    assert now_to(made(config, replace(FACTS, ring=False, severity=Severity.S4))) == ["all", "grave", "new"]
    after_a_ring = replace(FACTS, kind=NoticeKind.CORRECTION, ring=False, rang=True)
    assert now_to(made(config, after_a_ring)) == ["all", "ringing"]


def test_a_channel_that_a_rule_names_may_still_refuse_and_says_why() -> None:
    [one] = made(settings({}, desk={"min_severity": "S4"}, phone={})).channels
    assert one.refused == "it takes S4 and above, this is S3"


def test_whoever_was_told_hears_the_correction_whatever_the_rules_say() -> None:
    config = settings({"certainty": ["reported"], "min_severity": "S3"}, desk={"min_severity": "S3"}, phone={})
    denied = replace(FACTS, kind=NoticeKind.CORRECTION, status=Status.DENIED, severity=Severity.S2)
    assert now_to(made(config, denied, Around(told=frozenset({"desk"})))) == ["desk"]
    assert now_to(made(config, denied)) == []


def test_a_channel_that_two_rules_name_gets_it_once_by_the_one_that_sends_it_soonest() -> None:
    config = settings({"send": "digest", "continue": True}, {})
    [one] = made(config).channels
    assert (one.route, one.goes_now) == ("r2", True)


# --- held back


def test_quiet_hours_hold_back_until_they_end_and_wake_for_what_is_grave() -> None:
    config = settings({"quiet_hours": "22:00-06:00"})
    assert held(made(config)) == {"desk": "quiet hours until 06:00 (UTC)"}
    assert now_to(made(config, now=MORNING)) == ["desk"]
    assert now_to(made(config, replace(FACTS, killed=True))) == ["desk"]
    assert now_to(made(config, replace(FACTS, status=Status.CONFIRMED))) == ["desk"]
    assert now_to(made(config, replace(FACTS, status=Status.CONFIRMED, ring=False))) == []


def test_a_confirmation_brings_through_what_rang_and_was_held_back_and_rings_itself() -> None:
    config = settings(desk={"quiet_hours": "22:00-06:00"})
    confirmed = replace(FACTS, kind=NoticeKind.UPDATE, ring=False, rang=True, status=Status.CONFIRMED)
    [one] = made(config, confirmed).channels
    assert (one.goes_now, one.ring) == (True, True)
    assert now_to(made(config, confirmed, Around(told=frozenset({"desk"})))) == []


def test_who_was_woken_is_woken_by_the_correction_too() -> None:
    config = settings(desk={"quiet_hours": "22:00-06:00"})
    denied = replace(FACTS, kind=NoticeKind.CORRECTION, status=Status.DENIED)
    assert now_to(made(config, denied, Around(told=frozenset({"desk"})))) == ["desk"]
    assert now_to(made(config, denied)) == []


def test_the_longer_of_two_quiet_hours_counts_each_in_its_zone() -> None:
    config = settings(
        {"quiet_hours": "20:00-05:00"}, desk={"quiet_hours": "22:00-06:00", "time_zone": "Asia/Baghdad"}, phone={}
    )
    assert held(made(config)) == {"desk": "quiet hours until 05:00 (UTC)"}


def test_a_digest_waits_for_its_hour() -> None:
    config = settings({"send": "digest", "time_zone": "Asia/Baghdad"})
    [one] = made(config).channels
    assert one.hold is not None
    assert (one.hold.why, one.hold.until) == ("digest", datetime(2026, 11, 24, 5, 0, tzinfo=UTC))


def test_a_silence_holds_back_even_what_would_wake() -> None:
    silence = SilenceView(
        id=3, base=None, country="IQ", incident_id=None, from_at=NIGHT, until_at=MORNING, reason="exercise",
        created_at=NIGHT, ended_at=None,
    )  # fmt: skip
    grave, around = replace(FACTS, killed=True), Around(silences=[silence])
    [one, _] = made(settings(), grave, around).channels
    assert one.hold is not None
    assert (one.hold.note, one.hold.silence_id) == ("silence 3 until 24 Nov 06:00 UTC: exercise", 3)
    assert now_to(made(settings(), replace(grave, country="SY"), around)) == ["desk", "phone"]


def test_a_burst_is_held_back_for_a_minute_for_its_own_channel_alone() -> None:
    around = Around(queued={"desk": 30, "phone": 29})
    burst = made(settings(), around=around)
    assert held(burst) == {"desk": "more than 30 notices within a minute"}
    assert now_to(burst) == ["phone"]
    ends = NIGHT + timedelta(seconds=20)
    [one, _] = made(settings(), around=Around(bursts={"desk": ends})).channels
    assert one.hold is not None
    assert one.hold.until == ends


# --- follow-ups and operators


def test_only_a_ringing_notice_that_goes_out_now_waits_to_be_acknowledged() -> None:
    config = settings({"repeat_every_min": 10, "quiet_hours": "22:00-06:00"})
    assert [route.name for route in made(config, now=MORNING).awaited] == ["r1"]
    assert made(config).awaited == ()
    assert made(config, replace(FACTS, ring=False), now=MORNING).awaited == ()


def test_facts_are_read_from_the_document() -> None:
    killed = (Casualties(whose="us", kind="killed", low=3, high=3),)
    found = facts_of(document(notice=notice(), incident=incident(casualties=killed)), rang=True)
    assert found is not None
    assert (found.base, found.country, found.killed, found.injured, found.rang) == (
        "erbil-air-base",
        "IQ",
        True,
        False,
        True,
    )
    assert facts_of(system()) is None


def test_system_notices_go_to_the_operators_or_to_all_but_the_broken_one() -> None:
    config = settings(desk={}, phone={}, mail={"notices": ["new"]})
    assert operators(config) == ("desk", "phone")
    named = config.model_copy(update={"operator": ("phone",)})
    assert operators(named) == ("phone",)
    assert operators(named, but="phone") == ("desk",)
