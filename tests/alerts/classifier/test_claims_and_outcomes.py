"""Who claims an attack, and what came of it, in the words of several languages and of articles that tell several."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from alerts.classifier import Classifier
from alerts.classifier.attacks import attacks_of
from core.values import Article, Attack, Outcome, Weapon

NOON = datetime(2026, 3, 12, 9, tzinfo=UTC)


def told(classifier: Classifier, title: str, text: str = "") -> list[Attack]:
    reader = classifier.reader
    return list(attacks_of(reader.read(Article(title=title, text=text, published_at=NOON)), reader.watch, {}))


@pytest.mark.parametrize(
    ("title", "actor"),
    [
        ("IRGC statement No. 61: fuel tanks at Ali al-Salem air base hit by drones", "irgc"),
        ("مقاومت اسلامی عراق پایگاه حریر را با پهپاد هدف قرار داد", "islamic-resistance-in-iraq"),
        ("Devrim Muhafızları: El-Udeyd üssünü balistik füzelerle hedef aldık", "irgc"),
        ("دكّت كتائب سيد الشهداء قاعدة حرير الأمريكية بثلاث مسيّرات", "kataib-sayyid-al-shuhada"),
        (
            "Irak İslami Direnişi, bu sabah Suriye'nin Haseke kentinde ABD askerlerinin bulunduğu Şeddadi üssüne "
            "roketlerle saldırdığını duyurdu",
            "islamic-resistance-in-iraq",
        ),
        ("كتائب حزب الله: لسنا طرفاً في هجوم أمس على قاعدة حرير الأمريكية", None),
        ("Nujaba: not us behind last night's rockets on the US base at Harir", None),
        ("غارات أمريكية على منشآت لكتائب حزب الله رداً على هجوم استهدف قاعدة عين الأسد", None),
    ],
)
def test_a_claim_is_of_who_makes_it_and_of_nobody_who_is_struck_or_denies(
    classifier: Classifier, title: str, actor: str | None
) -> None:
    assert [attack.claimed_by for attack in told(classifier, title)] == [actor]


def test_a_claim_of_one_of_several_attacks_is_of_that_one(classifier: Classifier) -> None:
    text = (
        "A drone hit the base at Harir on Monday. Six rockets were fired at Victoria base in Baghdad on Tuesday.\n\n"
        "The Islamic Resistance in Iraq has claimed Tuesday's attack only."
    )
    claims = {a.base: a.claimed_by for a in told(classifier, "Two attacks on US bases at Harir and Victoria", text)}
    assert claims == {"harir": None, "victoria-base-baghdad": "islamic-resistance-in-iraq"}


@pytest.mark.parametrize(
    ("title", "text", "outcome"),
    [
        ("4 rockets land inside Ain al-Asad air base", "", Outcome.HIT),
        ("Katyusha rockets land near Taji camp housing coalition forces", "", Outcome.MISSED),
        ("سقوط خمس قذائف هاون في أراض زراعية قرب قاعدة كونيكو الأمريكية", "", Outcome.MISSED),
        ("Drone headed for Ain al-Asad base blown up mid-air by its defenses", "", Outcome.INTERCEPTED),
        (
            "إسقاط ثلاث من أربع مسيّرات قرب قاعدة الظفرة الأمريكية ووقوع الرابعة داخل القاعدة",
            "",
            Outcome.PARTLY_INTERCEPTED,
        ),
        (
            "Drone strikes vehicle park at US garrison of al-Tanf",
            "The drone, one of two, exploded inside the garrison of al-Tanf. The other one was shot down.",
            Outcome.PARTLY_INTERCEPTED,
        ),
    ],
)
def test_the_outcome_follows_from_where_it_came_down_and_from_what_was_stopped(
    classifier: Classifier, title: str, text: str, outcome: Outcome
) -> None:
    assert [attack.outcome for attack in told(classifier, title, text)] == [outcome]


def test_of_several_attacks_each_keeps_its_own_weapon_number_and_outcome(classifier: Classifier) -> None:
    text = (
        "Bases used by US troops in Iraq and Syria came under attack on three days, an official said.\n\n"
        "On Monday, a drone was shot down as it neared the base at Harir.\n\n"
        "On Tuesday, six rockets were launched at the Green Village. All of them fell short, outside the perimeter.\n\n"
        "On Wednesday a drone struck Rumaylan, damaging a generator."
    )
    attacks = {a.base: a for a in told(classifier, "Three bases housing US troops attacked in three days", text)}
    assert {base: (a.weapons, a.count, a.outcome) for base, a in attacks.items()} == {
        "harir": ((Weapon.DRONE,), 1, Outcome.INTERCEPTED),
        "green-village-al-omar": ((Weapon.ROCKET,), 6, Outcome.MISSED),
        "rumaylan-kharab-al-jir": ((Weapon.DRONE,), 1, Outcome.HIT),
    }


def test_missiles_of_a_headline_are_what_the_text_calls_them(classifier: Classifier) -> None:
    (attack,) = told(classifier, "Missile hits US base of Al Udeid", "Two ballistic missiles struck Al Udeid today.")
    assert attack.weapons == (Weapon.BALLISTIC_MISSILE,)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("A drone exploded inside the garrison of al-Tanf. A second drone was shot down.", 2),
        ("A drone exploded inside the garrison of al-Tanf. A second drone attack had been feared.", 1),
    ],
)
def test_one_and_a_second_are_two(classifier: Classifier, text: str, count: int) -> None:
    assert [attack.count for attack in told(classifier, "US garrison of al-Tanf attacked", text)] == [count]


@pytest.mark.parametrize(
    "title",
    [
        "Drone attack at Harir base kills three US soldiers",
        "Drone attack kills three US soldiers at Harir base",
        "هجوم على قاعدة حرير يقتل ثلاثة جنود أميركيين",
    ],
)
def test_soldiers_right_behind_the_name_of_a_base_are_counted_as_ours(classifier: Classifier, title: str) -> None:
    assert [(attack.killed, attack.killed_others) for attack in told(classifier, title)] == [(3, None)]
