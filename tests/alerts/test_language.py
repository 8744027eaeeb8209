"""Arabic as a news desk writes it: plurals, the dual, direction; and phrases that are data."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.headline import LIMIT, first_line
from alerts.language import FSI, PDI, Language, closed, english, names_of
from alerts.wording import compose, plain_text
from config.phrases import LANGUAGES, load_phrases
from config.watch import load_watch
from core.documents import Casualties, Change
from core.errors import ConfigError
from core.values import NoticeKind, Outcome, Severity, Status, Weapon
from tests.alerts.channels.messages import (
    LONG,
    NOW,
    PAYLOADS,
    document,
    hostile,
    incident,
    notice,
    system,
    without_isolates,
)

ARABIC = Language(phrases=load_phrases("ar"), names=names_of(load_watch(), "ar"))


def line(**changes: object) -> str:
    return without_isolates(first_line(document(incident=incident(**changes)), now=NOW, language=ARABIC))


def test_the_arabic_line_says_what_the_english_one_says() -> None:
    shown = line(base="ain-al-asad", base_name="Ain al-Asad Air Base")
    assert shown == "مؤكد (S3) قاعدة عين الأسد: اعتراض مسيّرة، لا إصابات - CTG - 21:07 (قبل 6 دقائق)"


@pytest.mark.parametrize(
    ("weapons", "low", "high", "outcome", "words"),
    [
        ((Weapon.DRONE,), 1, 1, Outcome.INTERCEPTED, "اعتراض مسيّرة،"),
        ((Weapon.DRONE,), 2, 2, Outcome.INTERCEPTED, "اعتراض مسيّرتين،"),
        ((Weapon.DRONE,), 3, 3, Outcome.PARTLY_INTERCEPTED, "اعتراض جزئي لـ3 مسيّرات،"),
        ((Weapon.ROCKET,), 10, 10, Outcome.HIT, "إصابة مباشرة بـ10 صواريخ،"),
        ((Weapon.ROCKET,), 11, 11, Outcome.HIT, "إصابة مباشرة بـ11 صاروخاً،"),
        ((Weapon.ROCKET,), 100, 100, Outcome.HIT, "إصابة مباشرة بـ100 صاروخ،"),
        ((Weapon.ROCKET,), 103, 103, Outcome.HIT, "إصابة مباشرة بـ103 صواريخ،"),
        ((Weapon.ROCKET,), 2, 5, Outcome.UNKNOWN, "هجوم بما بين 2 و5 صواريخ،"),
        ((Weapon.ROCKET,), 2, None, Outcome.MISSED, "سقوط صاروخين على الأقل بعيداً عن الهدف،"),
        ((Weapon.DRONE,), None, 4, Outcome.FOILED, "إحباط هجوم بما يصل إلى 4 مسيّرات،"),
        ((Weapon.DRONE,), None, None, Outcome.HIT, "هجوم بالمسيّرات أصاب هدفه،"),
        ((), None, None, Outcome.UNKNOWN, ": هجوم،"),
        ((Weapon.DRONE, Weapon.ROCKET), 3, 3, Outcome.HIT, "بـ3 مقذوفات (مسيّرات وصواريخ)،"),
        ((Weapon.GUNFIRE,), 4, 4, Outcome.UNKNOWN, ": إطلاق نار،"),
    ],
)
def test_arabic_counts_with_its_dual_and_its_plurals(
    weapons: tuple[Weapon, ...], low: int | None, high: int | None, outcome: Outcome, words: str
) -> None:
    assert words in line(weapons=weapons, count_low=low, count_high=high, outcome=outcome)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (None, None, "الخسائر غير مذكورة"),
        (0, 0, "لا قتلى"),
        (1, 1, "قتيل من القوات الأميركية"),
        (2, 2, "قتيلان من القوات الأميركية"),
        (3, 3, "3 قتلى من القوات الأميركية"),
        (12, 12, "12 قتيلاً من القوات الأميركية"),
        (3, None, "3 قتلى من القوات الأميركية على الأقل"),
    ],
)
def test_arabic_casualties_say_whose_and_what_is_not_stated_is_never_nought(
    low: int | None, high: int | None, words: str
) -> None:
    assert f"، {words} - " in line(casualties=(Casualties(whose="us", kind="killed", low=low, high=high),))


@pytest.mark.parametrize(
    ("later", "words"),
    [
        (timedelta(minutes=-6), "(الآن)"),
        (timedelta(minutes=-5), "(قبل دقيقة)"),
        (timedelta(minutes=-4), "(قبل دقيقتين)"),
        (timedelta(0), "(قبل 6 دقائق)"),
        (timedelta(minutes=5), "(قبل 11 دقيقة)"),
        (timedelta(hours=1), "(قبل ساعة)"),
        (timedelta(hours=2), "(قبل ساعتين)"),
        (timedelta(days=2), "(قبل يومين)"),
        (timedelta(days=12), "(قبل 12 يوماً)"),
    ],
)
def test_arabic_time_gone_by(later: timedelta, words: str) -> None:
    shown = first_line(document(), now=NOW + later, language=ARABIC)
    assert shown.endswith(words)


def test_an_arabic_message_is_arabic_from_top_to_bottom() -> None:
    doc = document(
        notice=notice(kind=NoticeKind.UPDATE),
        incident=incident(claimed_by="nobody-known", claimed_by_name="Islamic Resistance in Iraq", report_count=5),
        changes=(Change(field="injured.us", before=None, after=2, by="CENTCOM"),),
        reasons_for=(),
        reasons_against=(),
    )
    lines = without_isolates(plain_text(doc, now=NOW, language=ARABIC)).splitlines()
    assert lines[0].startswith("تحديث: مؤكد (S3) ")
    assert "الجرحى من القوات الأميركية: من غير مذكور إلى 2 — بحسب CENTCOM" in lines
    assert "الزمان: 21 نيسان/أبريل 21:07 بالتوقيت المحلي، 18:07 بتوقيت غرينتش، قبل 6 دقائق" in lines
    assert "الخسائر البشرية: القوات الأميركية: لا إصابات" in lines
    assert "التقارير: 5 تقارير من وسيلة إعلام واحدة" in lines
    assert "للتفاصيل: basewatch incidents show BW-42" in lines
    assert "لتولّي المتابعة: basewatch ack BW-42 --by NAME" in lines
    known = {"Islamic Resistance in Iraq", "Shafaq News", "Kurdistan CTG", "Erbil air base", "CTG", "CENTCOM"}
    for shown in lines:
        left = shown
        for name in sorted(known, key=len, reverse=True):
            left = left.replace(name, "")
        if "http" not in left and "basewatch" not in left and "BW-" not in left:
            assert not any("a" <= char.lower() <= "z" for char in left.replace("S3", "")), shown


@pytest.mark.parametrize("language", [english(), ARABIC], ids=["en", "ar"])
@pytest.mark.parametrize("text", [*PAYLOADS, *LONG])
def test_isolates_stand_in_pairs_and_no_other_bidi_character_gets_in(language: Language, text: str) -> None:
    for doc in (hostile(text), system(text)):
        shown = first_line(doc, now=NOW, language=language)
        assert len(shown) <= LIMIT
        for one in (shown, *plain_text(doc, now=NOW, language=language).splitlines()):
            assert one.count(FSI) == one.count(PDI)
            assert not any(char in without_isolates(one) for char in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2069")


@given(st.text(alphabet=f"ab {FSI}", max_size=40), st.integers(0, 40))
def test_what_a_cut_left_open_is_closed_without_growing(text: str, at: int) -> None:
    left = text[:at]
    assert len(closed(left)) <= len(left) or not left
    assert closed(left).count(FSI) == closed(left).count(PDI)


def test_a_name_of_the_other_direction_does_not_tear_the_line() -> None:
    shown = first_line(document(), now=NOW, language=ARABIC)
    assert f"{FSI}Erbil air base{PDI}:" in shown
    assert f" - {FSI}CTG{PDI} - 21:07" in shown  # unless set apart, the Latin letters would draw the hour to them
    quoted = plain_text(document(), now=NOW)
    assert f"{FSI}“تعرضت" in quoted


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_words_for_every_value(code: str) -> None:
    language = Language(phrases=load_phrases(code))
    for table, values in (
        ("status_short", Status), ("status", Status), ("prefix", NoticeKind), ("outcome.flying", Outcome),
        ("outcome.ground_attack", Outcome), ("value", Outcome), ("value", Status),
    ):  # fmt: skip
        for value in values:
            assert language.word(table, value) or value == NoticeKind.NEW, (table, value)
    for weapon in set(Weapon) - {Weapon.UNKNOWN}:
        assert language.word("weapon_names", weapon)
        assert language.word("weapon_attack", weapon)
    assert compose(document(incident=incident(severity=Severity.S4)), now=NOW, language=language).facts


def test_an_operator_may_change_single_phrases(tmp_path: Path) -> None:
    folder = tmp_path / "phrases"
    folder.mkdir()
    (folder / "ar.toml").write_text('[status_short]\nconfirmed = "رسمي"\n', encoding="utf-8")
    assert load_phrases("ar", tmp_path).get("status_short", "confirmed") == "رسمي"
    assert load_phrases("ar", tmp_path).get("status_short", "denied") == "منفي"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[text]\ncolour = "x"\n', "text.colour: is no phrase that messages use"),
        ('[shades]\nx = "x"\n', "shades: is no table of phrases"),
        ('[text]\nlocal = "{day} {secret}"\n', "text.local: has {secret}, which is not given here"),
        ("[text]\nlocal = 3\n", "text.local: must be text in quotes, inside a table"),
    ],
)
def test_a_wrong_phrase_is_told_with_file_and_key(tmp_path: Path, text: str, reason: str) -> None:
    folder = tmp_path / "phrases"
    folder.mkdir()
    (folder / "ar.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_phrases("ar", tmp_path)
    assert str(caught.value).endswith(reason)
    assert "ar.toml" in str(caught.value)
