"""A part of the daemon, kept running: the edge where its failure is told and it begins again."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress

from core.errors import BasewatchError

log = logging.getLogger(__name__)

RESTART_PAUSE_S = 5.0  #: between a part's failure and its next start
SAID_AGAIN_S = 600.0  #: the same failure is told so often at most: a full disk lasts for hours


async def keep_running(
    name: str,
    part: Callable[[], Awaitable[None]],
    stopping: asyncio.Event,
    restarts: Counter[str],
    *,
    pause_s: float = RESTART_PAUSE_S,
) -> None:
    """Run ``part`` until ``stopping`` is set, again after a pause whenever it fails or ends; ``restarts`` counts."""
    told, told_at = "", 0.0
    while not stopping.is_set():
        trace: BaseException | None = None
        try:
            await part()
            problem = "it ended by itself; please report it"
        except BasewatchError as error:
            problem = str(error)
        except Exception as error:  # noqa: BLE001 - the edge of the part: the others go on, and so does this one
            problem, trace = f"a fault in Basewatch, {type(error).__name__}; please report it", error
        if stopping.is_set():
            return
        restarts[name] += 1
        is_news = problem != told or time.monotonic() - told_at > SAID_AGAIN_S
        if is_news:
            told, told_at = problem, time.monotonic()
        log.log(
            logging.ERROR if is_news else logging.DEBUG,
            "The part %s failed and is started again every %g s: %s",
            name,
            pause_s,
            problem,
            exc_info=trace if log.isEnabledFor(logging.DEBUG) else None,
            extra={"action": "part_failed", "part": name, "times": restarts[name]},
        )
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), pause_s)


class Asides:
    """What is begun beside the parts and nobody waits for; a fault of it is logged."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, work: Coroutine[None, None, None]) -> None:
        """Run it on the running loop."""
        task = asyncio.create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @staticmethod
    async def _guarded(work: Coroutine[None, None, None]) -> None:
        try:
            await work
        except BasewatchError as error:
            log.error("%s", error, extra={"action": "aside_failed"})
        except Exception as error:  # noqa: BLE001 - the edge: nobody else would see it
            name = type(error).__name__
            log.error("A fault in Basewatch, %s; please report it", name, extra={"action": "aside_failed"})
