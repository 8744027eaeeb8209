"""Which texts are the same: exact hashes for dedupe and a fingerprint for copies of one wire text. Pure."""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b

_WORDS = re.compile(r"\w+")
_INVISIBLE = re.compile("[\u00ad\u0640\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")  # tatweel among them

#: under so many words two agencies may well write the same flash independently, or one outlet twice in a week
FINGERPRINT_MIN_WORDS = 25


def words(text: str) -> list[str]:
    """The words of a text without what typesetting changes: case, marks, invisible characters, compatibility forms."""
    return _WORDS.findall(without_invisibles(text).casefold())


def without_invisibles(text: str) -> str:
    """The text without tatweel, soft hyphens and direction marks, in the compatibility form (NFKC)."""
    return unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))


def content_hash(title: str, text: str) -> str:
    """Equal for texts with the same words in title and body, whatever the spacing and punctuation."""
    return digest([*words(title), "\n", *words(text)])


def fingerprint(text: str) -> str | None:
    """Equal for the same body under any title; None for a body under FINGERPRINT_MIN_WORDS words."""
    found = words(text)
    return digest(found) if len(found) >= FINGERPRINT_MIN_WORDS else None


def digest(parts: list[str]) -> str:
    """32 hexadecimal digits (BLAKE2b, 128 bits) that stand for these words in their order."""
    return blake2b(" ".join(parts).encode("utf-8", "replace"), digest_size=16).hexdigest()
