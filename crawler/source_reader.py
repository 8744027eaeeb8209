"""From a source's answer to the entries that are recorded: parsed by the worker, dated, and said whether to be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from config.outlets import Outlet, Source
from config.settings import CrawlerSettings
from core.clock import Clock
from crawler import compose
from crawler.counters import CrawlSummary
from crawler.fetch import Answer
from crawler.reader import PageReader
from crawler.sources.items import Item, Listed, SourceTask, worth_reading
from crawler.urls import publisher_host
from storage.values import EntrySeed, SourceState


class SourceReader:
    """Reads what sources answer. ``listed`` and ``entries`` are the two steps of it."""

    def __init__(
        self,
        settings: CrawlerSettings,
        *,
        reader: PageReader,
        clock: Clock,
        counts: CrawlSummary,
        find: Callable[[SourceState], tuple[Outlet, Source | None]],
        outlets: Mapping[str, Outlet],
    ) -> None:
        self._reader = reader
        self._settings, self._clock, self._counts, self._find = settings, clock, counts, find
        self._by_domain = {domain: outlet for outlet in outlets.values() for domain in outlet.domains}

    def entries(self, source: SourceState, listed: Listed) -> list[EntrySeed]:
        """What the source lists, as it is recorded. A headline of a publisher that nobody here reads is left out."""
        outlet, described = self._find(source)
        now = self._clock.now()
        self._counts.entries_skipped += listed.skipped
        self._counts.malformed_feeds += listed.malformed
        wanted = [True] * len(listed.items)
        if source.kind in ("sitemap", "listing"):
            days = [_day(item, outlet, described, now) for item in listed.items]
            wanted = worth_reading(days, now, first=source.first_poll)
        entries: list[EntrySeed] = []
        for item, is_wanted in zip(listed.items, wanted, strict=True):
            publisher = self._by_domain.get(publisher_host(item.publisher_url)) if item.is_headline else outlet
            if publisher is None:
                self._counts.entries_skipped += 1
                continue
            seed = _seed(item, outlet, described, now)
            entries.append(replace(seed, wanted=is_wanted, outlet=publisher.slug))
        return entries

    async def listed(self, source: SourceState, answer: Answer) -> Listed:
        """What the answer lists, read in the worker: a parse that hangs costs this poll. Raises FetchError."""
        outlet, described = self._find(source)
        task = SourceTask(
            kind=source.kind,
            body=answer.body,
            url=answer.url,
            content_type=answer.content_type,
            headers=answer.headers,
            article_url=outlet.article_url.pattern if outlet.article_url else None,
            links=described.links if described is not None else None,
            max_bytes=self._settings.feed_max_bytes,
        )
        return await self._reader.listed(task)


def _seed(item: Item, outlet: Outlet, source: Source | None, now: datetime) -> EntrySeed:
    time = compose.feed_time(item.published_raw, outlet, source, now)
    return EntrySeed(
        url=item.url,
        raw_url=item.raw_url,
        entry_hash=item.entry_hash,
        title=item.title or None,
        summary=item.summary,
        content=item.content,
        published_raw=item.published_raw,
        published_at=time.at if time else None,
        author=item.author,
        whole=item.is_whole,
        headline=item.is_headline,
    )


def _day(item: Item, outlet: Outlet, source: Source | None, now: datetime) -> datetime | None:
    """When the item was published or last changed, or the day in its address; None where nothing tells."""
    for raw in (item.published_raw, item.changed_raw):
        if (time := compose.feed_time(raw, outlet, source, now)) is not None:
            return time.at
    day = outlet.date_in(item.raw_url)
    return datetime(day.year, day.month, day.day, tzinfo=UTC) if day is not None else None
