"""The demo's newsroom serves what it says, asked over real connections by a client of another make."""

from __future__ import annotations

import asyncio
import http.client
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import feedparser
import pytest

from basewatch.demo.newsroom import Newsroom
from basewatch.demo.shapes import glue
from basewatch.demo.stories import Moment, Script, load_script

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
MOMENT = Moment(started_at=NOW, now=NOW)


class Answer:
    """What a client got."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status, self.headers, self.body = response.status, response.headers, response.read()


def _get(url: str, headers: dict[str, str] | None = None, method: str = "GET") -> Answer:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    try:
        connection.request(method, parts.path, headers=headers or {})
        return Answer(connection.getresponse())
    finally:
        connection.close()


async def get(url: str, headers: dict[str, str] | None = None, method: str = "GET") -> Answer:
    return await asyncio.to_thread(_get, url, headers, method)


def in_newsroom(test: Callable[[Newsroom], Awaitable[None]]) -> None:
    async def scene() -> None:
        async with Newsroom(load_script()) as newsroom:
            await test(newsroom)

    asyncio.run(scene())


def publish(newsroom: Newsroom, *ids: str) -> list[str]:
    stories = [next(s for s in newsroom.script.story if s.id == name) for name in ids]
    return [published.url for published in newsroom.publish(stories, MOMENT)]


def test_every_feed_can_be_read_and_leads_to_the_pages_of_its_stories() -> None:
    async def scene(newsroom: Newsroom) -> None:
        script: Script = newsroom.script
        published = newsroom.publish([s for s in script.story if not s.edits], MOMENT)
        links = set()
        for slug, server in newsroom.outlets.items():
            for lang in server.outlet.languages:
                feed = feedparser.parse((await get(server.feed_url(lang))).body)
                titles = {story.title for story in script.story if story.outlet == slug and story.lang == lang}
                assert {entry.title for entry in feed.entries} == titles
                links |= {entry.link for entry in feed.entries}
        assert links == {item.url for item in published}
        for item in published:
            status = (await get(item.url)).status
            assert status == (403 if item.story.outlet == "demo-damavand" else 200)

    in_newsroom(scene)


def test_a_feed_without_dates_claims_arabic_and_glues_words_that_its_page_keeps_apart() -> None:
    async def scene(newsroom: Newsroom) -> None:
        (url,) = publish(newsroom, "erbil-shanidar")
        server = newsroom.outlets["demo-shanidar"]
        raw = (await get(server.feed_url("en"))).body
        feed = feedparser.parse(raw)
        assert b"<pubDate>" not in raw
        assert b"type=" not in re.search(rb"<enclosure[^>]*>", raw)[0]  # type: ignore[index]
        assert feed.feed.language == "ar"
        assert "US forcesat Erbil" in feed.entries[0].summary
        page = (await get(url)).body.decode()
        assert "US forces at Erbil" in page
        assert 'id="newsDetails"' in page
        assert re.search(r'id="postDate">2026-11-23T17:54:00\+00:00<', page)

    in_newsroom(scene)


def test_glue_loses_every_eleventh_space_and_nothing_else() -> None:
    text = " ".join(str(number) for number in range(25))
    assert glue(text).replace(" ", "") == text.replace(" ", "")
    assert glue(text).count(" ") == 22
    assert "1011 " in glue(text)


def test_a_feed_in_an_old_code_page_names_it_in_the_declaration_only() -> None:
    async def scene(newsroom: Newsroom) -> None:
        (url,) = publish(newsroom, "tower-badia")
        answer = await get(newsroom.outlets["demo-badia"].feed_url("ar"))
        assert answer.headers["Content-Type"] == "text/xml"
        assert "صواريخ" in answer.body.decode("windows-1256")
        with pytest.raises(UnicodeDecodeError):
            answer.body.decode("utf-8")
        assert "صواريخ" in feedparser.parse(answer.body).entries[0].title
        assert "صواريخ" in (await get(url)).body.decode("windows-1256")

    in_newsroom(scene)


def test_the_atom_feed_holds_a_teaser_and_the_page_the_text() -> None:
    async def scene(newsroom: Newsroom) -> None:
        (url,) = publish(newsroom, "erbil-levant")
        feed = feedparser.parse((await get(newsroom.outlets["demo-levant"].feed_url("en"))).body)
        assert feed.version == "atom10"
        assert len(feed.entries[0].summary) < 90
        assert "Firefighters" not in feed.entries[0].summary
        assert "Firefighters" in (await get(url)).body.decode()

    in_newsroom(scene)


def test_local_time_labelled_gmt_lies_in_the_future() -> None:
    async def scene(newsroom: Newsroom) -> None:
        publish(newsroom, "drill")
        feed = feedparser.parse((await get(newsroom.outlets["demo-courier"].feed_url("en"))).body)
        stated = parsedate_to_datetime(feed.entries[0].published)
        assert stated == NOW - timedelta(minutes=6) + timedelta(hours=3)

    in_newsroom(scene)


def test_an_unchanged_feed_answers_304_without_a_body_and_a_changed_one_in_full() -> None:
    async def scene(newsroom: Newsroom) -> None:
        publish(newsroom, "ferry")
        url = newsroom.outlets["demo-marmara"].feed_url("tr")
        first = await get(url)
        validators = {"If-None-Match": first.headers["ETag"], "If-Modified-Since": first.headers["Last-Modified"]}
        second = await get(url, validators)
        assert (first.status, second.status, second.body) == (200, 304, b"")
        publish(newsroom, "turkish-base")
        third = await get(url, validators)
        assert (third.status, third.headers["ETag"] != first.headers["ETag"]) == (200, True)
        assert newsroom.polls()[url] == 3

    in_newsroom(scene)


def test_a_forbidden_page_says_nothing_of_the_story_whose_text_stands_in_the_feed() -> None:
    async def scene(newsroom: Newsroom) -> None:
        (url,) = publish(newsroom, "tower-damavand")
        page = await get(url)
        assert page.status == 403
        assert "راکت" not in page.body.decode()
        feed = feedparser.parse((await get(newsroom.outlets["demo-damavand"].feed_url("fa"))).body)
        assert "صدای سه انفجار" in feed.entries[0].summary

    in_newsroom(scene)


def test_an_edit_appears_under_the_old_address_and_not_as_a_second_item() -> None:
    async def scene(newsroom: Newsroom) -> None:
        (before,) = publish(newsroom, "erbil-shanidar")
        (after,) = publish(newsroom, "erbil-shanidar-edit")
        assert before == after
        assert "have since resumed" in (await get(after)).body.decode()
        feed = feedparser.parse((await get(newsroom.outlets["demo-shanidar"].feed_url("en"))).body)
        assert len(feed.entries) == 1

    in_newsroom(scene)


def test_what_is_not_there_is_404_and_robots_may_read_the_news() -> None:
    async def scene(newsroom: Newsroom) -> None:
        base = newsroom.outlets["demo-wadi"].server.url
        assert (await get(f"{base}/nothing")).status == 404
        robots = await get(f"{base}/robots.txt")
        assert (robots.status, b"Disallow: /admin/" in robots.body) == (200, True)

    in_newsroom(scene)


def test_nonsense_on_the_wire_is_refused_and_the_next_request_is_served() -> None:
    async def scene(newsroom: Newsroom) -> None:
        server = newsroom.outlets["demo-wadi"].server
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"\x16\x03\x01 what\r\n\r\n")
        assert b" 400 " in await asyncio.wait_for(reader.read(), 5)
        writer.close()
        assert (await get(f"{server.url}/robots.txt")).status == 200

    in_newsroom(scene)
