"""One request through Scrapy, and what came of it in our own words.

``Fetcher`` keeps one crawler for the life of the process; ``fetch`` puts a request in its queue and awaits the answer.
Redirects are followed here, so that each hop is judged like a first request.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import logging
import zlib
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from scrapy import exceptions as scrapy_errors
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.http import Request, Response
from scrapy.settings import Settings as ScrapySettings

from core.errors import FetchError
from crawler import guard, reactor
from crawler import settings as project_settings
from crawler.outcomes import failure
from crawler.spiders.outlets import OutletsSpider
from crawler.urls import absolute_url

log = logging.getLogger(__name__)

MOST_REDIRECTS = 5
_CLOSING_S = 2.0  #: for an orderly end of Scrapy; the reactor stops after it and drops the connections
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


def _no_turn(url: str) -> AbstractAsyncContextManager[None]:
    return contextlib.nullcontext()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server said, whole and unpacked."""

    url: str  #: where the answer came from, after redirects
    status: int
    headers: Mapping[str, str]  #: names in lower case, values as sent (latin-1); the last of several wins
    body: bytes

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "")


class Fetcher:
    """The long-lived Scrapy crawler. ``start`` and ``close`` on the reactor's loop."""

    def __init__(
        self, *, user_agent: str, timeout_s: float, concurrency: int, allow_hosts: tuple[str, ...] = ()
    ) -> None:
        self.timeout_s = timeout_s
        self._user_agent, self._concurrency, self._allow_hosts = user_agent, concurrency, allow_hosts
        self._queue: asyncio.Queue[Request] = asyncio.Queue()
        self._runner: AsyncCrawlerRunner | None = None
        self._crawl: asyncio.Task[None] | None = None
        self._closed = False
        self._guard: guard.GuardResolver | None = None
        self._waiting: set[asyncio.Future[Response]] = set()

    async def start(self) -> None:
        """Start the crawler, also after ``close`` or when it ended by itself."""
        if self._crawl is not None:
            return
        self._closed = False
        reactor.install()
        from twisted.internet import reactor as installed

        self._guard = guard.install(installed, self._allow_hosts)
        settings = ScrapySettings()
        settings.setmodule(project_settings, priority="project")
        settings.set("USER_AGENT", self._user_agent, priority="cmdline")
        settings.set("CONCURRENT_REQUESTS", 2 * self._concurrency, priority="cmdline")
        settings.set("CONCURRENT_REQUESTS_PER_DOMAIN", 2 * self._concurrency, priority="cmdline")
        self._queue = asyncio.Queue()  # nobody waits any more for what the last crawler left
        self._runner = AsyncCrawlerRunner(settings)
        self._crawl = self._runner.crawl(OutletsSpider, queue=self._queue)
        self._crawl.add_done_callback(self._ended)

    async def close(self) -> None:
        """Stop the crawler; requests under way end with a FetchError."""
        crawl, self._crawl, self._closed = self._crawl, None, True
        self._give_up("the crawler is stopping")
        if self._runner is not None and crawl is not None:
            # Scrapy waits for every request under way, up to its timeout; nobody here waits for their answers any more.
            with contextlib.suppress(TimeoutError, asyncio.CancelledError):
                async with asyncio.timeout(_CLOSING_S):
                    await self._runner.stop()
                    await asyncio.shield(crawl)

    async def fetch(
        self,
        url: str,
        *,
        max_bytes: int,
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
        may_visit: Callable[[str], Awaitable[None]] | None = None,
        turn: Callable[[str], AbstractAsyncContextManager[None]] = _no_turn,
    ) -> Answer:
        """The answer at the end of at most five redirects. Raises FetchError for all that is no whole answer.

        ``max_bytes`` counts after decompression. ``may_visit`` is asked before each redirect is followed, and raises
        FetchError to refuse; each request waits for its ``turn``.
        """
        for _ in range(MOST_REDIRECTS + 1):
            async with turn(url):
                answer = await self._once(url, max_bytes, headers or {}, timeout_s or self.timeout_s)
            if answer.status not in _REDIRECTS or "location" not in answer.headers:
                return answer
            url = _redirect_target(url, answer.headers["location"])
            if may_visit is not None:
                await may_visit(url)
        raise failure("redirect_refused", f"more than {MOST_REDIRECTS} redirects")

    async def _once(self, url: str, max_bytes: int, headers: Mapping[str, str], timeout_s: float) -> Answer:
        if self._closed:
            raise failure("internal", "the crawler is stopped")
        await self.start()
        future: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            request = OutletsSpider.request(
                url,
                future,
                headers={name: value.encode("latin-1") for name, value in headers.items()},
                meta={"download_maxsize": max_bytes, "download_timeout": timeout_s},
            )
            self._queue.put_nowait(request)
            # Scrapy's timeout is the one that counts; this one is for the case that it is not kept.
            async with asyncio.timeout(timeout_s + 10):
                response = await future
        except FetchError:
            raise
        except TimeoutError:
            raise failure("timeout", f"{timeout_s:g} s") from None
        except Exception as error:
            raise self._sorted(error, url) from error
        finally:
            self._waiting.discard(future)
        return Answer(
            url=response.url,
            status=response.status,
            headers={
                name.decode("latin-1").lower(): values[-1].decode("latin-1")
                for name, values in response.headers.items()
                if values
            },
            body=response.body,
        )

    def _sorted(self, error: Exception, url: str) -> FetchError:
        """The cause word for what Scrapy raised."""
        if isinstance(error, scrapy_errors.CannotResolveHostError):
            refused = self._guard.refused_address(urlsplit(url).hostname or "") if self._guard else None
            return failure("address_refused" if refused else "dns", urlsplit(url).hostname or "")
        return sorted_failure(error)

    def _ended(self, crawl: asyncio.Task[None]) -> None:
        if self._crawl is crawl:  # not by close()
            self._crawl = None
            log.error("The crawler ended by itself and is started again", extra={"action": "crawler_ended"})
            self._give_up("the crawler ended")

    def _give_up(self, why: str) -> None:
        for future in self._waiting:
            if not future.done():
                future.set_exception(failure("internal", why))


def sorted_failure(error: BaseException) -> FetchError:
    """The cause word for an error of Scrapy, Twisted, OpenSSL or a decoder; its text may hold a URL and is left out."""
    by_type: tuple[tuple[type[BaseException], str], ...] = (
        (scrapy_errors.DownloadTimeoutError, "timeout"),
        (scrapy_errors.DownloadConnectionRefusedError, "refused"),
        (scrapy_errors.ResponseDataLossError, "truncated"),
        (scrapy_errors.UnsupportedURLSchemeError, "bad_url"),
        (scrapy_errors.NotSupported, "bad_url"),
        (scrapy_errors.CannotResolveHostError, "dns"),
        (zlib.error, "bad_encoding"),
        (gzip.BadGzipFile, "bad_encoding"),
        (EOFError, "bad_encoding"),
        (ValueError, "bad_url"),
    )
    if isinstance(error, scrapy_errors.IgnoreRequest):
        return failure("bomb" if "decompress" in str(error) else "redirect_refused")
    if isinstance(error, scrapy_errors.DownloadCancelledError):
        return failure("too_large")  # Scrapy cancels for size alone; a timeout has its own error
    for kind, code in by_type:
        if isinstance(error, kind):
            return failure(code)
    names = {type(reason).__name__ for reason in _reasons(error)} | {type(error).__name__}
    modules = {type(reason).__module__ for reason in _reasons(error)} | {type(error).__module__}
    if any("SSL" in module or "service_identity" in module for module in modules):
        return failure("tls")
    if any(
        module.startswith(("brotli", "_brotli", "backports.zstd", "zstandard", "compression")) for module in modules
    ):
        return failure("bad_encoding")
    if "PotentialDataLoss" in names or "IncompleteRead" in names:
        return failure("truncated")
    if modules & {"builtins"} and not isinstance(error, OSError):
        return failure("internal", type(error).__name__)
    return failure("unreachable", type(error).__name__)


def _reasons(error: BaseException) -> list[BaseException]:
    """The error, its causes and, of Twisted's ResponseFailed, the reasons it lists."""
    found: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting and len(found) < 20:
        one = waiting.pop()
        value = getattr(one, "value", one)
        if isinstance(value, BaseException) and value not in found:
            found.append(value)
            waiting += [value.__cause__, *getattr(value, "reasons", ())]
    return found


def _redirect_target(url: str, location: str) -> str:
    target = absolute_url(location.encode("latin-1").decode("utf-8", "replace"), url)
    if target is None:
        raise failure("redirect_refused", f"to {urlsplit(urljoin(url, location)).scheme or 'nowhere'}:")
    return target
