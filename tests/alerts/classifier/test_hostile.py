"""Any string gets a verdict, in time that grows with its length and no faster."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.classifier import Classifier
from config.watch import load_watch
from core.values import Article
from tests.growth import grows_with_length, of_length

CLASSIFIER = Classifier.load(load_watch())
NOW = datetime(2026, 3, 12, 12, tzinfo=UTC)
WORDS = st.sampled_from(
    [
        "US",
        "base",
        "attack",
        "rockets",
        "at",
        "from",
        "Harir",
        "قاعدة",
        "حرير",
        "هجوم",
        "على",
        "مسيّرة",
        "ـ",
        "\u200c",
        "\u202e",
        "پایگاه",
        "حمله",
        "به",
        "بنکەی",
        "üssüne",
        "'",
        ".",
        "..",
        "؟",
        ":",
        "|",
        "«",
        "�",
        "\x00",
        "17",
        "۲۵",
        "مهر",
        "Monday",
        "since",
        "منذ",
        "January",
        "أمس",
    ]
)


def classify(title: str, text: str) -> None:
    verdict = CLASSIFIER.classify(Article(title=title, text=text, published_at=NOW))
    assert 0.0 <= verdict.probability <= 1.0
    whole = f"{title}\n\n{text}"
    for attack in verdict.attacks:
        assert all(whole[item.start : item.end] == item.text for item in attack.evidence)


@given(st.text(max_size=300), st.text(max_size=300))
@settings(max_examples=300, deadline=None)
def test_takes_any_characters(title: str, text: str) -> None:
    classify(title, text)


@given(st.lists(WORDS, max_size=40).map(" ".join), st.lists(WORDS, max_size=120).map(" ".join))
@settings(max_examples=300, deadline=None)
def test_takes_any_order_of_its_own_words(title: str, text: str) -> None:
    classify(title, text)


@pytest.mark.parametrize(
    "unit",
    [
        "a", ".", "..", "\n ", "ـ", "ـ.", "\u200c", "؟", "base ", "US base attacked. ", "قاعدة حرير ", "'", "1 ",
        "| ", "e\u0301", ": ",
    ],
)  # fmt: skip
def test_time_is_linear_in_length(unit: str) -> None:
    def read(text: str) -> None:
        classify("Drone hits Harir base", text)

    assert grows_with_length(read, lambda size: of_length(unit, size), small=20_000, large=160_000)
