"""The contract of every kind of source: a ``SourceTask`` of plain data goes in, a ``Listed`` comes out, or FetchError.

Plain data, so that a reader may work in another process, where it can be killed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from crawler.markup import paragraphs
from crawler.urls import canonical_url

LONGEST_TITLE = 1_000  #: code points; a longer "title" is a text in the wrong place and is cut
LONGEST_TEXT = 400_000  #: code points of markup kept of one entry; the longest live blogs stay under it

#: what is older tells of no attack that may still open an incident (an update is at most a week old)
OLD_AFTER = timedelta(days=7)
_ENOUGH_WORDS = 4  #: of title and text: an entry without an address that says less tells nothing
UNDATED_ENDS = 30  #: of a first list of addresses without days: so many from each end are read, they may run either way


@dataclass(frozen=True, kw_only=True)
class SourceTask:
    """What a source answered, and what is known of its outlet."""

    kind: str  #: of config/outlets.py
    body: bytes
    url: str  #: where the answer came from, after redirects
    content_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)  #: names in lower case
    article_url: str | None = None  #: regular expression of the outlet's articles
    links: str | None = None  #: CSS selector of the links of a listing page
    max_bytes: int = 8 * 1024 * 1024  #: of what a packed body may unpack to

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        return re.compile(self.article_url) if self.article_url else None

    def is_article(self, url: str) -> bool:
        """Whether the address looks like one of the outlet's articles; True where no pattern says."""
        if self._pattern is None or self._pattern.search(url) is not None:
            return True
        return self._pattern.search(canonical_url(url)) is not None  # "?utm_source=home" behind it changes nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry, as its source tells it."""

    url: str  #: canonical: what the article is known by
    raw_url: str  #: as the outlet wrote it, made absolute: what is fetched, and the link for people
    title: str  #: one line, without markup; "" where the source gives none
    entry_hash: str  #: changes when the outlet changes the entry
    summary: str | None = None  #: markup or text, as sent
    content: str | None = None  #: full text of the entry (content:encoded, atom content), as sent
    published_raw: str | None = None
    author: str | None = None
    changed_raw: str | None = None  #: when it was last changed, where that is told apart: tells old from new
    is_whole: bool = False  #: the entry is the article: there is no page to fetch
    is_headline: bool = False  #: somebody else's word that this outlet ran this headline; whole, and never an alert
    is_edited: bool = False  #: the outlet marks it as edited
    publisher_url: str | None = None  #: whose headline it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What one answer of a source lists. Nothing is ever cut off."""

    items: tuple[Item, ...] = ()
    skipped: int = 0  #: entries without a usable address or text, doubles and entries that could not be read
    malformed: bool = False  #: the answer was wrong somewhere; what could be read was
    title: str = ""
    parts: tuple[Part, ...] = ()  #: of a sitemap index: the sitemaps that it names
    missing: tuple[str, ...] = ()  #: canonical addresses that should stand between others and do not


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A sitemap that an index names."""

    url: str
    changed_raw: str | None  #: its lastmod


def digest(*parts: object) -> str:
    """A hash that changes with any of the parts."""
    hashed = hashlib.sha256()
    for part in parts:
        hashed.update(str(part or "").encode("utf-8", "replace") + b"\0")
    return hashed.hexdigest()


def text_or_none(value: object) -> str | None:
    """The text without space around it, cut to what is kept; None for none."""
    text = str(value).strip() if value else ""
    return text[:LONGEST_TEXT] or None


def says_enough(title: str, *texts: str | None) -> bool:
    """Whether an entry without an address holds enough words to be an article by itself."""
    said = len(title.split()) + sum(len(line.split()) for text in texts for line in paragraphs(text))
    return said >= _ENOUGH_WORDS


def address_of_its_own(base: str, identity: str) -> str:
    """What an entry without an address is known by: the source's address and its own id (or words)."""
    return f"{canonical_url(base)}#entry-{digest(identity)[:16]}"


def unique(items: Iterable[Item | None]) -> tuple[tuple[Item, ...], int]:
    """The first item of each address, and how many were left out (None, or a double)."""
    found: dict[str, Item] = {}
    skipped = 0
    for item in items:
        if item is None or item.url in found:
            skipped += 1
        else:
            found[item.url] = item
    return tuple(found.values()), skipped


def worth_reading(days: list[datetime | None], now: datetime, *, first: bool) -> list[bool]:
    """Which of the entries of a sitemap or a listing, by their days, are worth a page: a sitemap lists years.

    Those of the last week; of entries without a day all, but at the ``first`` poll only those near either end.
    """
    undated = [number for number, day in enumerate(days) if day is None]
    near = set(undated[:UNDATED_ENDS] + undated[-UNDATED_ENDS:]) if first else set(undated)
    return [number in near if day is None else now - day <= OLD_AFTER for number, day in enumerate(days)]
