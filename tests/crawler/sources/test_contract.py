"""What every kind of source keeps to: good answers read whole, hostile ones refused by their word, in bounded time."""

from __future__ import annotations

import time
import tracemalloc

import pytest

from config.outlets import READ_TODAY
from core.errors import FetchError
from crawler.outcomes import CAUSES
from crawler.sources.readers import READERS, read_source
from tests.crawler.sources.shapes import GOOD, TITLES, task

KINDS = sorted(GOOD)
MIB = 1024 * 1024


def outcome(name, body):
    """How many items, or the word of the failure. Anything else than FetchError ends the test."""
    try:
        found = read_source(task(name, body))
    except FetchError as error:
        return CAUSES[error.cause_code] and error.cause_code
    return len(found.items)


def test_every_kind_that_may_be_switched_on_has_a_reader_and_a_shape():
    assert set(READERS) == READ_TODAY
    assert {name.split()[-1] if name == "json feed" else name for name in GOOD} == READ_TODAY


@pytest.mark.parametrize("name", KINDS)
def test_its_stories_come_back_with_title_address_and_a_stable_hash(name):
    first, again = read_source(task(name)).items, read_source(task(name)).items
    assert [item.title for item in first] == list(TITLES)
    assert len({item.url for item in first}) == 2
    assert all(item.raw_url.startswith("https://") for item in first)
    assert [item.entry_hash for item in first] == [item.entry_hash for item in again]


@pytest.mark.parametrize("name", KINDS)
def test_an_edited_title_changes_the_hash_of_that_entry_alone(name):
    before = {item.title: item.entry_hash for item in read_source(task(name)).items}
    edited = GOOD[name].replace(TITLES[0], "Two drones shot down over the base")
    after = {item.title: item.entry_hash for item in read_source(task(name, edited)).items}
    assert before[TITLES[1]] == after[TITLES[1]]
    assert before[TITLES[0]] not in after.values()


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1256"])
def test_the_letters_survive_other_encodings_under_a_wrong_label(name, encoding):
    text = GOOD[name].replace("&nbsp;", " ")
    if name in ("wordpress", "json feed"):
        text = text.encode().decode("unicode_escape").encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    items = read_source(task(name, text.encode(encoding, "replace"), content_type="text/html; charset=utf-8")).items
    assert items[1].title == TITLES[1]


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("share", [0, 0.3, 0.6, 0.95])
def test_a_truncated_answer_gives_what_can_be_read_or_a_word(name, share):
    body = GOOD[name].encode()
    fewest = 0 if name == "telegram" else 1  # a channel may well show pictures alone
    assert outcome(name, body[: int(len(body) * share)]) in {fewest, 1, 2, *CAUSES}


WALL = "<html><head><title>Just a moment...</title></head><body>checking</body></html>"
NOTHING = {
    "nothing": b"", "blanks": b" \n ", "a wall": WALL.encode(), "a picture": b"\x89PNG\r\n\x1a\n" + bytes(200),
    "zeros": bytes(2000), "a page": b"<!DOCTYPE html><html><body>hello</body></html>", "null": b"null",
    "an error": b'{"code":"rest_no_route","message":"No route"}', "a list": b"[]", "words": b"not found",
    "numbers in place of posts": b"[1,2,3]", "odd values": b'[{"link":[],"title":{"rendered":{}},"content":7}]',
    "a JSON feed of odd things": b'{"version":"https://jsonfeed.org/version/1","items":[1,{"url":{}},{"id":true}]}',
}  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("what", NOTHING)
def test_what_is_no_list_has_its_word(name, what):
    assert isinstance(outcome(name, NOTHING[what]), str)


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
LAUGH = f'<!DOCTYPE r [<!ENTITY l0 "ha">{LAUGHS}]>'
GROW = f'<!DOCTYPE r [<!ENTITY a "{"x" * 900}">]>'
POST = '<html><div data-post="abcd/1">'
TEXT = '<div class="tgme_widget_message_text">'
HOSTILE = {
    "laughs": f'{LAUGH}<rss><channel><item><title>&l11;</title></item></channel></rss>',
    "laughs in a sitemap": f"{LAUGH}<urlset><url><loc>&l11;</loc></url></urlset>",
    "a quadratic bomb": f'{GROW}<urlset><url><loc>{"&a;" * 50_000}</loc></url></urlset>',
    "deep elements": "<div>" * (MIB // 5),
    "deep sitemap": "<urlset>" + "<url>" * (MIB // 5),
    "deep posts": '<div data-post="a/1">' * (MIB // 21),
    "deep values": "[" * MIB,
    "deep objects": '{"items":' * (MIB // 9),
    "open tags": "<a " * (MIB // 3),
    "open comments": "<!--" * (MIB // 4),
    "ampersands": "<urlset><url><loc>" + "&amp;" * (MIB // 5) + "</loc></url></urlset>",
    "half an entity": "<urlset><url><loc>" + "&a" * (MIB // 2),
    "a huge number": '{"version":"https://jsonfeed.org/version/1","items":[{"id":' + "9" * MIB + "}]}",
    "one long title": "<html><a href='/news/1'>" + "x" * MIB,
    "many links": "<html>" + "<a href='/news/1'>x</a>" * (MIB // 23),
    "many posts": "<html>" + "".join(f'<div data-post="abcd/{n}"></div>' for n in range(MIB // 33)),
    "one post of many lines": POST + TEXT + "a<br>" * (MIB // 5),
    "many texts in a post": POST + f"{TEXT}a</div>" * 20_000,
    "no sentence end": POST + TEXT + "ab " * (MIB // 3),
    "entries without an end": "<rss><channel>" + "<item>" * (MIB // 60),
    "titles of dashes": "<rss><channel><item><link>/a</link><title>" + " - " * (MIB // 3) + "</title></item></channel>",
}  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("what", HOSTILE)
def test_a_megabyte_of_the_worst_ends_and_takes_little_memory(name, what):
    began = time.process_time()
    outcome(name, HOSTILE[what])
    assert time.process_time() - began < 60  # what starts anew at each mark takes hours


@pytest.mark.parametrize("name", ["feed", "sitemap"])
def test_an_entity_bomb_is_refused_without_the_memory(name):
    tracemalloc.start()
    assert outcome(name, HOSTILE["laughs in a sitemap" if name == "sitemap" else "laughs"]) == "bomb"
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("name", ["feed", "sitemap"])
def test_no_file_is_read_for_an_external_entity(name, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("hunter2hunter2")
    body = GOOD[name].replace(TITLES[0], "base &a; hit")
    head = f'<!DOCTYPE r [<!ENTITY a SYSTEM "file://{secret}">]>'
    body = body.replace("<urlset", head + "<urlset") if name == "sitemap" else head + body
    assert "hunter2" not in read_source(task(name, body)).items[0].title


@pytest.mark.parametrize("name", ["feed", "sitemap", "listing", "wordpress", "json feed"])
@pytest.mark.parametrize("link", ["javascript:alert(1)", "file:///etc/passwd", "http://[::1", "ftp://x/y", "data:,x"])
def test_an_address_that_leads_elsewhere_is_no_article(name, link):
    body = GOOD[name].replace("https://outlet.example/news/1", link).replace("/news/1?", f"{link}?")
    body = body.replace("'/news/1'", f"'{link}'").replace("<link>/news/1<", f"<link>{link}<")
    items = read_source(task(name, body)).items
    assert all(item.raw_url.startswith("https://outlet.example/") for item in items)
    assert items[-1].title == TITLES[1]
