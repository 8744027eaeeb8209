"""The one loop of the process: Twisted's asyncio reactor, owned by the daemon.

``run_until_complete`` around ``startRunning`` hangs at exit (measured), so the reactor runs the loop, and the daemon's
main coroutine is a task on it that stops the reactor when it ends.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def install() -> None:
    """Make the asyncio reactor the process's reactor. Call before anything imports ``twisted.internet.reactor``.

    Raises RuntimeError where another reactor is installed already. Calling it twice does nothing.
    """
    from scrapy.utils.reactor import install_reactor, is_asyncio_reactor_installed, is_reactor_installed

    if is_reactor_installed():
        if not is_asyncio_reactor_installed():
            raise RuntimeError("another Twisted reactor is installed already: import crawler.reactor first")
        return
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")


def run_on_reactor(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run the coroutine on the reactor's loop and return what it returns, or raise what it raises.

    Once a process: a Twisted reactor cannot be started twice. Signals are left to ``main``
    (``loop.add_signal_handler``). Tasks that are still running when ``main`` ends are cancelled and waited for, as
    ``asyncio.run`` does.
    """
    install()
    from twisted.internet import reactor as installed

    reactor: Any = installed
    loop = asyncio.get_event_loop_policy().get_event_loop()
    results: list[T] = []
    errors: list[BaseException] = []

    async def run() -> None:
        try:
            results.append(await main())
        except BaseException as error:  # noqa: BLE001  raised again below, outside of the reactor
            errors.append(error)
        finally:
            await _wind_up(loop)
            reactor.stop()

    tasks: list[asyncio.Task[None]] = []
    reactor.callWhenRunning(lambda: tasks.append(loop.create_task(run())))
    reactor.run(installSignalHandlers=False)
    if errors:
        raise errors[0]
    return results[0]


async def _wind_up(loop: asyncio.AbstractEventLoop) -> None:
    others = [task for task in asyncio.all_tasks(loop) if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    with contextlib.suppress(RuntimeError, TimeoutError):
        async with asyncio.timeout(5):  # a thread that never ends must not keep the daemon from ending
            await loop.shutdown_default_executor()
