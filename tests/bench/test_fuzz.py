"""A sample of the million strings of ``basewatch bench fuzz``; the bench finds what it is there to find."""

from __future__ import annotations

import time

import pytest

from alerts.classifier import Classifier
from bench import fuzz
from core.values import Article, Verdict


def test_random_and_hostile_strings_neither_raise_nor_hold_the_classifier_up() -> None:
    raised, slow, _ = fuzz.fuzz(7, 3_000)
    assert (raised, slow) == ([], [])


def test_the_same_seed_gives_the_same_strings_and_every_kind() -> None:
    first, again = (list(fuzz.strings(3, 400)) for _ in range(2))
    assert first == again
    assert {kind for kind, _ in first} == {"letters", "unicode", "salad", "mutated", "repeated"}


def test_an_exception_and_a_slow_string_are_told_with_what_brings_them_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def classify(self: Classifier, article: Article) -> Verdict:
        if "ا" in article.title:
            raise ValueError(article.title)
        time.sleep(0.06)
        return original(self, article)

    original = Classifier.classify
    monkeypatch.setattr(fuzz, "WARM_UP", 0)
    monkeypatch.setattr(Classifier, "classify", classify)
    raised, slow, slowest = fuzz.fuzz(1, 12)
    assert raised
    assert slow
    assert raised[0].split()[1].startswith("1:")
    assert raised[0].endswith("ValueError")
    assert slowest > fuzz.SLOW_MS
