"""One attack, one alert; then updates when a fact changes, and a correction when it is taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from alerts.incidents import summarise
from alerts.notices import (
    Assessed,
    Gathering,
    NoticeDecision,
    Told,
    decide,
    gather_late,
    latest_event,
    merged_into,
    split_into,
    told_late,
)
from alerts.severity import gravity
from config.settings import AlertSettings
from core.values import UNNAMED, Mention, NoticeKind, OriginKind, Outcome, Severity, Weapon
from tests.alerts.making import DAY, HIT, INTERCEPTED, T0, attack, local, mention, origin, the_places

BAGHDAD = ZoneInfo("Asia/Baghdad")
TOLD = Told(notices=1)
OFFICIAL = (origin(OriginKind.OFFICIAL, "CENTCOM"),)
CLAIM = (origin(OriginKind.ATTACKER, "islamic-resistance-in-iraq"),)


def assessed(*mentions: Mention) -> Assessed:
    facts = summarise(mentions, the_places())
    found = gravity(
        status=facts.certainty.status,
        weapons=facts.weapons,
        outcome=facts.outcome,
        casualties=facts.casualties,
        kind=facts.kind,
    )
    return Assessed(facts=facts, severity=found.severity, severity_reason=found.reason)


def decision(
    before: Assessed | None, after: Assessed, told: Told = TOLD, *, now: datetime = T0, **more: Any
) -> NoticeDecision:
    return decide(before, after, told, now=now, zone=BAGHDAD, settings=AlertSettings(), **more)


def first(after: Assessed, *, minutes: float = 0, **more: Any) -> NoticeDecision:
    return decision(None, after, Told(), now=T0 + timedelta(minutes=minutes), **more)


def test_a_new_incident_is_told_and_rings_when_grave_and_fresh() -> None:
    new = first(assessed(mention(1, attack(outcome=HIT))))
    assert (new.kind, new.reason, new.ring, new.late) == (NoticeKind.NEW, "new-incident", True, False)


@pytest.mark.parametrize(
    ("hours", "kind", "ring", "held", "reason"),
    [
        (5.9, NoticeKind.NEW, True, False, "new-incident"),
        (6.0, None, False, True, "late-waits-for-others"),
        (72.0, None, False, True, "late-waits-for-others"),
        (72.1, None, False, False, "older-than-late-hours"),
    ],
)
def test_age_decides_between_ringing_late_and_silent(
    hours: float, kind: NoticeKind | None, ring: bool, held: bool, reason: str
) -> None:
    after = assessed(mention(1, attack(outcome=HIT, event_from=T0)))
    new = first(after, minutes=hours * 60)
    assert (new.kind, new.ring, new.held, new.reason) == (kind, ring, held, reason)


def minutes_ago(*minutes: float) -> list[datetime]:
    return [T0 - timedelta(minutes=each) for each in minutes]


@pytest.mark.parametrize(
    ("held_at", "at_once", "what", "reason"),
    [
        ([], False, Gathering.WAIT, "nothing-held"),
        (minutes_ago(9), False, Gathering.WAIT, "more-may-come"),
        (minutes_ago(10), False, Gathering.EACH, "few"),
        (minutes_ago(40, 30, 20, 12), False, Gathering.EACH, "few"),
        (minutes_ago(14, 13, 12, 11, 10), False, Gathering.DIGEST, "backlog"),
        (minutes_ago(29, 25, 20, 9, 1), False, Gathering.WAIT, "more-may-come"),
        (minutes_ago(30, 25, 20, 9, 1), False, Gathering.DIGEST, "backlog"),
        (minutes_ago(0), True, Gathering.EACH, "few"),
        (minutes_ago(4, 3, 2, 1, 0), True, Gathering.DIGEST, "backlog"),
    ],
)
def test_late_incidents_wait_for_each_other_and_many_are_one_digest(
    held_at: list[datetime], at_once: bool, what: Gathering, reason: str
) -> None:
    found = gather_late(held_at, now=T0, settings=AlertSettings(), at_once=at_once)
    assert found == (what, reason)


def test_a_late_incident_told_alone_does_not_ring() -> None:
    after = assessed(mention(1, attack(outcome=HIT, event_from=T0)))
    asked = {"now": T0 + timedelta(hours=9), "zone": ZoneInfo("Asia/Baghdad"), "settings": AlertSettings()}
    new = told_late(after, Told(), **asked)  # type: ignore[arg-type]
    assert (new.kind, new.reason, new.ring, new.late) == (NoticeKind.NEW, "new-incident", False, True)
    assert told_late(after, Told(notices=1), **asked).reason == "told-meanwhile"  # type: ignore[arg-type]
    asked["now"] = T0 + timedelta(days=5)
    assert told_late(after, Told(), **asked).reason == "older-than-late-hours"  # type: ignore[arg-type]


def test_the_first_poll_of_a_source_tells_only_what_is_fresh() -> None:
    after = assessed(mention(1, attack(outcome=HIT, event_from=T0)))
    assert first(after, minutes=30, first_poll=True).kind is NoticeKind.NEW
    late = first(after, minutes=7 * 60, first_poll=True)
    assert (late.kind, late.reason) == (None, "first-poll-of-source")


def test_what_the_first_poll_kept_silent_is_told_late_when_another_report_comes() -> None:
    after = assessed(mention(1, attack(event_from=T0)), mention(2, minutes=7 * 60))
    new = decision(assessed(mention(1)), after, Told(), now=T0 + timedelta(hours=7))
    assert (new.kind, new.late, new.held) == (None, True, True)


def another_outlet() -> list[Mention]:
    return [mention(2, attack(outcome=INTERCEPTED), minutes=9)]


def an_edited_headline() -> list[Mention]:
    return [mention(1, attack(outcome=INTERCEPTED), version=2)]


def a_first_word_that_nobody_was_hurt() -> list[Mention]:
    return [mention(2, attack(outcome=INTERCEPTED, killed=0, injured=0), minutes=9)]


def another_count() -> list[Mention]:
    return [mention(2, attack(outcome=INTERCEPTED, count=4), minutes=9)]


@pytest.mark.parametrize(
    "arrival", [another_outlet, an_edited_headline, a_first_word_that_nobody_was_hurt, another_count]
)
def test_what_changes_no_fact_is_not_told_again(arrival: Callable[[], list[Mention]]) -> None:
    start = mention(1, attack(outcome=INTERCEPTED, count=1))
    newer = arrival()
    kept = [start] if newer[0].article_id != 1 else []
    again = decision(assessed(start), assessed(*kept, *newer))
    assert (again.kind, again.reason) == (None, "no-fact-changed")


def a_toll() -> tuple[Mention, str]:
    return mention(2, attack(outcome=INTERCEPTED, injured=3), minutes=9), "toll-changed"


def deaths_of_others() -> tuple[Mention, str]:
    return mention(2, attack(outcome=INTERCEPTED, killed_others=6), minutes=9), "toll-changed"


def another_outcome() -> tuple[Mention, str]:
    return mention(2, attack(outcome=Outcome.PARTLY_INTERCEPTED, origins=OFFICIAL), minutes=9), "outcome-changed"


def a_graver_weapon() -> tuple[Mention, str]:
    return mention(2, attack(weapons=[Weapon.BALLISTIC_MISSILE]), minutes=9), "graver"


def a_claim() -> tuple[Mention, str]:
    return mention(2, attack(claimed_by="islamic-resistance-in-iraq"), minutes=9), "claimed"


def a_confirmation() -> tuple[Mention, str]:
    return mention(2, attack(outcome=INTERCEPTED, origins=OFFICIAL), minutes=9), "confirmed"


@pytest.mark.parametrize(
    "arrival", [a_toll, deaths_of_others, another_outcome, a_graver_weapon, a_claim, a_confirmation]
)
def test_a_changed_fact_is_an_update_that_names_it(arrival: Callable[[], tuple[Mention, str]]) -> None:
    start = mention(1, attack(outcome=INTERCEPTED))
    newer, reason = arrival()
    update = decision(assessed(start), assessed(start, newer))
    assert (update.kind, update.reason) == (NoticeKind.UPDATE, reason)
    assert update.changes


def test_an_update_rings_only_when_the_incident_grows_graver() -> None:
    start = mention(1, attack(outcome=INTERCEPTED))
    hurt = decision(assessed(start), assessed(start, mention(2, attack(injured=3), minutes=9)))
    claimed = decision(assessed(start), assessed(start, mention(2, attack(claimed_by="houthis"), minutes=9)))
    assert (hurt.ring, claimed.ring) == (True, False)


def test_a_named_base_is_an_update_of_an_unnamed_one() -> None:
    start = mention(1, attack(UNNAMED))
    update = decision(assessed(start), assessed(start, mention(2, minutes=9)))
    assert (update.kind, update.reason) == (NoticeKind.UPDATE, "place-named")


def test_a_claim_that_others_report_is_an_update() -> None:
    start = mention(1, attack(origins=CLAIM))
    update = decision(assessed(start), assessed(start, mention(2, minutes=9)))
    assert (update.kind, update.changes[0].field) == (NoticeKind.UPDATE, "severity")


def test_a_denial_is_a_correction_and_rings_if_the_alert_rang() -> None:
    start = mention(1)
    denied = assessed(start, mention(2, attack(denied=True, origins=OFFICIAL), minutes=9))
    quiet = decision(assessed(start), denied)
    loud = decision(assessed(start), denied, Told(notices=1, recent_rings=1))
    assert (quiet.kind, quiet.reason, quiet.ring) == (NoticeKind.CORRECTION, "denied", False)
    assert loud.ring


def test_a_withdrawn_incident_is_withdrawn_once() -> None:
    start = mention(1)
    denial = mention(2, attack(denied=True, origins=OFFICIAL), minutes=9)
    more = mention(3, attack(denied=True, origins=OFFICIAL), minutes=19)
    again = decision(assessed(start, denial), assessed(start, denial, more))
    assert (again.kind, again.reason) == (None, "already-withdrawn")


def test_an_incident_denied_before_anyone_was_told_stays_silent() -> None:
    denied = assessed(mention(1), mention(2, attack(denied=True, origins=OFFICIAL), minutes=9))
    assert first(denied).reason == "withdrawn-before-told"


def test_a_taken_back_report_is_a_correction() -> None:
    start = mention(1)
    facts = summarise([start], the_places(), retracted=frozenset({1}))
    gone = decision(assessed(start), Assessed(facts=facts, severity=Severity.S2))
    assert (gone.kind, gone.reason) == (NoticeKind.CORRECTION, "retracted")


def test_an_old_incident_is_updated_only_by_its_toll_or_a_graver_fact() -> None:
    start = mention(1, attack(outcome=INTERCEPTED))
    later = T0 + timedelta(days=4)
    claimed = decision(
        assessed(start), assessed(start, mention(2, attack(claimed_by="houthis"), minutes=5760)), now=later
    )
    hurt = decision(assessed(start), assessed(start, mention(2, attack(injured=1), minutes=5760)), now=later)
    assert (claimed.kind, claimed.reason) == (None, "old-and-no-graver")
    assert (hurt.kind, hurt.late, hurt.ring) == (NoticeKind.UPDATE, True, False)


def test_a_merge_and_a_split_are_corrections_only_for_those_who_were_told() -> None:
    assert merged_into("BW-3", TOLD).reason == "merged"
    assert merged_into("BW-3", TOLD).changes[0].after == "BW-3"
    assert merged_into("BW-3", Told()).kind is None
    assert split_into(("BW-4", "BW-5"), TOLD).changes[0].after == "BW-4, BW-5"
    assert split_into(("BW-4",), Told()).kind is None


def test_the_part_split_off_is_told_without_ringing() -> None:
    new = first(assessed(mention(1, attack(outcome=HIT))), split_from="BW-3")
    assert (new.kind, new.reason, new.ring) == (NoticeKind.NEW, "split-off", False)


@pytest.mark.parametrize(
    ("told", "want"),
    [
        (attack(event_from=local(DAY, 21, 7)), local(DAY, 21, 7)),
        (attack(event_from=local(DAY, 18), event_to=local(DAY, 21)), local(DAY, 21)),
        (attack(event_from=local(DAY, 18), event_to=local(DAY, 23, 59)), T0),
        (attack(), T0),
        (attack(date=DAY - timedelta(days=1)), local(DAY, 0)),
        (attack(date=None), T0),
    ],
    ids=["stated hour", "stated window", "window past the report", "today", "yesterday", "no day"],
)
def test_the_age_counts_from_the_latest_instant_at_which_it_can_have_happened(told: Any, want: datetime) -> None:
    assert latest_event(summarise([mention(1, told)], the_places()), BAGHDAD) == want
