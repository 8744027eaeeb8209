"""A webhook receiver that remembers what it accepted, checked with the reference library."""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict
from typing import Any

from standardwebhooks.webhooks import Webhook

from tests.fakes.server import Behaviour, RecordedRequest, ScriptedServer, decide, reply

SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Inbox:
    """Accepts signed notices at ``/hook``; every arrival is kept, doubles too."""

    def __init__(self, server: ScriptedServer, path: str = "/hook") -> None:
        self.server, self.path = server, path
        self.url = server.url(path)
        self.arrivals: list[tuple[str, dict[str, Any], float]] = []
        self._changed = threading.Condition()
        server.route(path, *self.script())

    def script(self) -> tuple[Behaviour, ...]:
        """What the receiver does; a test may route something else there and come back to it."""
        return (decide(self._accept),)

    def _accept(self, request: RecordedRequest) -> Behaviour:
        Webhook(SECRET).verify(request.body, request.headers)  # raises when the signature does not fit
        with self._changed:
            self.arrivals.append((request.headers["webhook-id"], json.loads(request.body), time.monotonic()))
            self._changed.notify_all()
        return reply(200, b"ok")

    def notices(self, kind: str = "new") -> list[dict[str, Any]]:
        """The data of each arrival whose notice is of this kind, in order of arrival."""
        return [body["data"] for _, body, _ in list(self.arrivals) if body["data"]["notice"]["kind"] == kind]

    def by_base(self) -> dict[str, list[str]]:
        """Message ids of "new" notices by the site attacked."""
        found: dict[str, list[str]] = defaultdict(list)
        for message_id, body, _ in list(self.arrivals):
            data = body["data"]
            if data["notice"]["kind"] == "new":
                found[data["incident"]["base"]].append(message_id)
        return found

    def wait_for_new(self, count: int, timeout_s: float = 30) -> None:
        """Block until notices of ``count`` incidents arrived."""
        with self._changed:
            arrived = self._changed.wait_for(
                lambda: len({data["incident"]["id"] for data in self.notices()}) >= count, timeout_s
            )
        assert arrived, f"{len(self.notices())} new notices arrived in {timeout_s} s, not {count}"
