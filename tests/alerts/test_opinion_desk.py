"""Second opinions asked of a loopback endpoint: one that answers, lies, stalls, breaks or babbles."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from alerts.classifier import Classifier
from alerts.opinion_desk import PAUSE, OpinionDesk, opinion_desk
from config.opinion import OpinionSettings
from config.settings import Settings
from config.watch import load_watch
from core.clock import SimulatedClock
from core.values import Article, Label, Verdict
from tests.alerts.making import T0
from tests.fakes.server import Behaviour, ScriptedServer, drip, hang_up, hold, huge, reply

ATTACK = Article(title="Drone hits Harir base hosting US troops", text="", published_at=T0)
DOUBTED = Verdict(label=Label.ATTACK, probability=0.6, lang="en")
PATH = "/v1/chat/completions"
KEY = "sk-never-to-be-seen"


def says(label: str, reason: str = "so it reads") -> Behaviour:
    content = json.dumps({"label": label, "reason": reason})
    return reply(body=json.dumps({"choices": [{"message": {"content": content}}]}))


def with_desk(
    server: ScriptedServer, use: Callable[[OpinionDesk, SimulatedClock], Awaitable[None]], **settings: Any
) -> None:
    async def main() -> None:
        clock = SimulatedClock(T0)
        chosen = {"endpoint": server.url("/v1"), "model": "small", "allow_private": True, "api_key": KEY} | settings
        desk = opinion_desk(Settings(opinion=OpinionSettings(**chosen)), Classifier.load(load_watch()), clock)
        assert desk is not None
        try:
            await use(desk, clock)
        finally:
            await desk.aclose()

    asyncio.run(main())


def test_nobody_is_asked_where_no_endpoint_is_named() -> None:
    assert opinion_desk(Settings(), Classifier.load(load_watch()), SimulatedClock(T0)) is None


def test_an_answer_lowers_a_doubtful_verdict_and_is_remembered(server: ScriptedServer) -> None:
    server.route(PATH, says("other", "a drill"))

    async def use(desk: OpinionDesk, clock: SimulatedClock) -> None:
        for _ in range(3):
            after = await desk.review(ATTACK, DOUBTED)
            assert after.label is Label.OTHER
            assert "a drill" in after.reasons[0]

    with_desk(server, use)
    (asked,) = server.requests_to(PATH)
    assert asked.headers["authorization"] == f"Bearer {KEY}"


def test_an_answer_breaks_a_tie_with_the_attack_that_the_classifier_sees(server: ScriptedServer) -> None:
    server.route(PATH, says("attack"))

    async def use(desk: OpinionDesk, clock: SimulatedClock) -> None:
        after = await desk.review(ATTACK, Verdict(label=Label.OTHER, probability=desk._threshold - 0.05, lang="en"))
        assert after.label is Label.ATTACK
        assert [attack.base for attack in after.attacks] == ["harir"]

    with_desk(server, use)


def test_an_endpoint_that_lies_cannot_raise_what_the_classifier_finds_unlikely(server: ScriptedServer) -> None:
    async def use(desk: OpinionDesk, clock: SimulatedClock) -> None:
        assert not desk.wants(Verdict(label=Label.OTHER, probability=0.1, lang="en"))

    with_desk(server, use)


@pytest.mark.parametrize(
    "behaviour",
    [
        reply(500),
        reply(401),
        reply(302, headers={"Location": "http://elsewhere.example/"}),
        reply(body="This is certainly an attack."),
        says("certainly"),
        hang_up(),
        huge(200_000, fill=b"{"),
        drip(b'{"choices": []}' * 40, every_s=0.05),
    ],
    ids=["500", "401", "redirect", "prose", "unknown label", "hangs up", "huge", "drips"],
)
def test_an_endpoint_that_fails_leaves_the_verdict_and_is_left_alone_after_three_times(
    server: ScriptedServer, behaviour: Behaviour, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.route(PATH, behaviour)

    async def use(desk: OpinionDesk, clock: SimulatedClock) -> None:
        for number in range(5):
            assert await desk.review(Article(title=f"{ATTACK.title} {number}", text=""), DOUBTED) is DOUBTED
        server.route(PATH, says("other"))
        clock.set(clock.instant + PAUSE)
        assert (await desk.review(ATTACK, DOUBTED)).label is Label.OTHER

    with_desk(server, use, timeout_s=0.5)
    assert len(server.requests_to(PATH)) == 4
    assert [record.action for record in caplog.records if record.levelno >= logging.INFO] == [
        "opinion_paused",
        "opinion_back",
    ]
    assert KEY not in caplog.text


def test_an_endpoint_that_stalls_costs_its_timeout_and_no_more(server: ScriptedServer) -> None:
    gate = threading.Event()
    server.route(PATH, hold(gate, says("other")))

    async def use(desk: OpinionDesk, clock: SimulatedClock) -> None:
        async with asyncio.timeout(5):
            assert await desk.review(ATTACK, DOUBTED) is DOUBTED

    try:
        with_desk(server, use, timeout_s=0.2)
    finally:
        gate.set()


def test_past_the_budget_nobody_is_asked_until_the_hour_is_over(server: ScriptedServer) -> None:
    server.route(PATH, says("other"))

    async def use(desk: OpinionDesk, clock: SimulatedClock) -> None:
        labels = [(await desk.review(Article(title=f"Base hit {n}", text=""), DOUBTED)).label for n in range(4)]
        assert labels == [Label.OTHER, Label.OTHER, Label.ATTACK, Label.ATTACK]
        clock.set(clock.instant + timedelta(hours=1))
        assert (await desk.review(Article(title="Base hit 3", text=""), DOUBTED)).label is Label.OTHER

    with_desk(server, use, per_hour=2)
    assert len(server.requests_to(PATH)) == 3


@pytest.fixture
def server() -> Any:
    with ScriptedServer() as running:
        yield running
