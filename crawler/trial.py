"""One look at an outlet, for people: what each source answers, and what its newest article gives. Writes nothing."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from config.outlets import READ_TODAY, Outlet, Source
from config.settings import Settings
from core.clock import Clock
from core.errors import FetchError
from crawler import blocks, compose, sitemap_parts
from crawler.compose import Draft, Entry
from crawler.counters import CrawlSummary
from crawler.fetch import Answer
from crawler.pages import PageTask
from crawler.reader import PageReader
from crawler.source_reader import SourceReader
from crawler.web import Web
from storage.values import EntrySeed, SourceState


@dataclass(slots=True, kw_only=True)
class Look:
    """What one source answered."""

    source: Source
    cause: str = "ok"
    message: str = ""
    http_status: int | None = None
    size: int = 0  #: bytes
    seconds: float = 0.0
    entries: list[EntrySeed] = field(default_factory=list)
    skipped: int = 0
    article: Draft | None = None  #: of its newest entry
    article_url: str = ""
    article_cause: str = ""  #: why the page of it could not be read; the feed's words stand in then
    missed: tuple[str, ...] = ()  #: the outlet's selectors that found nothing on that page
    posts: int = 0  #: of a live blog, which is stored post by post
    fitting: int = 0  #: of its entries, those whose address fits article_url

    @property
    def dated(self) -> int:
        return sum(entry.published_at is not None for entry in self.entries)

    @property
    def newest(self) -> datetime | None:
        return max((entry.published_at for entry in self.entries if entry.published_at), default=None)


class Trial:
    """Looks at outlets. ``start`` before, ``close`` after, on the reactor's loop."""

    def __init__(self, settings: Settings, outlet: Outlet, *, user_agent: str, clock: Clock) -> None:
        self._settings, self._outlet, self._clock = settings.crawler, outlet, clock
        self._counts = CrawlSummary()
        self._described = {source.id: source for source in outlet.sources}
        self.web = Web(settings.crawler, user_agent=user_agent, clock=clock)
        self._pages = PageReader(timeout_s=settings.crawler.extract_timeout_s)
        self._reader = SourceReader(
            settings.crawler,
            reader=self._pages,
            clock=clock,
            counts=self._counts,
            find=lambda state: (outlet, self._described[state.source_id]),
            outlets={outlet.slug: outlet},
        )

    async def start(self) -> None:
        await self.web.start()
        await self._pages.start()

    async def close(self) -> None:
        await self.web.close()
        await self._pages.close()

    async def look(self) -> list[Look]:
        """A look at each source of the outlet that can be read at all, spares and those that are off included."""
        return [await self._one(source) for source in self._outlet.sources if source.kind in READ_TODAY]

    async def _one(self, source: Source) -> Look:
        look, began, skipped = Look(source=source), time.monotonic(), self._counts.entries_skipped
        try:
            await self._list(source, look)
        except FetchError as error:
            look.cause, look.message = error.cause_code, str(error)
            look.http_status = getattr(error, "http_status", None) or look.http_status
        look.seconds = time.monotonic() - began
        look.skipped = self._counts.entries_skipped - skipped
        look.fitting = sum(self._outlet.is_article(entry.raw_url) for entry in look.entries)
        if look.entries:
            await self._newest(source, look)
        return look

    async def _list(self, source: Source, look: Look) -> None:
        state = _state(source, self._clock.now())
        answer = await self._get(source.url, look)
        listed = await self._reader.listed(state, answer)
        look.entries = self._reader.entries(state, listed)
        for part in sitemap_parts.chosen(listed.parts):
            look.entries += self._reader.entries(
                state, await self._reader.listed(state, await self._get(part.url, look))
            )

    async def _get(self, url: str, look: Look) -> Answer:
        answer = await self.web.get(url, max_bytes=self._settings.feed_max_bytes)
        look.http_status, look.size = answer.status, look.size + len(answer.body)
        return answer

    async def _newest(self, source: Source, look: Look) -> None:
        """The article of the newest entry, as it would be stored."""
        entry, now = _newest_of(look.entries), self._clock.now()
        told = Entry(
            url=entry.url,
            title=entry.title or "",
            summary=entry.summary,
            content=entry.content,
            published_raw=entry.published_raw,
        )
        look.article_url = entry.raw_url
        if not entry.whole:
            try:
                answer = await self.web.get(entry.raw_url, max_bytes=self._settings.page_max_bytes)
                blocks.refuse_no_page(answer.body, answer.headers, answer.content_type)
                page = await self._pages.read(
                    PageTask(body=answer.body, content_type=answer.content_type, selectors=self._outlet.selectors)
                )
                look.article_cause, look.missed, look.posts = page.problem or "", page.missed, len(page.posts)
                look.article = compose.from_page(page, told, self._outlet, source, now)
            except FetchError as error:
                look.article_cause = error.cause_code
        if look.article is None:
            look.article = compose.from_feed(told, self._outlet, source, now)


def _newest_of(entries: Sequence[EntrySeed]) -> EntrySeed:
    """The one published last; of entries without a time the first."""
    dated = [entry for entry in entries if entry.published_at is not None]
    return max(dated, key=lambda entry: (entry.published_at, entry.url)) if dated else entries[0]


def _state(source: Source, now: datetime) -> SourceState:
    """The source as one that was never polled."""
    return SourceState(
        source_id=source.id, outlet=source.outlet, kind=source.kind, url=source.url, country=None, interval_s=0,
        enabled=True, state="new", registered_at=now, next_poll_at=now, last_poll_at=None, last_ok_at=None,
        last_full_at=None, last_new_at=None, failing_since=None, failures=0, cause_code=None, message=None,
        http_status=None, etag=None, last_modified=None, body_hash=None, polls_total=0, failures_total=0,
        entries_total=0, bytes_total=0,
    )  # fmt: skip
