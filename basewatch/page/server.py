"""Serves the status page on the daemon's own loop, as one of its parts.

uvicorn is used without what it does for a process of its own: signals (they are the daemon's), a logging configuration,
the loop, and a main loop that wakes up ten times a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from config.page import PageSettings
from core.errors import BasewatchError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

log = logging.getLogger(__name__)

MOST_CONNECTIONS = 40
STOP_WITHIN_S = 3
BACKLOG = 64


class PageServer:
    """``run`` is a part of the daemon. ``make_app`` is called once it is known that the page can listen."""

    def __init__(self, settings: PageSettings, make_app: Callable[[], ASGIApp]) -> None:
        self._settings, self._make_app = settings, make_app
        self.port: int | None = None  #: where it listens; None while it does not

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until ``stop`` is set. Raises BasewatchError where the address cannot be listened on."""
        listening = self._listen()
        try:
            # Imported here, in a thread: the first alert does not wait for a web server.
            await asyncio.to_thread(_import_server)
            app = await asyncio.to_thread(self._make_app)
            self.port = listening.getsockname()[1]
            log.info("The status page is at %s", self._address(), extra={"action": "page_started", "port": self.port})
            await _serve(app, listening, stop)
        finally:
            self.port = None
            listening.close()

    def _listen(self) -> socket.socket:
        family = socket.AF_INET6 if self._settings.address.version == 6 else socket.AF_INET
        listening = socket.socket(family, socket.SOCK_STREAM)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.setblocking(False)
            listening.bind((self._settings.host, self._settings.port))
            listening.listen(BACKLOG)
        except OSError as error:
            listening.close()
            raise BasewatchError(
                f"the status page cannot listen on {self._settings.host} port {self._settings.port}: {error.strerror}. "
                "Set page.port to a free one, or page.enabled = false"
            ) from error
        return listening

    def _address(self) -> str:
        host = f"[{self._settings.host}]" if ":" in self._settings.host else self._settings.host
        return f"http://{host}:{self.port}/"


def _import_server() -> None:
    import uvicorn.protocols.http.h11_impl  # noqa: F401


async def _serve(app: ASGIApp, listening: socket.socket, stop: asyncio.Event) -> None:
    import uvicorn

    class Server(uvicorn.Server):
        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield  # they are the daemon's

        async def main_loop(self) -> None:
            await stop.wait()  # the original looks ten times a second whether it should end

    config = uvicorn.Config(
        app,
        loop="none",
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,  # written by the main loop that is not run
        proxy_headers=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=STOP_WITHIN_S,
        h11_max_incomplete_event_size=16 * 1024,
    )
    await Server(config).serve(sockets=[listening])
