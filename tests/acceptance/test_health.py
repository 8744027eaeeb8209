"""The daemon's own health, seen from outside: heartbeat, canary, page and metrics of the whole process."""

from __future__ import annotations

import json
import re
import socket
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests.acceptance.attacks import SITES, attack_on
from tests.acceptance.daemon import DaemonProcess
from tests.acceptance.inbox import Inbox
from tests.acceptance.newsroom import Newsroom
from tests.acceptance.setup import write_config
from tests.fakes.server import ScriptedServer, reply

pytestmark = pytest.mark.acceptance
BEAT = "/ping/SENTINEL-beat"


def ask(daemon: DaemonProcess, path: str) -> tuple[int, str]:
    """Status and body, once the page listens."""
    daemon.wait_for_log("action=page_started")
    port = re.findall(r"action=page_started port=(\d+)", daemon.log.read_text())[-1]
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def metrics(daemon: DaemonProcess) -> dict[str, float]:
    lines = ask(daemon, "/metrics")[1].splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line[0] != "#")}


def health(server: ScriptedServer) -> str:
    return f"""
[health]
canary = true
heartbeat_url = "{server.url(BEAT)}"
heartbeat_interval_s = 1
allow_private = true
"""


def test_a_healthy_daemon_beats_sends_its_canary_and_shows_an_attack_on_its_page(tmp_path: Path) -> None:
    with ScriptedServer() as server:
        newsroom, inbox = Newsroom(server), Inbox(server)
        server.route(BEAT, reply(200, b"OK"))
        config = write_config(tmp_path, newsroom, inbox, health=health(server), page=True)
        newsroom.publish(attack_on(SITES[0], datetime.now(UTC) - timedelta(minutes=10)))
        with DaemonProcess(config) as daemon:
            assert ask(daemon, "/healthz") == (200, "alive\n")
            inbox.wait_for_new(1)
            daemon.wait_for_log("action=canary_arrived")
            server.wait_for(BEAT, 1, timeout_s=40)

            status, answer = ask(daemon, "/readyz")
            assert status == 200, answer
            assert {check["name"] for check in json.loads(answer)["checks"]} == {
                "fetch", "classify", "deliver", "canary", "loop",
            }  # fmt: skip
            (test,) = inbox.notices("test")
            assert test["incident"] is None
            assert test["notice"]["text"].startswith("No attack: a self-test")
            assert len({one["incident"]["id"] for one in inbox.notices("new")}) == 1

            found = metrics(daemon)
            assert found["basewatch_incidents_total"] == 1
            assert found['basewatch_articles_total{outlet="loopback-shafaq"}'] == 1
            assert found['basewatch_delivery_attempts_total{channel="hook",outcome="sent"}'] == 2
            assert found["basewatch_alert_after_first_sight_seconds_count"] == 1
            assert found['basewatch_heartbeats_total{outcome="accepted"}'] >= 1
            assert found["basewatch_oldest_unclassified_age_seconds"] == 0

            page = ask(daemon, "/")[1]
            assert "All well" in page
            assert "Shafaq on loopback" in page
            assert page.count('<article class="card') == 1
            assert "SENTINEL" not in page + daemon.log.read_text()
            assert daemon.stop() == 0
        with DaemonProcess(config) as daemon:  # started again within minutes: no second canary
            daemon.wait_until_started()
            ask(daemon, "/readyz")
            assert daemon.stop() == 0
        assert len(inbox.notices("test")) == 1


def test_without_an_outlet_that_answers_no_heartbeat_is_sent_though_the_process_lives(tmp_path: Path) -> None:
    with ScriptedServer() as server:
        newsroom, inbox = Newsroom(server), Inbox(server)
        server.route(BEAT, reply(200, b"OK"))
        server.route(newsroom.feed_path, reply(503, b"down"))
        config = write_config(tmp_path, newsroom, inbox, health=health(server), page=True)
        quick = config.read_text().replace("min_interval_s = 1\n", "min_interval_s = 1\nmax_interval_s = 2\n")
        config.write_text(quick)  # no long back-off
        with DaemonProcess(config) as daemon:
            daemon.wait_for_log("action=deaf")
            assert ask(daemon, "/healthz")[0] == 200
            status, answer = ask(daemon, "/readyz")
            assert status == 503
            assert "No outlet can be read" in answer
            assert server.requests_to(BEAT) == []
            newsroom.open()
            newsroom.publish(attack_on(SITES[1], datetime.now(UTC) - timedelta(minutes=10)))
            server.wait_for(BEAT, 1, timeout_s=60)  # it beats again once an outlet answers
            assert daemon.stop() == 0


def test_it_stops_in_time_while_a_browser_holds_a_connection_open(tmp_path: Path) -> None:
    with ScriptedServer() as server:
        newsroom, inbox = Newsroom(server), Inbox(server)
        config = write_config(tmp_path, newsroom, inbox, page=True)
        with DaemonProcess(config) as daemon:
            ask(daemon, "/healthz")
            port = int(re.findall(r"action=page_started port=(\d+)", daemon.log.read_text())[-1])
            with socket.create_connection(("127.0.0.1", port)) as half:
                half.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")  # and never the end of it
                started = time.monotonic()
                assert daemon.stop(20) == 0
                assert time.monotonic() - started < 15
