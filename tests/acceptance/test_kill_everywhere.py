"""kill -9 at every step between an outlet's answer and the recorded delivery: the alert arrives once or twice under one
id, never zero times. One hundred kills in all."""

from __future__ import annotations

import random
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core import failpoints
from tests.acceptance.attacks import SITES, attack_on
from tests.acceptance.daemon import DaemonProcess
from tests.acceptance.inbox import Inbox
from tests.acceptance.newsroom import Newsroom
from tests.acceptance.setup import write_config
from tests.fakes.server import ScriptedServer

pytestmark = pytest.mark.acceptance

ONE_BY_ONE = 4  #: runs in which one article is killed at each step on its way: 4 x 11 kills
AT_RANDOM = 7  #: runs in which a new attack breaks before each of 8 kills: 7 x 8 kills


def minutes_ago(minutes: int) -> datetime:
    return datetime.now(UTC) - timedelta(minutes=minutes)


def die(config: Path, failpoint: str) -> None:
    """Start the daemon; it kills itself at this step."""
    with DaemonProcess(config, die_at=failpoint) as daemon:
        assert daemon.wait_until_dead() == -signal.SIGKILL, f"{failpoint} was not the end:\n{daemon.tail()}"


def check_arrivals(inbox: Inbox, expected: set[str]) -> None:
    """Each attack arrived, all its arrivals under one id, at most two for each kill that can double it."""
    arrived = inbox.by_base()
    assert set(arrived) == expected
    for base, message_ids in arrived.items():
        assert len(set(message_ids)) == 1, f"{base} arrived under several ids"
    ids = {data["incident"]["id"] for data in inbox.notices()}
    assert len(ids) == len(expected), "an attack became two incidents"


@pytest.mark.parametrize("run", range(ONE_BY_ONE))
def test_one_article_killed_at_each_step_on_its_way_arrives_once_or_twice(run: int, tmp_path: Path) -> None:
    with ScriptedServer() as server:
        newsroom, inbox = Newsroom(server), Inbox(server)
        config = write_config(tmp_path, newsroom, inbox)
        newsroom.publish(attack_on(SITES[run], minutes_ago(20)))
        for failpoint in failpoints.NAMES:
            die(config, failpoint)
        with DaemonProcess(config) as daemon:
            inbox.wait_for_new(1)
            assert daemon.stop() == 0
    check_arrivals(inbox, {SITES[run][0]})
    assert len(inbox.by_base()[SITES[run][0]]) <= 2


@pytest.mark.parametrize("seed", range(AT_RANDOM))
def test_attacks_breaking_while_the_daemon_is_killed_at_random_steps_all_arrive(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    sites = chance.sample(SITES, 8)
    steps = chance.choices(failpoints.NAMES, k=8)
    with ScriptedServer() as server:
        newsroom, inbox = Newsroom(server), Inbox(server)
        config = write_config(tmp_path, newsroom, inbox)
        for site, failpoint in zip(sites, steps, strict=True):
            newsroom.publish(attack_on(site, minutes_ago(15)))
            die(config, failpoint)
        with DaemonProcess(config) as daemon:
            inbox.wait_for_new(len(sites))
            assert daemon.stop() == 0
    check_arrivals(inbox, {site[0] for site in sites})
