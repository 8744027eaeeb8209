"""Look at one source as the crawler sees it: ``scrapy crawl feed -a url=… [-a kind=sitemap] [-O items.json]``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict
from typing import Any

import scrapy
from scrapy.http import Request, Response

from core.errors import FetchError
from crawler.sources.items import SourceTask
from crawler.sources.readers import READERS, read_source


class FeedSpider(scrapy.Spider):
    """Yields each entry as an item. Writes nothing to the database; the address guard is on."""

    name = "feed"

    def __init__(self, url: str = "", kind: str = "feed", **more: Any) -> None:
        super().__init__(**more)
        self.url, self.kind = url, kind

    async def start(self) -> AsyncIterator[Request]:
        if self.kind not in READERS:
            self.logger.error("There is no kind %s: choose one of %s", self.kind, ", ".join(READERS))
            return
        if not self.url:
            self.logger.error("Name the feed: scrapy crawl feed -a url=https://…")
            return
        yield Request(self.url, callback=self.parse)

    def parse(self, response: Response, **_: Any) -> Iterator[dict[str, Any]]:
        content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
        try:
            feed = read_source(
                SourceTask(kind=self.kind, body=response.body, url=response.url, content_type=content_type)
            )
        except FetchError as error:
            self.logger.error("HTTP %d, %s: %s", response.status, error.cause_code, error)
            return
        for item in feed.items:
            yield asdict(item)
