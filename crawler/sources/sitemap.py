"""Kind ``sitemap``: news sitemaps, plain ones, and indexes of them, packed or not.

expat reads it without a tree, after ``feed_text`` took the DTD away: nothing can nest too deeply or expand.
"""

from __future__ import annotations

import html
import re
import zlib
from xml.parsers import expat

from crawler import blocks
from crawler.feed_bytes import feed_text
from crawler.markup import one_line_title
from crawler.outcomes import failure
from crawler.sources.items import LONGEST_TITLE, Item, Listed, Part, SourceTask, digest, unique
from crawler.urls import absolute_url, canonical_url

_GZIP = b"\x1f\x8b"
_FIELDS = frozenset({"loc", "lastmod", "publication_date", "title", "name"})
_PARENTS = frozenset({"url", "sitemap", "news", "publication"})  #: image:loc and video:title are no article's
_LONGEST_FIELD = 10_000  #: characters
_NAMED = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)([a-zA-Z][a-zA-Z0-9]{1,31};)")


def read(task: SourceTask) -> Listed:
    """The articles that the sitemap lists, or the sitemaps that an index names.

    An address that is none of the outlet's articles is left out and counted. Raises FetchError ``empty_feed``,
    ``blocked_page``, ``bad_xml``, ``bomb``, ``bad_encoding`` or ``truncated``.
    """
    body = unpacked(task.body, task.max_bytes)
    if not body.strip():
        raise failure("empty_feed", "the answer has no body")
    if blocks.is_web_page(body):
        raise failure("blocked_page", blocks.challenge(body, task.headers) or "HTML instead of a sitemap")
    found = _Scan()
    malformed = found.feed(_NAMED.sub(lambda match: html.unescape(match[0]), feed_text(body, task.content_type)))
    if not found.root:
        raise failure("bad_xml", "no sitemap in it")
    if found.root == "sitemapindex":
        parts = tuple(part for entry in found.entries if (part := _part(entry, task)) is not None)
        if not parts:
            raise failure("bad_xml" if malformed else "empty_feed", "it names no sitemap")
        return Listed(parts=parts, malformed=malformed)
    items, skipped = unique(_item(entry, task) for entry in found.entries)
    if not items:
        reason = "none of its addresses looks like an article of this outlet" if found.entries else ""
        raise failure("bad_xml" if malformed else "empty_feed", reason)
    return Listed(items=items, skipped=skipped, malformed=malformed)


def unpacked(body: bytes, max_bytes: int) -> bytes:
    """The body out of its gzip, where it is packed by itself (``.xml.gz``), up to ``max_bytes``."""
    if not body.startswith(_GZIP):
        return body
    plain = bytearray()
    while body.startswith(_GZIP):  # a file may be several packed ones in a row: what follows the first counts, too
        unpack = zlib.decompressobj(wbits=31)
        try:
            plain += unpack.decompress(body, max_bytes + 1 - len(plain))
        except zlib.error:
            raise failure("bad_encoding") from None
        if len(plain) > max_bytes:
            raise failure("bomb")
        if not unpack.eof:
            raise failure("truncated")
        body = unpack.unused_data
    return bytes(plain)


class _Scan:
    """The entries of a sitemap, as expat meets them."""

    def __init__(self) -> None:
        self.root = ""
        self.entries: list[dict[str, str]] = []
        self._parents: list[str] = []
        self._field = ""
        self._text: list[str] = []
        self._size = 0

    def feed(self, text: str) -> bool:
        """Read it all; whether it was malformed. What stands before a fault is kept."""
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._said
        try:
            parser.Parse(text.encode("utf-8", "replace"), True)
        except expat.ExpatError:
            return True
        return False

    def _start(self, name: str, _: object) -> None:
        local = name.rpartition(":")[2].lower()
        if not self._parents:
            self.root = local if local in ("urlset", "sitemapindex") else ""
        if local in ("url", "sitemap") and len(self._parents) == 1:
            self.entries.append({})
        known = local in _FIELDS and self.entries and self._parents and self._parents[-1] in _PARENTS
        self._field = local if known else ""
        self._text, self._size = [], 0
        self._parents.append(local)

    def _said(self, text: str) -> None:
        if self._field and self._size < _LONGEST_FIELD:
            self._text.append(text[:_LONGEST_FIELD])
            self._size += len(text)

    def _end(self, _: str) -> None:
        self._parents.pop()
        if self._field:
            self.entries[-1].setdefault(self._field, "".join(self._text).strip())
            self._field = ""


def _item(entry: dict[str, str], task: SourceTask) -> Item | None:
    raw_url = absolute_url(entry.get("loc"), task.url)
    if raw_url is None or not task.is_article(raw_url):
        return None
    title = one_line_title(entry.get("title"))[:LONGEST_TITLE]
    published, changed = entry.get("publication_date", "")[:200], entry.get("lastmod", "")[:200]
    return Item(
        url=canonical_url(raw_url),
        raw_url=raw_url,
        title=title,
        # A lastmod is no time of publication, but it is never earlier: it tells old from new where nothing else does.
        published_raw=published or None,
        changed_raw=changed or None,
        entry_hash=digest(title, published, changed),
    )


def _part(entry: dict[str, str], task: SourceTask) -> Part | None:
    url = absolute_url(entry.get("loc"), task.url)
    return Part(url=url, changed_raw=entry.get("lastmod", "")[:200] or None) if url is not None else None
