"""The polite way to a URL: robots.txt, the host's turn, then the request, then its status sorted.

robots.txt allows | the host's turn | request | redirects, each with both | status | Answer, or FetchError
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime

from config.settings import CrawlerSettings
from core.clock import Clock
from core.retry_after import retry_after_s
from crawler import blocks
from crawler.fetch import Answer, Fetcher
from crawler.outcomes import NOT_MODIFIED, OK, cause_of_status, failure
from crawler.politeness import HostGate
from crawler.robots import Robots, Shelf
from crawler.urls import host_key, is_allowed_host

log = logging.getLogger(__name__)

PAGE_DELAY_S = 0.5  #: between two starts at one host; thirty new pages of a first poll take a quarter of a minute
_CONDITIONS = frozenset({"If-None-Match", "If-Modified-Since"})
_HOLD_WITHOUT_HEADER_S = 60.0  #: after a 429 that does not say for how long


class Web:
    """Everything that the crawler fetches goes through here."""

    def __init__(self, settings: CrawlerSettings, *, user_agent: str, clock: Clock, shelf: Shelf | None = None) -> None:
        self._settings, self._clock = settings, clock
        self._allowed = frozenset(host.lower() for host in settings.allow_hosts)
        self.fetcher = Fetcher(
            user_agent=user_agent,
            timeout_s=settings.timeout_s,
            concurrency=settings.concurrency,
            allow_hosts=settings.allow_hosts,
        )
        self.robots = Robots(self._robots_txt, agent="Basewatch", monotonic=clock.monotonic, shelf=shelf)
        self.gate = HostGate(
            concurrency=settings.concurrency,
            per_host=settings.per_host,
            delay_of=self._delay_of,
            budget_of=lambda host: None if self._is_own(host) else settings.per_host_per_minute,
            monotonic=clock.monotonic,
        )
        self._crawl_delays: dict[str, float] = {}

    async def start(self) -> None:
        await self.fetcher.start()

    async def close(self) -> None:
        self.gate.cancel_waiting()
        await self.fetcher.close()

    async def get(
        self, url: str, *, max_bytes: int, headers: Mapping[str, str] | None = None, first: bool = False
    ) -> Answer:
        """The answer of status 200 or, where the headers made the request conditional, 304.

        Raises FetchError with its cause for everything else. ``first``: before others that wait for the same host.
        """
        await self._may_visit(url)
        turn = self._first_turn if first else self._turn
        answer = await self.fetcher.fetch(
            url, max_bytes=max_bytes, headers=headers, may_visit=self._may_visit, turn=turn
        )
        if answer.status == 304 and not _CONDITIONS & (headers or {}).keys():
            raise failure("http_odd", "HTTP 304 to a request without conditions", http_status=304)
        return self._judged(answer, self._clock.now())

    def _judged(self, answer: Answer, now: datetime) -> Answer:
        header = answer.headers.get("retry-after")
        cause = cause_of_status(answer.status, retry_after=header is not None)
        if cause in (OK, NOT_MODIFIED):
            return answer
        wait = retry_after_s(header, now=now) if answer.status in (429, 503) else None
        if cause == "rate_limited":
            wait = _HOLD_WITHOUT_HEADER_S if wait is None else wait
            self.gate.hold(host_key(answer.url), wait)
        wall = blocks.challenge(answer.body, answer.headers)
        if wall is not None and cause != "rate_limited":
            raise failure("blocked_page", f"{wall}, HTTP {answer.status}", http_status=answer.status)
        raise failure(cause, f"HTTP {answer.status}", retry_after_s=wait, http_status=answer.status)

    async def _may_visit(self, url: str) -> None:
        if not host_key(url):
            raise failure("bad_url")
        if self._settings.obey_robots:
            await self.robots.check(url)
            self._crawl_delays[host_key(url)] = self.robots.crawl_delay(url)

    async def _robots_txt(self, url: str, max_bytes: int) -> Answer:
        answer = await self.fetcher.fetch(url, max_bytes=max_bytes, turn=self._first_turn)
        if cause_of_status(answer.status, retry_after="retry-after" in answer.headers) == "rate_limited":
            self._judged(answer, self._clock.now())  # raises: the pause counts for all that the host has
        return answer

    def _turn(self, url: str) -> AbstractAsyncContextManager[None]:
        return self.gate.turn(host_key(url))

    def _first_turn(self, url: str) -> AbstractAsyncContextManager[None]:
        return self.gate.turn(host_key(url), first=True)

    def _is_own(self, host: str) -> bool:
        """Whether the operator named this host as a private one: it is not slowed."""
        name, _, port = host.rpartition(":")
        return is_allowed_host(name, int(port), self._allowed)

    def _delay_of(self, host: str) -> float:
        return 0.0 if self._is_own(host) else max(PAGE_DELAY_S, self._crawl_delays.get(host, 0.0))
