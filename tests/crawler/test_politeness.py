"""Turns, pauses and the next time: fair, few, and never "off"."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from core.errors import FetchError
from crawler.counters import Reachability
from crawler.fetch import Answer
from crawler.outcomes import CAUSES, cause_of_status, failure
from crawler.politeness import HostGate
from crawler.robots import Robots
from crawler.schedule import PAGE_RETRIES_S, next_poll_at, page_retry_at

NOW = datetime(2024, 4, 21, tzinfo=UTC)
EVEN = random.Random(1)


def gate(**more):
    ticking = {"now": 0.0}
    options = {"concurrency": 4, "per_host": 2, "delay_of": lambda host: 0.0, "monotonic": lambda: ticking["now"]}
    return HostGate(**{**options, **more})


async def settle():
    for _ in range(10):
        await asyncio.sleep(0)


def test_a_host_with_many_waiting_does_not_hold_up_another():
    async def run():
        turns, order = gate(concurrency=1), []

        async def ask(host):
            async with turns.turn(host):
                order.append(host)
                await asyncio.sleep(0)

        tasks = [asyncio.create_task(ask("big")) for _ in range(20)] + [asyncio.create_task(ask("small"))]
        await asyncio.gather(*tasks)
        return order

    assert asyncio.run(run()).index("small") <= 2


def test_no_host_and_no_sum_gets_more_than_its_places():
    async def run():
        turns, active, most, most_of = gate(concurrency=3, per_host=2), [], 0, 0

        async def ask(host):
            nonlocal most, most_of
            async with turns.turn(host):
                active.append(host)
                most, most_of = max(most, len(active)), max(most_of, active.count(host))
                await asyncio.sleep(0)
                active.remove(host)

        await asyncio.gather(*(ask(host) for host in "aaaabbbbcccc"))
        return most, most_of

    assert asyncio.run(run()) == (3, 2)


def test_starts_at_one_host_keep_their_distance():
    async def run():
        loop = asyncio.get_running_loop()
        turns, starts = gate(delay_of=lambda host: 0.05, monotonic=loop.time), []

        async def ask():
            async with turns.turn("a"):
                starts.append(loop.time())

        await asyncio.gather(*(ask() for _ in range(4)))
        return [later - earlier for earlier, later in pairwise(starts)]

    assert all(gap >= 0.049 for gap in asyncio.run(run()))


def test_who_waits_for_a_host_that_wants_a_pause_is_told_at_once():
    async def run():
        turns = gate(per_host=1)
        async with turns.turn("a"):
            waiting = asyncio.create_task(turns.turn("a").__aenter__())
            await settle()
            turns.hold("a", 60)
            with pytest.raises(FetchError) as caught:
                await waiting
        with pytest.raises(FetchError):
            await turns.turn("a").__aenter__()
        async with turns.turn("b"):
            pass
        return caught.value

    error = asyncio.run(run())
    assert (error.cause_code, error.retry_after_s) == ("rate_limited", 60)


def test_a_cancelled_wait_gives_its_place_back():
    async def run():
        turns = gate(concurrency=1)
        async with turns.turn("a"):
            waiting = asyncio.create_task(turns.turn("b").__aenter__())
            await settle()
            waiting.cancel()
            await settle()
        async with asyncio.timeout(1), turns.turn("c"):
            return "free"

    assert asyncio.run(run()) == "free"


def next_s(**more):
    options = {"interval_s": 300, "max_interval_s": 3600, "chance": EVEN}
    return (next_poll_at(NOW, **{**options, **more}) - NOW).total_seconds()


def test_the_next_poll_has_jitter():
    waits = {next_s() for _ in range(50)}
    assert len(waits) > 40
    assert all(270 <= wait <= 330 for wait in waits)


@pytest.mark.parametrize(
    ("failures", "least", "most"), [(1, 270, 330), (2, 540, 660), (3, 1080, 1320), (5, 3240, 3960), (9999, 3240, 3960)]
)
def test_failures_double_the_wait_up_to_the_cap_and_never_end_it(failures, least, most):
    assert least <= next_s(failures=failures) <= most


def test_an_interval_over_the_cap_is_not_shortened_by_failing():
    assert next_s(interval_s=7200, failures=4) >= 6480


def test_offline_nothing_backs_off():
    assert next_s(failures=30, offline=True) <= 330


def test_retry_after_is_a_floor():
    assert 1800 <= next_s(retry_after_s=1800) <= 1980
    assert next_s(retry_after_s=1) <= 330


@pytest.mark.parametrize(
    "cause", ["http_403", "timeout", "blocked_page", "empty_page", "rate_limited", "parse_timeout"]
)
def test_a_page_is_tried_again_for_a_day_and_then_left(cause):
    waits = [page_retry_at(NOW, cause_code=cause, attempts=n, retry_after_s=None, chance=EVEN) for n in range(1, 9)]
    assert [wait is None for wait in waits] == [n >= len(PAGE_RETRIES_S) for n in range(8)]
    assert waits[0] is not None
    assert waits[0] - NOW <= timedelta(seconds=72)


@pytest.mark.parametrize("cause", ["http_410", "robots", "not_html", "bad_url"])
def test_a_page_that_can_not_change_is_left_at_once(cause):
    assert page_retry_at(NOW, cause_code=cause, attempts=1, retry_after_s=None, chance=EVEN) is None


def test_a_page_waits_as_long_as_the_host_asks():
    at = page_retry_at(NOW, cause_code="rate_limited", attempts=1, retry_after_s=7200, chance=EVEN)
    assert at is not None
    assert at - NOW >= timedelta(hours=2)


@pytest.mark.parametrize("status", [*range(200, 600)])
def test_every_status_has_a_word(status):
    assert cause_of_status(status) in CAUSES


def test_offline_is_many_silent_hosts_and_no_answer():
    reach = Reachability(10)
    assert [reach.note(host, "dns") for host in ("a", "a", "b", "c")] == [False, False, False, True]
    assert reach.note("d", "http_403") is False


# ---- robots.txt


class Site:
    """Plays a list of answers to /robots.txt; the last one repeats."""

    def __init__(self, *answers):
        self.answers, self.asked, self.now = list(answers), 0, 0.0

    async def fetch(self, url, max_bytes):
        assert url == "https://x.com/robots.txt"
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, str):
            raise failure(answer)
        status, body = answer
        return Answer(url=url, status=status, headers={}, body=body.encode())

    def robots(self):
        return Robots(self.fetch, agent="Basewatch", monotonic=lambda: self.now)


def verdict(robots, path="/news/a"):
    try:
        asyncio.run(robots.check("https://x.com" + path))
    except FetchError as error:
        return error.cause_code
    return "allowed"


RULES = "User-agent: *\nDisallow: /news/\nCrawl-delay: 3\n\nUser-agent: Basewatch\nDisallow: /secret\n"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((200, "User-agent: *\nDisallow: /"), "robots"),
        ((200, RULES), "allowed"),
        ((200, ""), "allowed"),
        ((200, "<html>not found</html>"), "allowed"),
        ((404, "x"), "allowed"),
        ((403, "x"), "allowed"),
        ((500, "x"), "robots_unreachable"),
        ((429, "x"), "robots_unreachable"),
        ("timeout", "timeout"),
        ("dns", "dns"),
        ("too_large", "allowed"),
    ],
)
def test_robots_txt_that_answers(answer, expected):
    assert verdict(Site(answer).robots()) == expected


def test_rules_are_kept_for_a_day_and_then_asked_again():
    site = Site((200, ""), (200, "User-agent: *\nDisallow: /"))
    robots = site.robots()
    assert [verdict(robots), verdict(robots), site.asked] == ["allowed", "allowed", 1]
    site.now = 24 * 3600 + 1
    assert [verdict(robots), site.asked] == ["robots", 2]


def test_the_last_copy_counts_while_robots_txt_cannot_be_read():
    site = Site((200, RULES), "timeout")
    robots = site.robots()
    verdict(robots)
    site.now = 25 * 3600
    assert [verdict(robots), verdict(robots, "/secret")] == ["allowed", "robots"]


def test_an_unread_robots_txt_is_asked_again_soon():
    site = Site("timeout", (200, ""))
    robots = site.robots()
    assert verdict(robots) == "timeout"
    site.now = 31
    assert verdict(robots) == "allowed"


def test_a_crawl_delay_is_told():
    robots = Site((200, "User-agent: *\nCrawl-delay: 3\n")).robots()
    assert robots.crawl_delay("https://x.com/a") == 0.0
    verdict(robots)
    assert robots.crawl_delay("https://x.com/a") == 3.0


def test_a_host_gets_its_budget_a_minute_and_no_more():
    async def run():
        ticking = {"now": 0.0}
        turns = gate(monotonic=lambda: ticking["now"], budget_of=lambda host: 6 if host == "a" else None)
        done = {"a": 0, "b": 0}

        async def ask(host):
            async with turns.turn(host):
                done[host] += 1

        tasks = [asyncio.create_task(ask(host)) for host in "ab" * 20]
        await settle()
        at_once = dict(done)
        ticking["now"] = 30.0
        turns._hand_out()
        await settle()
        after_30_s = done["a"]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return at_once, after_30_s

    at_once, after_30_s = asyncio.run(run())
    assert at_once == {"a": 6, "b": 20}
    assert after_30_s == 9


def test_a_feed_goes_before_the_pages_that_wait_for_the_same_host():
    async def run():
        turns, order = gate(concurrency=1), []

        async def ask(name, **more):
            async with turns.turn("a", **more):
                order.append(name)
                await asyncio.sleep(0)

        tasks = [asyncio.create_task(ask("page")) for _ in range(5)]
        await asyncio.sleep(0)
        tasks.append(asyncio.create_task(ask("feed", first=True)))
        await asyncio.gather(*tasks)
        return order

    assert asyncio.run(run()).index("feed") <= 2  # one page has its turn, one has been given the next


def test_hosts_beyond_those_that_are_kept_come_and_go_without_a_fault():
    async def main():
        turns = gate(concurrency=50)

        async def visit(host):
            async with turns.turn(host):
                await asyncio.sleep(0)

        for _ in range(2):
            await asyncio.gather(*(visit(f"host-{number}.example:443") for number in range(2_300)))
        return len(turns._hosts)

    assert asyncio.run(main()) <= 2_300
