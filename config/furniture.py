"""What outlets hang round their text: "Read also", share bars, tickers. Data: furniture/<language>.toml.

Entries are words, not patterns: whoever adds one can write nothing that is slow or matches too much. ``Read also …``
(with the ellipsis) is a line that begins so and is short; ``Advertisement`` is a line that says nothing else. Case,
vowel signs, spelling variants of Arabic letters, and marks at both ends of a line make no difference.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from config.data import DATA_DIR, overlay, read_toml
from config.table import LANGUAGE, Table
from core.errors import ConfigError

LONGEST_LINE = 240  #: code points; a longer paragraph tells something, whatever it begins with
_LONGEST_REST = 160  #: code points after "Read also": a headline, not a story
_MOST_WORDS = 8  #: of an entry
_ELLIPSES = ("…", "...")
_EDGES = " \t-–—•·|*>»«/:؛،"  #: marks that stand round such lines
_LETTERS = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "\u200c": " ", "\u200d": None, "\u0640": None})


@dataclass(frozen=True, slots=True)
class Furniture:
    """The lines that are no text."""

    whole: frozenset[str]  #: in plain spelling
    openings: frozenset[str]  #: in plain spelling; one that ends in ":" asks for the colon

    def holds(self, line: str) -> bool:
        """Whether this paragraph is the outlet's furniture."""
        if len(line) > LONGEST_LINE:
            return False
        words = _plain(line.strip(_EDGES)).split()
        if " ".join(words) in self.whole:
            return True
        return any(self._opens(words, count) for count in range(1, min(len(words), _MOST_WORDS) + 1))

    def with_lines(self, lines: Iterable[str]) -> Furniture:
        """These and those of one outlet."""
        entries = [_entry(line) for line in lines]
        return Furniture(
            self.whole | {text for text, is_opening in entries if not is_opening},
            self.openings | {text for text, is_opening in entries if is_opening},
        )

    def _opens(self, words: list[str], count: int) -> bool:
        opening, rest = " ".join(words[:count]), " ".join(words[count:])
        if len(rest) > _LONGEST_REST:
            return False
        return opening in self.openings or opening.removesuffix(":").rstrip() in self.openings


def load_furniture(config_dir: Path | None = None) -> Furniture:
    """The shipped lines and the operator's, less those that the operator keeps.

    Raises ConfigError with file, key and reason.
    """
    lines: dict[str, None] = {}
    for path in overlay(config_dir, "furniture"):
        found, kept = _read(path)
        lines |= dict.fromkeys(found)
        for entry in kept:
            lines.pop(entry, None)
    return Furniture(frozenset(), frozenset()).with_lines(lines)


@cache
def shipped() -> Furniture:
    """Those that ship with Basewatch."""
    return load_furniture()


def check_line(line: str) -> str | None:
    """What is wrong with an entry; None where nothing is."""
    text, is_opening = _entry(line)
    if "…" in text or "..." in text:
        return f"{line!r} has an ellipsis before its end: write the words that stand before it"
    if not text.strip(_EDGES):
        return f"{line!r} holds no word"
    if len(text.split()) > _MOST_WORDS:
        return f"{line!r} has more than {_MOST_WORDS} words: give its first ones and an ellipsis"
    if is_opening and len(text.strip(_EDGES)) < 3:
        return f"{line!r} would take lines of the story: give more than its first letters"
    return None


def _read(path: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if not LANGUAGE.fullmatch(path.stem):
        raise ConfigError("is named by no language code of two or three small letters, such as en.toml", file=path)
    table = Table(read_toml(path), path)
    lines, keep = table.words("lines"), table.words("keep")
    table.done()
    for key, entries in (("lines", lines), ("keep", keep)):
        if reason := next((reason for entry in entries if (reason := check_line(entry))), None):
            table.fail(key, reason)
    if path.is_relative_to(DATA_DIR):
        return lines, keep
    known = _all_shipped()
    if strange := next((entry for entry in keep if entry not in known), None):
        table.fail("keep", f"{strange!r} stands in no shipped file: write it as it stands there")
    return lines, keep


@cache
def _all_shipped() -> frozenset[str]:
    return frozenset(line for path in overlay(None, "furniture") for line in _read(path)[0])


def _entry(line: str) -> tuple[str, bool]:
    """The entry in plain spelling, and whether it is an opening."""
    text = line.strip()
    ellipsis = next((mark for mark in _ELLIPSES if text.endswith(mark)), None)
    if ellipsis is None:
        return _tidy(text).strip(_EDGES), False
    return _tidy(text.removesuffix(ellipsis)), True


def _tidy(text: str) -> str:
    return " ".join(_plain(text).split())


def _plain(text: str) -> str:
    """Small letters without vowel signs, one spelling a letter, a space after each colon and bar."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in letters if not unicodedata.combining(char)).translate(_LETTERS)
    return bare.replace(":", ": ").replace("|", " | ").replace(" :", ":")
