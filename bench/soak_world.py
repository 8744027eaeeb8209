"""The outlets and the receiver of the soak, in a process of their own, so that their memory is not the daemon's.

``python -m bench.soak_world SOURCES STEPS`` prints its ports and its plan as one line of JSON. Each line on its
standard input is the simulated instant from then on (answered with "ok"); its end is answered with what arrived.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import random
import sys
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape

from basewatch.demo.loopback import LoopbackServer, Request, Response
from bench.latency import SITES
from config.watch import load_watch

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
STEP = timedelta(minutes=30)
SHOWN = timedelta(hours=36)  #: how long a feed shows an item
FILLER_EVERY = 24  #: steps between two ordinary items of a source
VOICES = 3  #: outlets that report each attack
HTML = {"Content-Type": "text/html; charset=utf-8"}
XML = {"Content-Type": "application/rss+xml"}
#: share of polls that meet a fault: an error, garbage, a body that ends too early, no answer at all
ERROR, GARBAGE, CUT, SILENCE = 0.03, 0.02, 0.02, 0.003
SILENT_S = 0.8  #: longer than the daemon waits (soak.py), by which each silence holds up the simulated clock
REFUSED = 0.1  #: share of notices that the receiver answers with 503
TOPICS = (
    "water board", "school exams", "wheat harvest", "football league", "fuel prices", "book fair", "road works",
    "hospital wing", "date exports", "bridge repairs", "tax office", "olive season", "power lines", "bus fares",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    path: str
    title: str
    paragraphs: tuple[str, ...]
    at: datetime


@dataclass(slots=True)
class World:
    """Everything that the servers know."""

    sources: int
    steps: int
    now: datetime = START
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    faults: Counter[str] = field(default_factory=Counter)
    arrived: dict[str, list[str]] = field(default_factory=dict)  #: attacked site -> ids of its "new" notices
    plan: dict[str, int] = field(default_factory=dict)  #: attacked site -> step
    names: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        sites = load_watch().sites
        count = max(1, min(len(SITES), self.steps // 72))
        for number, site in enumerate(SITES[:count]):
            self.plan[site] = 6 + number * max(1, (self.steps - 12) // count)
            self.names[site] = sites[site].aliases["en"][0]

    def items(self, source: int) -> list[Item]:
        """What this source's feed shows now, the newest first."""
        found = []
        step = int((self.now - START) / STEP)
        for slot in range(max(0, step - int(SHOWN / STEP)), step + 1):
            at = START + slot * STEP
            if (slot + source) % FILLER_EVERY == 0:
                found.append(_filler(source, slot, at))
            for number, (site, when) in enumerate(self.plan.items()):
                if slot == when and (source - number) % self.sources < VOICES:
                    found.append(_attack(site, self.names[site], source, at - timedelta(minutes=4)))
        return found[::-1]

    def answer(self, source: int, request: Request) -> Response:
        if request.path == "/robots.txt":
            return Response(status=404)
        items = self.items(source)
        if request.path != "/rss":
            item = next((item for item in items if item.path == request.path), None)
            return Response(status=404) if item is None else Response(headers=HTML, body=_page(item))
        return self._feed(request, items)

    def _feed(self, request: Request, items: list[Item]) -> Response:
        body, draw = _rss(items), self.chance.random()
        etag = '"' + hashlib.sha256(body).hexdigest()[:16] + '"'
        if draw < ERROR:
            self.faults["http_503"] += 1
            return Response(status=503)
        if draw < ERROR + GARBAGE:
            self.faults["garbage"] += 1
            return Response(headers=XML, body=self.chance.randbytes(2_000))
        if draw < ERROR + GARBAGE + CUT:
            self.faults["truncated"] += 1
            return Response(headers=XML | {"Content-Encoding": "gzip"}, body=gzip.compress(body)[:60])
        if request.headers.get("if-none-match") == etag:
            self.faults["not_modified"] += 1
            return Response(status=304, headers={"ETag": etag})
        return Response(headers=XML | {"ETag": etag}, body=body)

    def accept(self, request: Request) -> Response:
        if self.chance.random() < REFUSED:
            self.faults["receiver_503"] += 1
            return Response(status=503)
        data = json.loads(request.body)["data"]
        if data["notice"]["kind"] == "new":
            ids = self.arrived.setdefault(data["incident"]["base"], [])
            ids.append(request.headers["webhook-id"])
        return Response(status=204)


class SilentServer(LoopbackServer):
    """One that now and then takes a request and says nothing."""

    def __init__(self, world: World, source: int) -> None:
        super().__init__(lambda request: world.answer(source, request))
        self._world = world

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._world.chance.random() < SILENCE:
            self._world.faults["silence"] += 1
            await asyncio.sleep(SILENT_S)
            writer.close()
        else:
            await super()._serve(reader, writer)


def _filler(source: int, slot: int, at: datetime) -> Item:
    topic = TOPICS[(source * 5 + slot) % len(TOPICS)]
    name = f"{source}-{slot}"
    text = (
        f"Officials of district {source} met about the {topic} on {at:%A} and heard report number {slot}.",
        f"The meeting took {slot % 37 + 20} minutes, and {source % 23 + 5} people spoke. The next one is in spring, "
        f"when plan {slot * 7 + source} is to be voted on.",
    )
    return Item(path=f"/news/{name}", title=f"District {source} hears report {slot} on {topic}", paragraphs=text, at=at)


def _attack(site: str, name: str, source: int, at: datetime) -> Item:
    text = (
        f"An explosive drone struck {name}, where US forces are stationed, a few minutes ago, a security source told "
        f"outlet {source} on {at:%A}.",
        "The source, who asked not to be named, said that the drone fell inside the base and that there was no word on "
        "casualties so far.",
    )
    title = f"Drone attack targets {name} hosting US forces, security source says"
    return Item(path=f"/news/{site}-{source}", title=title, paragraphs=text, at=at)


def _page(item: Item) -> bytes:
    text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in item.paragraphs)
    return (
        f"<!doctype html><html lang=en><head><title>{escape(item.title)}</title>"
        f'<meta property="article:published_time" content="{item.at.isoformat()}"></head><body><article>'
        f"<h1>{escape(item.title)}</h1>{text}</article></body></html>"
    ).encode()


def _rss(items: list[Item]) -> bytes:
    rows = "".join(
        f"<item><title>{escape(item.title)}</title><link>{item.path}</link><guid>{item.path}</guid></item>"
        for item in items
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Soak</title>{rows}</channel></rss>'.encode()


async def main(sources: int, steps: int) -> None:
    world = World(sources, steps)
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as stack:
        hook = await stack.enter_async_context(LoopbackServer(world.accept))
        servers = [await stack.enter_async_context(SilentServer(world, number)) for number in range(sources)]
        print(json.dumps({"hook": hook.host, "hosts": [one.host for one in servers], "plan": world.plan}), flush=True)
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            world.now = datetime.fromisoformat(line.strip())
            print("ok", flush=True)
        print(json.dumps({"arrived": world.arrived, "faults": world.faults}), flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
