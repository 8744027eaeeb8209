from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.classifier.normalise import plain, plain_word


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("أميركية", "اميركيه"), ("عين الأسد", "عين الاسد"), ("هجومٌ بطائراتٍ مسيّرةٍ", "هجوم بطائرات مسيرة"),
        ("استهـ.ـداف", "استهداف"), ("پایگاه‌های", "پایگاه های"), ("ياء", "یاء"), ("كردستان", "کردستان"),
        ("İncirlik", "incirlik"), ("IRAK", "ırak"), ("Ain al-Asad", "AIN AL ASAD"), ('ארה"ב', "ארה״ב"),
        ("Aïn al-Assad", "ain al-assad"), ("٢١", "21"), ("۲۱", "21"), ("Ёлка", "елка"),
    ],
)  # fmt: skip
def test_spellings_of_one_word_become_one(first: str, second: str) -> None:
    assert plain_word(first) == plain_word(second)


def test_old_and_new_sorani_become_one() -> None:
    assert plain_word("ئه‌مریكا", join_zwnj=True) == plain_word("ئەمریکا", join_zwnj=True)


@given(st.text(max_size=200))
def test_every_plain_character_knows_where_it_came_from(raw: str) -> None:
    found = plain(raw)
    assert len(found.offsets) == len(found.text) + 1
    assert all(0 <= offset <= len(raw) for offset in found.offsets)
    assert found.offsets == sorted(found.offsets)
