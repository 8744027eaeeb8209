"""From the response that bears an item to the accepted webhook: the whole daemon, as a process, on loopback.

One outlet publishes an attack at a time, each on another site; the feed's server notes when it first answered with the
item in it, the receiver when it accepted the notice. The difference is what people wait for after an outlet publishes,
less the time until the next poll, which the configured interval decides.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path

from basewatch.demo.loopback import LoopbackServer, Request, Response
from bench.machine import machine
from config.watch import load_watch
from core.errors import BasewatchError

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  #: a fixed key of the receiver below
PATIENCE_S = 30.0  #: for one item
LIVES = 3  #: of the daemon, each with a new database
#: one attack each; well-known names, since the bench is about time and not about recognition
SITES = (
    "ain-al-asad", "erbil-airbase", "harir", "victoria-base-baghdad", "camp-taji", "k1-kirkuk", "qayyarah-west",
    "al-tanf", "conoco", "al-shaddadi", "tell-baydar", "qasrak", "tower-22", "muwaffaq-salti", "al-udeid", "al-dhafra",
    "camp-arifjan", "ali-al-salem", "camp-buehring", "prince-sultan",
)  # fmt: skip


@dataclass(slots=True)
class Stage:
    """The outlet and the receiver of one run."""

    items: list[tuple[str, str]] = field(default_factory=list)  #: path, site's name
    served_at: dict[str, float] = field(default_factory=dict)  #: path -> first feed answer that bore it
    arrived_at: dict[str, float] = field(default_factory=dict)  #: path -> webhook accepted
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    base: str = ""

    def answer(self, request: Request) -> Response:
        if request.path == "/hook":
            return self._accept(request)
        if request.path == "/rss":
            return self._feed()
        name = next((name for path, name in self.items if path == request.path), None)
        if name is None:
            return Response(status=404)
        return Response(headers={"Content-Type": "text/html; charset=utf-8"}, body=_page(name).encode())

    def _accept(self, request: Request) -> Response:
        now = time.monotonic()
        for source in json.loads(request.body)["data"]["sources"]:
            path = source["url"].removeprefix(self.base)
            self.arrived_at.setdefault(path, now)
        self.changed.set()
        return Response(status=204)

    def _feed(self) -> Response:
        now = time.monotonic()
        for path, _ in self.items:
            self.served_at.setdefault(path, now)
        stamp = datetime.now(UTC)
        items = "".join(
            f"<item><title>{escape(_title(name))}</title><link>{self.base}{path}</link>"
            f"<guid>{self.base}{path}</guid></item>"
            for path, name in reversed(self.items)
        )
        body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Bench</title>{items}</channel></rss>'
        headers = {"Content-Type": "application/rss+xml", "Date": f"{stamp:%a, %d %b %Y %H:%M:%S} GMT"}
        return Response(headers=headers, body=body.encode())


def _title(name: str) -> str:
    return f"Drone attack targets {name} hosting US forces, security source says"


def _page(name: str) -> str:
    now = datetime.now(UTC) - timedelta(minutes=4)
    return (
        f"<!doctype html><html lang=en><head><title>{escape(_title(name))}</title>"
        f'<meta property="article:published_time" content="{now.isoformat()}"></head><body><article>'
        f"<h1>{escape(_title(name))}</h1><p>An explosive drone struck {escape(name)}, where US forces are stationed, "
        f"a few minutes ago, a security source said on {now:%A}.</p><p>The source, who asked not to be named, said "
        "that the drone fell inside the base and that there was no word on casualties so far.</p>"
        "<p>No group has claimed responsibility for the attack.</p></article></body></html>"
    )


CONFIG = """
data_dir = "{folder}"
config_dir = "{folder}"
contact = "bench@example.org"
[crawler]
interval_s = 1
min_interval_s = 1
outlets_only = ["bench-outlet"]
allow_hosts = ["{host}"]
[delivery]
allow_hosts = ["{host}"]
burst_per_minute = 1000
[log]
level = "warning"
[health]
canary = false
[page]
enabled = false
[channels.hook]
kind = "webhook"
url = "http://{host}/hook"
secrets = ["{secret}"]
"""

OUTLET = """
[[outlet]]
slug = "bench-outlet"
name = "Bench Outlet"
family = "bench-outlet"
leaning = "unknown"
languages = ["en"]
country = "IQ"
time_zone = "Asia/Baghdad"
home = "http://{host}/"
[[outlet.source]]
kind = "feed"
lang = "en"
url = "http://{host}/rss"
confidence = "G"
"""


async def _measure(folder: Path) -> list[float]:
    """Seconds for each site's item, in order, in one life of the daemon."""
    sites = load_watch().sites
    names = [sites[site].aliases["en"][0] for site in SITES]
    stage = Stage()
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(LoopbackServer(stage.answer))
        stage.base = server.url
        (folder / "outlets").mkdir()
        (folder / "outlets" / "bench.toml").write_text(OUTLET.format(host=server.host), encoding="utf-8")
        config = folder / "basewatch.toml"
        config.write_text(CONFIG.format(folder=folder, host=server.host, secret=SECRET), encoding="utf-8")
        config.chmod(0o600)
        daemon = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "basewatch", "run", "--config", str(config), stdout=sys.stderr
        )
        try:
            return [await _one_item(stage, number, name) for number, name in enumerate(names)]
        finally:
            daemon.terminate()
            await daemon.wait()


async def _one_item(stage: Stage, number: int, name: str) -> float:
    path = f"/news/{number}-attack"
    stage.items.append((path, name))
    try:
        async with asyncio.timeout(PATIENCE_S):
            while path not in stage.arrived_at:
                stage.changed.clear()
                await stage.changed.wait()
    except TimeoutError:
        raise BasewatchError(f"no notice for {name!r} arrived within {PATIENCE_S:.0f} s of its publication") from None
    return stage.arrived_at[path] - stage.served_at[path]


def run() -> dict[str, str | int | float]:
    """The figures of ``basewatch bench latency``: seconds from feed answer to accepted webhook."""
    seconds: list[float] = []
    for _ in range(LIVES):
        with tempfile.TemporaryDirectory(prefix="basewatch-bench-") as folder:
            seconds += asyncio.run(_measure(Path(folder)))
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return {
        "p50_s": round(cuts[49], 3),
        "p95_s": round(cuts[94], 3),
        "max_s": round(max(seconds), 3),
        "n_items": len(seconds),
        **machine(),
    }
