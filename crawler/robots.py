"""robots.txt, obeyed and kept for 24 hours (RFC 9309).

A 4xx says that there are no rules. Where it cannot be read (5xx, no answer), the last copy counts on; without one
nothing is fetched from the host until it can be read, and the outlet is shown as ``robots_unreachable``: Scrapy's own
middleware would take a failure as "allowed" until the next start.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from protego import Protego

from core.errors import FetchError
from crawler.fetch import Answer
from crawler.outcomes import failure

KEPT_S = 24 * 3600.0
_TRIED_AGAIN_S = 30.0  #: after a failure: less than a poll's interval, so that no outlet waits for it
_READ_BYTES = 512 * 1024  #: RFC 9309 section 2.5 asks for at least 500 KiB
_MOST_SITES = 5_000


@dataclass(frozen=True, slots=True)
class _Rules:
    parsed: Protego | None  #: None: could not be read
    good_until: float  #: monotonic
    cause: str = "robots_unreachable"  #: why it could not be read


class Robots:
    """The rules of each site. ``fetch`` gets a URL and a byte limit, and returns the answer or raises FetchError."""

    def __init__(
        self, fetch: Callable[[str, int], Awaitable[Answer]], *, agent: str, monotonic: Callable[[], float]
    ) -> None:
        self._fetch, self._agent, self._monotonic = fetch, agent, monotonic
        self._sites: dict[str, _Rules] = {}
        self._asking: dict[str, asyncio.Lock] = {}

    async def check(self, url: str) -> None:
        """Return if the URL may be fetched; raise FetchError ``robots`` or ``robots_unreachable`` if not."""
        rules = await self._rules(_site(url))
        if rules.parsed is None:
            raise failure(rules.cause)
        if not rules.parsed.can_fetch(url, self._agent):
            raise failure("robots")

    def crawl_delay(self, url: str) -> float:
        """Seconds that the site asks for between requests, as far as its robots.txt was read already; else 0.0."""
        rules = self._sites.get(_site(url))
        if rules is None or rules.parsed is None:
            return 0.0
        return float(rules.parsed.crawl_delay(self._agent) or 0.0)

    async def _rules(self, site: str) -> _Rules:
        known = self._sites.get(site)
        if known is not None and known.good_until > self._monotonic():
            return known
        lock = self._asking.setdefault(site, asyncio.Lock())
        async with lock:
            known = self._sites.get(site)
            if known is None or known.good_until <= self._monotonic():
                known = await self._read(site, known)
                while len(self._sites) >= _MOST_SITES:
                    del self._sites[next(iter(self._sites))]
                self._sites[site] = known
        self._asking.pop(site, None)
        return known

    async def _read(self, site: str, last: _Rules | None) -> _Rules:
        try:
            answer = await self._fetch(f"{site}/robots.txt", _READ_BYTES)
        except FetchError as error:
            if error.cause_code in ("too_large", "bomb", "redirect_refused"):
                return self._parsed("")
            return self._unread(last, error.cause_code)
        if 200 <= answer.status < 300:
            return self._parsed(answer.body.decode("utf-8", "replace"))
        if 400 <= answer.status < 500 and answer.status != 429:
            return self._parsed("")
        return self._unread(last, "robots_unreachable")

    def _parsed(self, text: str) -> _Rules:
        return _Rules(Protego.parse(text), self._monotonic() + KEPT_S)

    def _unread(self, last: _Rules | None, cause: str) -> _Rules:
        again = self._monotonic() + _TRIED_AGAIN_S
        return _Rules(last.parsed if last is not None else None, again, cause)


def _site(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
