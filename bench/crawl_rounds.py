"""Ours for ``basewatch bench crawl``, in a process of its own: ``python -m bench.crawl_rounds KIND PORT N ROOM``.

KIND ``unchanged``: every one of N sources is due and answers 304; what one round takes, all of it recorded. KIND
``pages``: N pages of ten feeds, from response to stored article. The robots.txt of ten thousand loopback hosts is left
out on both sides; everything else is as the daemon runs it.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select, update

from bench.machine import resident_mib
from bench.newsstand import ETAG, page
from config.outlets import Outlet, Source
from config.settings import CrawlerSettings, Settings
from core.clock import Clock
from crawler.pages import PageTask
from crawler.reactor import run_on_reactor
from storage.engine import Database, open_database
from storage.tables import Article
from storage.tables import Source as SourceRow

FEEDS_OF_PAGES = 10


def outlets(port: int, count: int, n_items: int) -> dict[str, Outlet]:
    """``count`` outlets, each with a feed on a loopback address of its own."""
    hosts = (f"127.{1 + number // 62_500}.{number // 250 % 250}.{1 + number % 250}:{port}" for number in range(count))
    made = [_outlet(number, host, n_items) for number, host in enumerate(hosts)]
    return {outlet.slug: outlet for outlet in made}


def _outlet(number: int, host: str, n_items: int) -> Outlet:
    slug = f"outlet-{number}"
    source = Source(
        id=f"{slug}-feed", outlet=slug, kind="feed", url=f"http://{host}/feed/{number}/{n_items}", lang="en",
        enabled=True, confidence="A", checked=None, interval_s=None, feed_time="as-labelled", note=None,
    )  # fmt: skip
    return Outlet(
        slug=slug, name=slug, family=slug, leaning="independent", languages=("en",), country="IQ",
        time_zone="Asia/Baghdad", home=None, enabled=True, reason_off=None, obstacle=None, first_mover=False,
        sources=(source,), article_url=re.compile(r"/page/"), url_date=None, dateline=None, selectors={}, examples=(),
        counter_examples=(), notes=None, file=Path("bench"),
    )  # fmt: skip


async def measure(kind: str, port: int, count: int, concurrency: int, folder: Path) -> dict[str, float | int]:
    """The figures of one kind of round."""
    from crawler.service import CrawlService

    n_items = count // FEEDS_OF_PAGES
    chosen = outlets(port, count, 1) if kind == "unchanged" else outlets(port, FEEDS_OF_PAGES, n_items)
    hosts = tuple(source.url.split("/")[2] for outlet in chosen.values() for source in outlet.sources)
    crawler = CrawlerSettings(allow_hosts=hosts, obey_robots=False, concurrency=concurrency, per_host=16)
    with open_database(folder / "bench.db") as database:
        service = CrawlService(Settings(crawler=crawler), chosen, database, Clock())
        await service.start()
        # Bare Scrapy takes its time from the moment at which its engine runs: ours is made for the first request.
        await service.web.fetcher.fetch(f"http://{hosts[0]}/robots.txt", max_bytes=1_000)
        if kind == "unchanged":
            await database.run_write(lambda session: session.execute(update(SourceRow).values(**_known())))
        else:  # bare trafilatura is imported before its time is taken, too
            await service.reader.read(PageTask(body=page(0, 0)))
        started = time.perf_counter()
        summary = await service.run_once()
        seconds = time.perf_counter() - started
        figures: dict[str, float | int] = {
            "seconds": seconds,
            "n_unchanged": summary.polls["not_modified"],
            "n_recorded": await _recorded(database),
            "n_stored": await database.run_read(lambda session: session.scalar(select(func.count(Article.id))) or 0),
            "rss_mib": resident_mib(os.getpid()),
        }
        await service.close()
    return figures


def _known() -> dict[str, object]:
    """What an earlier poll would have left: validators, and a full answer not long ago."""
    now = datetime.now(UTC)
    return {"etag": ETAG, "last_ok_at": now, "last_full_at": now, "state": "ok"}


async def _recorded(database: Database) -> int:
    polled = select(func.count(SourceRow.source_id)).where(SourceRow.polls_total > 0)
    return await database.run_read(lambda session: session.scalar(polled) or 0)


def main() -> None:
    kind, port, count, concurrency = sys.argv[1], *map(int, sys.argv[2:5])
    with tempfile.TemporaryDirectory(prefix="basewatch-bench-") as folder:
        print(json.dumps(run_on_reactor(lambda: measure(kind, port, count, concurrency, Path(folder)))))


if __name__ == "__main__":
    main()
