"""What an edit changed is told word by word."""

from __future__ import annotations

import pytest

from basewatch.edits import MOST_WORDS, Change, edit_between

TITLE = "Drone attack on Erbil base"
TEXT = "Three rockets hit the base on Sunday, a source said.\n\nNobody was hurt, the source added."


def changed(after, *, title=TITLE):
    return [(c.field, c.removed, c.added) for c in edit_between((TITLE, TEXT), (title, after)).changes]


def test_the_same_words_are_no_edit():
    assert changed(TEXT) == []
    assert changed(TEXT.replace("\n\n", "\n").replace(" a ", "  a ")) == []


@pytest.mark.parametrize(
    ("after", "title", "expected"),
    [
        (TEXT.replace("Three", "Five"), TITLE, [("text", "Three", "Five")]),
        (TEXT, TITLE + ": two hurt", [("title", "base", "base: two hurt")]),
        (TEXT + "\n\nThe army denied it.", TITLE, [("text", "", "The army denied it.")]),
        (TEXT.split("\n\n")[0], TITLE, [("text", "Nobody was hurt, the source added.", "")]),
        ("", TITLE, [("text", TEXT.replace("\n\n", " "), "")]),
        (
            TEXT.replace("Three", "Five").replace("Nobody was", "Two soldiers were"),
            TITLE,
            [("text", "Three", "Five"), ("text", "Nobody was", "Two soldiers were")],
        ),
    ],
)
def test_only_the_words_that_changed_are_told(after, title, expected):
    assert changed(after, title=title) == expected


def test_a_change_says_after_which_words_it_stands():
    (change,) = edit_between((TITLE, TEXT), (TITLE, TEXT.replace("a source", "an official"))).changes
    assert change == Change(
        field="text", after="hit the base on Sunday,".replace("hit", "rockets hit"), removed="a source",
        added="an official",
    )  # fmt: skip
    (added,) = edit_between((TITLE, TEXT), (TITLE, TEXT + "\nMore.")).changes
    assert added.after == "Nobody was hurt, the source added."


def test_words_are_told_in_every_script():
    before = "سقط صاروخان قرب قاعدة عين الأسد ولا إصابات"
    edit = edit_between((TITLE, before), (TITLE, before.replace("ولا إصابات", "وأصيب جنديان")))
    assert [(c.removed, c.added) for c in edit.changes] == [("ولا إصابات", "وأصيب جنديان")]
    assert (edit.words_removed, edit.words_added) == (2, 2)


def test_a_paragraph_made_to_be_slow_is_replaced_whole(monkeypatch):
    compared = []

    def counted(junk, old, new):
        compared.append(max(len(old), len(new)))
        return original(junk, old, new)

    from basewatch import edits

    original = edits.SequenceMatcher
    monkeypatch.setattr(edits, "SequenceMatcher", counted)
    old = " ".join(str(number % 7) for number in range(3 * MOST_WORDS))
    new = " ".join(str(number % 5) for number in range(3 * MOST_WORDS))
    (change,) = edit_between((TITLE, old), (TITLE, new)).changes
    assert len(change.removed.split()) + len(change.added.split()) > 5 * MOST_WORDS
    assert max(compared) <= MOST_WORDS
