"""Whether one text is a copy of another: cut, lengthened, spelled otherwise, but the same report. Pure.

MinHash over shingles of three words finds what is near; then both texts are laid side by side. A copy loses a
paragraph, gains a credit or a tail; it never has another number, day, site or name in the same place: that is the same
form, filled in for another attack.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache, lru_cache
from hashlib import blake2b

from config.lexicon import load_lexicons
from config.watch import load_watch
from core.calendar_names import GREGORIAN_MONTHS, JALALI_MONTHS, RELATIVE_DAYS, WEEKDAYS, ascii_digits, fold_name
from storage.fingerprints import FINGERPRINT_MIN_WORDS, without_invisibles

BANDS = 8  #: two minima each: a text that shares 60 % of its shingles with a stored one is found 97 times in 100
SHINGLE = 3  #: words; fewer are shared by texts that have only their subject in common
LONGEST = 500  #: words that count: what outlets add stands at the end
NEAR = 0.5  #: of all shingles of both texts are shared (Jaccard)
CONTAINED = 0.8  #: or so many of those of the shorter one: a tail was added
LEAD = 30  #: words with which a text begins: what it tells; agencies end other stories with the same background
LEAD_SHARED = 0.6  #: of its shingles stand in the other text, for one of the two at least
_SWAP = 12  #: words on either side; a longer replacement is another sentence, not another filling of the same form

_WORD = re.compile(r"\w+")
_MINIMA = struct.Struct(f">{2 * BANDS}I")


@dataclass(frozen=True, slots=True)
class Told:
    """A text as it is compared."""

    clean: str
    raw: tuple[str, ...]  #: its words
    words: tuple[str, ...]  #: the same, folded
    shingles: frozenset[str]


def folded_words(text: str) -> list[str]:
    """The first LONGEST words without case, marks, and what outlets spell either way; digits as 0-9."""
    return _folded(_WORD.findall(without_invisibles(text))[:LONGEST])


def bands(text: str) -> tuple[int, ...] | None:
    """BANDS signed 64-bit keys; near texts are likely to share one. None for a text under FINGERPRINT_MIN_WORDS words.

    MinHash: each word triple is hashed to sixteen numbers at once, the least of each place is kept, two make a key.
    """
    found = folded_words(text)
    if len(found) < FINGERPRINT_MIN_WORDS:
        return None
    digests = [
        _MINIMA.unpack(blake2b(shingle.encode("utf-8", "replace"), digest_size=_MINIMA.size).digest())
        for shingle in set(_shingles(found))
    ]
    least = [min(place) for place in zip(*digests, strict=True)]
    return tuple((one << 32 | two) - (1 << 63) for one, two in zip(least[::2], least[1::2], strict=True))


def likeness(text: str, other: str) -> float:
    """How far one is a copy of the other: 0.0 for no copy, else the share of shingles that they have in common."""
    one, two = _told(text), _told(other)
    if min(len(one.words), len(two.words)) < FINGERPRINT_MIN_WORDS:
        return 0.0
    here, there = one.shingles, two.shingles
    shared = len(here & there)
    jaccard, contained = shared / len(here | there), shared / min(len(here), len(there))
    if jaccard < NEAR and contained < CONTAINED:
        return 0.0
    if max(_share(one, there), _share(two, here)) < LEAD_SHARED:
        return 0.0
    return max(jaccard, 0.01) if _same_facts(one, two) else 0.0


def _share(told: Told, other: frozenset[str]) -> float:
    """How much of what this text begins with stands in the other."""
    lead = set(_shingles(told.words[:LEAD]))
    return len(lead & other) / len(lead)


def _same_facts(one: Told, two: Told) -> bool:
    """Whether no number, day, site or name of one stands in the place of another of its kind."""
    matcher = SequenceMatcher(None, one.words, two.words)
    for what, start, end, from_, to in matcher.get_opcodes():
        if what != "replace" or max(end - start, to - from_) > _SWAP:
            continue
        for kind in (_numbers, _days, _sites, _names):
            here, there = kind(one, range(start, end)), kind(two, range(from_, to))
            if here - there and there - here and not _spelled_alike(here - there, there - here):
                return False
    return True


def _spelled_alike(here: set[str], there: set[str]) -> bool:
    """Whether each is another spelling of one of the others: "Hussein" and "Husein"; never so for numbers."""
    return all(
        any(not word.isdigit() and SequenceMatcher(None, word, other).ratio() >= 0.8 for other in there)
        for word in here
    )  # fmt: skip


def _numbers(told: Told, where: range) -> set[str]:
    known = _number_words()
    found = (told.words[at] for at in where)
    return {known.get(word, word) for word in found if word in known or any(char.isdigit() for char in word)}


def _days(told: Told, where: range) -> set[str]:
    return {told.words[at] for at in where if told.words[at] in _day_words()}


def _sites(told: Told, where: range) -> set[str]:
    return {word for at in where if (word := told.words[at]) in _site_words() and word not in _number_words()}


def _names(told: Told, where: range) -> set[str]:
    """Words with a capital letter inside a sentence."""
    if not any(told.raw[at][0].isupper() for at in where):
        return set()
    inside = _inside_sentences(told.clean)
    return {told.words[at] for at in where if told.raw[at][0].isupper() and inside[at]}


@lru_cache(maxsize=8)
def _inside_sentences(clean: str) -> list[bool]:
    """For each word whether a sentence began before it."""
    before = [clean[max(match.start() - 3, 0) : match.start()] for match in _WORD.finditer(clean)]
    return [bool(gap) and not any(char in gap for char in '.!?:\n"“') for gap in before]


@lru_cache(maxsize=8)
def _told(text: str) -> Told:
    clean = without_invisibles(text)
    raw = _WORD.findall(clean)[:LONGEST]
    folded = tuple(_folded(raw))
    return Told(clean, tuple(raw), folded, frozenset(_shingles(folded)))


def _folded(found: Sequence[str]) -> list[str]:
    if not found:
        return []
    joined = "\n".join(found)
    return (joined.casefold() if joined.isascii() else fold_name(ascii_digits(joined))).split("\n")


def _shingles(found: Sequence[str]) -> list[str]:
    return list(map(" ".join, zip(found, found[1:], found[2:], strict=False)))


@cache
def _number_words() -> dict[str, str]:
    """Words for numbers of every language that Basewatch reads, with their digits."""
    return {
        fold_name(word): str(value)
        for lexicon in load_lexicons().values()
        for word, value in lexicon.numbers.items()
        if " " not in word
    }


@cache
def _day_words() -> frozenset[str]:
    tables = (GREGORIAN_MONTHS, JALALI_MONTHS, RELATIVE_DAYS, WEEKDAYS)
    names = [name for table in tables for language in table.values() for name in language]
    return frozenset(word for name in names for word in fold_name(name).split())


@cache
def _site_words() -> frozenset[str]:
    """The words of the names of the shipped watch's sites and of the towns near them."""
    sites = load_watch().sites.values()
    names = [name for site in sites for table in (site.aliases, site.near) for row in table.values() for name in row]
    return frozenset(
        word for word in _folded([word for name in names for word in _WORD.findall(name)]) if word.isalpha()
    )
