"""From a text to the words that matter in it: one pass of the automaton, boundaries checked, longest match kept."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from alerts.classifier.normalise import Plain, plain
from alerts.classifier.patterns import Entry, Patterns

MAX_SENTENCE = 1_500  #: characters
MAX_ENDING = 14  #: characters of an ending that a starred entry accepts


@dataclass(slots=True)
class Hit:
    """One known word or phrase in the plain text."""

    start: int
    end: int  #: end of the pattern, before any ending
    word_end: int  #: end of the word that it stands in
    entry: Entry
    ending: str  #: what the word adds behind the pattern, or the next word where an apostrophe parted it


# A sentence ends at a line break, at ! ? … and their Arabic kin, or at a full stop before a space unless it closes an
# abbreviation; checked in code because a pattern with look-behinds of several lengths is not linear.
_BREAK = re.compile(r"(?<![.!?؟…۔])[.!?؟…۔]++[\"'”»)\]]*+(?=\s|$)|\n++|[|│•▪]|[;؛](?=\s)|(?<!\.)\.{2,}+(?=\S)")
_ABBREVIATIONS = frozenset(
    [
        "dec",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "sept",
        "oct",
        "nov",
        "gen",
        "lt",
        "col",
        "brig",
        "maj",
        "sgt",
        "capt",
        "mr",
        "mrs",
        "dr",
        "st",
        "no",
        "approx",
        "gov",
        "sen",
        "rep",
        "vs",
        "inc",
        "adm",
        "jr",
        "u.s",
        "u.k",
        "u.n",
        "e.g",
        "i.e",
        "a.m",
        "p.m",
        "al",
    ]
)
_CLAUSE = re.compile(r":\s|\s[-–—]{1,2}\s|,\s|،\s|\s\(|\)")


def sentence_spans(text: str, *, ordinals: bool = False) -> list[tuple[int, int]]:
    """Half-open spans of the sentences of ``text``, in order; every character belongs to one.

    ``ordinals``: a full stop behind a number of one or two digits makes it an ordinal ("5. Filo"), it ends nothing.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _BREAK.finditer(text):
        end = match.end()
        single = match.group()[0] == "." and len(match.group().rstrip()) == 1
        if single and (_abbreviates(text, match.start(), end) or (ordinals and _numbers(text, match.start()))):
            continue
        if not text[start:end].isspace() and start < end:
            spans.extend(_pieces(text, start, end))
        start = end
    if text[start:].strip():
        spans.extend(_pieces(text, start, len(text)))
    return spans


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A sentence as one span, or cut at spaces where it is longer than anybody writes: time must stay linear."""
    while end - start > MAX_SENTENCE:
        cut = text.rfind(" ", start + MAX_SENTENCE // 2, start + MAX_SENTENCE)
        cut = cut if cut > 0 else start + MAX_SENTENCE
        yield start, cut
        start = cut
    yield start, end


def _numbers(text: str, dot: int) -> bool:
    begin = text.rfind(" ", max(0, dot - 3), dot) + 1
    return begin > 0 and text[begin:dot].isdigit()


def _abbreviates(text: str, dot: int, end: int) -> bool:
    """Whether the full stop at ``dot`` closes an abbreviation or an initial rather than a sentence."""
    begin = dot
    while begin > 0 and dot - begin < 8 and not text[begin - 1].isspace():
        begin -= 1
    word = text[begin:dot].strip("(\"'“")
    if len(word) == 1 and word.isalpha():
        return True
    if word.lower() not in _ABBREVIATIONS:
        return False
    following = text[end : end + 2].strip()
    return word.lower() not in {"a.m", "p.m"} or not following[:1].isupper()


class Scan:
    """A text in plain spelling with its sentences and its hits."""

    __slots__ = ("clause_breaks", "hits", "order", "ordinals", "plain", "plurals", "raw", "sentences", "title_end")

    def __init__(
        self, raw: str, title_length: int, patterns: Patterns, known: Callable[[Entry], bool] | None = None
    ) -> None:
        self.raw = raw
        self.plain: Plain = plain(raw, join_zwnj=patterns.join_zwnj)
        self.hits = find_hits(self.plain, raw, patterns, known)
        self.title_end = title_length
        self.ordinals = patterns.ordinal_dot
        self.order = patterns.order
        self.plurals = patterns.plural_endings
        self.sentences: list[tuple[int, int]] = []
        self.clause_breaks: list[int] = []

    def split(self) -> None:
        """Find sentences and clause breaks; put off until the text is known to hold anything of interest."""
        shift = self.title_end
        spans = sentence_spans(self.raw[:shift], ordinals=self.ordinals)
        body = sentence_spans(self.raw[shift:], ordinals=self.ordinals)
        spans += [(start + shift, end + shift) for start, end in body]
        offsets = self.plain.offsets
        self.sentences = [(bisect_right(offsets, s - 1), bisect_right(offsets, e - 1)) for s, e in spans]
        self.clause_breaks = [bisect_left(offsets, m.start()) for m in _CLAUSE.finditer(self.raw)]


def find_hits(text: Plain, raw: str, patterns: Patterns, known: Callable[[Entry], bool] | None = None) -> list[Hit]:
    """All hits in order of position; a hit inside a longer one is dropped, a tie keeps the first found.

    ``known``: which entries count, all by default.
    """
    plain_text = text.text
    found: list[Hit] = []
    check = _check
    for last, entries in patterns.automaton.iter(plain_text):
        for entry in entries:
            if known is not None and not known(entry):
                continue
            hit = check(plain_text, last + 1, entry, patterns)
            if hit is not None and entry.rest:
                hit.end = hit.word_end = _followed(plain_text, hit.word_end, entry)
                if hit.end < 0:
                    continue
            if hit is not None and (not entry.capitals or _in_capitals(text, raw, hit)):
                if entry.glued and not _starts_a_word(text, raw, hit):
                    continue
                found.append(hit)
    return _longest(found)


def _check(text: str, end: int, entry: Entry, patterns: Patterns) -> Hit | None:
    start = end - entry.length
    if not entry.spaced and not entry.glued and text[start - 1] != " ":
        begin = text.rfind(" ", max(0, start - 6), start)
        if begin < 0 or entry.exact:
            return None
        prefix = text[begin + 1 : start]
        if prefix not in patterns.prefixes or (entry.article and not prefix.endswith(("ال", "لل"))):
            return None
    elif entry.article:
        return None
    if text[end] == " ":
        ending, word_end = "", end
        following = text.find(" ", end + 1, end + 7)
        if following > 0:
            ending = text[end + 1 : following]
            if ending not in patterns.from_suffixes and ending not in patterns.to_suffixes:
                ending = ""
        return Hit(start, end, word_end, entry, ending)
    word_end = text.find(" ", end, end + MAX_ENDING + 1)
    if word_end < 0:
        return None
    ending = text[end:word_end]
    if entry.exact or entry.bare or not (entry.star or ending in patterns.suffixes):
        return None
    return Hit(start, end, word_end, entry, ending)


def _followed(text: str, word_end: int, entry: Entry) -> int:
    """End of the last word of a phrase of stems; -1 where another word follows."""
    for stem, star in entry.rest:
        begin = word_end + 1
        if not text.startswith(stem, begin):
            return -1
        word_end = text.find(" ", begin + len(stem), begin + len(stem) + MAX_ENDING + 1)
        if word_end < 0 or (not star and word_end != begin + len(stem)):
            return -1
    return word_end


def _in_capitals(text: Plain, raw: str, hit: Hit) -> bool:
    start, end = text.span(hit.start, hit.end)
    return raw[start:end].isupper()


def _starts_a_word(text: Plain, raw: str, hit: Hit) -> bool:
    """Whether a name found inside a word begins with a capital after a small letter, or after a digit."""
    if text.text[hit.start - 1] == " ":
        return False  # the spaced pattern has found it
    start, _ = text.span(hit.start, hit.end)
    return raw[start].isupper() and not raw[start - 1].isupper()


def _longest(found: list[Hit]) -> list[Hit]:
    found.sort(key=lambda hit: (hit.start, -hit.end))
    kept: list[Hit] = []
    reach = -1
    holder: Hit | None = None
    for hit in found:
        if hit.end <= reach and not (holder and holder.start == hit.start and holder.end == hit.end):
            continue
        kept.append(hit)
        if not hit.entry.soft:
            reach, holder = hit.end, hit
    return kept
