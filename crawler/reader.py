"""The daemon's side of the worker that reads pages and sources: one process, one task at a time, killed if it hangs."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

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


class PageReader:
    """Reads pages and sources in a process of its own. Many tasks may ask at once; they wait in line."""

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
        head = {"kind": "page", "content_type": task.content_type, "selectors": dict(task.selectors)}
        return await self._answer(head, task.body, page_of)

    async def listed(self, task: SourceTask) -> Listed:
        """What the source's answer lists. Raises FetchError as ``read`` does, and with the parser's own cause."""
        return await self._answer({"kind": "list", "source": head_of(task)}, task.body, listed_of)

    async def _answer(self, head: Mapping[str, Any], body: bytes, read: Callable[[dict[str, Any]], _T]) -> _T:
        async with self._turn:
            try:
                async with asyncio.timeout(self.timeout_s):
                    return read(await self._ask(head, body))
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

    async def _ask(self, head: Mapping[str, Any], body: bytes) -> dict[str, Any]:
        process = await self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(frame({**head, "alarm_s": self.timeout_s + 10}, body))
        await process.stdin.drain()
        head_size, _ = LENGTHS.unpack(await process.stdout.readexactly(LENGTHS.size))
        if head_size > _LARGEST_REPLY:
            raise ValueError("the reply is too large")
        reply = json.loads(await process.stdout.readexactly(head_size))
        self._pages += 1
        if self._pages >= _PAGES_PER_PROCESS or reply["rss_kib"] > _MOST_RSS_KIB:
            await self._replace("is renewed")
        if "cause" in reply:
            raise FetchFailure(reply["cause"], reply["message"])
        if "error" in reply:
            raise failure("parse_failed", reply["error"])
        answer: dict[str, Any] = reply["answer"]
        return answer

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
        log.warning("The reader of pages and sources %s and is started anew", why, extra={"action": "reader_restarted"})
        await self._kill()

    async def _kill(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
