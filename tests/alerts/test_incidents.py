"""An incident's facts are folded from its reports; stored incidents keep their ids when reports move."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.incidents import IncidentState, is_claim_batch, place, summarise
from core.values import OTHER_NAMED, UNNAMED, Attack, Kind, Mention, OriginKind, Outcome, Weapon
from tests.alerts.making import DAY, DRONE, HIT, INTERCEPTED, ROCKET, T0, attack, local, mention, origin, the_places

CTG = (origin(OriginKind.OFFICIAL, "Kurdistan CTG"),)


def state(*mentions: Mention) -> IncidentState:
    return summarise(mentions, the_places())


def toll(found: IncidentState, kind: str, whose: str = "us_coalition") -> tuple[int | None, int | None] | None:
    entry = found.harm(whose, kind)
    return None if entry is None else (entry.low, entry.high)


def test_the_order_of_reports_does_not_change_the_facts() -> None:
    told = [mention(n, attack(count=n, outcome=o), minutes=n) for n, o in enumerate([HIT, INTERCEPTED, HIT], 1)]
    shuffled = told[:]
    random.Random(1).shuffle(shuffled)
    assert state(*told) == state(*shuffled)


def test_not_stated_is_never_zero() -> None:
    assert state(mention(1)).casualties == ()
    assert toll(state(mention(1, attack(killed=0))), "killed") == (0, 0)
    assert toll(state(mention(1, attack(killed=0))), "injured") is None


def test_contradicting_tolls_and_counts_are_a_range() -> None:
    found = state(mention(1, attack(injured=2, count=2)), mention(2, attack(injured=5, count=5), minutes=9))
    assert toll(found, "injured") == (2, 5)
    assert (found.count_low, found.count_high) == (2, 5)


def test_a_family_that_raises_its_toll_replaces_its_earlier_word() -> None:
    found = state(mention(1, attack(killed=1), family="wire"), mention(2, attack(killed=3), family="wire", minutes=60))
    assert toll(found, "killed") == (3, 3)


def test_an_official_toll_is_the_lower_end_of_the_range() -> None:
    found = state(mention(1, attack(injured=0)), mention(2, attack(injured=3, origins=CTG), minutes=60))
    assert toll(found, "injured") == (3, 3)


def test_casualties_of_others_are_kept_apart() -> None:
    found = state(mention(1, attack(killed=0, killed_others=6)))
    assert toll(found, "killed") == (0, 0)
    assert toll(found, "killed", "others") == (6, 6)


def test_an_officials_word_on_the_outcome_outvotes_two_outlets() -> None:
    told = [mention(1, attack(outcome=HIT)), mention(2, attack(outcome=HIT), minutes=5)]
    assert state(*told).outcome is Outcome.HIT
    assert state(*told, mention(3, attack(outcome=INTERCEPTED, origins=CTG), minutes=9)).outcome is INTERCEPTED


def test_outlets_of_one_family_have_one_vote() -> None:
    told = [mention(n, attack(outcome=HIT), family="shafaq", minutes=n + 9) for n in (2, 3, 4)]
    assert state(mention(1, attack(outcome=INTERCEPTED)), *told).outcome is INTERCEPTED


def test_a_named_site_brings_its_country_and_kind_even_when_most_reports_name_none() -> None:
    told = [mention(n, attack(UNNAMED, place="Erbil"), minutes=n) for n in (1, 2, 3)]
    found = state(*told, mention(4))
    assert (found.base, found.country, found.kind) == ("erbil-airbase", "IQ", Kind.AIRBASE)


def test_a_place_outside_the_list_is_kept_by_name() -> None:
    found = state(mention(1, attack(OTHER_NAMED, country="BH", place="Isa Air Base")))
    assert (found.base, found.place, found.country) == (OTHER_NAMED, "Isa Air Base", "BH")


def test_the_narrowest_time_and_the_stated_day_win() -> None:
    vague = mention(1, attack(event_from=local(DAY, 18), event_to=local(DAY, 23)))
    exact = mention(2, attack(event_from=local(DAY, 21, 7), event_to=local(DAY, 21, 7)), minutes=5)
    inferred = mention(3, attack(date=DAY + timedelta(days=1), date_inferred=True), minutes=-5)
    found = state(vague, exact, inferred)
    assert (found.event_from, found.local_date) == (local(DAY, 21, 7), DAY)


def test_a_ballistic_missile_beside_missile_is_one_weapon() -> None:
    found = state(mention(1, attack(weapons=[Weapon.MISSILE])), mention(2, attack(weapons=[Weapon.BALLISTIC_MISSILE])))
    assert found.weapons == (Weapon.BALLISTIC_MISSILE,)


def test_an_unknown_weapon_gives_way_to_a_known_one() -> None:
    assert state(mention(1, attack(weapons=[Weapon.UNKNOWN]))).weapons == (Weapon.UNKNOWN,)
    assert state(mention(1, attack(weapons=[Weapon.UNKNOWN])), mention(2)).weapons == (DRONE,)


def test_counts_of_reports_and_outlets_are_told_apart() -> None:
    found = state(mention(1, outlet="rudaw"), mention(2, outlet="rudaw", minutes=3), mention(3, outlet="shafaq"))
    assert (found.report_count, found.outlet_count) == (3, 2)
    assert found.first_reported_at == T0


def test_no_reports_make_no_incident() -> None:
    with pytest.raises(ValueError, match="at least one"):
        state()


def test_a_claim_over_a_whole_day_without_a_site_is_a_batch() -> None:
    lump = Attack(country="IQ", event_from=local(DAY, 0), event_to=local(DAY + timedelta(days=2), 0))
    assert is_claim_batch(lump)
    assert not is_claim_batch(attack(event_from=local(DAY, 0), event_to=local(DAY + timedelta(days=2), 0)))
    assert not is_claim_batch(Attack(country="IQ"))


# -- ids -------------------------------------------------------------------------------------------------------------


def test_a_new_report_joins_the_incident_that_stands_and_says_why() -> None:
    plan = place([mention(1, incident_id=7), mention(2, minutes=5)], the_places())
    (planned,) = plan.incidents
    assert planned.incident_id == 7
    assert [m.article_id for m in planned.arrivals] == [2]
    assert planned.decisions[(2, 0)].reason == "same-site-and-day"
    assert planned.decisions[(2, 0)].other == (1, 0)


def test_a_report_of_another_site_makes_an_incident() -> None:
    plan = place([mention(1, incident_id=7), mention(2, attack("harir"))], the_places())
    assert [planned.incident_id for planned in plan.incidents] == [7, None]
    made = plan.home_of((2, 0))
    assert made is not None
    assert made.decisions[(2, 0)].reason == "first-report"


def test_two_incidents_that_turn_out_to_be_one_leave_a_redirect_from_the_smaller() -> None:
    told = [mention(1, incident_id=7), mention(2, incident_id=8), mention(3, incident_id=8), mention(4)]
    plan = place(told, the_places())
    assert [planned.incident_id for planned in plan.incidents] == [8]
    assert plan.merges == {7: 8}


def test_of_two_equal_incidents_the_older_goes_on() -> None:
    assert place([mention(1, incident_id=7), mention(2, incident_id=8)], the_places()).merges == {8: 7}


def test_an_incident_that_turns_out_to_be_two_is_split_and_both_parts_know_it() -> None:
    told = [
        mention(1, incident_id=7),
        mention(2, incident_id=7),
        mention(3, attack("harir"), incident_id=7),
    ]
    plan = place(told, the_places())
    assert {(p.incident_id, p.split_from, len(p.mentions)) for p in plan.incidents} == {(7, None, 2), (None, 7, 1)}
    assert plan.merges == {}


def test_placing_what_is_placed_changes_nothing() -> None:
    told = [mention(1), mention(2, attack("harir", weapons=[ROCKET])), mention(3, minutes=4)]
    ids = {(1, 0): 1, (2, 0): 2, (3, 0): 1}
    plan = place([replace(m, incident_id=ids[(m.article_id, m.index)]) for m in told], the_places())
    assert all(planned.arrivals == () for planned in plan.incidents)
    assert plan.merges == {}
