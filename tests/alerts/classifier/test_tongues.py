"""The same facts as nine languages bend, count and spell them: a short headline a case, read on 12 March 2026."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from core.values import Outcome, Verdict

Ask = Callable[..., Verdict]

PEOPLE = {
    "Drone attack kills American contractor at Harir base": (1, None),
    "Rockets hit Harir base, no one killed or wounded": (0, 0),
    "مصرع جندي أمريكي في هجوم بمسيّرة على قاعدة حرير": (1, None),
    "مقتل جندي أمريكي وإصابة أربعة آخرين بهجوم على قاعدة حرير": (1, 4),
    "إصابة جنديين أمريكيين بهجوم بمسيّرة على قاعدة حرير": (None, 2),
    "دو آمریکایی در حمله پهپادی به پایگاه حریر مجروح شدند": (None, 2),
    "کوژرانی سەربازێکی ئەمریکی لە هێرشێکی درۆنیی سەر بنکەی حەریر": (1, None),
    "Di êrîşa dronî ya li ser bingeha Herîrê de du leşkerên Amerîkî hatin kuştin": (2, None),
    "Harir Üssü'ne dronlu saldırıda can kaybı ve yaralanma olmadı": (0, 0),
    'חייל אמריקני נהרג במתקפת כטב"ם על בסיס עין אל-אסד': (1, None),
    "Attaque de drone contre la base de Harir, ni blessé ni dégât": (0, 0),
    "При атаке дрона на базу Айн-эль-Асад погибли двое американских солдат": (2, None),
}

COUNTS = {
    "Trio of drones hit Harir base": 3,
    "خمسة عشر صاروخاً تسقط على قاعدة حرير": 15,
    "חמש רקטות נורו לעבר בסיס עין אל-אסד": 5,
}

DAYS = {
    "Roja Duşemê bi dronan êrîşî bingeha Herîrê hat kirin": 9,
    "رۆژی سێشەمە هێرشی درۆنی کرایە سەر بنکەی حەریر": 10,
    "Беспилотник попал в базу Айн-эль-Асад вечером вторника": 10,
}

OUTCOMES = {
    "Harir base takes direct hit from kamikaze drone": Outcome.HIT,
    "Air defenses down two drones over Harir base": Outcome.INTERCEPTED,
    "Rockets land outside Harir base, no damage": Outcome.MISSED,
    "وابل من الصواريخ ينهمر على قاعدة حرير": Outcome.HIT,
    "راکت‌ها بر سر پایگاه آمریکایی حریر بارید": Outcome.HIT,
    "Roket bi ser bingeha Herîrê de barîn": Outcome.HIT,
    "Harir Üssü'ne kamikaze dron isabet etti": Outcome.HIT,
    "Un drone intercepté près de la base de Harir": Outcome.INTERCEPTED,
}

# Spellings of the names of sites and of who claims, as outlets vary them.
NAMES = {
    "רקטות פגעו בבסיס הנסיך סולטן הבוקר. משמרות המהפכה נטלו אחריות לתקיפה": ("prince-sultan", "irgc"),
    "Drone hits Mowafaq Salti base, Iraq's Islamic Resistance claims responsibility": (
        "muwaffaq-salti",
        "islamic-resistance-in-iraq",
    ),
    "کەتائیبی حزبوڵڵا بەرپرسیارێتیی هێرشی درۆنیی سەر بنکەی حەریری لە ئەستۆ گرت": ("harir", "kataib-hezbollah"),
    "Harir Üssü'ne dronlu saldırıyı Saraya Evliya ed-Dem üstlendi": ("harir", "saraya-awliya-al-dam"),
}


@pytest.mark.parametrize("title", PEOPLE)
def test_counts_the_people_of_the_protected_side(title: str, verdict_on: Ask) -> None:
    assert [(attack.killed, attack.injured) for attack in verdict_on(title).attacks] == [PEOPLE[title]]


@pytest.mark.parametrize("title", COUNTS)
def test_counts_munitions_by_words(title: str, verdict_on: Ask) -> None:
    assert [attack.count for attack in verdict_on(title).attacks] == [COUNTS[title]]


@pytest.mark.parametrize("title", DAYS)
def test_knows_a_weekday_in_its_case(title: str, verdict_on: Ask) -> None:
    assert [attack.date for attack in verdict_on(title).attacks] == [date(2026, 3, DAYS[title])]


@pytest.mark.parametrize("title", OUTCOMES)
def test_knows_what_came_of_it_by_its_verb(title: str, verdict_on: Ask) -> None:
    assert [attack.outcome for attack in verdict_on(title).attacks] == [OUTCOMES[title]]


@pytest.mark.parametrize("title", NAMES)
def test_knows_a_site_and_its_claimant_by_other_spellings(title: str, verdict_on: Ask) -> None:
    assert [(attack.base, attack.claimed_by) for attack in verdict_on(title).attacks] == [NAMES[title]]


def test_who_denies_responsibility_claims_nothing(verdict_on: Ask) -> None:
    attacks = verdict_on("كتائب حزب الله تنفي مسؤوليتها عن قصف قاعدة حرير أمس بالصواريخ").attacks
    assert [attack.claimed_by for attack in attacks] == [None]


def test_dozens_of_rockets_are_one_attack_and_dozens_of_attacks_a_tally(verdict_on: Ask) -> None:
    titles = ("Dozens of rockets fired at Harir base", "Dozens of attacks on Harir base")
    assert [verdict_on(title).positive for title in titles] == [True, False]
