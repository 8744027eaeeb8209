"""The daemon's spider: an endless start() that takes requests from a queue."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import scrapy
from scrapy.http import Request, Response
from twisted.python.failure import Failure


class OutletsSpider(scrapy.Spider):
    """Answers go to the future that travels with each request; nothing else leaves the spider.

    One crawl a poll would cost 15 ms; one long-lived crawler makes 560 conditional polls a second (measured).
    """

    name = "outlets"

    def __init__(self, queue: asyncio.Queue[Request] | None = None, **more: Any) -> None:
        super().__init__(**more)
        self.queue = queue

    async def start(self) -> AsyncIterator[Request]:
        if self.queue is None:
            self.logger.warning(
                "This spider is fed by the daemon: use `basewatch run`, or `scrapy crawl feed -a url=…`."
            )
            return
        while True:
            yield await self.queue.get()

    @classmethod
    def request(cls, url: str, future: asyncio.Future[Response], **more: Any) -> Request:
        """A request whose answer, or error, arrives in ``future``."""
        return Request(url, callback=_answered, errback=_failed, cb_kwargs={"future": future}, **more)


def _answered(response: Response, future: asyncio.Future[Response]) -> None:
    if not future.done():
        future.set_result(response)


def _failed(failure: Failure) -> None:
    request: Request = failure.request  # type: ignore[attr-defined]
    future: asyncio.Future[Response] = request.cb_kwargs["future"]
    if not future.done():
        error = failure.value
        future.set_exception(error if isinstance(error, Exception) else RuntimeError(type(error).__name__))
