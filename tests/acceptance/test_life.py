"""The daemon as an operator meets it: deaf, stopped, doubled, with commands beside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.acceptance.attacks import SITES, attack_on
from tests.acceptance.daemon import ROOT, DaemonProcess
from tests.acceptance.inbox import Inbox
from tests.acceptance.newsroom import Newsroom
from tests.acceptance.setup import write_config
from tests.fakes.server import ScriptedServer, drip, reply

pytestmark = pytest.mark.acceptance
SLOW_NAMES = ROOT / "tests" / "fakes" / "slow_names"


def command(config: Path, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "basewatch", *args, "--config", str(config)],
        cwd=config.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )


def now(minutes_ago: int = 10) -> datetime:
    return datetime.now(UTC) - timedelta(minutes=minutes_ago)


def test_a_second_daemon_is_refused_in_a_sentence_and_commands_go_on_working(tmp_path: Path) -> None:
    with ScriptedServer() as server:
        newsroom, inbox = Newsroom(server), Inbox(server)
        config = write_config(tmp_path, newsroom, inbox)
        newsroom.publish(attack_on(SITES[0], now()))
        with DaemonProcess(config) as daemon:
            inbox.wait_for_new(1)
            second = command(config, "run")
            assert second.returncode == 1
            assert second.stderr.startswith("basewatch: ")
            assert "Traceback" not in second.stderr
            listed = json.loads(command(config, "incidents", "list", "--json").stdout)
            assert [incident["base"] for incident in listed] == [SITES[0][0]]
            assert "sent" in command(config, "deliveries", "list").stdout
            assert daemon.stop() == 0


def test_without_a_network_it_says_so_once_and_hears_again_when_outlets_answer(tmp_path: Path) -> None:
    with ScriptedServer() as server:
        newsroom, inbox = Newsroom(server), Inbox(server)
        config = write_config(tmp_path, newsroom, inbox)
        server.route(newsroom.feed_path, reply(503, b"down"))
        with DaemonProcess(config) as daemon:
            daemon.wait_for_log("action=deaf")
            newsroom.open()
            newsroom.publish(attack_on(SITES[1], now()))
            inbox.wait_for_new(1, timeout_s=60)
            daemon.wait_for_log("action=hearing")
            assert daemon.stop() == 0
            assert daemon.log.read_text().count("action=deaf") == 1


def test_it_stops_in_time_while_an_outlet_drips_and_a_receiver_hangs(tmp_path: Path) -> None:
    gate = threading.Event()
    with ScriptedServer() as server:
        newsroom, inbox = Newsroom(server), Inbox(server)
        config = write_config(tmp_path, newsroom, inbox)
        newsroom.publish(attack_on(SITES[2], now()))
        server.route(inbox.path, reply(200, b"ok", gate=gate))
        with DaemonProcess(config) as daemon:
            server.wait_for(inbox.path, 1, timeout_s=30)
            server.route(newsroom.feed_path, drip(b"<rss>" * 10_000, every_s=0.2))
            assert daemon.stop(20) == 0
        gate.set()
        server.route(inbox.path, *inbox.script())
        newsroom.open()
        with DaemonProcess(config) as daemon:
            inbox.wait_for_new(1)
            assert daemon.stop() == 0


@pytest.mark.parametrize("who", ["outlet", "receiver"])
def test_it_stops_in_time_while_the_look_up_of_a_name_hangs(tmp_path: Path, who: str) -> None:
    with ScriptedServer() as server:
        newsroom, inbox = Newsroom(server), Inbox(server)
        config = write_config(tmp_path, newsroom, inbox)
        newsroom.publish(attack_on(SITES[0], now()))
        file, url = {
            "outlet": (tmp_path / "outlets" / "loopback.toml", newsroom.feed_url),
            "receiver": (config, inbox.url),
        }[who]
        file.write_text(file.read_text().replace(url, "https://name.example.org/x"))
        with DaemonProcess(config, first_on_path=SLOW_NAMES) as daemon:
            if who == "receiver":
                daemon.wait_for_log("action=delivery_retry")  # the look-up goes on in its thread
            else:
                daemon.wait_until_started()
                time.sleep(1)  # its first poll begins at once
            assert daemon.stop(20) == 0
