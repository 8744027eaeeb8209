"""JSON Feed (jsonfeed.org, versions 1 and 1.1), read under kind ``feed``; and reading JSON at all."""

from __future__ import annotations

import json
from typing import Any

from crawler.feed_bytes import decode
from crawler.markup import one_line_title
from crawler.outcomes import failure
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


def is_json(body: bytes) -> bool:
    """Whether the body opens like a JSON object."""
    return body[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def parsed(task: SourceTask) -> Any:
    """The value in the body. Raises FetchError ``bad_json``, also for values that nest without end."""
    try:
        return json.loads(decode(task.body, task.content_type).lstrip("\ufeff"), strict=False)
    except (ValueError, RecursionError) as error:
        raise failure("bad_json", f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "") from None


def word(value: object) -> str:
    """The value where it is text or a number, else ""."""
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""


def read(task: SourceTask) -> Listed:
    """The items of a JSON Feed."""
    document = parsed(task)
    entries = document.get("items") if isinstance(document, dict) else None
    if not isinstance(entries, list) or "jsonfeed.org/version/" not in word(document.get("version")):
        raise failure("bad_json", "it is no JSON Feed")
    items, skipped = unique(_item(entry, task) for entry in entries)
    if not items:
        raise failure("empty_feed", "no entry has an address or a text" if entries else "")
    return Listed(items=items, skipped=skipped, title=one_line_title(word(document.get("title"))))


def _item(entry: object, task: SourceTask) -> Item | None:
    if not isinstance(entry, dict):
        return None
    title = one_line_title(word(entry.get("title")))[:LONGEST_TITLE]
    summary = text_or_none(word(entry.get("summary")))
    content = text_or_none(word(entry.get("content_html")) or word(entry.get("content_text")))
    dates = [word(entry.get(key))[:200] for key in ("date_published", "date_modified")]
    identity = word(entry.get("id"))
    links = [word(entry.get("url")), identity if identity.startswith("http") else ""]
    found = [url for link in links if (url := absolute_url(link or None, task.url)) is not None]
    raw_url = next((url for url in found if task.is_article(url)), found[0] if found else None)
    if raw_url is None and not says_enough(title, summary, content):
        return None
    return Item(
        url=canonical_url(raw_url) if raw_url else address_of_its_own(task.url, identity or title or content or ""),
        raw_url=raw_url or task.url,
        title=title,
        summary=summary,
        content=content,
        published_raw=dates[0] or dates[1] or None,
        author=_author(entry),
        entry_hash=digest(title, summary, content, *dates),
        is_whole=raw_url is None,
    )


def _author(entry: dict[str, Any]) -> str | None:
    authors = entry.get("authors") or [entry.get("author")]
    first = authors[0] if isinstance(authors, list) and authors else None
    return one_line_title(word(first.get("name")))[:200] or None if isinstance(first, dict) else None
