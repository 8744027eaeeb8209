"""What tells texts and addresses apart ends soon, whatever it is given."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.dates import parse_published
from crawler.markup import one_line_title
from crawler.urls import absolute_url, canonical_url
from storage.fingerprints import content_hash
from storage.shingles import bands, likeness
from tests.growth import grows_with_length, of_length
from tests.storage.builders import NOW

WORST = ("a", " ", "<", "&", "/amp", "%20", "ـ", "\u0301", "ﷺ", "1 ", "word ", "\n", "&utm_a=")
READERS: dict[str, Callable[[str], object]] = {
    "canonical_url": lambda text: canonical_url("https://x.example/" + text[:2048]),  # absolute_url takes no longer one
    "absolute_url": lambda text: absolute_url(text, "https://x.example/"),
    "content_hash": lambda text: content_hash("", text),
    "bands": bands,
    "likeness": lambda text: likeness(text, text[: len(text) // 2] + " x " + text[len(text) // 2 :]),
    "parse_published": lambda text: parse_published(text, zone="Asia/Baghdad", now=NOW),
    "one_line_title": one_line_title,
}


@pytest.mark.parametrize("name", READERS)
def test_the_worst_texts_take_no_longer_than_their_length(name: str) -> None:
    for piece in WORST:
        assert grows_with_length(READERS[name], lambda size, piece=piece: of_length(piece, size)), repr(piece)
