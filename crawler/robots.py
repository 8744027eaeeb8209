"""robots.txt, obeyed and kept for 24 hours, in the database too, so that a restart asks nobody again (RFC 9309).

A 4xx says that there are no rules. Where it cannot be read (5xx, no answer), the last copy counts on; without one
nothing is fetched from the host until it can be read, and the outlet is shown as ``robots_unreachable``: Scrapy's own
middleware would take a failure as "allowed" until the next start.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol
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


class Shelf(Protocol):
    """Where rules are kept over restarts."""

    async def recall(self, site: str) -> tuple[str, float] | None:
        """The text of the site's robots.txt as it was last read and the seconds since; None: never read."""

    async def keep(self, site: str, text: str) -> None:
        """Keep the text that was read now."""


class Robots:
    """The rules of each site. ``fetch`` gets a URL and a byte limit, and returns the answer or raises FetchError.

    Without a ``shelf`` they are forgotten at the end of the process.
    """

    def __init__(
        self,
        fetch: Callable[[str, int], Awaitable[Answer]],
        *,
        agent: str,
        monotonic: Callable[[], float],
        shelf: Shelf | None = None,
    ) -> None:
        self._fetch, self._agent, self._monotonic, self._shelf = fetch, agent, monotonic, shelf
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
            if known is None and self._shelf is not None:
                known = self._recalled(await self._shelf.recall(site))
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
                return await self._kept(site, "")
            if error.cause_code == "rate_limited" and (last is None or last.parsed is None):
                raise  # with its Retry-After: whoever wants something of this host comes back then
            return self._unread(last, error.cause_code)
        if 200 <= answer.status < 300:
            return await self._kept(site, answer.body.decode("utf-8", "replace"))
        if 400 <= answer.status < 500 and answer.status != 429:
            return await self._kept(site, "")
        return self._unread(last, "robots_unreachable")

    async def _kept(self, site: str, text: str) -> _Rules:
        if self._shelf is not None:
            await self._shelf.keep(site, text)
        return _Rules(Protego.parse(text), self._monotonic() + KEPT_S)

    def _recalled(self, kept: tuple[str, float] | None) -> _Rules | None:
        """Rules of an earlier life; those past their time count only while the site cannot be asked."""
        if kept is None:
            return None
        text, age_s = kept
        good_s = KEPT_S - age_s if age_s >= 0 else 0.0  # read "in the future": the clock was set back
        return _Rules(Protego.parse(text), self._monotonic() + good_s)

    def _unread(self, last: _Rules | None, cause: str) -> _Rules:
        again = self._monotonic() + _TRIED_AGAIN_S
        return _Rules(last.parsed if last is not None else None, again, cause)


def _site(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
