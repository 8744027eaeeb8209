"""What outlets ask of us is done, and outlives the process: pauses, robots.txt, lifetimes, the next poll."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from email.utils import format_datetime

import pytest

from storage import courtesy, incidents, sources
from storage.engine import open_database
from tests.crawler.newsstand import LONG, Newsstand, article_page, item, outlet_at, rss
from tests.fakes.server import decide, html, reply, xml
from tests.storage.builders import incident_seed

FEED, PAGE = "/rss/en", "/en/Security/a"


@pytest.fixture
def database(tmp_path):
    with open_database(str(tmp_path / "test.db")) as opened:
        yield opened


@pytest.fixture
def stand(on_reactor, server, database):
    """``stand(outlet, …)`` -> Newsstand with ``poll()`` and ``close()``; its clock may be moved."""
    made = []

    def build(*outlets, **crawler):
        newsstand = Newsstand(server, database, *(outlets or (outlet_at(server, FEED),)), **crawler)
        newsstand.poll = lambda: on_reactor(newsstand.service.run_once())
        newsstand.close = lambda: on_reactor(newsstand.service.close())
        made.append(newsstand)
        return newsstand

    yield build
    for newsstand in made:
        newsstand.close()


def slow_outlet(server, *paths, **changes):
    """One that is no first mover, so that lifetimes count."""
    return dataclasses.replace(outlet_at(server, *paths, **changes), first_mover=False)


def wait_s(newsstand):
    with newsstand.database.read() as session:
        (state, *_) = sources.source_states(session)
    return (state.next_poll_at - newsstand.clock.instant).total_seconds()


def test_ten_restarts_in_a_minute_cost_no_outlet_an_extra_request(stand, server):
    server.route("/robots.txt", reply(200, "User-agent: *\nDisallow: /private"))
    server.route(FEED, xml(rss(item(PAGE, "Drone shot down", LONG))))
    server.route(PAGE, html(article_page("Drone shot down", LONG)))
    first = stand(obey_robots=True)
    first.poll()
    first.close()
    for number in range(10):
        again = stand(obey_robots=True)
        again.clock.instant += timedelta(seconds=5 * number)
        again.poll()
        again.close()
    assert sorted(request.path for request in server.requests) == sorted(["/robots.txt", FEED, PAGE])


def test_robots_txt_is_asked_for_once_a_day_over_restarts_and_obeyed(stand, server):
    server.route("/robots.txt", reply(200, f"User-agent: *\nDisallow: {PAGE}"))
    server.route(FEED, xml(rss(item(PAGE, "Drone shot down", LONG))))
    for hours in (0, 12, 23, 25):
        newsstand = stand(obey_robots=True)
        newsstand.clock.instant += timedelta(hours=hours)
        newsstand.poll()
        newsstand.close()
    assert len(server.requests_to("/robots.txt")) == 2
    assert len(server.requests_to(FEED)) == 4
    assert server.requests_to(PAGE) == []


def test_the_last_known_rules_count_after_a_restart_while_the_site_cannot_be_asked(stand, server):
    server.route("/robots.txt", reply(200, "User-agent: *\nDisallow: /private"), reply(500))
    server.route(FEED, xml(rss(item(PAGE, "Drone shot down", LONG))))
    stand(obey_robots=True).poll()
    later = stand(obey_robots=True)
    later.clock.instant += timedelta(days=2)
    assert later.poll().polls["ok"] == 1
    assert len(server.requests_to("/robots.txt")) == 2


@pytest.mark.parametrize("form", ["seconds", "date"])
@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_counts_for_the_whole_host_and_outlives_a_restart(stand, server, status, form):
    newsstand = stand(outlet_at(server, FEED, "/rss/ar"))
    until = newsstand.clock.instant + timedelta(seconds=1800)
    header = "1800" if form == "seconds" else format_datetime(until, usegmt=True)
    server.route(FEED, xml(rss(item(PAGE, "Drone shot down", LONG))))
    server.route(PAGE, reply(status, headers={"Retry-After": header}))
    server.route("/rss/ar", xml(rss(item("/ar/b", "Another"))))
    newsstand.poll()
    newsstand.close()
    asked = len(server.requests)
    for minutes in (1, 10, 29):
        again = stand(outlet_at(server, FEED, "/rss/ar"))
        again.clock.instant += timedelta(minutes=minutes)
        again.poll()
        again.close()
    assert len(server.requests) == asked
    late = stand(outlet_at(server, FEED, "/rss/ar"))
    late.clock.instant += timedelta(minutes=40)
    late.poll()
    assert len(server.requests) > asked


def test_a_robots_txt_that_asks_for_a_pause_is_a_pause_too(stand, server):
    server.route("/robots.txt", reply(429, headers={"Retry-After": "600"}), reply(404))
    server.route(FEED, xml(rss(item(PAGE, "Drone shot down", LONG))))
    newsstand = stand(obey_robots=True)
    assert newsstand.poll().polls["rate_limited"] == 1
    assert wait_s(newsstand) >= 600
    with newsstand.database.read() as session:
        assert len(courtesy.paused_hosts(session, newsstand.clock.instant)) == 1


def test_a_feeds_lifetime_is_honoured_up_to_the_cap(stand, server):
    answer = xml(rss(item(PAGE, "Drone shot down", LONG)), headers={"Cache-Control": "max-age=86400"})
    server.route(FEED, answer)
    newsstand = stand(slow_outlet(server, FEED))
    newsstand.poll()
    assert wait_s(newsstand) == 900


def test_a_first_mover_is_asked_again_within_the_minute_whatever_the_lifetime(stand, server):
    answer = xml(rss(item(PAGE, "Drone shot down", LONG)), headers={"Cache-Control": "max-age=86400"})
    server.route(FEED, answer)
    newsstand = stand(dataclasses.replace(outlet_at(server, FEED), first_mover=True))
    newsstand.poll()
    assert 54 <= wait_s(newsstand) <= 66


def test_a_page_that_is_read_again_is_asked_for_conditionally(stand, server):
    server.route(FEED, xml(rss(item(PAGE, "Drone shot down", LONG))), xml(rss(item(PAGE, "Drone shot down!", LONG))))
    server.route(PAGE, html(article_page("Drone shot down", LONG), etag='W/"page-1"'))
    newsstand = stand()
    newsstand.poll()
    newsstand.clock.instant += timedelta(minutes=20)
    summary = newsstand.poll()
    assert [request.status for request in server.requests_to(PAGE)] == [200, 304]
    assert server.requests_to(PAGE)[1].headers["if-none-match"] == 'W/"page-1"'
    assert summary.pages["not_modified"] == 1
    assert newsstand.rows("SELECT state, cause_code FROM pages") == [("done", "not_modified")]
    assert [version for *_, version in newsstand.articles()] == [1]


def test_a_304_to_a_request_without_conditions_is_a_failure_not_a_quiet_outlet(stand, server):
    server.route(FEED, reply(304))
    newsstand = stand()
    assert newsstand.poll().polls["http_odd"] == 1


def test_an_open_incident_makes_the_outlets_of_its_country_fast_and_its_end_slow_again(stand, server):
    server.route(FEED, xml(rss(item(PAGE, "Drone shot down", LONG)), etag='"1"'))
    newsstand = stand(slow_outlet(server, FEED))
    newsstand.poll()
    assert wait_s(newsstand) >= 270
    with newsstand.database.write() as session:
        incidents.create_incident(session, incident_seed(country="IQ"), newsstand.clock.instant)
    newsstand.clock.instant += timedelta(seconds=1)
    newsstand.service._hot_at = None
    newsstand.poll()
    assert 30 <= wait_s(newsstand) <= 60  # due sooner without being asked at once
    newsstand.clock.instant += timedelta(seconds=61)
    newsstand.poll()
    assert 54 <= wait_s(newsstand) <= 66
    with newsstand.database.write() as session:
        session.connection().exec_driver_sql("UPDATE incidents SET closed_at = changed_at")
    newsstand.clock.instant += timedelta(seconds=70)
    newsstand.service._hot_at = None
    newsstand.poll()
    assert wait_s(newsstand) >= 270
    assert len(server.requests_to(FEED)) == 3


def test_the_user_agent_is_honest_and_names_a_contact(stand, server):
    server.route(FEED, decide(lambda request: xml(rss(item(PAGE, request.headers["user-agent"])))))
    stand().poll()
    agent = server.requests_to(FEED)[0].headers["user-agent"]
    assert agent.startswith("Basewatch/")
    assert agent.endswith("(+desk@example.org)")


def test_a_network_that_is_down_is_one_line_of_the_log_not_one_a_source(stand, server, caplog):
    outlets = [dataclasses.replace(outlet_at(server, FEED), slug=f"o{number}", sources=()) for number in range(6)]
    outlets = [
        dataclasses.replace(
            outlet,
            sources=(
                dataclasses.replace(
                    outlet_at(server, FEED).sources[0], id=outlet.slug, url=f"http://{outlet.slug}.invalid/rss"
                ),
            ),
        )
        for outlet in outlets
    ]
    newsstand = stand(*outlets)
    with caplog.at_level("WARNING", logger="crawler"):
        newsstand.poll()
    assert [record.action for record in caplog.records] == ["offline"]


def test_an_outlet_that_is_down_alone_is_logged_by_name(stand, server, caplog):
    server.route(FEED, xml(rss(item(PAGE, "Drone shot down", LONG))))
    good = outlet_at(server, FEED)
    gone = dataclasses.replace(good.sources[0], id="gone", outlet="gone", url="http://gone.invalid/rss")
    newsstand = stand(good, dataclasses.replace(good, slug="gone", sources=(gone,)))
    with caplog.at_level("WARNING", logger="crawler"):
        newsstand.poll()
    assert [record.source for record in caplog.records if record.action == "poll_failed"] == ["gone"]
