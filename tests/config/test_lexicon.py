from __future__ import annotations

from pathlib import Path

import pytest

from config.lexicon import LEXICON_DIR, lexicon_files, load_lexicon, load_lexicons
from core.errors import ConfigError

LANGUAGES = {"ar", "ckb", "en", "fa", "fr", "he", "ku", "ru", "tr"}
NEEDED = {"base", "force", "attack", "passive", "intercept", "deny", "threat", "drill", "w_drone", "to", "say", "claim"}


def test_nine_languages_are_shipped() -> None:
    assert set(lexicon_files()) == LANGUAGES


@pytest.mark.parametrize("lang", sorted(LANGUAGES))
def test_each_lexicon_holds_the_classes_that_frames_need(lang: str) -> None:
    lexicon = load_lexicon(LEXICON_DIR / f"{lang}.toml")
    assert set(lexicon.classes) >= NEEDED
    assert {"protected", "coalition", "other_target"} <= set(lexicon.classes)
    assert lexicon.numbers
    assert lexicon.places


def test_all_languages_use_the_same_names_of_classes() -> None:
    known = set(load_lexicons()["en"].classes) | {"w_either", "since_word", "not_behind", "light"}
    strange = {lang: set(lexicon.classes) - known for lang, lexicon in load_lexicons().items()}
    assert {lang: names for lang, names in strange.items() if names} == {}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('lang = "xx"\norder = "abc"', "order"),
        ('lang = "yy"\norder = "svo"', "lang"),
        ('lang = "xx"\norder = "svo"\ncolour = 1', "colour"),
        ('lang = "xx"\norder = "svo"\n[classes]\nbase = 3', "base"),
        ('lang = "xx"\norder = "svo"\n[numbers]\none = "1"', "numbers.one"),
    ],
)
def test_a_wrong_file_is_refused_with_its_key(text: str, key: str, tmp_path: Path) -> None:
    path = tmp_path / "xx.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as error:
        load_lexicon(path)
    assert (error.value.key, error.value.file) == (key, path)


def test_the_operators_file_replaces_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "lexicon").mkdir()
    (tmp_path / "lexicon" / "en.toml").write_text('lang = "en"\norder = "svo"\n')
    assert load_lexicons(tmp_path)["en"].classes == {}


@pytest.mark.parametrize("stem", ["ستهدف", "هاجم", "قصف", "ضرب", "دك", "حرق", "سحق", "دمر"])
def test_the_future_of_an_arabic_verb_of_attack_threatens(stem: str) -> None:
    classes = load_lexicons()["ar"].classes
    future = {f"س{person}{stem}" for person in "يتن"}
    assert future <= set(classes["threat"])
    assert not future & set(classes["attack_verb"])
    assert {f"{person}{stem}" for person in "يتن"} <= set(classes["attack_verb"])


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("ar", "قد | بين | وجه | قدر | شاهد | قيام | القاعدة | الأسد | العمر"),
        ("fa", "سوخت | آزادی | قیام | ساخت"),
        ("ckb", "باشوور | باشور"),
        ("ku", "pir | dibe | Başûr"),
    ],
)
def test_a_word_that_mostly_means_something_else_stands_in_no_class_alone(lang: str, words: str) -> None:
    lexicon = load_lexicons()[lang]
    entries = {word for table in (lexicon.classes, lexicon.time) for listed in table.values() for word in listed}
    assert not entries & set(words.split(" | "))


@pytest.mark.parametrize("lang", ["ar", "fa", "ckb", "ku"])
def test_tolls_and_unknown_objects_in_the_air_have_words(lang: str) -> None:
    classes = load_lexicons()[lang].classes
    assert classes["toll"]
    assert classes["w_unknown"]
