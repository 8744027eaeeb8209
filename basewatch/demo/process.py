"""The real daemon as a child process, as an operator starts it."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from types import TracebackType

STOP_WITHIN_S = 20.0  #: after SIGTERM: what the daemon promises


class DaemonProcess:
    """``python -m basewatch run``; an async context manager that never leaves it behind."""

    def __init__(self, config: Path) -> None:
        self._config = config
        self.log = config.parent / "daemon.log"
        self._process: asyncio.subprocess.Process | None = None

    @property
    def died(self) -> bool:
        return self._process is not None and self._process.returncode is not None

    async def start(self) -> None:
        """Start it with a clean environment: no setting of the caller's shell reaches the demo."""
        environment = {name: value for name, value in os.environ.items() if not name.upper().startswith("BASEWATCH_")}
        with self.log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "basewatch",
                "run",
                "--config",
                str(self._config),
                cwd=self._config.parent,
                env={**environment, "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C ends the demo, and the demo ends the daemon
            )

    async def stop(self) -> str | None:
        """Ask it to end; what was wrong with its end, or None."""
        process = self._process
        if process is None:
            return None
        if process.returncode is None:
            process.terminate()
        try:
            async with asyncio.timeout(STOP_WITHIN_S):
                code = await process.wait()
        except TimeoutError:
            return f"The daemon did not end within {STOP_WITHIN_S:.0f} s of SIGTERM."
        return None if code == 0 else f"The daemon ended with exit code {code}."

    def last_words(self, lines: int = 12) -> list[str]:
        """The end of its log."""
        if not self.log.exists():
            return []
        return self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]

    async def __aenter__(self) -> DaemonProcess:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
