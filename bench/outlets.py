"""Twenty outlets of the shapes that the region has, on loopback, a tenth of them failing in each round.

Each round every outlet publishes an article, and two of the twenty answer with a fault instead of their feed. At the
end of the round the health of each source is compared with what was done to it; at the end of all, what is stored with
what was published.
"""

from __future__ import annotations

import dataclasses
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

from sqlalchemy import select

from basewatch.demo.loopback import LoopbackServer, Request, Response
from basewatch.demo.shapes import Piece, Shape, Site, feed_path, page_path, print_feed, print_page
from basewatch.outlet_news import patients
from config.outlets import Outlet, load_outlets
from config.settings import Settings
from core.clock import SimulatedClock
from crawler.health import Condition
from crawler.reactor import run_on_reactor
from crawler.service import CrawlService
from storage import habits, sources
from storage.engine import Database, open_database
from storage.tables import Article, ArticleVersion

OUTLETS = 20
ROUNDS = 10
FAULTY = OUTLETS // 10  #: in each round
START = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
ROUND = timedelta(minutes=20)
HTML = {"Content-Type": "text/html; charset=utf-8"}
XML = {"Content-Type": "application/rss+xml"}
DTD = '<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'

#: the word that health must show -> what the outlet answers
FAULTS: dict[str, Response] = {
    "http_403": Response(status=403),
    "http_404": Response(status=404),
    "http_5xx": Response(status=502),
    "rate_limited": Response(status=429, headers={"Retry-After": "120"}),
    "blocked_page": Response(headers=HTML, body=b"<html><head><title>Just a moment...</title></head></html>"),
    "bad_xml": Response(headers=XML, body=b"<rss><channel><item><title>x"),
    "empty_feed": Response(headers=XML, body=b'<rss version="2.0"><channel><title>x</title></channel></rss>'),
    "bad_encoding": Response(headers=XML | {"Content-Encoding": "gzip"}, body=b"this is no gzip"),
    "redirect_refused": Response(status=302, headers={"Location": "file:///etc/passwd"}),
    "bomb": Response(headers=XML, body=f"{DTD}<rss><channel><title>&b;</title></channel></rss>".encode()),
    "http_401": Response(status=401),
    "http_410": Response(status=410),
}


@dataclass(slots=True)
class Stand:
    """One outlet's server."""

    number: int
    shape: Shape
    lang: str = "en"
    site: Site = field(default_factory=lambda: Site(name="", zone="Asia/Baghdad", base=""))
    pieces: list[Piece] = field(default_factory=list)
    fault: str | None = None

    @property
    def slug(self) -> str:
        return f"outlet-{self.number:02}"

    def answer(self, request: Request) -> Response:
        if request.path == feed_path(self.lang):
            if self.fault is not None:
                return FAULTS[self.fault]
            feed = print_feed(self.shape, self.site, self.lang, self.pieces)
            return Response(headers={"Content-Type": feed.content_type}, body=feed.body)
        piece = next((piece for piece in self.pieces if page_path(self.shape, piece) == request.path), None)
        if piece is None:
            return Response(status=404)
        if self.shape == "pages_forbidden":
            return Response(status=403)
        page = print_page(self.shape, self.site, piece)
        return Response(headers={"Content-Type": page.content_type}, body=page.body)

    def publish(self, now: datetime) -> None:
        number = 1000 * self.number + len(self.pieces)
        paragraphs = (
            f"The municipality of district {self.number} said on Sunday that it opened road number {number}, which "
            f"took {number % 97 + 3} months to build and leads to the market.",
            f"Its spokesman told reporters that {number % 89 + 11} workers had been at it, and that the next road "
            "would follow in spring.",
        )
        self.pieces.append(
            Piece(
                number=number, lang=self.lang, section="Society", city="Baghdad", title=f"Road number {number} opens",
                paragraphs=paragraphs, published_at=now - timedelta(minutes=2),
            )
        )  # fmt: skip


@dataclass(slots=True)
class Score:
    """What was found beside what was done."""

    faults: int = 0
    shown: int = 0  #: with the right cause
    false_alarms: int = 0  #: good outlets that were shown in trouble
    causes: Counter[str] = field(default_factory=Counter)


async def measure(rounds: int = ROUNDS) -> dict[str, int | float]:
    """Figures of so many rounds, on the reactor's loop."""
    clock, score, started = SimulatedClock(START), Score(), time.monotonic()
    shapes: tuple[Shape, ...] = get_args(Shape)
    stands = [Stand(number, shapes[number % len(shapes)]) for number in range(OUTLETS)]
    with tempfile.TemporaryDirectory(prefix="basewatch-bench-") as folder:
        async with AsyncExitStack() as stack:
            servers = [await stack.enter_async_context(LoopbackServer(stand.answer)) for stand in stands]
            for stand, server in zip(stands, servers, strict=True):
                stand.site = Site(name=stand.slug, zone="Asia/Baghdad", base=server.url)
            crawler = {"allow_hosts": [server.host for server in servers], "obey_robots": False}
            settings = Settings.model_validate({"contact": "bench@example.org", "crawler": crawler})
            database = stack.enter_context(open_database(Path(folder) / "bench.db"))
            service = CrawlService(settings, {stand.slug: _outlet(stand) for stand in stands}, database, clock)
            stack.push_async_callback(service.close)
            for number in range(rounds + 1):
                _break(stands, number if number < rounds else None)
                for stand in stands:
                    stand.publish(clock.now())
                await service.run_once()
                _compare(stands, database, clock.now(), score)
                clock.set(clock.now() + ROUND)
            stored = _stored(database)
    published = {(stand.slug, piece.title) for stand in stands for piece in stand.pieces}
    return {
        "articles_missing": len(published - stored.keys()),
        "articles_stored_twice": sum(count - 1 for count in stored.values()),
        "faults_not_shown_with_their_cause": score.faults - score.shown,
        "good_outlets_shown_in_trouble": score.false_alarms,
        "n_outlets": OUTLETS,
        "n_shapes": len(shapes),
        "n_rounds": rounds,
        "n_faults": score.faults,
        "n_kinds_of_fault": len(score.causes),
        "n_articles": len(published),
        "seconds_s": round(time.monotonic() - started, 1),
    }


def _break(stands: list[Stand], number: int | None) -> None:
    """A tenth of the outlets fail in round ``number``, each time others; with None nobody does."""
    kinds = tuple(FAULTS)
    for stand in stands:
        stand.fault = None
    if number is not None:
        for place in range(FAULTY):
            turn = number * FAULTY + place
            stands[turn % OUTLETS].fault = kinds[turn % len(kinds)]


def _compare(stands: list[Stand], database: Database, now: datetime, score: Score) -> None:
    with database.read() as session:
        everyone = patients(sources.source_states(session), habits.all_habits(session), now)
    health = {one.state.outlet: one.health for one in everyone}
    for stand in stands:
        found = health[stand.slug]
        if stand.fault is not None:
            score.faults += 1
            score.causes[stand.fault] += 1
            score.shown += found.cause == stand.fault and not found.is_well
        elif found.condition is not Condition.OK:
            score.false_alarms += not (stand.shape == "pages_forbidden" and found.cause == "pages:http_403")


def _stored(database: Database) -> Counter[tuple[str, str]]:
    with database.read() as session:
        rows = session.execute(
            select(Article.outlet, ArticleVersion.title).join(
                ArticleVersion,
                (ArticleVersion.article_id == Article.id) & (ArticleVersion.version == Article.current_version),
            )
        )
        return Counter((outlet, title) for outlet, title in rows)


def _outlet(stand: Stand) -> Outlet:
    model = load_outlets()["shafaq"]
    url = stand.site.base + feed_path(stand.lang)
    source = dataclasses.replace(model.live_sources[0], id=stand.slug, outlet=stand.slug, url=url, lang=stand.lang)
    return dataclasses.replace(
        model, slug=stand.slug, family=stand.slug, sources=(source,), selectors={}, article_url=None, url_date=None,
        dateline=None, first_mover=False,
    )  # fmt: skip


def run(rounds: int = ROUNDS) -> dict[str, int | float]:
    """What was lost, doubled, or not seen to fail."""
    figures: dict[str, int | float] = {}

    async def main() -> int:
        figures.update(await measure(rounds))
        return 0

    run_on_reactor(main)
    return figures
