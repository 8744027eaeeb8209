"""A feed's bytes turned into entries. Pure and blocking: the service calls it in a thread.

What it survives was met or measured: HTML where a feed was due, windows-1256, a DTD that expands (feedparser's own
filter misses a one-line DTD), a missing pubDate, an ``ar`` label on an English feed (never believed), article HTML with
glued words in the description, an enclosure without type or length, ids that occur twice, one item that cannot be read.
"""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import feedparser

from crawler import blocks
from crawler.feed_bytes import feed_text
from crawler.markup import one_line_title
from crawler.outcomes import failure
from crawler.urls import absolute_url, canonical_url

log = logging.getLogger(__name__)

LONGEST_TITLE = 1_000  #: code points; a longer "title" is a text in the wrong place and is cut
LONGEST_TEXT = 400_000  #: code points of markup kept of one entry; the longest live blogs stay under it


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedItem:
    """One entry, as the feed tells it."""

    url: str  #: canonical
    raw_url: str  #: as the outlet wrote it, made absolute: what is fetched
    title: str  #: one line, without markup; "" where the feed gives none
    summary: str | None  #: markup or text, as sent
    content: str | None  #: full text of the entry (content:encoded, atom content), as sent
    published_raw: str | None
    author: str | None
    entry_hash: str  #: changes when the outlet changes the entry


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    items: tuple[FeedItem, ...]
    skipped: int = 0  #: entries without a usable address, doubles and entries that could not be read
    malformed: bool = False  #: the XML was wrong somewhere; what could be read was
    title: str = ""


def parse_feed(
    body: bytes,
    *,
    url: str,
    content_type: str = "",
    headers: Mapping[str, str] | None = None,
    is_article: Callable[[str], bool] = lambda _: True,
) -> ParsedFeed:
    """The feed in ``body``. ``headers``, with lower-case names, tell challenges apart.

    Of several addresses of one entry the first that ``is_article`` is taken, else the first. A feed is never cut: all
    entries come back. Raises FetchError ``empty_feed``, ``blocked_page``, ``bad_xml`` or
    ``bomb``.
    """
    if not body.strip():
        raise failure("empty_feed", "the answer has no body")
    wall = blocks.challenge(body, headers or {})
    if wall is not None and (blocks.is_web_page(body) or "html" in content_type):
        raise failure("blocked_page", wall)
    if blocks.is_web_page(body):
        raise failure("blocked_page", "HTML instead of a feed")
    text = feed_text(body, content_type)
    # A stream: a str or bytes feedparser may take for a file's name or an address, and open it.
    parsed = feedparser.parse(
        io.BytesIO(text.encode("utf-8", "replace")),
        response_headers={"content-type": "application/xml; charset=utf-8", "content-location": url},
        sanitize_html=False,  # ours to clean; sanitising costs half of the time
        resolve_relative_uris=False,
    )
    entries = parsed.get("entries") or []
    if not entries:
        if parsed.get("bozo") or not parsed.get("version"):
            raise failure("bad_xml", _where(parsed.get("bozo_exception")))
        raise failure("empty_feed")
    items, skipped = _items(entries, url, is_article)
    if not items:
        raise failure("bad_xml" if parsed.get("bozo") else "empty_feed", "no entry has an address")
    feed = parsed.get("feed") or {}
    return ParsedFeed(
        items=items, skipped=skipped, malformed=bool(parsed.get("bozo")), title=one_line_title(feed.get("title"))
    )


def _items(
    entries: Iterable[Mapping[str, Any]], base: str, is_article: Callable[[str], bool]
) -> tuple[tuple[FeedItem, ...], int]:
    items: dict[str, FeedItem] = {}
    skipped = 0
    for entry in entries:
        try:
            item = _item(entry, base, is_article)
        except Exception as error:  # noqa: BLE001  one unreadable entry must not cost the others
            log.info("A feed entry could not be read: %s", type(error).__name__, extra={"action": "entry_unreadable"})
            item = None
        if item is None or item.url in items:
            skipped += 1  # of two entries with one address the first wins
        else:
            items[item.url] = item
    return tuple(items.values()), skipped


def _item(entry: Mapping[str, Any], base: str, is_article: Callable[[str], bool]) -> FeedItem | None:
    raw_url = _link(entry, base, is_article)
    if raw_url is None:
        return None
    title = one_line_title(entry.get("title"))[:LONGEST_TITLE]
    summary = _text(entry.get("summary"))
    content = _longest(part.get("value") for part in entry.get("content") or ())
    published, updated, created = (_own(entry, name) for name in ("published", "updated", "created"))
    published = published or updated or created
    raw_date = str(published).strip()[:200] if published else None
    digest = hashlib.sha256()
    for part in (title, summary, content, raw_date, updated):
        digest.update(str(part or "").encode("utf-8", "replace") + b"\0")
    return FeedItem(
        url=canonical_url(raw_url),
        raw_url=raw_url,
        title=title,
        summary=summary,
        content=content if content != summary else None,
        published_raw=raw_date,
        author=one_line_title(entry.get("author"))[:200] or None,
        entry_hash=digest.hexdigest(),
    )


def _link(entry: Mapping[str, Any], base: str, is_article: Callable[[str], bool]) -> str | None:
    """The article's address: the link, else the guid where it is an address. An enclosure is never the article."""
    candidates = [entry.get("link")]
    candidates += [link.get("href") for link in entry.get("links") or () if link.get("rel") == "alternate"]
    identifier = str(entry.get("id") or "")
    if identifier.startswith(("http://", "https://")):
        candidates.append(identifier)
    pictures = {link.get("href") for link in entry.get("links") or () if link.get("rel") == "enclosure"}
    links = (absolute_url(link, base) for link in candidates if link and link not in pictures)
    urls = [url for url in links if url is not None]
    return next((url for url in urls if is_article(url)), urls[0] if urls else None)


def _own(entry: Mapping[str, Any], name: str) -> Any:
    """What the feed said under this very name: feedparser lends ``published`` to ``updated``, and warns of it."""
    return dict.get(entry, name) if isinstance(entry, dict) else entry.get(name)


def _text(value: Any) -> str | None:
    text = str(value).strip() if value else ""
    return text[:LONGEST_TEXT] or None


def _longest(values: Iterable[Any]) -> str | None:
    return max((text for value in values if (text := _text(value))), key=len, default=None)


def _where(error: object) -> str:
    """Line of the first fault, where the parser tells it; no text of the outlet goes into a message."""
    line = getattr(error, "getLineNumber", lambda: None)()
    return f"line {line}" if line else "no feed in it"
