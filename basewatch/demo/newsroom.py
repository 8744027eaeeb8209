"""The demo's newsroom: each outlet a web server of its own on loopback, whose feeds grow when the director says so."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from types import TracebackType

from basewatch.demo.loopback import LoopbackServer, Request, Response
from basewatch.demo.shapes import Piece, Site, feed_path, page_path, print_feed, print_page
from basewatch.demo.stories import Moment, Script, Story, VirtualOutlet
from core.clock import utc_now


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A story that has appeared."""

    story: Story
    url: str
    at: datetime


class OutletServer:
    """One outlet: its feeds and pages, and a count of what was asked of it."""

    def __init__(self, outlet: VirtualOutlet) -> None:
        self.outlet = outlet
        self.server = LoopbackServer(self._answer)
        self.polls: Counter[str] = Counter()  #: answers given, by path of the feed
        self.statuses: Counter[int] = Counter()
        self._pieces: dict[str, dict[str, Piece]] = {lang: {} for lang in outlet.languages}  # by language and path
        self._changed_at = utc_now()

    @property
    def site(self) -> Site:
        return Site(name=self.outlet.name, zone=self.outlet.zone, base=self.server.url)

    def feed_url(self, lang: str) -> str:
        return self.server.url + feed_path(lang)

    def publish(self, piece: Piece, *, path: str | None = None) -> str:
        """Put it on top of its feed, or in the place of what stands at ``path``; the path it has."""
        where = path or page_path(self.outlet.shape, piece)
        self._pieces[piece.lang][where] = piece
        self._changed_at = utc_now()
        return where

    def _answer(self, request: Request) -> Response:
        response = self._find(request)
        self.statuses[response.status] += 1
        return response

    def _find(self, request: Request) -> Response:
        if request.path == "/robots.txt":
            return Response(headers={"Content-Type": "text/plain"}, body=b"User-agent: *\nDisallow: /admin/\n")
        for lang, pieces in self._pieces.items():
            if request.path == feed_path(lang):
                self.polls[request.path] += 1
                return self._feed(request, lang)
            if request.path in pieces:
                return self._page(pieces[request.path])
        return Response(status=404, headers={"Content-Type": "text/plain"}, body=b"Not found\n")

    def _feed(self, request: Request, lang: str) -> Response:
        printed = print_feed(self.outlet.shape, self.site, lang, list(self._pieces[lang].values()))
        headers = {"Content-Type": printed.content_type}
        if self.outlet.shape == "conditional":
            tag = f'"{hashlib.sha256(printed.body).hexdigest()[:20]}"'
            headers |= {
                "ETag": tag,
                "Last-Modified": format_datetime(self._changed_at.astimezone(UTC), usegmt=True),
            }
            if request.headers.get("if-none-match") == tag:
                return Response(status=304, headers=headers)
        return Response(headers=headers, body=printed.body)

    def _page(self, piece: Piece) -> Response:
        printed = print_page(self.outlet.shape, self.site, piece)
        status = 403 if self.outlet.shape == "pages_forbidden" else 200
        return Response(status=status, headers={"Content-Type": printed.content_type}, body=printed.body)


class Newsroom:
    """All outlets of a script; an async context manager."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.outlets = {outlet.slug: OutletServer(outlet) for outlet in script.outlet}
        self.published: list[Published] = []
        self._paths: dict[str, str] = {}  # of each story, by id
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Newsroom:
        for outlet in self.outlets.values():
            await self._stack.enter_async_context(outlet.server)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    @property
    def hosts(self) -> tuple[str, ...]:
        return tuple(outlet.server.host for outlet in self.outlets.values())

    def publish(self, stories: Iterable[Story], moment: Moment) -> list[Published]:
        """Put the stories into their feeds, all before the next request is answered."""
        fresh = []
        for story in stories:
            outlet = self.outlets[story.outlet]
            piece = self.script.tell(story, moment)
            path = outlet.publish(piece, path=self._paths[story.edits] if story.edits else None)
            self._paths[story.id] = path
            fresh.append(Published(story=story, url=outlet.server.url + path, at=moment.now))
        self.published += fresh
        return fresh

    def polls(self) -> dict[str, int]:
        """How often each feed was answered, by its address."""
        return {
            server.feed_url(lang): server.polls[feed_path(lang)]
            for server in self.outlets.values()
            for lang in server.outlet.languages
        }
