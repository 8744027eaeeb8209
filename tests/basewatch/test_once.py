"""The exit code of one round."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from alerts.deliver import DeliverySummary
from basewatch.once import first_of, left_undone
from core.errors import StorageError
from crawler.counters import CrawlSummary
from tests.acceptance.daemon import ROOT
from tests.acceptance.inbox import Inbox
from tests.acceptance.newsroom import Newsroom
from tests.acceptance.setup import write_config
from tests.fakes.server import ScriptedServer, reply


def polled(**causes: int) -> CrawlSummary:
    summary = CrawlSummary()
    summary.polls.update(causes)
    return summary


@pytest.mark.parametrize(
    ("summary", "sent", "failed", "told"),
    [
        (polled(ok=3), DeliverySummary(sent=2), 0, None),
        (polled(ok=1, dns=60), DeliverySummary(), 0, None),  # outlets fail one by one: that is told elsewhere
        (polled(), DeliverySummary(), 0, None),  # nothing was due
        (None, DeliverySummary(), 0, None),
        (polled(dns=61), DeliverySummary(), 0, "no outlet could be read"),
        (polled(ok=1), DeliverySummary(sent=1, retried=1), 0, "1 deliveries were not accepted"),
        (polled(ok=1), DeliverySummary(dead=1), 0, "1 deliveries were not accepted"),
        (polled(ok=1), DeliverySummary(), 2, "2 articles could not be classified"),
    ],
)
def test_a_round_is_complete_only_when_nothing_is_left(
    summary: CrawlSummary | None, sent: DeliverySummary, failed: int, told: str | None
) -> None:
    found = left_undone(summary, sent, failed=failed)
    assert found is None if told is None else told in (found or "")


def test_the_first_of_nested_faults_is_the_one_that_is_said() -> None:
    fault = StorageError("The disk is full.")
    inner: BaseExceptionGroup[StorageError] = BaseExceptionGroup("", [fault])
    assert first_of(BaseExceptionGroup("", [inner])) is fault


@pytest.mark.acceptance
def test_a_round_without_any_answer_ends_with_one(tmp_path: Path) -> None:
    with ScriptedServer() as server:
        newsroom = Newsroom(server)
        config = write_config(tmp_path, newsroom, Inbox(server))
        server.route(newsroom.feed_path, reply(503, b"down"))
        ended = subprocess.run(
            [sys.executable, "-m", "basewatch", "run", "--once", "--config", str(config)],
            cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
    assert ended.returncode == 1
    assert "no outlet could be read" in ended.stderr
