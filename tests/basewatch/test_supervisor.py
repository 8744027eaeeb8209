"""What the service manager hears, on a real datagram socket."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from basewatch.supervisor import Pulse, Supervisor


@pytest.fixture
def manager() -> Iterator[socket.socket]:
    """A service manager's end of the socket, under a name short enough for one."""
    with tempfile.TemporaryDirectory(prefix="bw-") as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as own:
        own.bind(str(Path(folder) / "notify"))
        own.settimeout(2)
        yield own


def heard(manager: socket.socket) -> dict[str, str]:
    return dict(line.split("=", 1) for line in manager.recv(4096).decode().splitlines())


def test_it_hears_ready_alive_reloading_and_stopping(manager: socket.socket) -> None:
    supervisor = Supervisor({"NOTIFY_SOCKET": manager.getsockname()})
    supervisor.ready("Watching 3 sources")
    assert heard(manager) == {"READY": "1", "STATUS": "Watching 3 sources", "MAINPID": str(os.getpid())}
    supervisor.alive()
    assert heard(manager) == {"WATCHDOG": "1"}
    supervisor.reloading()
    said = heard(manager)
    assert said["RELOADING"] == "1"
    assert said["MONOTONIC_USEC"].isdigit()
    supervisor.stopping()
    assert heard(manager)["STOPPING"] == "1"


@pytest.mark.skipif(not hasattr(socket, "SO_PASSCRED"), reason="sockets without a file exist on Linux alone")
def test_it_finds_a_socket_that_has_no_file() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as own:
        own.bind(f"\0basewatch-test-{os.getpid()}")
        own.settimeout(2)
        Supervisor({"NOTIFY_SOCKET": f"@basewatch-test-{os.getpid()}"}).alive()
        assert heard(own) == {"WATCHDOG": "1"}


def test_without_a_manager_or_with_one_that_is_gone_nothing_happens(tmp_path: Path) -> None:
    Supervisor({}).alive()
    Supervisor({"NOTIFY_SOCKET": str(tmp_path / "gone")}).alive()


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "90000000"}, 90.0),
        ({"WATCHDOG_USEC": "90000000", "WATCHDOG_PID": str(os.getpid())}, 90.0),
        ({"WATCHDOG_USEC": "90000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_it_knows_how_often_the_watchdog_wants_to_hear_of_us(environ: dict[str, str], seconds: float | None) -> None:
    assert Supervisor(environ).watchdog_s == seconds


def test_a_part_hangs_when_it_has_not_turned_for_too_long() -> None:
    now = 100.0
    pulse = Pulse({"intake": 60, "crawler": 30}, lambda: now)
    pulse.beat("intake")
    pulse.beat("crawler")
    now = 140.0
    assert pulse.hanging() == ["crawler"]
    pulse.beat("crawler", 139.0)
    pulse.beat("crawler", 50.0)  # an older turn takes nothing back
    assert pulse.hanging() == []
    now = 200.0
    assert pulse.hanging() == ["intake", "crawler"]
