"""Words that turn a sentence, whose thing was hit, and what came of it: one pair or one field a case."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.values import Outcome, Verdict

Ask = Callable[..., Verdict]

# (an attack or news of one, neither)
PAIRS = {
    "an arrest for one, or of a cell that planned one": (
        "Two men arrested over Sunday drone attack on Harir base",
        "Cell that planned attacks on Harir base arrested",
    ),
    "who denies his part, or the attack itself": (
        "Nujaba denies any role in Monday rocket attack on Camp Buehring",
        "Kuwaiti army denies rocket attack on Camp Buehring",
    ),
    "their drone, or ours": (
        "Drone shot down over Ain al-Asad base",
        "Militia says it shot down American MQ-9 drone over Basra",
    ),
    "shot down over a base, or flying by": (
        "Drone over Victoria base shot down before dawn",
        "Unknown drone circles over Victoria base",
    ),
    "our base, or a port where we are guests": (
        "Drone hits US base near Fujairah port",
        "Drone hits oil tanks in Fujairah",
    ),
    "our bases and others', or others' alone": (
        "Iran attacks US bases and Israel with missiles",
        "Iran attacks Israel with missiles",
    ),
    "struck now, or counted": (
        "US forces targeted in Syria by rockets",
        "US forces targeted 13 times in Syria by rockets",
    ),
}

OUTCOMES = {
    "Rocket attack on Ain al-Asad base causes no injuries or damage": Outcome.MISSED,
    "Three drones attack al-Tanf base, two shot down": Outcome.PARTLY_INTERCEPTED,
    "Two drones attack Harir base, two shot down": Outcome.INTERCEPTED,
    "Drone shot down over Harir base, debris damaged a car": Outcome.INTERCEPTED,
    "Defences failed to intercept rockets fired at the US embassy in Baghdad": Outcome.HIT,
    "Drone attack on Harir base, fire broke out": Outcome.HIT,
}


@pytest.mark.parametrize("name", PAIRS)
def test_tells_the_two_of_a_pair_apart(name: str, verdict_on: Ask) -> None:
    attack, other = PAIRS[name]
    assert (verdict_on(attack).positive, verdict_on(other).positive) == (True, False)


@pytest.mark.parametrize("title", OUTCOMES)
def test_reads_what_came_of_it(title: str, verdict_on: Ask) -> None:
    assert [attack.outcome for attack in verdict_on(title).attacks] == [OUTCOMES[title]]


def test_lists_the_sites_of_a_list_below_its_headline(verdict_on: Ask) -> None:
    text = "- Qatar: Al Udeid Air Base\n- Kuwait: Ali al-Salem Air Base\n- UAE: Al Dhafra Air Base"
    verdict = verdict_on("US bases struck by Iranian missiles in the Gulf", text)
    assert {attack.base for attack in verdict.attacks} >= {"al-udeid", "ali-al-salem", "al-dhafra"}


def test_a_hit_below_a_headline_without_any_event_is_no_attack_on_its_place(verdict_on: Ask) -> None:
    assert not verdict_on("Sports day held at Ain al-Asad base", "The captain was hit by a late challenge.").positive


def test_a_landmark_is_no_second_target(verdict_on: Ask) -> None:
    verdict = verdict_on("Drones target Harir base near Erbil airport")
    assert [attack.base for attack in verdict.attacks] == ["harir"]


def test_an_ordinal_ends_no_sentence_in_turkish(verdict_on: Ask) -> None:
    verdict = verdict_on("ABD Donanması'na bağlı 5. Filo'nun hizmet merkezine füze saldırısı")
    assert [attack.base for attack in verdict.attacks] == ["nsa-bahrain"]


ORDINARY = {
    "a month with the ending of from begins a period": "پێنتاگۆن: لە ئۆکتۆبەرەوە ١٨ هێرش کراونەتە سەر بنکەکان",
    "a fire has no attacker": "Fire destroys warehouse near Erbil airport",
    "a race of drones": "Pêşbirka dronan li Kobanî",
    "a law on drones": "Parliament debates a law to ban private drones near Ain al-Asad",
    "a conditional threat": "The group said that it would target American bases if Washington entered the war",
    "a conditional threat in Russian": "Группа заявила, что будет атаковать американские базы, если начнется война",
    "a conditional threat in Sorani": "بزووتنەوەکە دەڵێت ئەگەر جەنگ دەست پێبکات بنکەکانی ئەمریکا دەکاتە ئامانج",
    "our strike beside another war": (
        "American drone kills Kataib Hezbollah commander in Erbil\nUkraine said that most of the drones were shot down."
    ),
}


@pytest.mark.parametrize("name", ORDINARY)
def test_tells_no_attack_of(name: str, verdict_on: Ask) -> None:
    title, _, text = ORDINARY[name].partition("\n")
    assert not verdict_on(title, text).positive


def test_an_attack_on_a_day_of_a_sorani_month_is_fresh(verdict_on: Ask) -> None:
    verdict = verdict_on("لە 11ی مارت بە درۆن هێرش کرایە سەر بنکەی حەریر")
    assert [(attack.base, str(attack.date)) for attack in verdict.attacks] == [("harir", "2026-03-11")]
