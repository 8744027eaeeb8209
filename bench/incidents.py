"""Matching one article among 100,000 stored incidents, and how fast the labelled corpus is replayed."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from alerts.desk import Desk, build_house, teller_of
from alerts.mentions import mentions_of
from alerts.nearby import read_nearby
from alerts.scene import arrange
from alerts.telling import House
from basewatch.corpus import read_corpus
from basewatch.gold import GoldClassifier
from basewatch.replay import replay
from bench.classify import corpus_folder
from bench.machine import machine
from config.channels import ConsoleSettings
from config.outlets import Outlet, load_outlets
from config.settings import Settings
from config.watch import Watch, load_watch
from core.values import UNNAMED, Attack, Label, Outcome, Verdict, Weapon
from storage import articles
from storage.engine import Database, open_database
from storage.tables import Article, ArticleVersion, Base, Incident, Report
from storage.values import ArticleSeed, StoredArticle

N_INCIDENTS = 100_000
SITES_A_DAY = 50  #: a war: fifty sites attacked each day
REPORTS = 2  #: of each incident
N_MATCHED = 300
FIRST = datetime(2026, 3, 1, 18, tzinfo=UTC)  #: of the newest day; the others lie before it
ROWS = 5_000  #: copied in one statement
OUTLETS: Mapping[str, Outlet] = {}  #: every report from an outlet that nobody knows


def run(n_incidents: int = N_INCIDENTS) -> dict[str, str | int | float]:
    """The figures of ``basewatch bench incidents``."""
    house = build_house(load_watch(), OUTLETS, Settings(channels={"bench": ConsoleSettings()}))
    with (
        tempfile.TemporaryDirectory(prefix="basewatch-bench-") as folder,
        open_database(Path(folder) / "bench.db") as database,
    ):
        small = _time(database, house, "before")
        made = _fill(database, house, n_incidents)
        many = _time(database, house, "after")
    corpus = read_corpus([corpus_folder()])
    started = time.perf_counter()
    replay(corpus, GoldClassifier(corpus), watch=load_watch(), outlets=load_outlets(), settings=Settings())
    replayed_s = time.perf_counter() - started
    return {
        "match_ms_100k": round(statistics.median(many.match), 2),
        "match_p95_ms_100k": round(statistics.quantiles(many.match, n=20)[18], 2),
        "match_ms_empty": round(statistics.median(small.match), 2),
        "enter_ms_100k": round(statistics.median(many.enter), 2),
        "enter_ms_empty": round(statistics.median(small.enter), 2),
        "replay_articles_per_s": round(len(corpus) / replayed_s, 1),
        "n_incidents": made,
        "n_matched": len(many.match),
        "n_replayed": len(corpus),
        **machine(),
    }


@dataclass(slots=True)
class Taken:
    """Milliseconds of each article: finding the incident that it belongs to, and all that entering it does."""

    match: list[float] = field(default_factory=list)
    enter: list[float] = field(default_factory=list)


def _time(database: Database, house: House, name: str) -> Taken:
    """What N_MATCHED articles took: new attacks, reports that join them, one in ten of a base without a name."""
    taken, desk, sites = Taken(), Desk(house.watch, OUTLETS, house.settings), _sites(house.watch)
    for number in range(N_MATCHED):
        site = None if number % 10 == 9 else sites[number % SITES_A_DAY]
        at = FIRST + timedelta(minutes=number)
        with database.write() as session:
            article, verdict = _report(session, f"{name}-{number}", site, at)
            started = time.perf_counter()
            arrivals = mentions_of(verdict, teller_of(article, OUTLETS), house.settings.alerts)
            read, constraints = read_nearby(session, arrivals, house.places)
            arrange(list(read), list(arrivals), house.places, constraints=constraints)
            matched = time.perf_counter()
            desk.enter(session, article, verdict, at)
            session.flush()
            taken.match.append(1000 * (matched - started))
            taken.enter.append(1000 * (time.perf_counter() - matched))
    return taken


def _report(session: Session, name: str, site: str | None, at: datetime) -> tuple[StoredArticle, Verdict]:
    """Store an article that tells an attack; the article and what the classifier would say of it."""
    attack = Attack(
        base=site or UNNAMED, country=None if site else "IQ", date=at.date(), event_from=at - timedelta(hours=1),
        event_to=at, weapons=(Weapon.DRONE,), count=1, outcome=Outcome.HIT,
    )  # fmt: skip
    seed = ArticleSeed(
        url=f"https://{name}.example/", outlet=name, family=name, source_id=name, title=f"{name}: drone hits base",
        text=f"{name}. A drone hit the base, a source said.", first_seen_at=at, published_at=at, lang="en",
    )  # fmt: skip
    stored = articles.store(session, seed, at)
    article = articles.article(session, stored.article_id, stored.version)
    assert article is not None
    return article, Verdict(label=Label.ATTACK, probability=0.97, lang="en", attacks=(attack,), model="bench")


def _fill(database: Database, house: House, n_incidents: int) -> int:
    """Enter one day as the daemon does, and copy it to the days before it; how many incidents there are then."""
    day_before, desk = FIRST - timedelta(days=10), Desk(house.watch, OUTLETS, house.settings)
    with database.write() as session:
        for site in _sites(house.watch):
            for report in range(REPORTS):
                at = day_before + timedelta(minutes=report)
                desk.enter(session, *_report(session, f"{site}-{report}", site, at), at)
    with database.read() as session:
        last = session.scalars(select(Incident.id).order_by(Incident.id.desc())).first() or 0
        made = [row for row in session.scalars(select(Incident)) if row.first_seen_at < FIRST - timedelta(days=5)]
        ids = {row.id for row in made}
        reports = [row for row in session.scalars(select(Report)) if row.incident_id in ids]
        wanted = {row.article_id for row in reports}
        kept: list[Base] = [
            *(row for row in session.scalars(select(Article)) if row.id in wanted),
            *(row for row in session.scalars(select(ArticleVersion)) if row.article_id in wanted),
            *made,
            *reports,
        ]
        day = [(type(row), {column.key: getattr(row, column.key) for column in row.__table__.columns}) for row in kept]
    days = max(n_incidents // max(len(made), 1), 1)
    for table in (Article, ArticleVersion, Incident, Report):
        rows = [row for kind, row in day if kind is table]
        with database.write() as session:
            batch: list[dict[str, Any]] = []
            for number in range(1, days):
                batch += (_earlier(row, number) for row in rows)
                if len(batch) >= ROWS:
                    session.execute(insert(table), batch)
                    batch = []
            if batch:
                session.execute(insert(table), batch)
    return last + len(made) * (days - 1)


def _earlier(row: dict[str, Any], number: int) -> dict[str, Any]:
    """The row of the same thing ``number`` days before, under ids of its own."""
    back, offset = timedelta(days=number), number * 1_000_000
    moved: dict[str, Any] = {}
    for name, value in row.items():
        if name in ("id", "incident_id", "article_id", "version_id"):
            moved[name] = value + offset
        elif isinstance(value, datetime):
            moved[name] = value - back
        elif name == "local_date":
            moved[name] = str(date.fromisoformat(value) - back)
        elif name == "attack":
            moved[name] = dict(_moved(value, back))
        elif name == "content_hash":
            moved[name] = f"{number}-{value}"[:64]
        else:
            moved[name] = value
    return moved


def _moved(attack: dict[str, Any], back: timedelta) -> Iterator[tuple[str, Any]]:
    for name, value in attack.items():
        if name == "date" and value:
            yield name, str(date.fromisoformat(value) - back)
        elif name in ("event_from", "event_to") and value:
            yield name, (datetime.fromisoformat(value) - back).isoformat()
        else:
            yield name, value


def _sites(watch: Watch) -> list[str]:
    return sorted(watch.sites)[:SITES_A_DAY]
