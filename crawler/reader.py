"""The daemon's side of the worker that reads pages: one process, one page at a time, killed when it takes too long."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from crawler.extract_worker import LENGTHS, frame, page_of
from crawler.outcomes import failure
from crawler.pages import ExtractedPage, PageTask

log = logging.getLogger(__name__)

_ROOT = str(Path(__file__).resolve().parents[1])  #: so that the worker finds this package wherever it is started
_PAGES_PER_PROCESS = 5_000  #: then a fresh one: lxml's arenas never shrink
_MOST_RSS_KIB = 300 * 1024  #: the same, sooner, after a huge page
_LARGEST_REPLY = 32 * 1024 * 1024  #: bytes; text is never larger than its page, and a page has 4 MB


class PageReader:
    """Reads pages in a process of its own. ``read`` may be called from many tasks; they wait in line."""

    def __init__(self, *, timeout_s: float = 20.0, command: Sequence[str] | None = None) -> None:
        self.timeout_s = timeout_s
        self.restarts = 0  #: times a process had to be replaced because it hung, died or grew
        self._command = tuple(command or (sys.executable, "-m", "crawler.extract_worker"))
        self._process: asyncio.subprocess.Process | None = None
        self._pages = 0
        self._turn = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    async def start(self) -> None:
        """Start the process now, so that the first page does not wait for imports."""
        async with self._turn:
            await self._running()

    async def read(self, task: PageTask) -> ExtractedPage:
        """What the page says. Raises FetchError ``parse_timeout`` or ``parse_failed``; the next page goes on."""
        async with self._turn:
            try:
                async with asyncio.timeout(self.timeout_s):
                    return await self._ask(task)
            except TimeoutError:
                await self._replace("took too long")
                raise failure("parse_timeout", f"{self.timeout_s:g} s") from None
            except (OSError, EOFError, ValueError, TypeError, KeyError) as error:
                await self._replace("died")
                raise failure("parse_failed", type(error).__name__) from error
            except asyncio.CancelledError:
                await self._kill()  # half an answer is in the pipe
                raise

    async def close(self) -> None:
        await self._kill()

    async def _ask(self, task: PageTask) -> ExtractedPage:
        process = await self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        head = {"content_type": task.content_type, "selectors": dict(task.selectors), "alarm_s": self.timeout_s + 10}
        process.stdin.write(frame(head, task.body))
        await process.stdin.drain()
        head_size, _ = LENGTHS.unpack(await process.stdout.readexactly(LENGTHS.size))
        if head_size > _LARGEST_REPLY:
            raise ValueError("the reply is too large")
        reply = json.loads(await process.stdout.readexactly(head_size))
        self._pages += 1
        if self._pages >= _PAGES_PER_PROCESS or reply["rss_kib"] > _MOST_RSS_KIB:
            await self._replace("is renewed")
        if "error" in reply:
            raise failure("parse_failed", reply["error"])
        return page_of(reply["page"])

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (_ROOT, os.environ.get("PYTHONPATH"))))},
                limit=1024 * 1024,
            )
            self._pages = 0
        return self._process

    async def _replace(self, why: str) -> None:
        self.restarts += 1
        log.warning("The page reader %s and is started anew", why, extra={"action": "reader_restarted"})
        await self._kill()

    async def _kill(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
