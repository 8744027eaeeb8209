"""What the daemon costs: time to start and stop, memory and processor while it idles with every outlet configured.

The outlets' names resolve nowhere in this bench (the operator's DNS is not asked): every poll fails, which is the state
of a machine without a network, and the daemon keeps trying.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.machine import cpu_s, machine, resident_mib
from core.errors import BasewatchError

SETTLE_S = 20.0  #: after the start: each source is polled for the first time, and the page reader starts
IDLE_S = 60.0  #: how long the idle daemon is watched then
READY = "action=started"  #: the daemon's own word that every part runs
STOP_WITHIN_S = 20.0


def run(idle_s: float = IDLE_S) -> dict[str, str | int | float]:
    """The figures of ``basewatch bench daemon``; memory with the extraction worker included, the status page on.

    ``idle_cpu_percent`` begins once the first polls are done; ``start_cpu_s`` is what start and first polls cost.
    """
    with tempfile.TemporaryDirectory(prefix="basewatch-bench-") as folder:
        first = _one_life(Path(folder), idle_s=0)  # makes the database: an operator does that once
        figures = _one_life(Path(folder), idle_s=idle_s)
    return {**figures, "start_with_new_database_s": first["start_s"], "idle_watched_s": idle_s, **machine()}


def _one_life(folder: Path, *, idle_s: float) -> dict[str, str | int | float]:
    config = folder / "basewatch.toml"
    config.write_text(f'data_dir = "{folder}"\ncontact = "bench@example.org"\n[page]\nport = 0\n', encoding="utf-8")
    started = time.monotonic()
    daemon = subprocess.Popen(
        [sys.executable, "-m", "basewatch", "run", "--config", str(config)], stderr=subprocess.PIPE, text=True
    )
    try:
        assert daemon.stderr is not None
        for line in daemon.stderr:
            if READY in line:
                break
        else:
            raise BasewatchError("the daemon ended before it said that it had started")
        start_s = time.monotonic() - started
        start_cpu_s = 0.0
        if idle_s:
            time.sleep(SETTLE_S)
            start_cpu_s = cpu_s(daemon.pid)
        cpu_before, watched = cpu_s(daemon.pid), time.monotonic()
        time.sleep(idle_s)
        spent = cpu_s(daemon.pid) - cpu_before
        figures: dict[str, str | int | float] = {
            "start_s": round(start_s, 2),
            "rss_mib": round(resident_mib(daemon.pid), 1),
            "start_cpu_s": round(start_cpu_s, 2),
            "idle_cpu_percent": round(100 * spent / max(time.monotonic() - watched, 0.001), 2),
        }
        stopping = time.monotonic()
        daemon.terminate()
        code = daemon.wait(STOP_WITHIN_S)
        return {**figures, "stop_s": round(time.monotonic() - stopping, 2), "exit_code": code}
    finally:
        if daemon.poll() is None:
            daemon.kill()
            daemon.wait()
