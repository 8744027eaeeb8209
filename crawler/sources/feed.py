"""Kind ``feed``: RSS, Atom, RDF and JSON Feed. Pure and blocking.

What it survives was met or measured: HTML where a feed was due, windows-1256, a DTD that expands (feedparser's own
filter misses a one-line DTD), a missing pubDate, an ``ar`` label on an English feed (never believed), article HTML with
glued words in the description, an enclosure without type or length, ids that occur twice, one item that cannot be read.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Callable, Iterable, Mapping
from html import unescape
from typing import Any

import feedparser

from crawler import blocks
from crawler.feed_bytes import feed_text, is_made_to_hang
from crawler.markup import one_line_title
from crawler.outcomes import failure
from crawler.sources import json_feed
from crawler.sources.items import (
    LONGEST_TITLE,
    Item,
    Listed,
    SourceTask,
    address_of_its_own,
    digest,
    says_enough,
    text_or_none,
    unique,
)
from crawler.urls import absolute_url, canonical_url

log = logging.getLogger(__name__)


_GUID_ADDRESS = re.compile(r"<guid\b[^<>]{0,100}>\s{0,20}(?:<!\[CDATA\[)?\s{0,20}([^<>\s\]]{4,2048})", re.IGNORECASE)
_ROOT = re.compile(r"<(?:[\w-]{1,20}:)?(?:rss|feed|rdf|channel)[\s>]", re.IGNORECASE)
_ROOT_WITHIN = 20_000  #: characters in front of the root element: comments, style sheets


def read(task: SourceTask) -> Listed:
    """The entries of a feed, whatever its format."""
    if json_feed.is_json(task.body):
        return json_feed.read(task)
    return parse_feed(
        task.body, url=task.url, content_type=task.content_type, headers=task.headers, is_article=task.is_article
    )


def parse_feed(
    body: bytes,
    *,
    url: str,
    content_type: str = "",
    headers: Mapping[str, str] | None = None,
    is_article: Callable[[str], bool] = lambda _: True,
) -> Listed:
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
    if not _ROOT.search(text, 0, _ROOT_WITHIN):
        raise failure("bad_xml", "no feed in it")  # feedparser takes half a minute over a megabyte of stray tags
    if is_made_to_hang(text):
        raise failure("bad_xml", "it nests too deeply, or a tag has too many attributes")
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
    _forget_lent_links(entries, text)
    items, skipped = _items(entries, url, is_article)
    if not items:
        raise failure("bad_xml" if parsed.get("bozo") else "empty_feed", "no entry has an address or a text")
    feed = parsed.get("feed") or {}
    return Listed(
        items=items, skipped=skipped, malformed=bool(parsed.get("bozo")), title=one_line_title(feed.get("title"))
    )


def _forget_lent_links(entries: Iterable[dict[str, Any]], text: str) -> None:
    """Take away the addresses that feedparser makes of bare guids ("77" becomes https://outlet.example/77)."""
    lent = [entry for entry in entries if entry.get("guidislink") and not entry.get("links")]
    if lent:
        written = {unescape(guid) for guid in _GUID_ADDRESS.findall(text)}
        for entry in lent:
            if entry.get("id") not in written:
                entry["link"] = None
                entry["id"] = f"guid:{entry.get('id')}"


def _items(
    entries: Iterable[Mapping[str, Any]], base: str, is_article: Callable[[str], bool]
) -> tuple[tuple[Item, ...], int]:
    found: list[Item | None] = []
    for entry in entries:
        try:
            found.append(_item(entry, base, is_article))
        except Exception as error:  # noqa: BLE001  one unreadable entry must not cost the others
            log.info("A feed entry could not be read: %s", type(error).__name__, extra={"action": "entry_unreadable"})
            found.append(None)
    return unique(found)


def _item(entry: Mapping[str, Any], base: str, is_article: Callable[[str], bool]) -> Item | None:
    raw_url = _link(entry, base, is_article)
    title = one_line_title(entry.get("title"))[:LONGEST_TITLE]
    summary = text_or_none(entry.get("summary"))
    content = max((text for part in entry.get("content") or () if (text := text_or_none(part.get("value")))), key=len,
                  default=None)  # fmt: skip
    published, updated, created = (_own(entry, name) for name in ("published", "updated", "created"))
    published = published or updated or created
    raw_date = str(published).strip()[:200] if published else None
    url = canonical_url(raw_url) if raw_url is not None else None
    if url is None and says_enough(title, summary, content):
        url = address_of_its_own(base, str(entry.get("id") or "") or title or summary or content or "")
    if url is None:
        return None
    source = entry.get("source") or {}
    return Item(
        url=url,
        raw_url=raw_url or base,
        title=title,
        summary=summary,
        content=content if content != summary else None,
        published_raw=raw_date,
        author=one_line_title(entry.get("author"))[:200] or None,
        entry_hash=digest(title, summary, content, raw_date, updated),
        is_whole=raw_url is None,
        publisher_url=source.get("href") if isinstance(source, Mapping) else None,
    )


def _link(entry: Mapping[str, Any], base: str, is_article: Callable[[str], bool]) -> str | None:
    """The article's address: the link, else the guid where it is an address. An enclosure is never the article."""
    identifier = str(entry.get("id") or "")
    candidates = [entry.get("link")]
    candidates += [link.get("href") for link in entry.get("links") or () if link.get("rel") == "alternate"]
    if identifier.startswith(("http://", "https://")):
        candidates.append(identifier)
    pictures = {link.get("href") for link in entry.get("links") or () if link.get("rel") == "enclosure"}
    links = (absolute_url(link, base) for link in candidates if link and link not in pictures)
    urls = [url for url in links if url is not None]
    return next((url for url in urls if is_article(url)), urls[0] if urls else None)


def _own(entry: Mapping[str, Any], name: str) -> Any:
    """What the feed said under this very name: feedparser lends ``published`` to ``updated``, and warns of it."""
    return dict.get(entry, name) if isinstance(entry, dict) else entry.get(name)


def _where(error: object) -> str:
    """Line of the first fault, where the parser tells it; no text of the outlet goes into a message."""
    line = getattr(error, "getLineNumber", lambda: None)()
    return f"line {line}" if line else "no feed in it"
