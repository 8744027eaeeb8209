"""The way in, whole: a real outlet on loopback, real Scrapy, a real worker process, a real SQLite file."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from storage import articles as article_rows
from storage import incidents
from storage.engine import open_database
from tests.crawler.newsstand import LONG, PAGES, Newsstand, article_page, item, outlet_at, page, rss
from tests.fakes.server import bomb, cut, decide, hang_up, html, huge, reply, xml
from tests.storage.builders import incident_seed, mention

MIB = 1024 * 1024
FEED = "/rss/en"
SEED = "/en/Iraq-News/US-responds-to-missiles-launched-from-Iraqi-toward-its-base-in-Syria"


@pytest.fixture
def database(tmp_path):
    with open_database(str(tmp_path / "test.db")) as opened:
        yield opened


@pytest.fixture
def stand(on_reactor, server, database):
    """``stand(outlet, …)`` -> Newsstand whose ``poll()`` runs once; closed at the end."""
    made = []

    def build(*outlets, **crawler):
        newsstand = Newsstand(server, database, *(outlets or (outlet_at(server, FEED),)), **crawler)
        newsstand.poll = lambda: on_reactor(newsstand.service.run_once())
        made.append(newsstand)
        return newsstand

    yield build
    for newsstand in made:
        on_reactor(newsstand.service.close())


def later(newsstand, **delta):
    newsstand.clock.instant += timedelta(**delta)


def test_the_seed_article_is_stored_with_title_text_time_and_outlet(stand, server):
    server.route(FEED, xml(page("shafaq-rss-en.xml", server)))
    server.route(SEED, html(page("shafaq-2024-04-21.html", server)))
    newsstand = stand()
    summary = newsstand.poll()
    (stored,) = newsstand.stored
    assert stored.is_new
    with newsstand.database.read() as session:
        article = article_rows.article(session, stored.article_id)
    title, text = (PAGES / "shafaq-2024-04-21.txt").read_text(encoding="utf-8").strip().split("\n\n", 1)
    assert article.title == title
    assert article.text == text
    assert article.published_at == datetime(2024, 4, 21, 20, 51, 7, tzinfo=UTC)
    assert (article.outlet, article.lang, article.date_only) == ("shafaq", "en", False)
    assert article.first_poll
    assert not article.from_feed_only
    assert summary.polls["ok"] == summary.pages["ok"] == summary.articles_new == 1
    ((sha, headers),) = newsstand.rows("SELECT sha256, headers FROM raw_pages")
    assert len(sha) == 64
    assert "content-type" in headers


def test_the_same_article_from_its_feed_alone_loses_nothing_but_a_few_spaces(stand, server):
    server.route(FEED, xml(page("shafaq-rss-en.xml", server)))
    server.route(SEED, reply(403, "Forbidden"))
    newsstand = stand()
    newsstand.poll()
    ((_, title, text, from_feed_only, _),) = newsstand.articles()
    assert from_feed_only
    assert title == "US responds to missiles launched from Iraqi toward its base in Syria"
    assert text.startswith("A security source reported thatthe United States has taken action")
    assert "base at Khirbet Al-Jir" in text
    assert "facebook" not in text
    assert "Shafaq News-" not in text


BAD_FEEDS = [
    (xml("<rss><channel><item><title>x"), "bad_xml"),
    (xml("this is no feed at all"), "bad_xml"),
    (html("<html><body>We are updating our site</body></html>"), "blocked_page"),
    (html("<html><title>Just a moment...</title></html>", headers={"cf-mitigated": "challenge"}), "blocked_page"),
    (html("<html><title>Just a moment...</title></html>", status=403), "blocked_page"),
    (xml(""), "empty_feed"),
    (xml(rss()), "empty_feed"),
    (huge(30 * MIB), "too_large"),
    (bomb(300 * MIB), "bomb"),
    (xml(rss(head='<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>')), "bomb"),
    (cut(rss(item("/a", "b")).encode(), 40), "truncated"),
    (reply(200, rss(), content_length=9999), "truncated"),
    (xml("this is no gzip", headers={"Content-Encoding": "gzip"}), "bad_encoding"),
    (hang_up(), "unreachable"),
    (reply(403), "http_403"),
    (reply(404), "http_404"),
    (reply(500), "http_5xx"),
    (reply(301, headers={"Location": "http://127.0.0.1:1/feed"}), "address_refused"),
    (reply(302, headers={"Location": "file:///etc/passwd"}), "redirect_refused"),
]  # fmt: skip


@pytest.mark.parametrize(("act", "cause"), BAD_FEEDS)
def test_a_bad_feed_is_a_counted_outcome_and_the_other_feed_goes_on(stand, server, act, cause):
    server.route("/bad", act)
    server.route("/good", xml(rss(item("/en/Security/a", "Drone shot down", LONG))))
    server.route("/en/Security/a", html(article_page("Drone shot down", LONG)))
    newsstand = stand(outlet_at(server, "/bad", "/good"))
    summary = newsstand.poll()
    assert (summary.polls[cause], summary.polls["ok"], summary.failed_polls) == (1, 1, 1)
    assert len(newsstand.articles()) == 1
    ((state, told, message),) = newsstand.rows(
        "SELECT state, cause_code, message FROM sources WHERE url = :url", url=server.url("/bad")
    )
    assert (state, told) == ("failing", cause)
    assert message


def test_a_feed_that_takes_too_long_to_parse_is_left_and_the_other_goes_on(stand, server):
    server.route("/slow", xml(rss(*(item(f"/{number}", "b") for number in range(40_000)))))
    server.route("/good", xml(rss(item("/en/Security/a", "Drone shot down", LONG))))
    newsstand = stand(outlet_at(server, "/slow", "/good"), extract_timeout_s=3)
    summary = newsstand.poll()
    assert (summary.polls["parse_timeout"], summary.polls["ok"], summary.reader_restarts) == (1, 1, 1)
    assert len(newsstand.articles()) == 1


BAD_PAGES = [
    (reply(403), "http_403"),
    (html("<html><title>Just a moment...</title></html>", headers={"cf-mitigated": "challenge"}), "blocked_page"),
    (html("<html><body></body></html>"), "empty_page"),
    (reply(200, b"\x89PNG", headers={"Content-Type": "image/png"}), "not_html"),
    (huge(30 * MIB), "too_large"),
    (bomb(300 * MIB, "br"), "bomb"),
    (cut(b"<html>" * 1000, 500), "truncated"),
    (html("<div>" * 200_000 + LONG), "empty_page"),
    (reply(302, headers={"Location": "http://169.254.169.254/latest/meta-data/"}), "address_refused"),
]


@pytest.mark.parametrize(("act", "cause"), BAD_PAGES)
def test_a_page_that_cannot_be_read_is_stored_from_its_feed_and_the_next_goes_on(stand, server, act, cause):
    server.route(
        FEED, xml(rss(item("/en/Security/bad", "Rockets hit base", f"<p>{LONG}</p>"), item("/en/Security/good", "Oil")))
    )
    server.route("/en/Security/bad", act)
    server.route("/en/Security/good", html(article_page("Oil", LONG.replace("drone", "tanker"))))
    newsstand = stand()
    summary = newsstand.poll()
    assert (summary.pages[cause], summary.pages["ok"], summary.articles_from_feed) == (1, 1, 1)
    assert {(row[1], row[2], bool(row[3])) for row in newsstand.articles()} == {
        ("Rockets hit base", LONG, True), ("Oil", LONG.replace("drone", "tanker"), False),
    }  # fmt: skip


def test_a_page_that_arrives_later_becomes_a_new_version(stand, server):
    server.route(FEED, xml(rss(item("/en/Security/a", "Rockets hit base", "Rockets hit a base."))))
    server.route("/en/Security/a", reply(503), html(article_page("Rockets hit base", LONG)))
    newsstand = stand()
    newsstand.poll()
    later(newsstand, minutes=2)
    newsstand.poll()
    assert [(stored.is_new, stored.is_changed) for stored in newsstand.stored] == [(True, False), (False, True)]
    assert [(row[2], row[3], row[4]) for row in newsstand.articles()] == [(LONG, 0, 2)]


def test_a_short_page_does_not_replace_the_longer_text_of_the_feed(stand, server):
    server.route(FEED, xml(rss(item("/en/Security/a", "Rockets hit base", f"<p>{LONG}</p><p>{LONG[::-1]}</p>"))))
    server.route(
        "/en/Security/a", html(article_page("Rockets hit base", "Subscribers can read on after signing in here."))
    )
    newsstand = stand()
    newsstand.poll()
    ((_, _, text, _, _),) = newsstand.articles()
    assert text.startswith(LONG)


def test_an_unchanged_feed_costs_no_body_and_its_pages_are_not_asked_again(stand, server):
    server.route(
        FEED, xml(rss(item("/en/Security/a", "A", LONG)), etag='W/"1,x"', last_modified="Sun, 21 Apr 2024 20:51:07 GMT")
    )
    server.route("/en/Security/a", html(article_page("A", LONG)))
    newsstand = stand()
    newsstand.poll()
    later(newsstand, minutes=10)
    summary = newsstand.poll()
    assert [(request.status, request.sent) for request in server.requests_to(FEED)][1] == (304, 0)
    assert server.requests_to(FEED)[1].headers["if-none-match"] == 'W/"1,x"'
    assert server.requests_to(FEED)[1].headers["if-modified-since"] == "Sun, 21 Apr 2024 20:51:07 GMT"
    assert summary.polls["not_modified"] == 1
    assert len(server.requests_to("/en/Security/a")) == 1


def test_a_server_that_says_304_for_ever_is_asked_for_the_whole_feed_once_a_day(stand, server):
    feed = xml(rss(item("/en/Security/a", "A", LONG)), etag='"1"')
    server.route(FEED, feed)
    newsstand = stand()
    newsstand.poll()
    later(newsstand, hours=25)
    newsstand.poll()
    assert "if-none-match" not in server.requests_to(FEED)[1].headers


def test_an_etag_that_changes_each_time_makes_nothing_new(stand, server):
    numbers = iter(range(100))
    server.route(FEED, decide(lambda _: xml(rss(item("/en/Security/a", "A", LONG)), etag=f'"{next(numbers)}"')))
    server.route("/en/Security/a", html(article_page("A", LONG)))
    newsstand = stand()
    for _ in range(3):
        newsstand.poll()
        later(newsstand, minutes=10)
    assert len(server.requests_to("/en/Security/a")) == 1
    assert newsstand.service.counts.entries_new == 1


def test_validators_are_kept_only_with_the_entries_they_stand_for(stand, server):
    server.route(FEED, html("<html>wall</html>", etag='"wall"'), xml(rss(item("/en/Security/a", "A", LONG))))
    newsstand = stand()
    newsstand.poll()
    assert newsstand.rows("SELECT etag FROM sources") == [(None,)]
    later(newsstand, minutes=10)
    assert newsstand.poll().articles_new == 1


def test_an_edited_entry_brings_its_page_again_as_a_version(stand, server):
    server.route(
        FEED, xml(rss(item("/en/Security/a", "One hurt", LONG))), xml(rss(item("/en/Security/a", "Two hurt", LONG)))
    )
    server.route("/en/Security/a", html(article_page("One hurt", LONG)), html(article_page("Two hurt", LONG)))
    newsstand = stand()
    newsstand.poll()
    later(newsstand, minutes=10)
    newsstand.poll()
    assert [(row[1], row[4]) for row in newsstand.articles()] == [("Two hurt", 2)]


def test_a_hostile_headline_is_one_line_of_text(stand, server):
    title = "Base hit\r\n\u2028@everyone &lt;!channel&gt; <script>alert(1)</script><b>now</b>"
    server.route(FEED, xml(rss(item("/en/Security/a", title, LONG))))
    newsstand = stand()
    newsstand.poll()
    ((_, stored, _, _, _),) = newsstand.articles()
    assert stored == "Base hit @everyone <!channel> now"


def test_a_host_that_asks_for_a_pause_gets_it_for_all_its_feeds(stand, server):
    server.route("/one", reply(429, headers={"Retry-After": "1800"}))
    server.route("/two", xml(rss(item("/en/Security/a", "A", LONG))))
    newsstand = stand(outlet_at(server, "/one", "/two"), per_host=1)
    newsstand.poll()
    asked = len(server.requests)
    later(newsstand, minutes=20)
    newsstand.poll()
    assert len(server.requests) == asked
    due = [
        datetime.fromisoformat(str(row[0])).replace(tzinfo=UTC)
        for row in newsstand.rows("SELECT next_poll_at FROM sources")
    ]
    assert min(due) >= newsstand.clock.instant + timedelta(
        minutes=9, seconds=50
    )  # the gate counts by a clock that runs


def test_pages_of_a_host_that_asked_for_a_pause_are_stored_from_their_feed(stand, server):
    links = [item(f"/en/Security/{n}", f"Story {n}", f"{LONG} {n}") for n in range(4)]
    server.route(FEED, xml(rss(*links)))
    for n in range(4):
        server.route(f"/en/Security/{n}", reply(429, headers={"Retry-After": "600"}))
    newsstand = stand(concurrency=1, per_host=1)
    summary = newsstand.poll()
    assert summary.articles_from_feed == 4
    assert len(server.requests) < 6


def test_robots_txt_is_obeyed_and_asked_once(stand, server):
    server.route("/robots.txt", reply(200, "User-agent: *\nDisallow: /en/Security/secret\n"))
    server.route(
        FEED, xml(rss(item("/en/Security/secret", "Secret", LONG), item("/en/Security/open", "Open", LONG[:-9])))
    )
    server.route("/en/Security/open", html(article_page("Open", LONG)))
    newsstand = stand(obey_robots=True)
    summary = newsstand.poll()
    assert summary.pages["robots"] == 1
    assert summary.pages["ok"] == 1
    assert not server.requests_to("/en/Security/secret")
    assert len(server.requests_to("/robots.txt")) == 1


def test_without_network_it_says_so_and_nothing_backs_off(stand, server, caplog):
    shafaq = outlet_at(server, FEED)
    nowhere = (f"http://nowhere-{n}.invalid/rss" for n in range(3))
    sources = tuple(dataclasses.replace(shafaq.sources[0], id=f"s{n}", url=url) for n, url in enumerate(nowhere))
    outlet = dataclasses.replace(shafaq, sources=sources)
    newsstand = stand(outlet)
    for _ in range(4):
        summary = newsstand.poll()
        later(newsstand, minutes=6)
    assert summary.offline
    assert "is the network down?" in caplog.text
    assert summary.polls["dns"] == 12


def test_the_endless_run_takes_up_what_appears_and_stops_at_once(on_reactor, server, database):
    changed = xml(rss(item("/en/Security/a", "A", LONG), item("/en/Security/b", "B", LONG[::-1])))
    server.route(FEED, xml(rss(item("/en/Security/a", "A", LONG))), changed)
    server.route("/en/Security/a", html(article_page("A", LONG)))
    server.route("/en/Security/b", html(article_page("B", LONG[::-1])))
    newsstand = Newsstand(server, database, outlet_at(server, FEED, interval_s=1), min_interval_s=1)
    newsstand.clock.now = lambda: datetime.now(UTC)

    async def run():
        stop = asyncio.Event()
        running = asyncio.create_task(newsstand.service.run(stop))
        await asyncio.to_thread(server.wait_for, "/en/Security/b")
        while len(newsstand.stored) < 2:
            await asyncio.sleep(0.01)
        began = asyncio.get_running_loop().time()
        stop.set()
        await running
        return asyncio.get_running_loop().time() - began

    assert on_reactor(run()) < 3
    assert newsstand.service.counts.errors == 0


def test_an_outlet_without_network_names_in_the_summary_is_plain_json(stand, server):
    server.route(FEED, xml(rss(item("/en/Security/a", "A", LONG))))
    told = stand().poll().to_json()
    assert told["polls"] == {"ok": 1}
    assert told["pages"] == {"http_404": 1}
    assert told["articles"] == {"new": 1, "changed": 0, "duplicate": 0, "from_feed": 1}


def test_a_fault_of_the_database_does_not_end_the_reading_of_outlets(stand, server, on_reactor):
    server.route(FEED, xml(rss(item("/en/Security/a", "Drone shot down", LONG))))
    server.route("/en/Security/a", html(article_page("Drone shot down", LONG)))
    newsstand = stand()

    def rename(old, new):
        with newsstand.database.write() as session:
            session.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))

    async def until_it_failed():
        with pytest.raises(OperationalError):
            await newsstand.service.run(asyncio.Event())

    async def until_it_read():
        stop = asyncio.Event()
        running = asyncio.create_task(newsstand.service.run(stop))
        async with asyncio.timeout(20):
            while not newsstand.stored:
                assert not running.done()
                newsstand.clock.instant += timedelta(seconds=60)
                newsstand.service.wake()
                await asyncio.sleep(0.05)
        stop.set()
        await running

    rename("sources", "hidden")
    on_reactor(until_it_failed())
    rename("hidden", "sources")
    rename("pages", "hidden")
    on_reactor(until_it_failed())  # this time after Scrapy and the page reader were started
    rename("hidden", "pages")
    on_reactor(until_it_read())
    assert newsstand.articles()[0][3] == 0  # read from its page, not from the feed alone


def stand_on(newsstand):
    """An incident takes the one article that was stored."""
    with newsstand.database.write() as session:
        article = article_rows.article(session, newsstand.stored[0].article_id)
        incident_id = incidents.create_incident(session, incident_seed(), newsstand.clock.instant)
        incidents.attach_report(session, incident_id, article, mention(article), newsstand.clock.instant)


def half_an_hour_later(newsstand):
    later(newsstand, minutes=31)
    newsstand.service._revisited_at = None  # the monotonic clock of the stand runs by itself
    newsstand.poll()


def test_the_page_behind_an_incident_is_read_again_and_its_correction_is_stored(stand, server):
    server.route(FEED, xml(rss(item("/en/Security/a", "Drone shot down", LONG)), etag='"1"'))
    server.route("/en/Security/a", html(article_page("Drone shot down", LONG)))
    newsstand = stand()
    newsstand.poll()
    stand_on(newsstand)
    half_an_hour_later(newsstand)
    assert [row[4] for row in newsstand.articles()] == [1]  # the same words: no new version
    later(newsstand, hours=3)
    corrected = LONG.replace("nobody was hurt", "two soldiers were hurt")
    server.route("/en/Security/a", html(article_page("Drone shot down", corrected)))
    half_an_hour_later(newsstand)
    ((_, _, text_now, _, version),) = newsstand.articles()
    assert (text_now, version) == (corrected, 2)
    assert newsstand.stored[-1].is_changed


@pytest.mark.parametrize("more", [(LONG, LONG.upper()), ()])
def test_a_consent_wall_on_the_second_visit_does_not_replace_what_was_read(stand, server, more):
    server.route(FEED, xml(rss(item("/en/Security/a", "Drone shot down", LONG)), etag='"1"'))
    server.route("/en/Security/a", html(article_page("Drone shot down", *more)))
    newsstand = stand()
    newsstand.poll()
    stand_on(newsstand)
    before = newsstand.articles()
    server.route("/en/Security/a", html(article_page("Drone shot down", "Accept cookies to go on.")))
    half_an_hour_later(newsstand)
    assert newsstand.articles() == before


def test_while_nothing_can_be_recorded_an_outlet_is_asked_less_and_less_and_it_is_told_once(
    stand, server, on_reactor, caplog
):
    server.route("/one", xml(rss(item("/en/Security/a", "A", LONG))))
    server.route("/two", xml(rss(item("/en/Security/b", "B", LONG))))
    newsstand = stand(outlet_at(server, "/one", "/two"))

    async def for_a_while():
        stop = asyncio.Event()
        running = asyncio.create_task(newsstand.service.run(stop))
        async with asyncio.timeout(20):
            while newsstand.service.counts.errors < 4:
                await asyncio.sleep(0.02)
        await asyncio.sleep(1.5)  # the second pause is of two seconds
        stop.set()
        await running

    with newsstand.database.write() as session:
        session.execute(text("ALTER TABLE entries RENAME TO hidden"))
    on_reactor(for_a_while())
    assert newsstand.service.counts.errors == 4
    assert len(server.requests) == 4
    assert caplog.text.count("failed inside Basewatch") == 1
