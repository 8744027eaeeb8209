"""The reader of each kind of source, by the kind's name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from crawler.sources import feed, listing, search, sitemap, telegram, wordpress
from crawler.sources.items import Listed, SourceTask

READERS: Mapping[str, Callable[[SourceTask], Listed]] = {
    "feed": feed.read,
    "sitemap": sitemap.read,
    "listing": listing.read,
    "wordpress": wordpress.read,
    "telegram": telegram.read,
    "search": search.read,
}


def read_source(task: SourceTask) -> Listed:
    """What this answer lists. Raises FetchError with its cause for what is no list of this kind."""
    return READERS[task.kind](task)
