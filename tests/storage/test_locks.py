"""One daemon on one database."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import make_url

from storage.engine import open_database
from storage.faults import DatabaseFault
from storage.meta import set_meta
from tests.conftest import named, run_on_postgres

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


def test_whether_a_daemon_runs_is_seen_from_beside_and_nothing_is_made(database_url: str) -> None:
    with open_database(database_url) as beside:
        assert not beside.has_daemon()
        assert beside.path is None or not beside.path.with_name(beside.path.name + ".lock").exists()
        with open_database(database_url) as daemon:
            daemon.lock_daemon()
            assert beside.has_daemon()
        assert not beside.has_daemon()


def test_a_daemon_starts_although_somebody_just_looks_at_the_lock(sqlite_path: Path) -> None:
    with open_database(sqlite_path) as first:
        first.lock_daemon()  # makes the file
    with open(sqlite_path.with_name(sqlite_path.name + ".lock"), encoding="ascii") as look:
        fcntl.flock(look, fcntl.LOCK_SH)
        free = threading.Timer(0.05, lambda: fcntl.flock(look, fcntl.LOCK_UN))
        free.start()
        with open_database(sqlite_path) as daemon:
            daemon.lock_daemon()
            assert daemon.holds_daemon_lock()
        free.join()


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


def test_a_lock_that_is_held_is_kept_without_a_word(database_url: str) -> None:
    with open_database(database_url) as daemon:
        daemon.lock_daemon()
        assert daemon.keep_daemon_lock()


def test_a_daemon_whose_connection_was_lost_is_the_daemon_again(fresh_postgres_url: str) -> None:
    with open_database(fresh_postgres_url) as daemon, open_database(fresh_postgres_url) as second:
        daemon.lock_daemon()
        _cut_connections(fresh_postgres_url)
        assert not daemon.keep_daemon_lock()
        assert daemon.keep_daemon_lock()
        with pytest.raises(DatabaseFault, match="already runs"):
            second.lock_daemon()


def test_a_daemon_that_lost_its_place_to_another_is_told_each_time(fresh_postgres_url: str) -> None:
    with open_database(fresh_postgres_url) as daemon, open_database(fresh_postgres_url) as second:
        daemon.lock_daemon()
        _cut_connections(fresh_postgres_url)
        second.lock_daemon()
        for _ in range(2):
            with pytest.raises(DatabaseFault, match="already runs") as caught:
                daemon.keep_daemon_lock()
            assert caught.value.kind == "held"


def _cut_connections(url: str) -> None:
    """As a restart of the server does."""
    name = make_url(url).database
    run_on_postgres(
        named(url, "postgres"), f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    )
