"""Words that an outlet glued together where its editor's line breaks were lost, parted where that is safe. Pure.

Safe means: no name, address, number or abbreviation is ever torn. What is not safe stays glued ("astatement"): the
classifier finds names inside of words too.
"""

from __future__ import annotations

import re

#: small words that no English word with a capital inside begins with: "onWednesday", "atAin al-Asad"
_SMALL = re.compile(r"\b(on|at|in|of|to|by|from|near|against|that|and|with|the)(?=[A-Z][a-z]{2})")
#: "manufacture,use" and "base.The": a mark between two words of letters; "shafaq.com" and "U.S." have no such shape
_COMMA = re.compile(r"(?<=[a-z]{2})([,;])(?=[a-z]{2})")
_STOP = re.compile(r"(?<=[a-z]{3})([.!?])(?=[A-Z][a-z]+\s)")
_ARABIC_MARK = re.compile(
    r"(?<=[\u0621-\u064a\u06a9\u06af\u06cc])([\u060c\u061b\u061f])(?=[\u0621-\u064a\u06a9\u06af\u06cc])"
)
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|(?<![\w.+-])[\w.+-]{1,64}@[\w.-]+")


def parted(text: str) -> str:
    """The text with glued words parted; addresses stay as they are."""
    pieces: list[str] = []
    position = 0
    for address in _ADDRESS.finditer(text):
        pieces += (_parted(text[position : address.start()]), address[0])
        position = address.end()
    return "".join((*pieces, _parted(text[position:])))


def _parted(text: str) -> str:
    text = _SMALL.sub(r"\1 ", text)
    for mark in (_COMMA, _STOP, _ARABIC_MARK):
        text = mark.sub(r"\1 ", text)
    return text
