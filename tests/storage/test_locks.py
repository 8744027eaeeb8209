"""One daemon on one database."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from storage.engine import open_database
from storage.faults import DatabaseFault
from storage.meta import set_meta

HOLD = """
import sys, time
from storage.engine import open_database
database = open_database(sys.argv[1])
database.lock_daemon()
print("held", flush=True)
time.sleep(60)
"""


def test_a_second_daemon_is_refused_and_a_command_may_still_write(database_url: str) -> None:
    with open_database(database_url) as daemon, open_database(database_url) as second:
        daemon.lock_daemon()
        daemon.lock_daemon()  # asking twice is harmless
        assert daemon.holds_daemon_lock()
        assert not second.holds_daemon_lock()
        with pytest.raises(DatabaseFault, match="already runs") as caught:
            second.lock_daemon()
        assert caught.value.kind == "held"
        with second.write() as session:
            set_meta(session, "word", "x")


def test_the_lock_is_free_after_closing(database_url: str) -> None:
    for _ in range(2):
        with open_database(database_url) as daemon:
            daemon.lock_daemon()


def test_the_refusal_names_the_process(sqlite_path: Path) -> None:
    with open_database(sqlite_path) as daemon, open_database(sqlite_path) as second:
        daemon.lock_daemon()
        with pytest.raises(DatabaseFault, match=f"process {os.getpid()}"):
            second.lock_daemon()


def test_the_lock_of_a_killed_daemon_is_free_at_once(database_url: str) -> None:
    process = subprocess.Popen([sys.executable, "-c", HOLD, database_url], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "held"
    with open_database(database_url) as second, pytest.raises(DatabaseFault):
        second.lock_daemon()
    process.kill()
    process.wait()
    process.stdout.close()
    with open_database(database_url) as second:
        for _ in range(200):  # a server notices the end of a connection a moment later
            try:
                second.lock_daemon()
                break
            except DatabaseFault:
                pass
        assert second.holds_daemon_lock()
