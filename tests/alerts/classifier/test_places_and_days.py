"""Where and when: what a report that names its base late, twice or beside another place tells as attacks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from alerts.classifier import Classifier
from alerts.classifier.attacks import attacks_of
from core.values import Article

NOON = datetime(2026, 3, 12, 9, tzinfo=UTC)  #: a Thursday


def told(
    classifier: Classifier, title: str, text: str = "", published: datetime = NOON
) -> list[tuple[str | None, str]]:
    """The attacks of an article, whatever the model makes of it: site and local day."""
    reading = classifier.reader.read(Article(title=title, text=text, published_at=published, lang=None))
    reader = classifier.reader
    return [(attack.base, str(attack.date)) for attack in attacks_of(reading, reader.watch, reader.default_sites)]


@pytest.mark.parametrize(
    ("title", "text", "base"),
    [
        ("Drone attack kills two US soldiers at Harir base in Erbil", "", "harir"),
        ("هجوم بطائرة مسيرة على قاعدة حرير في أربيل يقتل جنديين أميركيين", "", "harir"),
        ("حمله پهپادی به پایگاه حریر در اربیل دو نظامی آمریکایی را کشت", "", "harir"),
        ("هێرشی درۆن بۆ سەر بنکەی حەریر لە هەولێر دوو سەربازی ئەمریکی کوشت", "", "harir"),
        ("Êrîşa dronê li ser baregeha Herîrê li Hewlêrê du leşkerên Amerîkî kuştin", "", "harir"),
        ("Erbil'deki Harir üssüne İHA saldırısında iki ABD askeri öldü", "", "harir"),
        ("Deux soldats américains tués dans une attaque de drone contre la base de Harir à Erbil", "", "harir"),
        ("Двое американских военных погибли при атаке дрона на базу Харир в Эрбиле", "", "harir"),
        ('שני חיילים אמריקנים נהרגו בתקיפת כטב"ם על בסיס חריר בארביל', "", "harir"),
        ("Drones shot down close to Erbil's Harir Base", "One of them crashed near Erbil.", "harir"),
        (
            "US base in northern Syria struck by three rockets",
            "Rockets fell on Tuesday inside a US base in Syria. The base is near the Conoco oil field.",
            "conoco",
        ),
        (
            "US embassy: rockets were aimed at a diplomatic compound in Baghdad",
            "They were fired at the Baghdad Diplomatic Support Compound.",
            "victoria-base-baghdad",
        ),
        (
            "US embassy hit by rockets in Baghdad",
            "Two rockets were fired at the US embassy in Baghdad and at Union III today.",
            "us-embassy-baghdad",
        ),
    ],
)
def test_a_place_that_only_tells_where_the_base_is_makes_no_second_attack(
    classifier: Classifier, title: str, text: str, base: str
) -> None:
    assert [site for site, _ in told(classifier, title, text)] == [base]


def test_a_hotel_in_the_town_of_a_base_is_not_the_base(classifier: Classifier) -> None:
    bases = told(classifier, "سرايا أولياء الدم: استهدفنا بالطيران المسيّر فندقاً في أربيل يضم جنوداً أميركيين")
    assert [site for site, _ in bases] == ["other-named"]


def test_a_second_base_further_down_is_told_where_the_report_goes_on_with_its_news(classifier: Classifier) -> None:
    text = (
        "Rockets were fired at the US embassy in Baghdad on Thursday. Nobody was hurt. "
        "Drones were then aimed at Ain al-Asad air base in the west of Iraq.\n\n"
        "An attack in Jordan that killed three US soldiers is still remembered."
    )
    sites = [site for site, _ in told(classifier, "US embassy in Baghdad attacked with rockets", text)]
    assert sites == ["us-embassy-baghdad", "ain-al-asad"]


def test_a_round_up_tells_each_base_even_where_things_only_fell_or_were_shot_down(classifier: Classifier) -> None:
    text = (
        "تعرضت قواعد تضم قوات أميركية في العراق وسوريا إلى ثلاث هجمات.\n\n"
        "وهاجمت طائرة مسيّرة يوم الاثنين قاعدة حرير وجرى إسقاطها.\n\n"
        "وسقطت أربعة صواريخ يوم الثلاثاء خارج أسوار قاعدة الشدادي.\n\n"
        "وانفجرت مسيّرة فجر الأربعاء داخل قاعدة خراب الجير."
    )
    attacks = told(classifier, "ثلاث هجمات على قواعد أميركية في العراق وسوريا", text)
    assert attacks == [
        ("harir", "2026-03-09"),
        ("al-shaddadi", "2026-03-10"),
        ("rumaylan-kharab-al-jir", "2026-03-11"),
    ]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("The army said on Thursday that a base with US troops at Harir was attacked on Tuesday.", "2026-03-10"),
        ("The army said on Wednesday that drones attacked the Harir base.", "2026-03-11"),
    ],
)
def test_the_day_of_the_attack_goes_before_the_day_on_which_somebody_spoke(
    classifier: Classifier, text: str, day: str
) -> None:
    assert told(classifier, "Drones attack US base at Harir", text) == [("harir", day)]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("The Pentagon said Wednesday that drones attacked the Harir base earlier in the day.", "2026-03-11"),
        ("استهدفت طائرة مسيرة مساء اليوم الأربعاء قاعدة حرير", "2026-03-11"),
        ("The Pentagon said Thursday that drones attacked the Harir base earlier in the day.", "2026-03-12"),
    ],
)
def test_in_the_small_hours_a_report_may_still_live_in_the_day_that_it_names(
    classifier: Classifier, text: str, day: str
) -> None:
    small_hours = datetime(2026, 3, 11, 22, 30, tzinfo=UTC)  # 01:30 on Thursday where the base is
    assert told(classifier, "", text, small_hours) == [("harir", day)]


def test_two_contractors_are_no_monday(classifier: Classifier) -> None:
    title = "إصابة متعاقدين اثنين بسقوط صاروخ داخل قاعدة فكتوريا الأمريكية"
    assert told(classifier, title) == [("victoria-base-baghdad", "2026-03-12")]
