"""The kinds of sources through the whole crawl service: loopback server, real database, stored articles."""

from __future__ import annotations

import dataclasses
import gzip
import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from storage.engine import open_database
from tests.crawler.newsstand import LONG, NIGHT, Newsstand, article_page, item, rss
from tests.crawler.newsstand import outlet_at as shafaq_at
from tests.crawler.sources.shapes import WORDPRESS, channel, found, post
from tests.fakes.server import html, reply, xml


@pytest.fixture
def database(tmp_path):
    with open_database(str(tmp_path / "test.db")) as opened:
        yield opened


@pytest.fixture
def stand(on_reactor, server, database):
    """``stand(outlet, …)`` -> Newsstand whose ``poll()`` runs once; closed at the end."""
    made = []

    def build(*outlets, **crawler):
        newsstand = Newsstand(server, database, *outlets, **crawler)
        newsstand.poll = lambda: on_reactor(newsstand.service.run_once())
        made.append(newsstand)
        return newsstand

    yield build
    for newsstand in made:
        on_reactor(newsstand.service.close())


def outlet(server, *sources, **changes):
    """Shafaq with these (kind, path, more) as its sources in English, and articles under /en/Security/."""
    shipped = shafaq_at(server, "/none")
    model = shipped.sources[0]
    made = tuple(
        dataclasses.replace(model, id=f"s-{kind}-{n}", kind=kind, url=server.url(path), **more)
        for n, (kind, path, more) in enumerate(sources)
    )
    pattern = re.compile(r"^https?://[^/]+/en/Security/[^/?]+$")
    return dataclasses.replace(shipped, sources=made, article_url=pattern, home=server.url("/"), **changes)


def later(newsstand, **more):
    newsstand.clock.instant += timedelta(**more)


def test_posts_of_a_channel_are_stored_without_a_fetch_and_their_edits_are_versions(stand, server):
    first = channel(post(1, "Sirens at the base<br>Nothing else is known."), post(2, "Two hurt at the base"))
    edited = first.replace("Two hurt", "Three hurt")
    server.route("/s/outlet", html(first), html(edited))
    newsstand = stand(outlet(server, ("telegram", "/s/outlet", {})))
    newsstand.poll()
    assert [(row[0], row[1], row[2]) for row in newsstand.articles()] == [
        ("https://t.me/outlet/1", "Sirens at the base", "Nothing else is known."),
        ("https://t.me/outlet/2", "Two hurt at the base", ""),
    ]
    later(newsstand, minutes=10)
    newsstand.poll()
    assert [(row[1], row[3], row[4]) for row in newsstand.articles()][1] == ("Three hurt at the base", 0, 2)
    assert {request.path for request in server.requests} == {"/s/outlet"}


def test_a_post_that_is_deleted_is_noted_and_one_that_is_back_is_not(stand, server):
    three = [post(n, f"Post number {n} of the evening") for n in (1, 2, 3)]
    server.route("/s/outlet", html(channel(*three)), html(channel(three[0], three[2])), html(channel(*three)))
    newsstand = stand(outlet(server, ("telegram", "/s/outlet", {})))
    newsstand.poll()
    later(newsstand, minutes=10)
    assert newsstand.poll().entries_gone == 1
    gone = "SELECT url FROM articles WHERE gone_at IS NOT NULL"
    assert newsstand.rows(gone) == [("https://t.me/outlet/2",)]
    later(newsstand, minutes=10)
    newsstand.poll()
    assert newsstand.rows(gone) == []
    assert len(newsstand.articles()) == 3


def test_a_sitemap_brings_fresh_articles_and_leaves_old_ones_alone(stand, server):
    def entry(name, day):
        return f"<url><loc>{server.url('/en/Security/' + name)}</loc><lastmod>{day:%Y-%m-%d}</lastmod></url>"

    body = f"<urlset>{entry('new', NIGHT)}{entry('old', NIGHT - timedelta(days=300))}</urlset>"
    server.route("/map.xml", xml(body))
    server.route("/en/Security/new", html(article_page("Drone shot down", LONG)))
    newsstand = stand(outlet(server, ("sitemap", "/map.xml", {})))
    newsstand.poll()
    assert [row[1] for row in newsstand.articles()] == ["Drone shot down"]
    assert not server.requests_to("/en/Security/old")


def test_the_newest_part_of_an_index_is_followed_conditionally_even_while_the_index_stays_the_same(stand, server):
    def urls(*names):
        return "".join(f"<url><loc>{server.url('/en/Security/' + name)}</loc></url>" for name in names)

    def packed(*names):
        return gzip.compress(f"<urlset>{urls(*names)}</urlset>".encode())

    parts = (
        "".join(
            f"<sitemap><loc>{server.url(f'/map-{n}.xml.gz')}</loc><lastmod>2024-0{n}-01</lastmod></sitemap>"
            for n in (1, 2)
        )
        + f"<sitemap><loc>{server.url('/map-3.xml.gz')}</loc><lastmod>2024-03-01</lastmod></sitemap>"
    )
    server.route("/map.xml", xml(f"<sitemapindex>{parts}</sitemapindex>", etag='"i"'))
    server.route("/map-2.xml.gz", reply(200, packed("b")))
    answers = [reply(200, packed(*names), headers={"ETag": f'"{len(names)}"'}) for names in ("a", "ac")]
    server.route("/map-3.xml.gz", *answers)
    for name in "abc":
        server.route(f"/en/Security/{name}", html(article_page(f"Story {name}", LONG + name)))
    newsstand = stand(outlet(server, ("sitemap", "/map.xml", {})))
    newsstand.poll()
    assert sorted(row[1] for row in newsstand.articles()) == ["Story a", "Story b"]
    later(newsstand, minutes=10)
    newsstand.poll()
    assert sorted(row[1] for row in newsstand.articles()) == ["Story a", "Story b", "Story c"]
    assert not server.requests_to("/map-1.xml.gz")
    assert server.requests_to("/map-3.xml.gz")[1].headers["if-none-match"] == '"1"'
    assert newsstand.rows("SELECT etag FROM sources") == [('"i"',)]


def test_a_listing_brings_its_articles_once(stand, server):
    server.route("/list", html("".join(f"<a href='/en/Security/{n}'><h3>Story {n}</h3></a>" for n in "ab")))
    for name in "ab":
        server.route(f"/en/Security/{name}", html(article_page(f"Story {name}", LONG + name)))
    newsstand = stand(outlet(server, ("listing", "/list", {})))
    newsstand.poll()
    later(newsstand, minutes=10)
    newsstand.poll()
    assert sorted(row[1] for row in newsstand.articles()) == ["Story a", "Story b"]
    assert len(server.requests_to("/en/Security/a")) == 1


def test_posts_of_wordpress_are_whole_and_dated_in_utc(stand, server):
    server.route("/wp", reply(200, WORDPRESS, headers={"Content-Type": "application/json"}))
    newsstand = stand(outlet(server, ("wordpress", "/wp", {})))
    newsstand.poll()
    assert len(newsstand.articles()) == 2
    assert len(server.requests) == 1
    assert newsstand.rows("SELECT count(*) FROM raw_pages") == [(2,)]


def test_a_headline_is_matched_back_to_the_outlets_article_and_else_kept_as_a_headline(stand, server):
    host = server.url("").rstrip("/")
    server.route("/rss", xml(rss(item("/en/Security/a", "Drone shot down over Erbil base", LONG))))
    server.route("/en/Security/a", html(article_page("Drone shot down over Erbil base", LONG)))
    known = found("Drone shot down over Erbil base", url=host)
    unread = found("Rockets hit another base", url=host, link="B")
    foreign = found("Somebody else's words", url="https://else.example", link="C")
    server.route("/search", xml(rss(known, unread, foreign)))
    newsstand = stand(outlet(server, ("feed", "/rss", {})))
    newsstand.poll()
    both = stand(outlet(server, ("feed", "/rss", {}), ("search", "/search", {})))
    later(both, minutes=1)
    summary = both.poll()
    assert summary.headlines_known == 1
    assert both.rows("SELECT headline_only FROM articles ORDER BY id") == [(0,), (1,)]
    assert [row[1] for row in both.articles()][1] == "Rockets hit another base"


def test_a_spare_stands_in_while_the_feed_fails_and_stands_by_again_after(stand, server):
    broken, mended = reply(404), xml(rss(item("/en/Security/a", "A", LONG)))
    server.route("/rss", mended, broken, broken, broken, mended)
    server.route("/list", html("<a href='/en/Security/a'>A</a><a href='/en/Security/b'>B at the base</a>"))
    server.route("/en/Security/a", html(article_page("A", LONG)))
    server.route("/en/Security/b", html(article_page("B", LONG[::-1])))
    newsstand = stand(outlet(server, ("feed", "/rss", {}), ("listing", "/list", {"spare": True})))
    newsstand.poll()
    assert not server.requests_to("/list")
    for _ in range(2):
        later(newsstand, hours=2)
        newsstand.poll()
    later(newsstand, minutes=1)
    newsstand.poll()
    assert server.requests_to("/list")
    assert {row[0]: row[1] for row in newsstand.rows("SELECT url, source_id FROM articles")} == {
        newsstand.rows("SELECT url FROM articles WHERE url LIKE '%/a'")[0][0]: "s-feed-0",
        newsstand.rows("SELECT url FROM articles WHERE url LIKE '%/b'")[0][0]: "s-listing-1",
    }
    ((why,),) = newsstand.rows("SELECT active_why FROM sources WHERE source_id = 's-listing-1'")
    assert why == "s-feed-0 fails (http_404)"
    for _ in range(3):
        later(newsstand, hours=5)
        newsstand.poll()
    asked = len(server.requests_to("/list"))
    later(newsstand, hours=5)
    newsstand.poll()
    assert len(server.requests_to("/list")) == asked
    assert newsstand.rows("SELECT active FROM sources ORDER BY source_id") == [(1,), (0,)]


def test_a_page_that_always_breaks_us_keeps_its_feed_text_and_is_left_alone_after_three_tries(stand, server):
    server.route("/rss", xml(rss(item("/en/Security/a", "Rockets hit base", LONG)), etag='"1"'))
    server.route("/en/Security/a", html(article_page("Rockets hit base", LONG)))
    newsstand = stand(outlet(server, ("feed", "/rss", {})))

    async def poison(task):
        raise ZeroDivisionError("a fault of ours")

    newsstand.service.reader.read = poison
    for _ in range(6):
        newsstand.poll()
        later(newsstand, hours=2)
    assert [(row[1], row[3]) for row in newsstand.articles()] == [("Rockets hit base", 1)]
    assert len(server.requests_to("/en/Security/a")) == 3
    assert newsstand.rows("SELECT state, cause_code FROM pages") == [("failed", "internal")]


def test_a_database_of_today_keeps_its_sources_when_it_learns_of_spares(stand, server):
    server.route("/rss", xml(rss(item("/en/Security/a", "A", LONG))))
    newsstand = stand(outlet(server, ("feed", "/rss", {})))
    newsstand.poll()
    with newsstand.database.write() as session:
        session.execute(text("UPDATE sources SET lang = NULL"))
    again = stand(outlet(server, ("feed", "/rss", {}), ("listing", "/list", {"spare": True})))
    later(again, minutes=10)
    again.poll()
    assert again.rows("SELECT lang, spare, active, polls_total FROM sources ORDER BY source_id") == [
        ("en", 0, 1, 2), ("en", 1, 0, 0),
    ]  # fmt: skip
