"""kill -9 at random under load: the daemon as a process, killed and started again while notices are written."""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import BinaryIO

from bench.arrivals import SECRET, Receiver, queue, receiver
from bench.delivery_faults import is_settled
from bench.machine import machine
from core.errors import BasewatchError
from storage.engine import Database, open_database

KILLS_FOR_S = 600
EVERY_S, BATCH = 0.25, 10  #: notices written beside the daemon: up to forty a second, each to both channels
LIFE_S = (0.5, 6.0)  #: of a daemon, at random; it starts in about a second, so some die before they send anything
SETTLE_S = 900.0  #: of the last daemon, which nobody kills


def run(seconds: int = KILLS_FOR_S) -> dict[str, str | int | float]:
    """The figures of ``basewatch bench delivery-kills``."""
    chance, kills, queued = random.Random(6), 0, list[str]()
    with receiver() as found, tempfile.TemporaryDirectory(prefix="basewatch-bench-") as name:
        folder = Path(name)
        config = _config(folder, found)
        with open_database(folder / "basewatch.db") as database:
            ends = time.monotonic() + seconds
            while time.monotonic() < ends:
                with (folder / "daemon.log").open("ab") as log:
                    daemon = _start(config, log)
                    dies = time.monotonic() + chance.uniform(*LIFE_S)
                    while time.monotonic() < min(dies, ends):
                        queued += queue(database, BATCH, ("good", "flaky"))
                        time.sleep(EVERY_S)
                    if daemon.poll() is not None:
                        raise BasewatchError("the daemon ended by itself")
                    daemon.kill()
                    daemon.wait()
                    kills += 1
            settled_s = _settle(config, database)
    counts = [found.count(path, queued) for path in ("/good", "/flaky")]
    return {
        "kills": kills,
        "lost": sum(lost for lost, _, _ in counts),
        "doubled_under_one_id": sum(doubled for _, doubled, _ in counts),
        "double_ids": sum(two for _, _, two in counts),
        "settled_s": round(settled_s, 1),
        "killed_for_s": seconds,
        "n_notices": len(queued),
        "n_deliveries": 2 * len(queued),
        **machine(),
    }


def _config(folder: Path, found: Receiver) -> Path:
    """A daemon that reads no outlet and delivers to two channels, one of them faulty."""
    channels = "".join(
        f'[channels.{name}]\nkind = "webhook"\nurl = "http://{found.host}/{name}"\nsecrets = ["{SECRET}"]\n'
        for name in ("good", "flaky")
    )
    path = folder / "basewatch.toml"
    path.write_text(
        f'data_dir = "{folder}"\n[crawler]\nenabled = false\n[delivery]\nallow_hosts = ["{found.host}"]\n'
        f"retry_schedule_s = [0.2, 0.5, 1, 2]\ninterval_s = 0.5\n{channels}",
        encoding="utf-8",
    )
    path.chmod(0o600)
    return path


def _start(config: Path, log: BinaryIO) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "basewatch", "run", "--config", str(config)]
    return subprocess.Popen(command, stdout=log, stderr=log)


def _settle(config: Path, database: Database) -> float:
    """Let a daemon live until everything is sent; how long that took, in seconds."""
    began = time.monotonic()
    with (config.parent / "daemon.log").open("ab") as log:
        daemon = _start(config, log)
        try:
            while time.monotonic() - began < SETTLE_S:
                with database.read() as session:
                    if is_settled(session):
                        break
                time.sleep(0.2)
            took_s = time.monotonic() - began
        finally:
            daemon.terminate()
            daemon.wait(30)
    return took_s
