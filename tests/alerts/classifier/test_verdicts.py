"""What the classifier says of single stories: pairs that differ in a word, and the fields it reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from alerts.classifier import Classifier
from config.watch import load_watch
from core.values import Label, Outcome, Verdict, Weapon

Ask = Callable[..., Verdict]

# each pair differs in direction, in the target or in the word that turns it: (an attack, no attack)
PAIRS = {
    "at or from": (
        "Rockets fired at Ain al-Asad base from Baghdadi district",
        "Rockets fired from Ain al-Asad base at Baghdadi district",
    ),
    "struck or strikes": ("US base struck by drones in Hasakah", "US strikes militia base with drones in Hasakah"),
    "whose base": (
        "Two rockets hit US base at Ain al-Asad in western Iraq",
        "Two rockets hit Turkish base at Zilkan in northern Iraq",
    ),
    "which airfield": ("Drone hits Ain al-Asad, fire reported", "Drone hits RAF Akrotiri, fire reported"),
    "drill or attack": ("Blasts at Harir base caused by drones", "Blasts at Harir base caused by live-fire drills"),
    "base or ship": ("IRGC missiles hit Al Udeid base", "IRGC missiles hit carrier USS Abraham Lincoln"),
    "was or will": ("IRGC: we have struck Al Dhafra base", "IRGC: we will strike Al Dhafra base"),
    "Arabic direction": ("قصف على قاعدة أميركية غربي الأنبار", "قصف أميركي على قاعدة غربي الأنبار"),
    "Arabic target": ("سقوط مسيّرة داخل معسكر للتحالف شرق أربيل", "سقوط مسيّرة داخل معسكر للبيشمركة شرق أربيل"),
    "Arabic denial": ("تعرض قاعدة فكتوريا لقصف صاروخي قبل قليل", "لا صحة لتعرض قاعدة فكتوريا لقصف صاروخي قبل قليل"),
    "Persian direction": ("حمله پهپادی به پایگاه آمریکا در دیرالزور", "حمله پهپادی آمریکا به پایگاهی در دیرالزور"),
    "Sorani target": ("هێرشێکی درۆنی کرایە سەر بنکەی هەریر", "هێرشێکی درۆنی کرایە سەر کێڵگەی کۆرمۆر"),
    "Kurmanji target": ("Dron li ser Herîrê", "Dron li ser Koyeyê"),
    "Turkish whose soldiers": (
        "Irak'ta ABD askerlerinin bulunduğu Harir üssüne İHA'lı saldırı",
        "Irak'ta Türk askerlerinin bulunduğu Başika üssüne İHA'lı saldırı",
    ),
    "French denial": (
        "Irak : des roquettes tirées sur la base d'Aïn al-Assad",
        "La coalition dément toute attaque contre sa base de Harir",
    ),
    "Russian direction": (
        "База США у месторождения Эль-Омар обстреляна",
        "США обстреляли базу у месторождения Эль-Омар",
    ),
    "Hebrew direction": ("רקטות נורו לעבר בסיס עין אל-אסד", 'צבא ארה"ב תקף בסיס של המיליציות בעיראק'),
}  # fmt: skip


@pytest.mark.parametrize("name", PAIRS)
def test_tells_the_two_of_a_pair_apart(name: str, verdict_on: Ask) -> None:
    attack, other = PAIRS[name]
    assert (verdict_on(attack).positive, verdict_on(other).positive) == (True, False)


def test_a_second_of_two_languages_changes_nothing_of_the_facts(verdict_on: Ask) -> None:
    english = verdict_on("Two drones shot down near Victoria Base at Baghdad airport").attacks[0]
    arabic = verdict_on("إسقاط مسيّرتين قرب قاعدة فكتوريا في مطار بغداد").attacks[0]
    assert (english.base, english.weapons, english.count, english.outcome, english.date) == (
        arabic.base, arabic.weapons, arabic.count, arabic.outcome, arabic.date,
    )  # fmt: skip


def test_a_story_of_the_answer_tells_the_attack_it_answers(verdict_on: Ask) -> None:
    verdict = verdict_on(
        "US answers missiles launched from Iraq toward its base in Syria",
        "A security source said an American aircraft targeted the vehicle from which the missiles were launched."
        "\n\nLate on Sunday five rockets were fired from a village in Zummar towards the American base at"
        " Khirbet al-Jir in al-Hasakah, the source said.\n\nSo far more than 195 attacks have targeted US bases.",
        published=datetime(2024, 4, 21, 20, 51, tzinfo=UTC),
    )
    attack = verdict.attacks[0]
    assert verdict.label is Label.ATTACK
    assert (attack.base, attack.date, attack.weapons, attack.count) == (
        "rumaylan-kharab-al-jir", date(2024, 4, 21), (Weapon.ROCKET,), 5,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("today", 12), ("yesterday", 11), ("on Tuesday", 10), ("two days ago", 10), ("on March 11", 11),
        ("on 11 March 2026", 11), ("last night", 11),
    ],
)  # fmt: skip
def test_reads_the_day_of_the_attack(words: str, day: int, verdict_on: Ask) -> None:
    attack = verdict_on(f"Rockets hit Ain al-Asad base {words}, security source says").attacks[0]
    assert (attack.date, attack.date_inferred) == (date(2026, 3, day), False)


def test_a_text_without_a_day_takes_that_of_publication_and_says_so(verdict_on: Ask) -> None:
    attack = verdict_on("Rockets hit Ain al-Asad base, security source says").attacks[0]
    assert (attack.date, attack.date_inferred) == (date(2026, 3, 12), True)


def test_what_is_no_longer_news_is_no_attack(verdict_on: Ask) -> None:
    assert not verdict_on(
        "Six years on: the night missiles hit Ain al-Asad", "A look back at January 8, 2020."
    ).positive


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("Drone shot down near Harir base", Outcome.INTERCEPTED),
        ("Two drones attack Harir base, one of them shot down, the other fell inside", Outcome.PARTLY_INTERCEPTED),
        ("Two rockets fired at Harir base fell outside the fence", Outcome.MISSED),
        ("Drone hits Harir base", Outcome.HIT),
        ("Rockets fired at Harir base", Outcome.UNKNOWN),
    ],
)
def test_reads_what_came_of_it(text: str, outcome: Outcome, verdict_on: Ask) -> None:
    assert verdict_on(text).attacks[0].outcome is outcome


@pytest.mark.parametrize("title", ["Army denies drone attack on Harir base", "الجيش ينفي تعرض قاعدة حرير لهجوم بمسيّرة"])
def test_a_denial_tells_no_attack_but_names_the_one_that_was_not(title: str, verdict_on: Ask) -> None:
    verdict = verdict_on(title)
    assert verdict.label is Label.OTHER
    assert [(attack.base, attack.denied) for attack in verdict.attacks] == [("harir", True)]


def test_a_place_where_blasts_were_heard_is_no_second_target(verdict_on: Ask) -> None:
    text = "Residents of Erbil and of Victoria heard three blasts as the rockets came down inside the base."
    assert [a.base for a in verdict_on("Rockets hit Harir base", text).attacks] == ["harir"]


def test_evidence_is_cut_from_the_input_by_code_points(verdict_on: Ask) -> None:
    title, text = "🔴 عاجل | مسيّرة تضرب «قاعدة حرير»", "دخانٌ كثيف في المحيط ❗️\n\nمصدر أمني: بمسيّرتين"
    evidence = verdict_on(title, text).attacks[0].evidence
    assert evidence
    assert all(f"{title}\n\n{text}"[item.start : item.end] == item.text for item in evidence)


def test_every_reason_says_which_way_it_points(verdict_on: Ask) -> None:
    reasons = verdict_on("Drone hits Harir base").reasons
    assert reasons
    assert all(reason.startswith(("for: ", "against: ")) for reason in reasons)


def test_finds_names_glued_to_the_word_before(verdict_on: Ask) -> None:
    assert verdict_on("Two rockets landed onAin al-Asad base, source says").attacks[0].base == "ain-al-asad"


def test_a_wrong_language_tag_is_not_believed(classifier: Classifier, verdict_on: Ask) -> None:
    assert verdict_on("مسيّرة تضرب قاعدة حرير").lang == "ar"


def test_a_new_model_hash_comes_with_another_lexicon(classifier: Classifier, tmp_path: Path) -> None:
    (tmp_path / "lexicon").mkdir()
    shipped = Path(__file__).parents[3] / "config" / "lexicon" / "fr.toml"
    (tmp_path / "lexicon" / "fr.toml").write_text(shipped.read_text() + "\n# mine\n")
    assert Classifier.load(load_watch(), tmp_path).model != classifier.model


def test_the_hour_beside_the_name_of_the_writer_is_not_that_of_the_attack(verdict_on: Ask) -> None:
    body = "By THE AGENCY March 12, 2026 04:45\n\nSeventeen rockets fell on Ain al-Asad base in Iraq, the army said."
    body += "\n\nNobody was hurt and there was no damage, it added. " + "The ministry promised to look into it. " * 8
    attack = verdict_on("Rockets hit Ain al-Asad base", body).attacks[0]
    assert attack.event_from != attack.event_to, "a window, no hour"


def test_the_country_that_something_was_fired_from_is_not_that_of_the_base(verdict_on: Ask) -> None:
    for origin in ("Iraq", "Zummar in Iraq"):
        told = f"Five rockets were fired from {origin} at a US military base in northeastern Syria, two officers said."
        assert verdict_on("Rockets fired at US base", told).attacks[0].country == "SY"


def test_a_day_that_is_counted_back_is_marked(verdict_on: Ask) -> None:
    attacks = [verdict_on(f"Rockets hit Ain al-Asad base {day}").attacks[0] for day in ("yesterday", "on Wednesday")]
    assert [(attack.date, attack.date_relative) for attack in attacks] == [
        (date(2026, 3, 11), True), (date(2026, 3, 11), False),
    ]  # fmt: skip
