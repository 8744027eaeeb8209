"""The heartbeat, against a real server on loopback."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import pytest

from basewatch.health.heartbeat import Heartbeat
from config.health import HealthSettings
from tests.fakes.server import ScriptedServer, reply

T0 = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SECRET = "/ping/3f1a-secret-uuid"


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def settings(server: ScriptedServer, *, private: bool = True) -> HealthSettings:
    return HealthSettings(
        heartbeat_url=server.url(SECRET),
        heartbeat_fail_url=server.url(SECRET + "/fail"),
        heartbeat_interval_s=60,
        allow_private=private,
    )


def test_it_beats_once_an_interval_with_an_empty_body() -> None:
    async def run(heart: Heartbeat) -> list[bool]:
        done = [await heart.beat(at(seconds)) for seconds in (0, 15, 59, 60)]
        await heart.aclose()
        return done

    with ScriptedServer() as server:
        server.route(SECRET, reply(200, b"OK"))
        heart = Heartbeat(settings(server), T0)
        assert asyncio.run(run(heart)) == [True, False, False, True]
        asked = server.requests_to(SECRET)
        assert [(request.method, request.body) for request in asked] == [("POST", b""), ("POST", b"")]
        assert heart.last_at == at(60)
        assert heart.cycle_from == at(60)  # the next one needs a full cycle after this one
        assert heart.counts["accepted"] == 2


def test_one_that_is_not_accepted_is_tried_again_soon_and_told_once_without_its_address(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def run(heart: Heartbeat) -> None:
        for seconds in (0, 15, 30, 60):
            await heart.beat(at(seconds))
        await heart.aclose()

    with ScriptedServer() as server, caplog.at_level(logging.DEBUG):
        server.route(SECRET, reply(503), reply(503), reply(200))
        heart = Heartbeat(settings(server), T0)
        asyncio.run(run(heart))
        assert len(server.requests_to(SECRET)) == 3
        assert (heart.counts["failed"], heart.counts["accepted"]) == (2, 1)
        assert heart.last_at == at(60)
    actions = [record.__dict__.get("action") for record in caplog.records if "heartbeat" in record.getMessage()]
    assert actions == ["heartbeat_failed", "heartbeat_back"]
    assert "secret-uuid" not in caplog.text


def test_a_break_that_lasts_is_told_once_to_the_fail_address_and_again_after_it_worked() -> None:
    async def run(heart: Heartbeat) -> None:
        for seconds in (0, 60, 119, 120, 300):
            await heart.broken(at(seconds))
        await heart.beat(at(400))
        for seconds in (500, 620):
            await heart.broken(at(seconds))
        await heart.aclose()

    with ScriptedServer() as server:
        server.route(SECRET, reply(200))
        server.route(SECRET + "/fail", reply(200))
        asyncio.run(run(Heartbeat(settings(server), T0)))
        assert len(server.requests_to(SECRET + "/fail")) == 2


def test_a_private_address_is_refused_unless_the_operator_allows_it() -> None:
    async def run(heart: Heartbeat) -> None:
        await heart.beat(T0)
        await heart.aclose()

    with ScriptedServer() as server:
        open_settings = settings(server)
        closed = open_settings.model_copy(update={"allow_private": False})
        heart = Heartbeat(closed, T0)
        asyncio.run(run(heart))
        assert heart.counts["failed"] == 1
        assert server.requests == []
