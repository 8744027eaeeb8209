"""Which sitemaps of an index are followed, and what makes asking for them again conditional. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from crawler.fetch import Answer
from crawler.sources.items import Part
from storage.values import PartState

FOLLOWED = 2  #: of an index: at the turn of a month the last articles of the old one still change


def chosen(parts: Sequence[Part]) -> list[PartState]:
    """The newest by lastmod; where none is told, by name, since sitemaps are numbered or dated upwards."""
    newest = sorted(parts, key=lambda part: (part.changed_raw or "", _natural(part.url)), reverse=True)
    return [PartState(url=part.url, changed_raw=part.changed_raw) for part in newest[:FOLLOWED]]


def validators(part: PartState) -> dict[str, str]:
    """Headers that make the GET conditional, byte for byte."""
    headers = {"If-None-Match": part.etag, "If-Modified-Since": part.last_modified}
    return {name: value for name, value in headers.items() if value}


def fetched(part: PartState, answer: Answer, body_hash: str) -> PartState:
    """The part with what this answer says of it."""
    return PartState(
        url=part.url,
        changed_raw=part.changed_raw,
        etag=answer.headers.get("etag"),
        last_modified=answer.headers.get("last-modified"),
        body_hash=body_hash,
    )


def _natural(url: str) -> tuple[tuple[int, str], ...]:
    """A key that puts sitemap-10 behind sitemap-9."""
    pieces: list[tuple[int, str]] = []
    number = ""
    for char in f"{url} ":
        if char.isascii() and char.isdigit():
            number += char
            continue
        if number:
            pieces.append((int(number[:18]), ""))
            number = ""
        pieces.append((-1, char))
    return tuple(pieces)
