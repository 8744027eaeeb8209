"""kill -9 at random while the daemon crawls, classifies and sends: what the feed had shown must be stored, what was an
attack must arrive, and the database must be whole.

One outlet publishes an ordinary item every second and an attack on another site every few seconds; the daemon is killed
and started again at random. A last daemon, which nobody kills, has time to finish.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path

from sqlalchemy import select

from alerts.classifier import Classifier
from basewatch.demo.loopback import LoopbackServer, Request, Response
from bench.latency import CONFIG, OUTLET, SECRET
from bench.machine import machine
from config.watch import load_watch
from core.errors import BasewatchError
from core.values import Article
from storage.engine import open_database
from storage.tables import ArticleUrl

KILLS_FOR_S = 600
LIFE_S = (0.8, 6.0)  #: of a daemon, at random; it starts in about a second, more on a busy machine
ITEM_EVERY_S = 1.0
SHOWN = 5_000  #: items on the feed, all of them: what a daemon missed while it was dead is still there
SETTLE_S = 300.0  #: at most; a busy machine has a backlog after ten minutes of short lives


@dataclass(slots=True)
class Stage:
    """The outlet and the receiver."""

    items: list[tuple[str, str, tuple[str, ...], datetime]] = field(default_factory=list)
    shown: set[str] = field(default_factory=set)  #: paths that an answer of the feed had in it
    attacks: dict[str, str] = field(default_factory=dict)  #: path -> site
    arrived: dict[str, Counter[str]] = field(default_factory=dict)  #: site -> ids of its new notices, how often each
    base: str = ""

    def publish_attack(self, site: str, name: str) -> None:
        now = datetime.now(UTC) - timedelta(minutes=4)
        path = f"/news/{len(self.items)}-{site}"
        self.attacks[path] = site
        self.items.append((path, *_report(name, now), now))

    def publish_item(self) -> None:
        number, now = len(self.items), datetime.now(UTC)
        text = (
            f"Officials met about water on {now:%A} and heard report number {number}.",
            f"The meeting took {number % 37 + 20} minutes, and plan {number * 7} is to be voted on in spring.",
        )
        self.items.append((f"/news/{number}-report", f"Council hears report {number} on water", text, now))

    def answer(self, request: Request) -> Response:
        if request.path == "/hook":
            return self._accept(request)
        if request.path == "/rss":
            return self._feed()
        item = next((item for item in self.items if item[0] == request.path), None)
        if item is None:
            return Response(status=404)
        text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in item[2])
        page = (
            f"<!doctype html><html lang=en><head><title>{escape(item[1])}</title>"
            f'<meta property="article:published_time" content="{item[3].isoformat()}"></head><body><article>'
            f"<h1>{escape(item[1])}</h1>{text}</article></body></html>"
        )
        return Response(headers={"Content-Type": "text/html; charset=utf-8"}, body=page.encode())

    def _accept(self, request: Request) -> Response:
        data = json.loads(request.body)["data"]
        if data["notice"]["kind"] == "new":
            self.arrived.setdefault(data["incident"]["base"], Counter())[request.headers["webhook-id"]] += 1
        return Response(status=204)

    def _feed(self) -> Response:
        latest = self.items[-SHOWN:][::-1]
        self.shown.update(path for path, *_ in latest)
        rows = "".join(
            f"<item><title>{escape(title)}</title><link>{self.base}{path}</link><guid>{self.base}{path}</guid></item>"
            for path, title, *_ in latest
        )
        body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Bench</title>{rows}</channel></rss>'
        return Response(headers={"Content-Type": "application/rss+xml"}, body=body.encode())


def run(seconds: int = KILLS_FOR_S) -> dict[str, str | int | float]:
    """The figures of ``basewatch bench kills``."""
    with tempfile.TemporaryDirectory(prefix="basewatch-bench-") as folder:
        return {**asyncio.run(_measure(Path(folder), seconds)), "killed_for_s": seconds, **machine()}


async def _measure(folder: Path, seconds: int) -> dict[str, str | int | float]:
    stage, chance = Stage(), random.Random(11)
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(LoopbackServer(stage.answer))
        stage.base = server.url
        config = _config(folder, server.host)
        publisher = asyncio.create_task(_publish(stage, seconds))
        stack.callback(publisher.cancel)
        kills, ends = 0, time.monotonic() + seconds
        while time.monotonic() < ends:
            daemon = await _start(config)
            try:
                await asyncio.wait_for(daemon.wait(), min(chance.uniform(*LIFE_S), max(0.1, ends - time.monotonic())))
                raise BasewatchError(f"the daemon ended by itself: {_last_line(folder)}")
            except TimeoutError:
                daemon.kill()
                await daemon.wait()
                kills += 1
        publisher.cancel()
        settled_s = await _settle(stage, config, folder)
    return {"kills": kills, "settled_s": round(settled_s, 1), **_score(stage, folder)}


async def _publish(stage: Stage, seconds: int) -> None:
    """An item a second; the attacks spread over the time, each on a site of its own."""
    sites = _sites()
    every = max(4, seconds // len(sites) + 1)
    for second in range(seconds):
        stage.publish_item()
        if second % every == 1 and sites:
            stage.publish_attack(*sites.pop(0))
        await asyncio.sleep(ITEM_EVERY_S)


def _report(name: str, now: datetime) -> tuple[str, tuple[str, ...]]:
    """Title and paragraphs of a report of a drone at this site."""
    return f"Drone attack targets {name} hosting US forces, security source says", (
        f"An explosive drone struck {name}, where US forces are stationed, some minutes ago, a security source said on "
        f"{now:%A}.",
        "The source, who asked not to be named, said that the drone fell inside the base and that there was no word on "
        "casualties so far.",
    )


def _sites() -> list[tuple[str, str]]:
    """Sites with the name under which the classifier finds them in our report: the bench is not about recognition."""
    watch, now, found = load_watch(), datetime.now(UTC), []
    classifier = Classifier.load(watch)
    for site, entry in watch.sites.items():
        for name in entry.aliases.get("en", ())[:1]:
            title, text = _report(name, now)
            verdict = classifier.classify(
                Article(title=title, text="\n\n".join(text), published_at=now, first_seen_at=now, outlet="bench")
            )
            if [attack.base for attack in verdict.attacks] == [site]:
                found.append((site, name))
    return found


def _config(folder: Path, host: str) -> Path:
    (folder / "outlets").mkdir()
    (folder / "outlets" / "bench.toml").write_text(OUTLET.format(host=host), encoding="utf-8")
    config = folder / "basewatch.toml"
    text = CONFIG.format(folder=folder, host=host, secret=SECRET)
    config.write_text(text.replace("[crawler]", "[crawler]\nper_host_per_minute = 600"), encoding="utf-8")
    config.chmod(0o600)
    return config


async def _start(config: Path) -> asyncio.subprocess.Process:
    with (config.parent / "daemon.log").open("ab") as log:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "basewatch", "run", "--config", str(config), stdout=log, stderr=log
        )


async def _settle(stage: Stage, config: Path, folder: Path) -> float:
    """Let a daemon live until all that was shown is stored and told; how long that took, in seconds."""
    daemon, began = await _start(config), time.monotonic()
    try:
        while time.monotonic() - began < SETTLE_S:
            score = await asyncio.to_thread(_score, stage, folder)
            if not score["articles_lost"] and not score["alerts_lost"]:
                break
            await asyncio.sleep(0.3)
        return time.monotonic() - began
    finally:
        daemon.terminate()
        await daemon.wait()


def _score(stage: Stage, folder: Path) -> dict[str, int]:
    """What was lost of what the feed had shown, and whether the database is whole."""
    path = folder / "basewatch.db"
    stored: set[str] = set()
    problems = 0
    if path.exists():
        with open_database(path) as database:
            problems = len(database.problems())
            with database.read() as session:
                stored = set(session.scalars(select(ArticleUrl.url)))
    shown, attacks = set(stage.shown), dict(stage.attacks)
    told = {attacks[path_] for path_ in attacks if path_ in shown}
    ids = list(stage.arrived.values())
    return {
        "articles_lost": sum(f"{stage.base}{path_}" not in stored for path_ in shown),
        "alerts_lost": len(told - stage.arrived.keys()),
        "double_ids": sum(len(of_site) > 1 for of_site in ids),
        "doubled_under_one_id": sum(count - 1 for of_site in ids for count in of_site.values()),
        "alerts_of_nothing": len(stage.arrived.keys() - set(attacks.values())),
        "database_problems": problems,
        "n_articles_shown": len(shown),
        "n_attacks": len(told),
    }


def _last_line(folder: Path) -> str:
    lines = (folder / "daemon.log").read_text(errors="replace").splitlines()
    return lines[-1] if lines else "it said nothing"
