"""Pages are read in a process that can be killed."""

from __future__ import annotations

import asyncio
import os
import sys
import textwrap

import psutil
import pytest

from core.errors import FetchError
from crawler.pages import PageTask
from crawler.reader import PageReader
from crawler.sources.readers import read_source
from tests.crawler.newsstand import LONG, article_page
from tests.crawler.sources.shapes import GOOD as SOURCES
from tests.crawler.sources.shapes import item, rss
from tests.crawler.sources.shapes import task as source_task

GOOD = PageTask(body=article_page("Rockets hit base", LONG, LONG[::-1]).encode())

# A worker with the real protocol whose parser hangs or dies where the page says so.
MOODY = textwrap.dedent("""
    import os, time
    from crawler import extract, extract_worker
    from crawler.sources import readers
    real = extract.extract
    def moody(task):
        if task.body == b"hang":
            time.sleep(3600)
        if task.body == b"die":
            os._exit(1)
        if task.body == b"raise":
            raise RuntimeError("broken")
        return real(task)
    extract.extract = moody
    read_source = readers.read_source
    def moody_list(task):
        moody(task) if len(task.body) < 9 else None
        return read_source(task)
    readers.read_source = moody_list
    extract_worker.main()
""")


PATIENT_S = 60  #: where nothing hangs: a new process may take long to start on a busy machine


def with_reader(work, **more):
    async def run():
        reader = PageReader(**more)
        try:
            return await work(reader)
        finally:
            await reader.close()

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("body", "cause", "restarts"),
    [(b"hang", "parse_timeout", 1), (b"die", "parse_failed", 1), (b"raise", "parse_failed", 0)],
)
def test_a_page_that_breaks_the_parser_costs_itself_alone(body, cause, restarts):
    async def work(reader):
        await reader.read(GOOD)
        first = reader.pid
        reader.timeout_s = 1 if body == b"hang" else PATIENT_S
        with pytest.raises(FetchError) as caught:
            await reader.read(PageTask(body=body))
        reader.timeout_s = PATIENT_S
        page = await reader.read(GOOD)
        assert caught.value.cause_code == cause
        assert page.title == "Rockets hit base"
        assert reader.restarts == restarts
        assert psutil.pid_exists(first) == (restarts == 0)

    with_reader(work, timeout_s=PATIENT_S, command=[sys.executable, "-c", MOODY])


@pytest.mark.parametrize(
    ("body", "cause", "restarts"),
    [(b"hang", "parse_timeout", 1), (b"die", "parse_failed", 1), (b"raise", "parse_failed", 0)],
)
def test_a_feed_that_breaks_the_parser_costs_its_poll_alone(body, cause, restarts):
    async def work(reader):
        await reader.read(GOOD)
        first = reader.pid
        reader.timeout_s = 1 if body == b"hang" else PATIENT_S
        broken = asyncio.create_task(reader.listed(source_task("feed", body)))
        await asyncio.sleep(0)  # its turn has begun, with its own patience
        reader.timeout_s = PATIENT_S
        page, feed = await asyncio.gather(reader.read(GOOD), reader.listed(source_task("feed")))
        with pytest.raises(FetchError) as caught:
            await broken
        assert caught.value.cause_code == cause
        assert page.title == "Rockets hit base"
        assert feed == read_source(source_task("feed"))
        assert reader.restarts == restarts
        assert psutil.pid_exists(first) == (restarts == 0)

    with_reader(work, timeout_s=PATIENT_S, command=[sys.executable, "-c", MOODY])


def test_a_list_from_the_worker_is_the_list_that_its_parser_gives():
    tasks = [source_task(name) for name in SOURCES]
    entries = (item(f"/news/{n}", f"هجوم {n} على قاعدة", "قال مصدر أمني &amp; شهود" * 20) for n in range(300))
    tasks.append(source_task("feed", rss(*entries)))
    entry = '{"url": "/a", "id": "1", "title": "Base hit \\ud800 twice"}'
    half = f'{{"version": "https://jsonfeed.org/version/1", "items": [{entry}]}}'
    tasks.append(source_task("json feed", half))
    index = "<sitemapindex><sitemap><loc>https://outlet.example/s1.xml</loc></sitemap></sitemapindex>"
    tasks.append(source_task("sitemap", index))

    async def work(reader):
        return [await reader.listed(task) for task in tasks]

    found = with_reader(work)
    assert found == [read_source(task) for task in tasks]
    assert len(found[-3].items) == 300
    assert len(found[-2].items) == len(found[-1].parts) == 1


@pytest.mark.parametrize("body", [b"", b"<html><body>Just a moment</body></html>", b"no feed", b"{]"])
def test_a_source_that_is_none_keeps_its_cause_through_the_worker(body):
    with pytest.raises(FetchError) as here:
        read_source(source_task("feed", body))
    with pytest.raises(FetchError) as there:
        with_reader(lambda reader: reader.listed(source_task("feed", body)))
    assert (there.value.cause_code, str(there.value)) == (here.value.cause_code, str(here.value))
    assert there.value.cause_code not in ("parse_failed", "parse_timeout")


def test_the_worker_has_its_next_tasks_before_it_is_done_and_each_gets_its_own_answer():
    pages = [PageTask(body=article_page(f"Title {n}", LONG).encode()) for n in range(12)]

    async def work(reader):
        await reader.read(GOOD)  # the process runs
        tasks = [asyncio.create_task(reader.read(page)) for page in pages]
        await asyncio.sleep(0)
        ahead = (len(reader._sent), len(reader._waiting))
        return ahead, [page.title for page in await asyncio.gather(*tasks)]

    ahead, titles = with_reader(work)
    assert ahead == (3, 9)
    assert titles == [f"Title {n}" for n in range(12)]


def test_what_lies_in_the_pipe_behind_pages_that_hang_and_die_is_read_all_the_same():
    bodies = [GOOD.body, b"hang", GOOD.body, b"die", b"raise", GOOD.body, b"die", GOOD.body]

    async def work(reader):
        found = await asyncio.gather(*(reader.read(PageTask(body=body)) for body in bodies), return_exceptions=True)
        return found, reader.restarts

    found, restarts = with_reader(work, timeout_s=3, command=[sys.executable, "-c", MOODY])
    assert [getattr(one, "title", None) or one.cause_code for one in found] == [
        "Rockets hit base", "parse_timeout", "Rockets hit base", "parse_failed", "parse_failed", "Rockets hit base",
        "parse_failed", "Rockets hit base",
    ]  # fmt: skip
    assert restarts == 3


def test_a_reader_that_grew_is_renewed_and_no_task_is_lost(monkeypatch):
    monkeypatch.setattr("crawler.reader._PAGES_PER_PROCESS", 2)

    async def work(reader):
        pages = await asyncio.gather(*(reader.read(GOOD) for _ in range(6)))
        return [page.title for page in pages], reader.restarts

    assert with_reader(work) == (["Rockets hit base"] * 6, 3)


def test_a_worker_that_speaks_nonsense_or_is_not_there_fails_its_tasks():
    async def work(reader):
        found = await asyncio.gather(reader.read(GOOD), reader.read(GOOD), return_exceptions=True)
        return [one.cause_code for one in found]

    for command in (["/nowhere/at/all"], [sys.executable, "-c", "print('{' * 99)"]):
        assert with_reader(work, command=command) == ["parse_failed"] * 2


def test_closing_sends_home_who_waits():
    async def work(reader):
        tasks = [asyncio.create_task(reader.read(page)) for page in (PageTask(body=b"hang"), GOOD)]
        await asyncio.sleep(0)
        await reader.close()
        return [type(one) for one in await asyncio.gather(*tasks, return_exceptions=True)]

    assert with_reader(work, command=[sys.executable, "-c", MOODY]) == [asyncio.CancelledError] * 2


def test_a_cancelled_reading_leaves_no_half_answer_for_the_next():
    async def work(reader):
        await reader.start()
        first = reader.pid
        task, next_one = (asyncio.create_task(reader.read(page)) for page in (PageTask(body=b"hang"), GOOD))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await next_one).title == (await reader.read(GOOD)).title == "Rockets hit base"
        assert reader.pid != first
        assert reader.restarts == 0

    with_reader(work, timeout_s=20, command=[sys.executable, "-c", MOODY])


def test_no_process_outlives_its_reader():
    async def work(reader):
        await reader.read(GOOD)
        return reader.pid

    assert not psutil.pid_exists(with_reader(work))


HOSTILE = {
    "deep": b"<div>" * 300_000,
    "wide": b"<p>" + b"word " * 800_000,
    "attributes": b"<p " + b'a="b" ' * 200_000 + b">x</p>",
    "unclosed": b"<table><tr><td>" * 50_000,
    "nothing": b"",
    "zeros": b"\0" * 100_000,
    "binary": bytes(range(256)) * 4_000,
    "broken json": b'<html><script type="application/ld+json">' + b"[" * 100_000 + b"</script><p>hello world</p>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_is_an_outcome_and_the_worker_stays_small(name):
    async def work(reader):
        try:
            await reader.read(PageTask(body=HOSTILE[name]))
        except FetchError as error:
            assert error.cause_code in ("parse_failed", "parse_timeout")  # noqa: PT017
        assert (await reader.read(GOOD)).title == "Rockets hit base"
        return psutil.Process(reader.pid).memory_info().rss

    assert with_reader(work) < 300 * 1024 * 1024


ARABIC = article_page("هجوم على قاعدة", "قال مصدر أمني إن طائرة مسيرة استهدفت القاعدة فجر اليوم.")
OG_TITLE = "<meta property='og:title' content='Base &amp; camp hit'>"
PAGES = {
    "windows-1256 by header": (
        PageTask(body=ARABIC.encode("cp1256"), content_type="text/html; charset=windows-1256"),
        "هجوم على قاعدة",
    ),
    "windows-1256 unlabelled": (PageTask(body=ARABIC.encode("cp1256")), "هجوم على قاعدة"),
    "utf-8 labelled latin-1": (
        PageTask(body=ARABIC.encode(), content_type="text/html; charset=iso-8859-1"),
        "هجوم على قاعدة",
    ),
    "og:title before h1": (PageTask(body=article_page("Tag", LONG, head=OG_TITLE).encode()), "Base & camp hit"),
    "a selector that finds nothing": (
        PageTask(body=GOOD.body, selectors={"title": "//h9", "body": "]["}),
        "Rockets hit base",
    ),
    "a CSS selector": (PageTask(body=GOOD.body, selectors={"title": "article > h1"}), "Rockets hit base"),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_title_is_found_in(name):
    task, title = PAGES[name]
    page = with_reader(lambda reader: reader.read(task))
    assert page.title == title
    assert page.paragraphs


@pytest.mark.parametrize("selector", ["div.story", "//div[@class='story']"])
def test_a_selector_of_the_container_keeps_its_paragraphs_apart(selector):
    inside = f"<div class='story'><p>Shafaq News- Erbil</p><p>{LONG}</p><ul><li>One</li><li>Two</li></ul></div>"
    body = f"<html><body><h1>T</h1>{inside}<footer>Imprint</footer></body></html>"
    page = with_reader(lambda reader: reader.read(PageTask(body=body.encode(), selectors={"body": selector})))
    assert page.paragraphs[0] == "Shafaq News- Erbil"
    assert page.paragraphs[-2:] == ("One", "Two")
    assert len(page.paragraphs) == 4


def test_the_reader_of_a_large_process_is_not_taken_for_large():
    ballast = bytearray(os.urandom(1024) * 400 * 1024)  # what pytest, or a daemon, may hold when it forks

    async def work(reader):
        await reader.read(GOOD)
        first = reader.pid
        await reader.read(GOOD)
        return first is not None and first == reader.pid

    assert with_reader(work)
    assert len(ballast) == 400 * 1024 * 1024


def test_times_come_most_trusted_first():
    head = (
        "<meta property='article:published_time' content='2024-04-21T20:51:00Z'>"
        '<script type="application/ld+json">{"@graph":[{"@type":"WebPage","datePublished":"2001-01-01"},'
        '{"@type":["NewsArticle"],"datePublished":"2024-04-21T20:52:00Z","author":[{"name":"A Desk"}]}]}</script>'
    )
    more = "<time datetime='2024-04-21'>x</time><b class='t'>20:50</b><div id"
    body = article_page("T", LONG, head=head).replace("<div id", more)
    page = with_reader(lambda reader: reader.read(PageTask(body=body.encode(), selectors={"time": "b.t"})))
    assert page.dates == (
        ("selector", "20:50"),
        ("json-ld", "2024-04-21T20:52:00Z"),
        ("meta", "2024-04-21T20:51:00Z"),
        ("time", "2024-04-21"),
    )
    assert page.author == "A Desk"
