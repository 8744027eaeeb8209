"""A message for a text message of a phone: one part, 160 characters of GSM-7 or 70 UCS-2 units, whole and useful.

What matters least goes first, as in the first line. No zero-width or bidi character: one of them alone would halve the
room. Letters that GSM-7 lacks are written without their accents where that is enough (3GPP TS 23.038, section 6.2.1).
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

from alerts.headline import fitting_line
from alerts.language import FSI, PDI, Language
from alerts.layout import utf16
from core.documents import NoticeDocument
from core.text import one_line

GSM7_LIMIT, UCS2_LIMIT = 160, 70

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€")  #: each takes two places
_PLAIN = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "...", "«": '"', "»": '"'})
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u2066-\u2069]")


def sms_text(document: NoticeDocument, *, now: datetime, language: Language) -> str:
    """One part of text: the first line and the notice's id, within 160 or 70."""
    identity = one_line(document.notice.id)

    def whole(line: str) -> str:
        return plain(language.say("sms_more", line=line, id=identity))

    return whole(fitting_line(document, now=now, language=language, fits=lambda line: fits(whole(line))))


def fits(text: str) -> bool:
    """Whether a phone gets it in one part."""
    size = gsm7_size(text)
    return size <= GSM7_LIMIT if size is not None else utf16(text) <= UCS2_LIMIT


def gsm7_size(text: str) -> int | None:
    """Places that the text takes in GSM-7; None where it has a character that GSM-7 lacks."""
    if any(char not in _BASIC and char not in _EXTENDED for char in text):
        return None
    return sum(2 if char in _EXTENDED else 1 for char in text)


def plain(text: str) -> str:
    """The text without invisible characters and without what a chat behind a bridge could read as a mention or mark;
    in GSM-7 if taking accents away is enough."""
    text = _INVISIBLE.sub("", text.replace(FSI, "").replace(PDI, "")).translate(_PLAIN)
    text = text.replace("@", "(at)").replace("<", "(").replace(">", ")").replace("](", "] (")
    bare = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return bare if gsm7_size(bare) is not None else text
