"""Live blogs: each post an article of its own, read again while they run."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta

import pytest

from crawler import live
from crawler.extract import extract
from crawler.pages import ExtractedPage, LivePost, PageTask
from storage.engine import open_database
from tests.crawler.live_shapes import ARABIC, ENGLISH, with_anchors, with_json_ld, with_list
from tests.crawler.newsstand import LONG, NIGHT, Newsstand, article_page, item, rss
from tests.crawler.newsstand import outlet_at as shafaq_at
from tests.fakes.server import html, reply, xml

URL = "https://outlet.example/live/night"
SHAPES = [
    pytest.param(lambda posts, lang: with_json_ld(URL, "Live: the night", posts, lang=lang), id="json-ld"),
    pytest.param(lambda posts, lang: with_anchors("Live: the night", posts, lang=lang), id="anchors"),
    pytest.param(lambda posts, lang: with_list("Live: the night", posts, lang=lang), id="list"),
]


def read(page: str) -> ExtractedPage:
    return extract(PageTask(body=page.encode(), content_type="text/html; charset=utf-8"))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("posts", "lang"), [(ENGLISH, "en"), (ARABIC, "ar")])
def test_every_post_of_each_shape_is_found_with_its_words_and_time(shape, posts, lang):
    page = read(shape(posts, lang))
    assert len(page.posts) == len(posts)
    for found, (key, at, head, body) in zip(page.posts, posts, strict=True):
        said = " ".join((found.title, *found.paragraphs))
        assert head in said
        assert body in said
        assert "Share" not in said
        assert found.published_raw == at
        assert key in found.address


def test_lists_of_teasers_and_comments_are_no_live_blog():
    teasers = "".join(
        f"<div id='t{n}'><time datetime='2024-04-21T20:00:00Z'></time>Another story of the day {n}</div>"
        for n in range(5)
    )
    story = "<article><h1>A</h1>" + "".join(f"<p>{n}. {LONG} It was report {n}.</p>" for n in range(8)) + "</article>"
    assert not read(f"<html><body>{story}{teasers}</body></html>").posts
    # Not either where a small box of the page calls itself live.
    boxed = f"<div class='live-updates'>{teasers}</div>"
    assert not read(f"<html><body>{story}{boxed}</body></html>").posts
    # Not even beside a flash of one line, where the box leads to other pages.
    linked = boxed.replace("Another", "<a href='/news/1'>Another").replace("</div>", "</a></div>")
    assert not read(f"<html><body><article><p>{LONG}</p></article>{linked}</body></html>").posts
    assert not read(f"<html><body><article><p>{LONG}</p></article><aside>{boxed * 3}</aside></body></html>").posts


@pytest.mark.parametrize(
    ("address", "canonical"),
    [
        ("#block-1", f"{URL}#block-1"),
        (f"{URL}#block-1", f"{URL}#block-1"),
        ("https://www.outlet.example/live/night/?utm_source=x#block-1", f"{URL}#block-1"),
        (f"{URL}?update=7", f"{URL}?update=7"),
        ("/liveblog_entry/slug", "https://outlet.example/liveblog_entry/slug"),
        ("#منشور", f"{URL}#%D9%85%D9%86%D8%B4%D9%88%D8%B1"),
    ],
)
def test_a_post_is_known_by_the_page_and_its_anchor_or_by_an_address_of_its_own(address, canonical):
    post = LivePost(address=address, title="T", paragraphs=(), published_raw="2024-04-21T20:00:00Z")
    assert live.address_of(post, URL, URL)[0] == canonical


@pytest.mark.parametrize("address", ["", "https://else.example/live/night#block-1", "javascript:alert(1)"])
def test_a_post_without_an_address_of_this_host_is_known_by_its_time(address):
    def made(**changes):
        post = LivePost(address=address, title="T", paragraphs=(), published_raw="2024-04-21T20:00:00Z")
        return live.address_of(dataclasses.replace(post, **changes), URL, URL)[0]

    assert made().startswith(f"{URL}#post-")
    assert made(title="T, corrected") == made()
    assert made(published_raw="2024-04-21T20:01:00Z") != made()


@pytest.mark.parametrize(
    ("ends", "minutes"),
    [(None, 110), ("2024-04-21T23:59:00Z", 110), ("2024-04-21T21:30:00Z", 30), ("2024-04-21T20:55:00Z", -5)],
)
def test_it_runs_to_its_end_but_no_longer_than_two_hours_after_its_newest_post(server, ends, minutes):
    page = read(with_json_ld(URL, "Live", ENGLISH, ends=ends))
    outlet = shafaq_at(server, "/rss")
    wanted = _Wanted(URL)
    posts = live.posts_of(page, wanted, outlet, NIGHT)
    until = live.runs_until(page, posts, outlet, NIGHT)
    assert until - NIGHT == timedelta(minutes=minutes)
    assert (live.again_at(until, NIGHT) is None) == (minutes <= 0)


class _Wanted:
    """As much of a WantedPage as is asked for."""

    def __init__(self, url: str) -> None:
        self.url = self.raw_url = url


# ---- through the whole crawl service


@pytest.fixture
def database(tmp_path):
    with open_database(str(tmp_path / "test.db")) as opened:
        yield opened


@pytest.fixture
def stand(on_reactor, server, database):
    made = []

    def build(outlet):
        newsstand = Newsstand(server, database, outlet)
        newsstand.poll = lambda: on_reactor(newsstand.service.run_once())
        made.append(newsstand)
        return newsstand

    yield build
    for newsstand in made:
        on_reactor(newsstand.service.close())


def outlet_of(server):
    pattern = re.compile(r"^https?://[^/]+/live/[^/?]+$")
    return dataclasses.replace(shafaq_at(server, "/rss"), article_url=pattern, home=server.url("/"), selectors={})


def later(newsstand, **more):
    newsstand.clock.instant += timedelta(**more)


def test_a_running_live_blog_stores_each_post_once_and_then_only_what_is_new_or_changed(stand, server):
    link = server.url("/live/night")
    first = with_anchors("Live: the night", ENGLISH)
    new = ("103", "2024-04-21T21:02:00Z", "Two wounded at Ain al-Asad", "Two soldiers were wounded, an official said.")
    edited = (*ENGLISH[0][:3], "Air defences shot down two drones near the base, a security source said.")
    second = with_anchors("Live: the night", [new, edited, ENGLISH[1]])
    server.route("/rss", xml(rss(item("/live/night", "Live: the night")), etag='"r"'))
    one, two = html(first, headers={"ETag": '"1"'}), html(second, headers={"ETag": '"2"'})
    server.route("/live/night", one, reply(304), two, reply(304))
    newsstand = stand(outlet_of(server))
    assert newsstand.poll().articles_new == 2
    canonical = newsstand.rows("SELECT url FROM pages WHERE url LIKE '%/live/night'")[0][0]
    assert [(row[0], row[1]) for row in newsstand.articles()] == [
        (f"{canonical}#block-102", ENGLISH[0][2]), (f"{canonical}#block-101", ENGLISH[1][2]),
    ]  # fmt: skip
    assert newsstand.rows("SELECT raw_url FROM pages WHERE whole = 1 ORDER BY id")[0] == (f"{link}#block-102",)
    later(newsstand, minutes=2)
    newsstand.poll()
    assert len(server.requests_to("/live/night")) == 1  # not before its time
    for _ in range(2):
        later(newsstand, minutes=3)
        newsstand.poll()
    asked = server.requests_to("/live/night")
    assert [request.headers.get("if-none-match") for request in asked] == [None, '"1"', '"1"']
    assert [(row[1], row[4]) for row in newsstand.articles()] == [
        (ENGLISH[0][2], 2), (ENGLISH[1][2], 1), (new[2], 1),
    ]  # fmt: skip
    published = newsstand.rows("SELECT published_at FROM article_versions ORDER BY id DESC LIMIT 1")
    assert "2024-04-21" in str(published[0][0])
    assert newsstand.rows("SELECT count(*) FROM raw_pages") == [(4,)]


def test_a_live_blog_that_is_over_is_not_asked_for_again(stand, server):
    server.route("/rss", xml(rss(item("/live/night", "Live: the night")), etag='"r"'))
    page = with_json_ld(server.url("/live/night"), "Live: the night", ARABIC, lang="ar")
    server.route("/live/night", html(page, headers={"ETag": '"1"'}), reply(304))
    newsstand = stand(outlet_of(server))
    newsstand.poll()
    assert [row[1] for row in newsstand.articles()] == [post[2] for post in ARABIC]
    for _ in range(4):  # its newest post is of ten minutes before NIGHT: it runs for 110 minutes
        later(newsstand, minutes=50)
        newsstand.poll()
    assert len(server.requests_to("/live/night")) == 4
    assert newsstand.rows("SELECT state FROM pages WHERE whole = 0") == [("done",)]


def test_an_ordinary_page_is_still_one_article(stand, server):
    server.route("/rss", xml(rss(item("/live/a", "Drone shot down"))))
    server.route("/live/a", html(article_page("Drone shot down", LONG)))
    newsstand = stand(outlet_of(server))
    newsstand.poll()
    assert [row[1] for row in newsstand.articles()] == ["Drone shot down"]
    assert newsstand.rows("SELECT live_until FROM pages") == [(None,)]
