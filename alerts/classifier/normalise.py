"""One spelling for all spellings, with the way back to the input.

Every character becomes one character (a letter or digit in its plainest form, or a space) or is dropped, so that one
C-speed ``str.translate`` does the work and an offset map leads back to the input. The same folding is applied to the
lexicons and the watch, hence both sides always agree.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

DROP = "\x01"  #: stands for a character that vanishes, until the offset map is built
ZWNJ = "\u200c"

# Arabic, Persian and Sorani letters that outlets use for one another (lexicon.md, "Normalise before matching").
_LETTERS = str.maketrans(
    {
        **dict.fromkeys("أإآٱاﺍﺎ", "ا"),
        **dict.fromkeys("ىيیېﻱﻲئ", "ی"),
        **dict.fromkeys("كکڪ", "ک"),
        **dict.fromkeys("ةەهہۀھ", "ه"),
        **dict.fromkeys("ؤۆوۇ", "و"),
        **dict.fromkeys("ڕر", "ر"),
        **dict.fromkeys("ڵل", "ل"),
        **dict.fromkeys("ێ", "ی"),
        **dict.fromkeys("ڤ", "ف"),
        **dict.fromkeys("ıİ", "i"),
        **dict.fromkeys("ʻʼʿʾ", DROP),
        "ء": DROP,
        "ـ": DROP,
        "ß": "s",
        "ø": "o",
        "Ø": "o",
        "ł": "l",
        "Ł": "l",
        "ё": "е",
        "Ё": "е",
        "ך": "כ",
        "ם": "מ",
        "ן": "נ",
        "ף": "פ",
        "ץ": "צ",
    }
)
_DROPPED_CATEGORIES = frozenset({"Mn", "Me", "Cf", "Cs", "Lm"})
_BROKEN_WORD = re.compile("ـ[.\u00b7 ]{1,2}ـ|(?<=ـ)\\.|\\.(?=ـ)")
_SPACES = re.compile(" {2,}")
_TABLE_LIMIT = 20_000  # code points remembered; hostile text may hold all 1.1 million


def _fold(char: str) -> str:
    """The plain form of one character: a letter or digit, a space, or DROP."""
    category = unicodedata.category(char)
    if category in _DROPPED_CATEGORIES:
        return DROP
    if category[0] not in "LN":
        return " "
    if category == "Nd":
        return str(unicodedata.digit(char))
    base = unicodedata.normalize("NFKD", char)[0].lower()[:1]
    if unicodedata.category(base)[0] not in "LN":
        return " "
    return base.translate(_LETTERS)


class _Table(dict[int, str]):
    """A translation table that fills itself as characters are met."""

    def __missing__(self, code: int) -> str:
        value = _LETTERS.get(code) or _fold(chr(code))
        if len(self) < _TABLE_LIMIT:
            self[code] = value
        return value


_TABLE = _Table({ord(DROP): DROP, ord(" "): " "})


@dataclass(frozen=True, slots=True)
class Plain:
    """A text in plain spelling, one space at each end, and where each of its characters stood."""

    text: str
    offsets: list[int]  #: offsets[i] = position of text[i] in the input; one more entry than characters

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Span in the input of the plain span; both half-open."""
        if end <= start:
            return self.offsets[start], self.offsets[start]
        return self.offsets[start], self.offsets[end - 1] + 1


def plain(raw: str, *, join_zwnj: bool = False) -> Plain:
    """``raw`` in plain spelling. ``join_zwnj``: a zero-width non-joiner stands inside a word (Sorani)."""
    if ZWNJ in raw:
        raw = raw.replace(ZWNJ, DROP if join_zwnj else " ")
    if "ـ" in raw:
        raw = _BROKEN_WORD.sub(lambda m: DROP * len(m.group()), raw)
    text = raw.translate(_TABLE)
    if "وو" in text:
        text = text.replace("وو", "و" + DROP)
    if "  " in text:
        text = _SPACES.sub(lambda m: " " + DROP * (len(m.group()) - 1), text)
    if DROP in text:
        kept = [i for i, char in enumerate(text) if char != DROP]
        text = text.replace(DROP, "")
        if "  " in text:  # a dropped character stood alone between two spaces
            kept, text = _squeeze(kept, text)
    else:
        kept = list(range(len(text)))
    return Plain(f" {text} ", [kept[0] if kept else 0, *kept, len(raw), len(raw)])


def _squeeze(kept: list[int], text: str) -> tuple[list[int], str]:
    pairs = [(k, c) for k, c, before in zip(kept, text, " " + text[:-1], strict=True) if not c == before == " "]
    return [k for k, _ in pairs], "".join(c for _, c in pairs)


def plain_word(raw: str, *, join_zwnj: bool = False) -> str:
    """A name or lexicon entry in plain spelling, without outer spaces."""
    return plain(raw, join_zwnj=join_zwnj).text.strip()
