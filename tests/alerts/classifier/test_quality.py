"""The gate: cross-validated figures must hold the floors that were pinned for this very corpus."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from basewatch.quality import check, measure, pin
from core.errors import InputError

CORPUS = Path(__file__).parents[2] / "corpus"


def test_the_shipped_corpus_holds_its_floors() -> None:
    pytest.importorskip("sklearn")
    figures, corpus = measure([CORPUS])
    assert check(figures, corpus, json.loads((CORPUS / "floors.json").read_text())) == []


def test_a_figure_under_its_floor_is_named() -> None:
    wrong = check({"f1": 0.90}, "abc", {"corpus": "abc", "floors": {"f1": 0.95}})
    assert wrong == ["f1 is 0.9000, under its floor of 0.9500"]


def test_floors_of_another_corpus_do_not_count() -> None:
    assert "pin them anew" in check({"f1": 1.0}, "new", {"corpus": "old", "floors": {"f1": 0.5}})[0]


def test_a_lower_floor_takes_an_explicit_word() -> None:
    old = {"corpus": "abc", "floors": {"f1": 0.95}}
    with pytest.raises(InputError, match="--allow-lower"):
        pin({"f1": 0.9}, "abc", old, allow_lower=False)
    assert pin({"f1": 0.9}, "abc", old, allow_lower=True) == {"corpus": "abc", "floors": {"f1": 0.895}}
