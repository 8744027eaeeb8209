"""A real outlet served from loopback, and a crawl service that reads it into a real SQLite file."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text

from config.outlets import Outlet, load_outlets
from config.settings import Settings
from core.clock import Clock
from crawler.service import CrawlService
from storage.engine import Database
from storage.values import Stored
from tests.fakes.server import ScriptedServer

PAGES = Path(__file__).parent / "pages"
NIGHT = datetime(2024, 4, 21, 21, 0, tzinfo=UTC)


class SettableClock(Clock):
    """The wall clock stands still until it is set; the monotonic one runs, since real sockets are waited for."""

    def __init__(self, start: datetime = NIGHT) -> None:
        self.instant = start
        super().__init__(now=lambda: self.instant)


def page(name: str, server: ScriptedServer) -> str:
    """A saved page with its links pointed at the server."""
    return (PAGES / name).read_text(encoding="utf-8").replace("{{BASE}}", server.url(""))


def outlet_at(server: ScriptedServer, *paths: str, slug: str = "shafaq", **changes: Any) -> Outlet:
    """The shipped outlet with its feeds at these paths of the server."""
    shipped = load_outlets()[slug]
    model = shipped.live_sources[0]
    sources = tuple(
        dataclasses.replace(model, id=f"{slug}-{index}" if index else model.id, url=server.url(path), **changes)
        for index, path in enumerate(paths)
    )
    return dataclasses.replace(shipped, sources=sources)


class Newsstand:
    """One service over one server and one database, with what it stored."""

    def __init__(self, server: ScriptedServer, database: Database, *outlets: Outlet, **crawler: Any) -> None:
        self.server, self.database, self.clock = server, database, SettableClock()
        self.stored: list[Stored] = []
        options = {"allow_hosts": (server.netloc,), "obey_robots": False, "timeout_s": 5, "extract_timeout_s": 10}
        settings = Settings(crawler={**options, **crawler}, contact="desk@example.org")
        self.service = CrawlService(
            settings, {outlet.slug: outlet for outlet in outlets}, database, self.clock, self.stored.append
        )

    def rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        with self.database.read() as session:
            return [tuple(row) for row in session.execute(text(statement), values)]

    def articles(self) -> list[tuple[Any, ...]]:
        """(url, title, text, from_feed_only, version) of each current version, oldest first."""
        return self.rows(
            "SELECT a.url, v.title, v.text, v.from_feed_only, v.version FROM articles a JOIN article_versions v"
            " ON v.article_id = a.id AND v.version = a.current_version ORDER BY a.id"
        )


def rss(*items: str, head: str = "") -> str:
    return f'{head}<rss version="2.0"><channel><title>News</title>{"".join(items)}</channel></rss>'


def item(link: str, title: str, description: str = "", more: str = "") -> str:
    return (
        f"<item><link>{link}</link><title><![CDATA[{title}]]></title>"
        f"<description><![CDATA[{description}]]></description>{more}</item>"
    )


def article_page(title: str, *paragraphs: str, head: str = "") -> str:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<!DOCTYPE html><html><head><title>{title}</title>{head}</head><body><article id='article'><h1>{title}</h1>"
        f"<div id='newsDetails'>{body}</div></article></body></html>"
    )


LONG = "A security source said that the drone was shot down before it reached the base, and that nobody was hurt."
