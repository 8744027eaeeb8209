"""A bare Scrapy spider making conditional requests, to measure ours against: ``python -m bench.bare_spider ROOM ETAG``.

Reads URLs from standard input, asks each once, counts the answers 304 and prints them with the seconds that it took.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import AsyncIterator
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response


class Bare(Spider):
    """Asks, and counts."""

    name = "bare"
    handle_httpstatus_list = [304]  # noqa: RUF012 - Scrapy reads a list

    def __init__(self, urls: list[str], etag: str, **more: Any) -> None:
        super().__init__(**more)
        self.urls, self.etag, self.unchanged = urls, etag, 0
        self.begun = self.ended = 0.0

    async def start(self) -> AsyncIterator[Any]:
        self.begun = time.perf_counter()
        for url in self.urls:
            yield Request(url, headers={"If-None-Match": self.etag}, callback=self.parse)

    def parse(self, response: Response, **more: Any) -> None:
        self.unchanged += response.status == 304
        self.ended = time.perf_counter()


def main() -> None:
    concurrency, etag = int(sys.argv[1]), sys.argv[2]
    process = AsyncCrawlerProcess(
        {
            "LOG_ENABLED": False,
            "ROBOTSTXT_OBEY": False,
            "RETRY_ENABLED": False,
            "TELNETCONSOLE_ENABLED": False,
            "DOWNLOAD_DELAY": 0,
            "CONCURRENT_REQUESTS": concurrency,
            "CONCURRENT_REQUESTS_PER_DOMAIN": concurrency,
        }
    )
    crawler = process.create_crawler(Bare)
    process.crawl(crawler, urls=sys.stdin.read().split(), etag=etag)
    process.start()
    spider = crawler.spider
    assert isinstance(spider, Bare)
    print(json.dumps({"seconds": spider.ended - spider.begun, "n_unchanged": spider.unchanged}))


if __name__ == "__main__":
    main()
