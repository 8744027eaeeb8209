"""Which texts are the same."""

from __future__ import annotations

import pytest

from storage.fingerprints import FINGERPRINT_MIN_WORDS, content_hash, fingerprint

SAME = [
    ("Two drones,  shot down", "two drones shot\u00a0down"),
    ("قصف قاعدة عين الأسد", "قصـف قاعدة\u200f عين الأسد"),  # tatweel and a direction mark
    ("ﻋﻴﻦ", "عين"),  # presentation forms
    ("“Quoted” text", '"Quoted" text'),
]
DIFFERENT = [("two drones", "three drones"), ("قصف القاعدة", "قصف قاعدة"), ("1 killed", "2 killed")]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_typesetting_does_not_count(one: str, other: str) -> None:
    assert content_hash("Title", one) == content_hash("title", other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_words_and_numbers_do(one: str, other: str) -> None:
    assert content_hash("Title", one) != content_hash("Title", other)


def test_a_word_that_moves_from_title_to_text_is_an_edit() -> None:
    assert content_hash("one two", "three") != content_hash("one", "two three")


def test_a_fingerprint_is_of_the_body_alone_and_only_of_one_long_enough() -> None:
    body = " ".join(f"word{number}" for number in range(FINGERPRINT_MIN_WORDS))
    assert fingerprint(body) == fingerprint(body.upper() + ".")
    assert fingerprint(body.rsplit(" ", 1)[0]) is None
    assert fingerprint("") is None
