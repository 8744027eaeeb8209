"""What a page says of itself outside its text: JSON-LD, OpenGraph, canonical link, <time>. Worker process only."""

from __future__ import annotations

import json
from collections.abc import Iterator
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
_MOST_SCRIPTS = 30  #: JSON-LD blocks read of one page
_MOST_JSON = 3_000_000  #: characters of one of them; a day of a live blog is some hundred thousand


def meta(tree: HtmlElement, *names: str) -> str | None:
    """Content of the first non-empty <meta> whose property, name or itemprop is one of these, in their order."""
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        key = (element.get("property") or element.get("name") or element.get("itemprop") or "").strip().lower()
        value = (element.get("content") or "").strip()
        if key in names and value:
            found.setdefault(key, value)
    return next((found[name] for name in names if name in found), None)


def json_ld(tree: HtmlElement) -> dict[str, Any]:
    """The JSON-LD object of the article, {} where the page has none that can be read."""
    best: dict[str, Any] = {}
    kept_is_page = True
    for count, script in enumerate(tree.iter("script")):
        if count > 400:
            break
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


def published_candidates(tree: HtmlElement, thing: dict[str, Any]) -> list[tuple[str, str]]:
    """(where, raw) of each place that may tell the time of publication, most trusted first."""
    found = [
        ("json-ld", text_of(thing.get("datePublished"))),
        ("meta", meta(tree, *_PUBLISHED)),
        ("meta", meta(tree, *_PUBLISHED_LOOSELY)),
        ("json-ld", text_of(thing.get("dateCreated"))),
    ]
    for element in tree.iter("time"):
        found.append(("time", element.get("datetime") or "".join(element.itertext())))
        break  # the first <time> of a page is the article's; later ones are of teasers
    return [(where, raw.strip()[:200]) for where, raw in found if raw and raw.strip()]


def canonical_link(tree: HtmlElement) -> str | None:
    for link in tree.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split() and link.get("href"):
            return str(link.get("href")).strip()
    return meta(tree, "og:url")
