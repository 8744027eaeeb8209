"""The addresses of the status page. A new view is a route here, a template, and its values in ``view.py``."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from basewatch.health.exposition import CONTENT_TYPE
from basewatch.health.keeper import Keeper
from basewatch.page.content import Content
from basewatch.page.gate import Gate
from basewatch.page.view import render
from config.page import PageSettings
from core.errors import BasewatchError

log = logging.getLogger(__name__)

HERE = Path(__file__).parent
SAME_FOR_S = 1.0  #: within this time everybody gets the same answer: asking often costs the crawler nothing


def build_app(settings: PageSettings, keeper: Keeper, content: Content) -> ASGIApp:
    """The application behind its gate."""
    css = (HERE / "static" / "page.css").read_text(encoding="utf-8")
    icon = (HERE / "static" / "icon.svg").read_text(encoding="utf-8")

    async def page() -> str:
        standing = await keeper.look()
        found = await content.read(standing)
        return await asyncio.to_thread(render, found)

    pages, metrics = Shared(page), Shared(keeper.metrics)

    async def show(request: Request) -> Response:
        return HTMLResponse(await pages.get())

    async def show_metrics(request: Request) -> Response:
        return Response(await metrics.get(), headers={"Content-Type": CONTENT_TYPE})

    async def healthz(request: Request) -> Response:
        return PlainTextResponse("alive\n")

    async def readyz(request: Request) -> Response:
        standing = await keeper.look()
        answer: dict[str, object] = {"ready": standing.ready}
        if request.scope["basewatch.authorised"]:
            answer["checks"] = [{"name": c.name, "ok": c.ok, "text": c.text} for c in standing.checks]
        return JSONResponse(answer, 200 if standing.ready else 503)

    async def style(request: Request) -> Response:
        return Response(css, media_type="text/css")

    async def symbol(request: Request) -> Response:
        return Response(icon, media_type="image/svg+xml")

    async def fault(request: Request, error: Exception) -> Response:
        ours = isinstance(error, BasewatchError)
        reason = str(error) if ours else f"a fault in Basewatch, {type(error).__name__}; please report it"
        log.warning("The status page could not answer: %s", reason,
            exc_info=error if not ours and log.isEnabledFor(logging.DEBUG) else None,
            extra={"action": "page_fault"},
        )  # fmt: skip
        if request.url.path == "/readyz":
            return JSONResponse({"ready": False}, 503)
        return PlainTextResponse("Basewatch cannot answer now; its log says why.\n", 503)

    app = Starlette(
        routes=[
            Route("/", show),
            Route("/metrics", show_metrics),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/page.css", style),
            Route("/icon.svg", symbol),
        ],
        exception_handlers={BasewatchError: fault, Exception: fault},
    )
    return Gate(app, settings)


class Shared:
    """An answer that is made once for everybody who asks within SAME_FOR_S."""

    def __init__(self, make: Callable[[], Awaitable[str]]) -> None:
        self._make = make
        self._lock = asyncio.Lock()
        self._made_at = float("-inf")
        self._answer = ""

    async def get(self) -> str:
        async with self._lock:
            if time.monotonic() - self._made_at >= SAME_FOR_S:
                self._answer = await self._make()
                self._made_at = time.monotonic()
            return self._answer
