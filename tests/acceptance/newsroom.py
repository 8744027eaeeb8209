"""A loopback outlet of Shafaq's shape: a feed without dates, pages with the text, conditional answers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from html import escape
from urllib.parse import quote

from tests.fakes.server import Behaviour, RecordedRequest, ScriptedServer, decide, html, xml


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    title: str
    paragraphs: tuple[str, ...]
    published_at: datetime
    section: str = "Security"

    @property
    def path(self) -> str:
        return f"/en/{self.section}/{quote(self.title.replace(' ', '-'), safe='-')}"


class Newsroom:
    """An outlet whose stories a test publishes one by one."""

    def __init__(self, server: ScriptedServer, feed_path: str = "/rss/en") -> None:
        self.server = server
        self.feed_path = feed_path
        self.stories: list[Story] = []
        self.open()

    def open(self) -> None:
        """Serve the feed; a test may have routed something else there."""
        self.server.route(self.feed_path, decide(self._feed))

    @property
    def feed_url(self) -> str:
        return self.server.url(self.feed_path)

    def publish(self, story: Story) -> None:
        """Put it on its page first, then on top of the feed."""
        self.server.route(story.path, page(story))
        self.stories.insert(0, story)

    def _feed(self, request: RecordedRequest) -> Behaviour:
        body = feed_xml(self.stories, self.server.url(""))
        return xml(body, etag='"' + hashlib.sha256(body.encode()).hexdigest()[:16] + '"')


def feed_xml(stories: list[Story], base: str) -> str:
    """Shafaq's shape: wrong language, no pubDate, enclosure without type, article HTML in the description."""
    items = "".join(
        f"""<item><link>{base}{s.path}</link><guid isPermaLink="true">{base}{s.path}</guid>
        <title>{escape(s.title)}</title>
        <enclosure url="{base}/media/1719228793000.webp"/><category><![CDATA[{s.section}]]></category>
        <description><![CDATA[<?xml encoding="utf-8" ?><p><em>Shafaq News- Baghdad</em></p>
        {"".join(f"<p>{escape(p)}</p>" for p in s.paragraphs)}]]></description></item>"""
        for s in stories
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>
<title>News around the clock</title><link>{base}/en/en?rss=1</link><description>Shafaaq News Agency</description>
<language>ar</language>{items}</channel></rss>"""


def page(story: Story) -> Behaviour:
    paragraphs = "".join(f"<p>{escape(p)}</p>" for p in story.paragraphs)
    return html(
        f"""<!doctype html><html lang="en"><head><title>{escape(story.title)}</title>
        <meta property="og:title" content="{escape(story.title)}"></head><body>
        <nav><a href="/en">Home</a> <a href="/en/Security">Security</a></nav>
        <article id="article"><h1>{escape(story.title)}</h1><span id="postDate">{story.published_at.isoformat()}</span>
        <div id="newsDetails"><p><em>Shafaq News- Baghdad</em></p>{paragraphs}</div></article>
        <div>Shafaq Live</div><div>Radio radio icon</div><footer>All rights reserved</footer></body></html>"""
    )
