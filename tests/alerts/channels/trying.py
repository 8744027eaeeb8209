"""One message through a chat's channel against a scripted receiver on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from alerts.channels.base import Channel, OutgoingMessage, Receipt
from alerts.dial import Guard
from alerts.http import HttpSender
from tests.alerts.channels.messages import message
from tests.fakes.server import Behaviour, RecordedRequest, ScriptedServer, decide

Build = Callable[[str, HttpSender], Channel]


class Tried:
    """What the receiver got and what the channel made of its answer."""

    def __init__(self, receipts: list[Receipt], requests: list[RecordedRequest]) -> None:
        self.receipts, self.requests = receipts, requests

    @property
    def receipt(self) -> Receipt:
        return self.receipts[-1]

    @property
    def sent(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.requests[-1].body)
        return found


def attempt(build: Build, *answers: Behaviour, messages: tuple[OutgoingMessage, ...] = ()) -> Tried:
    """Send each message; the answers follow one another, the last repeats. Raises what the channel raises."""
    left = list(answers)
    with ScriptedServer() as web:
        web.default(decide(lambda request: left.pop(0) if len(left) > 1 else left[0]))

        async def run() -> list[Receipt]:
            channel = build(web.url(""), HttpSender(Guard([web.netloc]), deadline_s=5))
            try:
                return [await channel.send(one) for one in messages or (message(),)]
            finally:
                await channel.aclose()

        return Tried(asyncio.run(run()), web.requests)
