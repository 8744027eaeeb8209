"""What the database costs: polls, articles and commits through the one writer thread, on a SQLite file."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

from sqlalchemy.orm import Session

from bench.machine import machine
from core.clock import utc_now
from storage import articles, sources
from storage.engine import Database, open_database
from storage.values import ArticleSeed, EntrySeed, PollOutcome, SourceSeed

N_SOURCES = 10_000
N_FULL_POLLS = 1_000
N_ARTICLES = 2_000
ITEMS = 30  #: entries of a feed

Job = Callable[[Session], object]


def run() -> dict[str, str | int | float]:
    """The figures of ``basewatch bench storage``."""
    with tempfile.TemporaryDirectory(prefix="basewatch-bench-") as folder:
        return {**asyncio.run(_measure(Path(folder) / "bench.db")), **machine()}


async def _measure(path: Path) -> dict[str, str | int | float]:
    now = utc_now()
    ids = [f"outlet{number}-en" for number in range(N_SOURCES)]
    seeds = [SourceSeed(source_id=i, outlet=i, kind="feed", url=f"https://{i}.example/", interval_s=300) for i in ids]
    with open_database(path) as database:
        await database.run_write(lambda session: sources.register(session, seeds, now))
        unchanged = [partial(_unchanged, source_id=i) for i in ids]
        first = [partial(_full, source_id=i) for i in ids[:N_FULL_POLLS]]
        stored = [partial(_store, number=number) for number in range(N_ARTICLES)]
        polls_s, polls_cpu_s = await _time(database, unchanged)
        await _time(database, first)
        known_s, _ = await _time(database, first)
        stored_s, _ = await _time(database, stored)
        again_s, _ = await _time(database, stored)
        return {
            "polls_304_10k_s": round(polls_s, 2),
            "polls_304_cpu_ms": round(1000 * polls_cpu_s / N_SOURCES, 3),
            "polls_of_30_known_entries_per_s": round(N_FULL_POLLS / known_s, 1),
            "articles_stored_per_s": round(N_ARTICLES / stored_s, 1),
            "articles_seen_again_per_s": round(N_ARTICLES / again_s, 1),
            "n_sources": N_SOURCES,
            "n_articles": N_ARTICLES,
        }


async def _time(database: Database, jobs: Sequence[Job]) -> tuple[float, float]:
    """Wall and processor seconds for all jobs, handed over at once so that the writer groups them."""
    started, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(database.run_write(job) for job in jobs))
    return time.perf_counter() - started, time.process_time() - cpu


def _unchanged(session: Session, *, source_id: str) -> None:
    now = utc_now()
    outcome = PollOutcome(
        status="not_modified", cause_code="not_modified", http_status=304, next_poll_at=now + timedelta(minutes=5)
    )
    sources.record_poll(session, source_id, outcome, now)


def _full(session: Session, *, source_id: str) -> None:
    now = utc_now()
    entries = [
        EntrySeed(
            url=f"https://{source_id}.example/news/{number}",
            raw_url=f"https://{source_id}.example/news/{number}",
            title=f"Item {number}",
            entry_hash=str(number),
        )
        for number in range(ITEMS)
    ]
    outcome = PollOutcome(
        status="ok", cause_code="ok", http_status=200, entries=entries, next_poll_at=now + timedelta(minutes=5)
    )
    sources.record_poll(session, source_id, outcome, now)


def _store(session: Session, *, number: int) -> None:
    now = utc_now()
    seed = ArticleSeed(
        url=f"https://outlet.example/articles/{number}",
        outlet="outlet",
        family="outlet",
        source_id="outlet1-en",
        title=f"Headline number {number}",
        text=" ".join(f"word{(7919 * number + place * place * 31) % 5000}" for place in range(240)),
        first_seen_at=now,
        published_at=now,
    )
    articles.store(session, seed, now)
