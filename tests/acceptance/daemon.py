"""The daemon as a process: started, killed and stopped as an operator's machine would."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]


class DaemonProcess:
    """``basewatch run`` in a child process; a context manager that never leaves it behind."""

    def __init__(
        self, config: Path, *, die_at: str | None = None, args: tuple[str, ...] = (), first_on_path: Path | None = None
    ) -> None:
        path = os.pathsep.join(str(folder) for folder in (first_on_path, ROOT) if folder is not None)
        environment = {**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}
        environment.pop("BASEWATCH_DIE_AT", None)
        if die_at:
            environment["BASEWATCH_DIE_AT"] = die_at
        self.log = config.parent / "daemon.log"
        self._log_file = self.log.open("ab")
        self._log_start = self.log.stat().st_size
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "basewatch", "run", "--config", str(config), *args],
            cwd=config.parent,
            env=environment,
            stdout=self._log_file,
            stderr=self._log_file,
        )

    def wait_until_dead(self, timeout_s: float = 60) -> int:
        """The exit code; negative for a signal."""
        try:
            return self.process.wait(timeout_s)
        except subprocess.TimeoutExpired as error:
            raise AssertionError(f"the daemon lived on; its log:\n{self.tail()}") from error

    def wait_until_started(self) -> None:
        """Until the daemon says that every part runs."""
        self.wait_for_log("action=started")

    def wait_for_log(self, words: str, timeout_s: float = 45) -> None:
        """Until the daemon's log has these words, since this process began."""
        deadline = time.monotonic() + timeout_s
        while words not in self.log.read_bytes()[self._log_start :].decode(errors="replace"):
            assert self.process.poll() is None, f"the daemon ended:\n{self.tail()}"
            assert time.monotonic() < deadline, f"{words!r} never came:\n{self.tail()}"
            time.sleep(0.02)

    def stop(self, timeout_s: float = 20) -> int:
        """SIGTERM once it runs, then the exit code; the promise is 20 s."""
        self.wait_until_started()
        self.process.send_signal(signal.SIGTERM)
        return self.wait_until_dead(timeout_s)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def tail(self, lines: int = 60) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def __enter__(self) -> DaemonProcess:
        return self

    def __exit__(self, *exc: object) -> None:
        if self.process.poll() is None:
            self.kill()
        self._log_file.close()
