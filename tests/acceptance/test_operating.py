"""The daemon in an operator's hands: reloaded, watched by its service manager, and with its database taken away."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.acceptance.attacks import SITES, attack_on
from tests.acceptance.daemon import DaemonProcess
from tests.acceptance.inbox import Inbox
from tests.acceptance.newsroom import Newsroom
from tests.acceptance.setup import write_config
from tests.acceptance.test_life import command, now
from tests.fakes.server import ScriptedServer

pytestmark = pytest.mark.acceptance


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as one:
        yield one


def wait_until(happened: object, within_s: float = 30) -> None:
    assert callable(happened)
    deadline = time.monotonic() + within_s
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_reload_takes_up_a_new_channel_in_the_same_process_and_refuses_a_wrong_file(
    tmp_path: Path, server: ScriptedServer
) -> None:
    newsroom, inbox, second = Newsroom(server), Inbox(server), Inbox(server, "/second")
    config = write_config(tmp_path, newsroom, inbox)
    good = config.read_text()
    with DaemonProcess(config) as daemon:
        daemon.wait_until_started()
        config.write_text(good.replace("interval_s = 1", "intervall_s = 1"))
        refused = command(config, "reload")
        assert refused.returncode == 1
        assert "crawler.intervall_s" in refused.stderr
        os.kill(daemon.process.pid, signal.SIGHUP)  # as `systemctl reload` would: nobody checked the file before
        daemon.wait_for_log("action=reload_refused")
        wait_until(lambda: any("the old one runs on" in (n["notice"]["text"] or "") for n in inbox.notices("system")))
        second_channel = good[good.index("[channels.hook]") :].replace("hook]", "two]").replace("/hook", "/second")
        config.write_text(good + second_channel)
        taken = command(config, "reload", "--json")
        assert (taken.returncode, json.loads(taken.stdout)["ok"]) == (0, True), taken.stderr
        assert daemon.process.poll() is None
        newsroom.publish(attack_on(SITES[0], now()))
        inbox.wait_for_new(1)
        second.wait_for_new(1)
        daemon.process.send_signal(signal.SIGTERM)
        assert daemon.wait_until_dead(20) == 0


def test_another_database_is_not_taken_up_by_a_reload(tmp_path: Path, server: ScriptedServer) -> None:
    config = write_config(tmp_path, Newsroom(server), Inbox(server))
    with DaemonProcess(config) as daemon:
        daemon.wait_until_started()
        config.write_text('database = "other.db"\n' + config.read_text())
        os.kill(daemon.process.pid, signal.SIGHUP)
        daemon.wait_for_log("needs a restart")
        assert daemon.stop() == 0


def test_without_a_daemon_a_reload_says_so(tmp_path: Path, server: ScriptedServer) -> None:
    config = write_config(tmp_path, Newsroom(server), Inbox(server))
    with DaemonProcess(config) as daemon:
        assert daemon.stop() == 0
    answer = command(config, "reload")
    assert answer.returncode == 1
    assert "no daemon runs" in answer.stderr


@pytest.mark.parametrize("how", ["deleted", "replaced"])
def test_a_database_that_is_taken_away_is_told_and_ends_the_daemon_with_an_error(
    tmp_path: Path, server: ScriptedServer, how: str
) -> None:
    inbox = Inbox(server)
    config = write_config(tmp_path, Newsroom(server), inbox)
    with DaemonProcess(config) as daemon:
        daemon.wait_until_started()
        database = tmp_path / "basewatch.db"
        if how == "replaced":
            assert command(config, "backup", str(tmp_path / "copy.db")).returncode == 0
            os.replace(tmp_path / "copy.db", database)
        else:
            database.unlink()
        assert daemon.wait_until_dead(20) == 1
        assert "action=database_gone" in daemon.tail()
    assert any("deleted or replaced" in (n["notice"]["text"] or "") for n in inbox.notices("system"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 24 MiB, where this user may make one."""
    folder = tmp_path / "small"
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)], capture_output=True)
    if made.returncode != 0:
        pytest.skip("this user may not mount a file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_on_a_full_disk_it_lives_tells_and_goes_on_by_itself_once_there_is_room(
    tmp_path: Path, server: ScriptedServer, small_disk: Path
) -> None:
    newsroom, inbox = Newsroom(server), Inbox(server)
    config = write_config(tmp_path, newsroom, inbox)
    config.write_text(config.read_text().replace(f'data_dir = "{tmp_path}"', f'data_dir = "{small_disk}"'))
    with DaemonProcess(config) as daemon:
        daemon.wait_for_log("action=disk_low")
        wait_until(lambda: any("MiB free" in (n["notice"]["text"] or "") for n in inbox.notices("system")))
        filler = small_disk / "filler"
        with filler.open("wb") as file, suppress(OSError):
            while True:
                file.write(b"x" * 65_536)
                file.flush()
        newsroom.publish(attack_on(SITES[0], now()))
        daemon.wait_for_log("is full")
        assert inbox.by_base() == {}
        filler.unlink()
        inbox.wait_for_new(1, timeout_s=60)
        assert daemon.stop() == 0
    assert len(inbox.by_base()[SITES[0][0]]) == 1
    answer = command(config, "doctor", "--offline", "--json")
    found = {one["where"]: one["level"] for one in json.loads(answer.stdout)["findings"]}
    assert (found["integrity"], found["disk"]) == ("ok", "error")


def test_the_service_manager_hears_that_it_is_ready_lives_and_stops(
    tmp_path: Path, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = write_config(tmp_path, Newsroom(server), Inbox(server))
    with (
        tempfile.TemporaryDirectory(prefix="bw-") as folder,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager,
    ):
        manager.bind(f"{folder}/notify")
        manager.settimeout(30)
        monkeypatch.setenv("NOTIFY_SOCKET", f"{folder}/notify")
        monkeypatch.setenv("WATCHDOG_USEC", "1500000")
        with DaemonProcess(config) as daemon:
            assert manager.recv(4096).decode().startswith("READY=1")
            assert [manager.recv(4096) for _ in range(3)] == [b"WATCHDOG=1"] * 3
            os.kill(daemon.process.pid, signal.SIGHUP)
            words = iter(lambda: manager.recv(4096).decode().split("\n")[0], None)
            assert next(word for word in words if word != "WATCHDOG=1") == "RELOADING=1"
            assert next(word for word in words if word != "WATCHDOG=1") == "READY=1"
            daemon.process.send_signal(signal.SIGTERM)
            assert next(word for word in words if word != "WATCHDOG=1") == "STOPPING=1"
            assert daemon.wait_until_dead(20) == 0
