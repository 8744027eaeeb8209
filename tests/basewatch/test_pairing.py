"""Labelled and found attacks of one article are paired by base, then date, then weapons."""

from __future__ import annotations

from datetime import date

from basewatch.pairing import pair_attacks, scored_base
from core.values import Attack, Weapon

SITES = {"harir", "conoco"}
DAY, NEXT = date(2026, 3, 10), date(2026, 3, 11)


def attack(base: str, day: date = DAY, *weapons: Weapon) -> Attack:
    return Attack(base=base, date=day, weapons=weapons)


def test_the_base_decides_before_the_date_and_the_date_before_the_weapons() -> None:
    labelled = [attack("harir", DAY, Weapon.DRONE), attack("conoco", DAY, Weapon.ROCKET)]
    found = [attack("conoco", NEXT, Weapon.DRONE), attack("harir", NEXT, Weapon.ROCKET)]
    assert pair_attacks(labelled, found, SITES) == [(0, 1), (1, 0)]
    assert pair_attacks([attack("harir")], [attack("harir", NEXT), attack("harir", DAY)], SITES) == [(0, 1)]


def test_weapons_decide_between_two_attacks_on_one_base_and_day() -> None:
    labelled = [attack("harir", DAY, Weapon.ROCKET), attack("harir", DAY, Weapon.DRONE)]
    assert pair_attacks(labelled, labelled[::-1], SITES) == [(0, 1), (1, 0)]


def test_as_many_pairs_as_the_shorter_side_has() -> None:
    assert pair_attacks([attack("harir")], [attack("conoco"), attack("harir")], SITES) == [(0, 1)]
    assert pair_attacks([], [attack("harir")], SITES) == []


def test_equal_attacks_are_paired_in_their_order() -> None:
    same = [attack("unnamed"), attack("unnamed")]
    assert pair_attacks(same, same, SITES) == [(0, 0), (1, 1)]


def test_bases_are_scored_by_the_corpus_list() -> None:
    assert [scored_base(base, SITES) for base in ("harir", "tower-99", "other-named", "unnamed", None)] == [
        "harir", "other-named", "other-named", None, None,
    ]  # fmt: skip
