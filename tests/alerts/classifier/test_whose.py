"""Whose base, whose strike, whose night: what stands beside words of attack without being one on the protected side."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.values import Verdict

Ask = Callable[..., Verdict]

PAIRS = {
    "a base with a brigade of the army in it": (
        "مسيّرة تستهدف قاعدة عين الأسد التي تضم قوات أمريكية",
        "مسيّرة تستهدف قاعدة عين الأسد التي تشغلها الفرقة السابعة بالجيش العراقي",
    ),
    "a base handed over": (
        "Drone falls on Ain al-Asad base\nThe hangar belongs to the coalition.",
        "Drone falls on Ain al-Asad base\nThe base was handed over to the Iraqi army in January.",
    ),
    "a noun of attack with its owner behind it": (
        "قتلى وجرحى بقصف على معسكر أمريكي في الحبانية",
        "قتلى وجرحى بقصف أمريكي على مستوصف عسكري في الحبانية",
    ),
    "an owner that stands before owns nothing in Persian": (
        "پهپاد پایگاه آمریکا را زد",
        "آمریکا پایگاه پهپادی را زد",
    ),
    "troops on alert beside an attack": (
        "Harir base hit by two drones, US forces on alert",
        "US forces on alert at Harir base after reports of drones",
    ),
    "what a channel tags": (
        "\n#Erbil | Air defence over the airport: three drones brought down by coalition forces",
        "\n#Erbil | Airport reopens: three flights delayed by coalition talks",
    ),
    "a port that our navy uses": (
        "Two drones crash at Duqm port facility used by US Navy",
        "Two drones crash at Duqm port facility used by fishermen",
    ),
    "years after": (
        "Drone attack on Tower 22 kills three US soldiers",
        "Five years after the drone attack on Tower 22: a survivor tells his story",
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_tells_the_two_of_a_pair_apart(name: str, verdict_on: Ask) -> None:
    attack, other = (verdict_on(title, text) for title, _, text in (both.partition("\n") for both in PAIRS[name]))
    assert (attack.positive, other.positive) == (True, False)


OTHERS = {
    "the consulate that was named before": (
        "Spokesman condemns attack on the Emirati consulate in Erbil. Debris of a drone fell near the consulate."
    ),
    "no base was hit": "Missile fired at Israel falls in the desert near Azraq. No base was hit, the army says.",
    "what will be": "Group publishes a list of American sites that it says will be struck next",
    "shooting for points": "Soldiers at Camp Buehring shoot down 12 drones in counter-drone competition",
}


@pytest.mark.parametrize("name", OTHERS)
def test_tells_no_attack_of(name: str, verdict_on: Ask) -> None:
    assert not verdict_on(OTHERS[name]).positive
