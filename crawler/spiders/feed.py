"""Look at one feed as the crawler sees it: ``scrapy crawl feed -a url=https://… [-O entries.json]``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict
from typing import Any

import scrapy
from scrapy.http import Request, Response

from core.errors import FetchError
from crawler.sources.feed import parse_feed


class FeedSpider(scrapy.Spider):
    """Yields each entry as an item. Writes nothing to the database; the address guard is on."""

    name = "feed"

    def __init__(self, url: str = "", **more: Any) -> None:
        super().__init__(**more)
        self.url = url

    async def start(self) -> AsyncIterator[Request]:
        if not self.url:
            self.logger.error("Name the feed: scrapy crawl feed -a url=https://…")
            return
        yield Request(self.url, callback=self.parse)

    def parse(self, response: Response, **_: Any) -> Iterator[dict[str, Any]]:
        content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
        try:
            feed = parse_feed(response.body, url=response.url, content_type=content_type)
        except FetchError as error:
            self.logger.error("HTTP %d, %s: %s", response.status, error.cause_code, error)
            return
        for item in feed.items:
            yield asdict(item)
