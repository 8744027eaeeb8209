"""Kind ``search``: a Google News search feed. Its links are opaque, its texts lists of links: it gives headlines alone.

An item is known by publisher and headline, not by its link, which differs from query to query. Whose headline it is,
the ``source`` element says; who stores it matches it back to an article of our own.
"""

from __future__ import annotations

from dataclasses import replace

from crawler.outcomes import failure
from crawler.sources.feed import parse_feed
from crawler.sources.items import Item, Listed, SourceTask, digest, unique
from crawler.urls import publisher_host


def read(task: SourceTask) -> Listed:
    """The headlines. One without a publisher or a title is left out and counted."""
    listed = parse_feed(task.body, url=task.url, content_type=task.content_type, headers=task.headers)
    items, skipped = unique(_headline(item) for item in listed.items)
    if not items:
        raise failure("empty_feed", "none of its entries names a publisher")
    return replace(listed, items=items, skipped=listed.skipped + skipped)


def _headline(item: Item) -> Item | None:
    host = publisher_host(item.publisher_url)
    title = item.title.rpartition(" - ")[0] or item.title
    if not host or host == "none.invalid" or not title:
        return None
    return replace(
        item,
        url=f"https://{host}/#headline-{digest(title.casefold())[:16]}",
        title=title,
        summary=None,
        content=None,
        entry_hash=digest(title),
        is_whole=True,
        is_headline=True,
    )
