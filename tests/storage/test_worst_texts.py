"""What tells texts and addresses apart ends soon, whatever it is given."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from core.dates import parse_published
from crawler.markup import one_line_title
from crawler.urls import absolute_url, canonical_url
from storage.fingerprints import content_hash
from storage.shingles import bands, likeness
from tests.storage.builders import NOW

MEGABYTE = 1_000_000
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
def test_a_megabyte_of_the_worst_is_compared_within_a_second(name: str) -> None:
    for piece in WORST:
        text = (piece * (MEGABYTE // len(piece.encode()) + 1))[:MEGABYTE]
        began = time.process_time()
        READERS[name](text)
        assert time.process_time() - began < 1, repr(piece)
