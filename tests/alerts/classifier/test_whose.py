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


DENIALS = {
    "who denies casualties denies no attack": (
        "CENTCOM denies claims of dead soldiers in last night's attack on Harir base",
        "CENTCOM denies claims of an attack on Harir base last night",
    ),
    "no blast says how little came of it": (
        "İncirlik'in çitlerine dron çarptı! Valilik: patlama yok, yaralanan yok",
        "İncirlik'te patlama yok, valilik açıkladı",
    ),
    "a count in front of weapons": (
        "Six drones hit Harir base, attack leaves three wounded",
        "38 drone and rocket attacks on American forces, Pentagon says",
    ),
    "a column": ("Drones on US bases: third night under fire", "Podcast: inside the brand behind drones on US bases"),
    "a match told in words of war": (
        "Rockets fired at Harir base",
        "Harir United bombard their rivals in cup final attack",
    ),
    "whether it was": (
        "Drone attack on Ali al-Salem: two blasts",
        "Attack on Ali al-Salem? Residents report two blasts",
    ),
}


@pytest.mark.parametrize("name", DENIALS)
def test_tells_a_denial_a_count_or_a_column_from_an_attack(name: str, verdict_on: Ask) -> None:
    attack, other = (verdict_on(title) for title in DENIALS[name])
    assert (attack.positive, other.positive) == (True, False)


@pytest.mark.parametrize(
    "title",
    [
        "Deux suspects arrêtés après l'attaque de drone contre la base de Harir",
        "ABD üssüne dün gece düzenlenen saldırı",
    ],
)
def test_letters_of_one_language_tell_it_from_its_neighbours(title: str, verdict_on: Ask) -> None:
    assert verdict_on(title).lang == {"D": "fr", "A": "tr"}[title[0]]
