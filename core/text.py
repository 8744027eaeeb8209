"""Text on its way to people: cleaned of what could break or fake a message, cut on characters."""

from __future__ import annotations

import re
import unicodedata

# Bidirectional overrides and isolates can make a headline read as another one (Unicode TR 36 section 2.10.3);
# line separators end an email header (measured: EmailMessage raises on each of them).
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_UNSAFE = re.compile(  # both of the above, and what no encoder takes; a line break stays
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_SPACES = re.compile(r"\s+")
_SURROGATES = re.compile("[\ud800-\udfff]")


def one_line(text: str) -> str:
    """The text on one line: control characters and separators become one space, bidi controls go.

    Lone surrogates, which no encoder takes, become U+FFFD.
    """
    text = _SURROGATES.sub("\ufffd", text)
    text = _BIDI.sub("", _CONTROL.sub(" ", text))
    return _SPACES.sub(" ", text).strip()


def harmless(text: str) -> str:
    """The text for a terminal, of the same length: U+FFFD for control characters but line breaks, and for bidi ones."""
    return _UNSAFE.sub("\ufffd", text)


def counted(number: int, thing: str) -> str:
    """A number of things in English: "1 outlet", "2 outlets"; ``thing`` takes an s."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def cut(text: str, limit: int, *, mark: str = "…") -> str:
    """At most ``limit`` code points, never between a letter and its combining mark, ending in ``mark`` where cut.

    Prefers to cut at a space within the last fifth. ``limit`` below ``len(mark)`` gives a bare cut.
    """
    if len(text) <= limit:
        return text
    if limit <= len(mark):
        return text[: max(limit, 0)]
    end = limit - len(mark)
    while end > 0 and _joins(text, end):
        end -= 1
    space = text.rfind(" ", 0, end + 1)
    if space >= end * 4 // 5:
        end = space
    return text[:end].rstrip() + mark


def _joins(text: str, position: int) -> bool:
    """Whether the character at ``position`` belongs to the one before it."""
    char = text[position]
    return (
        unicodedata.combining(char) != 0
        or char in "\u200d\ufe0e\ufe0f"
        or "\U0001f3fb" <= char <= "\U0001f3ff"
        or text[position - 1] == "\u200d"
    )
