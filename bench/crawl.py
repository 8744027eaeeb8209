"""The crawler against a loopback server: unchanged polls beside a bare Scrapy spider, pages beside bare trafilatura.

Then the look-ups that every article passes, among ten thousand and among a million.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import lookups
from bench.machine import machine
from bench.newsstand import ETAG, page
from core.errors import InputError

N_SOURCES = 10_000
N_FOR_MEMORY = 1_000
N_PAGES = 600
CONCURRENCY = 64  #: requests under way at once, on both sides


def run(n_sources: int = N_SOURCES) -> dict[str, str | int | float]:
    """The figures of ``basewatch bench crawl``. The sizes of the other parts shrink with ``n_sources``."""
    share = min(n_sources / N_SOURCES, 1.0)
    n_pages = max(int(N_PAGES * share) // 10 * 10, 10)
    with newsstand() as port:
        urls = _urls(port, n_sources)
        bare = _ask("bench.bare_spider", CONCURRENCY, ETAG, stdin="\n".join(urls))
        ours = _ask("bench.crawl_rounds", "unchanged", port, n_sources, CONCURRENCY)
        small = _ask("bench.crawl_rounds", "unchanged", port, min(N_FOR_MEMORY, n_sources), CONCURRENCY)
    bodies = [page(n // (n_pages // 10), n % (n_pages // 10)) for n in range(n_pages)]
    before_s = _trafilatura_s(bodies)
    with newsstand(n_pages) as port:
        read = _ask("bench.crawl_rounds", "pages", port, n_pages, CONCURRENCY)
    if bare["n_unchanged"] != n_sources or ours["n_unchanged"] != n_sources or ours["n_recorded"] != n_sources:
        raise InputError(f"not every poll was answered 304 and recorded: {bare}, {ours}")
    if read["n_stored"] != n_pages:
        raise InputError(f"not every page became an article: {read}")
    bare_s = (before_s + _trafilatura_s(bodies)) / 2  # before and after: the machine is not the same a minute later
    polls, bare_polls = n_sources / ours["seconds"], n_sources / bare["seconds"]
    pages, bare_pages = n_pages / read["seconds"], n_pages / bare_s
    figures: dict[str, str | int | float] = {
        "polls_304_per_s": round(polls, 1),
        "bare_scrapy_polls_per_s": round(bare_polls, 1),
        "polls_ratio": round(polls / bare_polls, 2),
        "sources_10k_s": round(ours["seconds"], 2),
        "pages_per_s": round(pages, 1),
        "trafilatura_pages_per_s": round(bare_pages, 1),
        "pages_ratio": round(pages / bare_pages, 2),
        "rss_mib_1000_sources": round(small["rss_mib"], 1),
        "n_sources": n_sources,
        "n_pages": n_pages,
    }
    figures |= _newspaper(bodies[: max(n_pages // 6, 10)])
    with tempfile.TemporaryDirectory(prefix="basewatch-bench-") as folder:
        n_small, n_large = int(lookups.N_SMALL * share), int(lookups.N_LARGE * share)
        figures |= lookups.measure(Path(folder) / "bench.db", n_small, n_large)
    return figures | machine()


@contextmanager
def newsstand(n_pages: int = 0) -> Iterator[int]:
    """The port of a running loopback server, which has so many pages ready: writing them is no part of reading."""
    with subprocess.Popen(
        [sys.executable, "-m", "bench.newsstand", str(n_pages)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        yield int(server.stdout.readline())
        server.stdin.close()


def _urls(port: int, count: int) -> list[str]:
    from bench.crawl_rounds import outlets

    return [source.url for outlet in outlets(port, count, 1).values() for source in outlet.sources]


def _ask(module: str, *arguments: object, stdin: str | None = None) -> dict[str, Any]:
    """What a process of the bench prints."""
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)], input=stdin, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise InputError(f"{module} failed: {done.stderr.strip().splitlines()[-1:]}")
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def _trafilatura_s(bodies: list[bytes]) -> float:
    """Seconds of bare trafilatura on the pages, with the options of ``crawler/extract.py``, one core."""
    import trafilatura

    started = time.perf_counter()
    for body in bodies:
        found = trafilatura.extract(
            body.decode(), fast=True, include_comments=False, include_tables=False, include_formatting=False,
            favor_recall=False,
        )  # fmt: skip
        assert found
    return time.perf_counter() - started


def _newspaper(bodies: list[bytes]) -> dict[str, str | int | float]:
    """newspaper4k on some of the pages, where it is installed: seconds, and F1 of its words beside those of ours."""
    try:
        from newspaper import Article
    except ImportError:
        return {"newspaper4k": "not installed: make install-bench"}
    import trafilatura

    def by_newspaper(body: bytes) -> str:
        article = Article("http://127.0.0.1/page", fetch_images=False)
        article.download(input_html=body.decode())
        article.parse()
        return str(article.text)

    def by_trafilatura(body: bytes) -> str:
        return trafilatura.extract(body.decode(), fast=True, include_comments=False, include_tables=False) or ""

    truth = [_truth(body) for body in bodies]
    figures: dict[str, str | int | float] = {}
    for name, reader in (("newspaper4k", by_newspaper), ("trafilatura", by_trafilatura)):
        started = time.perf_counter()
        read = [reader(body) for body in bodies]
        figures[f"{name}_same_pages_per_s"] = round(len(bodies) / (time.perf_counter() - started), 1)
        figures[f"{name}_f1"] = round(sum(map(_f1, read, truth)) / len(bodies), 3)
    return figures


def _truth(body: bytes) -> str:
    """The text that the page was made of: what stands in its article."""
    import lxml.html

    return " ".join(lxml.html.fromstring(body.decode()).xpath("//div[@class='body']//text()"))


def _f1(found: str, truth: str) -> float:
    """F1 over the words, counted as sets: what was kept of the article, and what was added to it."""
    left, right = set(found.split()), set(truth.split())
    return 2 * len(left & right) / (len(left) + len(right))
