"""What a page says of itself outside its text: JSON-LD, OpenGraph, canonical link, <time>. Worker process only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lxml.html import HtmlElement

_ARTICLE_TYPES = frozenset(
    {
        "newsarticle",
        "article",
        "reportagenewsarticle",
        "blogposting",
        "liveblogposting",
        "analysisnewsarticle",
        "webpage",
    }
)
_PUBLISHED = ("article:published_time", "og:published_time", "og:article:published_time", "datepublished")
_PUBLISHED_LOOSELY = ("publishdate", "pubdate", "publish-date", "parsely-pub-date", "sailthru.date", "dc.date.issued",
                      "dc.date", "date")  # fmt: skip
_MOST_LOOKED_AT = 400  #: script elements
_MOST_SCRIPTS = 30  #: JSON-LD blocks read of one page
_MOST_JSON = 3_000_000  #: characters of one of them; a day of a live blog is some hundred thousand


@dataclass(frozen=True)
class Tags:
    """The elements of a page that say something of it, in their order."""

    metas: list[HtmlElement]
    links: list[HtmlElement]
    titles: list[HtmlElement]
    headings: list[HtmlElement]  #: h1
    scripts: list[HtmlElement]
    times: list[HtmlElement]

    @classmethod
    def of(cls, tree: HtmlElement) -> Tags:
        """In one walk over the tree: one for each kind took a tenth of a page's time (measured)."""
        found: dict[str, list[HtmlElement]] = {tag: [] for tag in ("meta", "link", "title", "h1", "script", "time")}
        for element in tree.iter(*found):
            found[element.tag].append(element)
        return cls(*found.values())

    @cached_property
    def said(self) -> dict[str, str]:
        """Content of the first non-empty <meta> of each property, name or itemprop, in lower case."""
        said: dict[str, str] = {}
        for element in self.metas:
            key = (element.get("property") or element.get("name") or element.get("itemprop") or "").strip().lower()
            value = (element.get("content") or "").strip()
            if value:
                said.setdefault(key, value)
        return said

    def meta(self, *names: str) -> str | None:
        """What the first of these says that says something."""
        return next((self.said[name] for name in names if name in self.said), None)


def json_ld(tags: Tags) -> dict[str, Any]:
    """The JSON-LD object of the article, {} where the page has none that can be read."""
    best: dict[str, Any] = {}
    kept_is_page = True
    for script in tags.scripts[:_MOST_LOOKED_AT]:
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        for thing in _things(script.text or ""):
            kinds = thing.get("@type")
            names = {str(kind).lower() for kind in (kinds if isinstance(kinds, list) else [kinds])}
            if not names & _ARTICLE_TYPES:
                continue
            if "liveblogposting" in names:
                return thing  # pages list the article beside it, with the same times
            if not best or (kept_is_page and "webpage" not in names):
                best, kept_is_page = thing, "webpage" in names
    return best


def _things(text: str) -> Iterator[dict[str, Any]]:
    if len(text) > _MOST_JSON:
        return
    try:
        data = json.loads(text.strip().removeprefix("<!--").removesuffix("-->").strip(" ;\n"), strict=False)
    except (ValueError, RecursionError):
        return
    waiting = [data]
    for _ in range(_MOST_SCRIPTS * 10):
        if not waiting:
            return
        thing = waiting.pop(0)
        if isinstance(thing, list):
            waiting.extend(thing)
        elif isinstance(thing, dict):
            yield thing
            waiting.extend(thing[key] for key in ("@graph", "mainEntity") if isinstance(thing.get(key), (dict, list)))


def text_of(value: Any) -> str | None:
    """A JSON-LD value as a word: a string, or the name of an object or of the first of a list."""
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict):
        value = value.get("name") or value.get("@value")
    return value.strip() or None if isinstance(value, str) else None


def published_candidates(tags: Tags, thing: dict[str, Any]) -> list[tuple[str, str]]:
    """(where, raw) of each place that may tell the time of publication, most trusted first."""
    found = [
        ("json-ld", text_of(thing.get("datePublished"))),
        ("meta", tags.meta(*_PUBLISHED)),
        ("meta", tags.meta(*_PUBLISHED_LOOSELY)),
        ("json-ld", text_of(thing.get("dateCreated"))),
    ]
    if tags.times:  # the first <time> of a page is the article's; later ones are of teasers
        found.append(("time", tags.times[0].get("datetime") or "".join(tags.times[0].itertext())))
    return [(where, raw.strip()[:200]) for where, raw in found if raw and raw.strip()]


def canonical_link(tags: Tags) -> str | None:
    for link in tags.links:
        if "canonical" in (link.get("rel") or "").lower().split() and link.get("href"):
            return str(link.get("href")).strip()
    return tags.meta("og:url")
