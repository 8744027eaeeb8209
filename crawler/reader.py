"""The daemon's side of the worker that reads pages and sources: one process, killed if it hangs.

::

    waiting -> sent: the first is in work, the next lie in the pipe -> answered, in the same order
        ^         |
        `---------` the process is killed: the first, at which it hung or died, has failed; the others are sent again

The next task is in the pipe before the last one is answered, so that the worker never waits for this process.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from core.errors import FetchError
from crawler.extract_worker import LENGTHS, frame, head_of, listed_of, page_of
from crawler.outcomes import FetchFailure, failure
from crawler.pages import ExtractedPage, PageTask
from crawler.sources.items import Listed, SourceTask

_T = TypeVar("_T")
log = logging.getLogger(__name__)

_ROOT = str(Path(__file__).resolve().parents[1])  #: so that the worker finds this package wherever it is started
_PAGES_PER_PROCESS = 5_000  #: then a fresh one: lxml's arenas never shrink
_MOST_RSS_KIB = 300 * 1024  #: the same, sooner, after a huge page
_LARGEST_REPLY = 64 * 1024 * 1024  #: bytes; a page's text is under its 4 MB; a sitemap may name very many addresses
_LONGEST_START_S = 60.0  #: until the process has imported what it needs; a second where nothing else runs
_MOST_SENT = 3  #: tasks in work and in the pipe: this process has the time of two pages to send the next


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    """A task, and who waits for its answer."""

    head: Mapping[str, Any]
    body: bytes
    timeout_s: float
    done: asyncio.Future[dict[str, Any]]

    def fail(self, error: FetchError) -> None:
        if not self.done.done():
            self.done.set_exception(error)


class PageReader:
    """Reads pages and sources in a process of its own. Many tasks may ask at once; they wait in line."""

    def __init__(self, *, timeout_s: float = 20.0, command: Sequence[str] | None = None) -> None:
        self.timeout_s = timeout_s  #: of one task, from the moment at which the one before it is done
        self.restarts = 0  #: times a process had to be replaced because it hung, died or grew
        self._command = tuple(command or (sys.executable, "-m", "crawler.extract_worker"))
        self._process: asyncio.subprocess.Process | None = None
        self._is_ready = False
        self._pages = 0
        self._waiting: deque[_Job] = deque()
        self._sent: deque[_Job] = deque()
        self._driver: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    async def start(self) -> None:
        """Start the process now, so that the first page does not wait for imports."""
        await self._running()

    async def read(self, task: PageTask) -> ExtractedPage:
        """What the page says. Raises FetchError ``parse_timeout`` or ``parse_failed``; the next page goes on."""
        head = {"kind": "page", "content_type": task.content_type, "selectors": dict(task.selectors)}
        return await self._answer(head, task.body, page_of)

    async def listed(self, task: SourceTask) -> Listed:
        """What the source's answer lists. Raises FetchError as ``read`` does, and with the parser's own cause."""
        return await self._answer({"kind": "list", "source": head_of(task)}, task.body, listed_of)

    async def close(self) -> None:
        """End the process; who waits for an answer sees CancelledError."""
        for job in (*self._sent, *self._waiting):
            job.done.cancel()
        self._waiting.clear()
        self._stop_work()
        if self._driver is not None:
            await asyncio.wait({self._driver})  # not cancelled: it may be ending a process
        await self._kill()

    async def _answer(self, head: Mapping[str, Any], body: bytes, read: Callable[[dict[str, Any]], _T]) -> _T:
        done: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        job = _Job({**head, "alarm_s": self.timeout_s + 10}, body, self.timeout_s, done)
        self._waiting.append(job)
        self._send()
        if self._driver is None or self._driver.done():
            self._driver = asyncio.create_task(self._drive(), name="page-reader")
        try:
            answer = await job.done
        except asyncio.CancelledError:
            self._forget(job)
            raise
        try:
            return read(answer)
        except (ValueError, TypeError, KeyError) as error:
            raise failure("parse_failed", type(error).__name__) from error

    def _forget(self, job: _Job) -> None:
        """Nobody waits for it any more. Where it is in work the process is killed; one in the pipe is not heard."""
        if job in self._waiting:
            self._waiting.remove(job)
        elif self._sent and self._sent[0] is job:
            self._stop_work()

    def _stop_work(self) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    async def _drive(self) -> None:
        """Take answers for as long as there are tasks."""
        while self._waiting or self._sent:
            timeout_s = _LONGEST_START_S
            try:
                async with asyncio.timeout(timeout_s):
                    process = await self._ready()
                self._send()
                if not self._sent:
                    continue
                timeout_s = self._sent[0].timeout_s
                async with asyncio.timeout(timeout_s):
                    reply = await _frame(process)
                if "rss_kib" not in reply or not {"answer", "error", "cause"} & reply.keys():
                    raise ValueError("not a reply")
            except TimeoutError:
                await self._failed("took too long", failure("parse_timeout", f"{timeout_s:g} s"))
            except (OSError, EOFError, ValueError, TypeError, KeyError) as error:
                await self._failed("died", failure("parse_failed", type(error).__name__))
            else:
                await self._answered(reply)

    def _send(self) -> None:
        """Put the next tasks into the pipe, as long as it may hold more.

        Without waiting for the worker to take them: it may itself wait for its answer to be taken. What the transport
        keeps meanwhile is as much as _MOST_SENT bodies.
        """
        process = self._process
        if process is None or process.returncode is not None or process.stdin is None:
            return
        while self._waiting and len(self._sent) < _MOST_SENT:
            job = self._waiting.popleft()
            self._sent.append(job)
            process.stdin.write(frame(dict(job.head), job.body))

    async def _answered(self, reply: dict[str, Any]) -> None:
        """Hand the reply to who waits for it."""
        job = self._sent.popleft()
        if "cause" in reply:
            job.fail(FetchFailure(reply["cause"], reply.get("message", "")))
        elif "error" in reply:
            job.fail(failure("parse_failed", reply["error"]))
        elif not job.done.done():
            job.done.set_result(reply["answer"])
        self._pages += 1
        if self._pages >= _PAGES_PER_PROCESS or reply["rss_kib"] > _MOST_RSS_KIB:
            await self._replace("is renewed")

    async def _failed(self, why: str, error: FetchError) -> None:
        """The task in work, or the one that no process could be started for, has failed."""
        job = (self._sent or self._waiting).popleft() if self._sent or self._waiting else None
        if job is not None and job.done.cancelled():
            await self._kill()  # it was killed for this
            return
        await self._replace(why)
        if job is not None:
            job.fail(error)

    async def _ready(self) -> asyncio.subprocess.Process:
        """The process, once it has said that it reads."""
        process = await self._running()
        if not self._is_ready:
            if "ready" not in await _frame(process):
                raise ValueError("not a greeting")
            self._is_ready = True
        return process

    async def _running(self) -> asyncio.subprocess.Process:
        async with self._starting:
            # One that died with tasks in it is read to its end: the first without an answer is the one that it died of.
            if self._process is None or (self._process.returncode is not None and not self._sent):
                self._process = await asyncio.create_subprocess_exec(
                    *self._command,
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.DEVNULL,
                    env={
                        **os.environ,
                        "PYTHONPATH": os.pathsep.join(filter(None, (_ROOT, os.environ.get("PYTHONPATH")))),
                    },
                    limit=1024 * 1024,
                )
                self._pages, self._is_ready = 0, False
            return self._process

    async def _replace(self, why: str) -> None:
        self.restarts += 1
        log.warning("The reader of pages and sources %s and is started anew", why, extra={"action": "reader_restarted"})
        await self._kill()

    async def _kill(self) -> None:
        process, self._process = self._process, None
        self._again()
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        assert process.stdin is not None
        assert process.stdout is not None
        if not process.stdin.is_closing():
            process.stdin.transport.abort()
        await process.wait()
        await process.stdout.read()  # to its end: only then are the pipes closed
        await asyncio.sleep(0)  # and the transport hears of both in the next turn of the loop

    def _again(self) -> None:
        """What lay in the pipe is sent to the next process."""
        self._waiting.extendleft(job for job in reversed(self._sent) if not job.done.done())
        self._sent.clear()


async def _frame(process: asyncio.subprocess.Process) -> dict[str, Any]:
    """What this process says next. Raises EOFError where it ends, ValueError for what is no frame."""
    assert process.stdout is not None
    head_size, _ = LENGTHS.unpack(await process.stdout.readexactly(LENGTHS.size))
    if head_size > _LARGEST_REPLY:
        raise ValueError("the reply is too large")
    said = json.loads(await process.stdout.readexactly(head_size))
    if not isinstance(said, dict):
        raise ValueError("not a reply")
    return said
