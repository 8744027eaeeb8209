"""What is looked up and kept of a text beside its words: hash, fingerprint and the keys of near copies. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from storage.fingerprints import FINGERPRINT_MIN_WORDS, digest, words
from storage.shingles import bands


@dataclass(frozen=True, slots=True, kw_only=True)
class Prints:
    """Of one title and text."""

    count: int  #: words of both
    content_hash: str  #: as ``fingerprints.content_hash``
    fingerprint: str | None  #: as ``fingerprints.fingerprint``
    keys: tuple[int, ...] | None  #: as ``shingles.bands``


def prints_of(title: str, text: str) -> Prints:
    """The prints. Takes a millisecond or two for a long text: to be called before a write, not inside of it."""
    of_title, of_text = words(title), words(text)
    return Prints(
        count=len(of_title) + len(of_text),
        content_hash=digest([*of_title, "\n", *of_text]),
        fingerprint=digest(of_text) if len(of_text) >= FINGERPRINT_MIN_WORDS else None,
        keys=bands(text),
    )
