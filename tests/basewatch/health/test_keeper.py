"""The watch over one process: when it beats, when it keeps silent, and when a canary sets out."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from basewatch.health.keeper import is_due
from basewatch.health.vigil import Vigil
from config.settings import Settings
from storage import sources
from storage.engine import Database
from tests.basewatch.page.serving import FakeDaemon
from tests.fakes.server import ScriptedServer, reply
from tests.storage.builders import polled, registered

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
BEAT = "/ping"


@pytest.mark.parametrize(
    ("released", "sent_by_us", "due"),
    [
        (None, False, True),  # never yet
        (NOW - timedelta(minutes=9), False, False),  # the daemon was started again at once
        (NOW - timedelta(minutes=11), False, True),  # a start
        (NOW - timedelta(hours=23), True, False),
        (NOW - timedelta(hours=24), True, True),  # daily
        (NOW + timedelta(hours=2), True, True),  # the clock was set back
    ],
)
def test_a_canary_sets_out_at_start_and_daily(released: datetime | None, sent_by_us: bool, due: bool) -> None:
    assert is_due(NOW, released, sent_by_us=sent_by_us) is due


def beats_of(database: Database, *, classified: bool) -> int:
    """Posts to the heartbeat's address in two rounds of the watch over a daemon whose outlets answer."""

    async def watch(settings: Settings) -> None:
        daemon = FakeDaemon(database, settings, well=True)
        vigil = Vigil(daemon)
        await vigil.keeper.start()
        for _ in range(2):
            now = datetime.now(UTC)
            if classified:
                daemon.classified_at = now
            else:
                daemon.classified_at = now - timedelta(minutes=10)  # the process lives, its classifier does not
            answer = replace(polled(), next_poll_at=now + timedelta(minutes=5))
            with database.write() as session:
                sources.record_poll(session, "shafaq-en", answer, now)
            await vigil.keeper.pulse()
        await vigil.aclose()

    with database.write() as session:
        registered(session, "shafaq-en")
    with ScriptedServer() as server:
        server.route(BEAT, reply(200))
        health = {
            "heartbeat_url": server.url(BEAT), "heartbeat_interval_s": 1, "allow_private": True, "canary": False,
        }  # fmt: skip
        asyncio.run(watch(Settings.model_validate({"health": health, "page": {"enabled": False}})))
        return len(server.requests_to(BEAT))


def test_a_classifier_that_stands_still_stops_the_heartbeat_though_the_process_lives(sqlite_database: Database) -> None:
    assert beats_of(sqlite_database, classified=False) == 0


def test_a_daemon_whose_every_stage_works_beats(sqlite_database: Database) -> None:
    assert beats_of(sqlite_database, classified=True) == 1  # once within its interval
