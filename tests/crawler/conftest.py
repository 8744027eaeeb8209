"""The reactor of the test run: started once, in a thread of its own, since a Twisted reactor cannot start twice."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest

from tests.fakes.server import ScriptedServer

Runner = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture(scope="session")
def on_reactor() -> Iterator[Runner]:
    """Run a coroutine on the reactor's loop and return what it returns."""
    from crawler import reactor as ours

    started = threading.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    def serve() -> None:
        asyncio.set_event_loop(asyncio.new_event_loop())
        ours.install()
        from twisted.internet import reactor

        def ready() -> None:
            loops.append(asyncio.get_running_loop())
            started.set()

        reactor.callWhenRunning(lambda: reactor._asyncioEventloop.call_soon(ready))
        reactor.run(installSignalHandlers=False)

    thread = threading.Thread(target=serve, name="reactor", daemon=True)
    thread.start()
    assert started.wait(20), "the reactor did not start"

    def run(main: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(main, loops[0]).result(60)

    yield run
    from twisted.internet import reactor

    reactor.callFromThread(reactor.stop)
    thread.join(10)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running
