"""What becomes title, text and time of an article."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from config.outlets import load_outlets
from crawler.blocks import challenge, is_web_page
from crawler.boilerplate import clean_paragraphs
from crawler.compose import Entry, from_feed, from_page
from crawler.pages import ExtractedPage
from tests.crawler.newsstand import LONG

NOW = datetime(2024, 4, 21, 21, 0, tzinfo=UTC)
SHAFAQ = load_outlets()["shafaq"]
SOURCE = SHAFAQ.live_sources[0]
ENTRY = Entry(
    url="https://shafaq.com/en/Security/a",
    title="Base hit",
    summary="A base was hit.",
    content=None,
    published_raw=None,
)
NOTHING = Entry(url="https://shafaq.com/en/Security/b", title="", summary=None, content=None, published_raw=None)
AT = "2024-04-21T20:51:07+00:00"


def page(**more):
    return ExtractedPage(**{"title": "Base hit", "paragraphs": (LONG,), **more})


def time_of(page, entry=ENTRY, source=SOURCE, outlet=SHAFAQ):
    draft = from_page(page, entry, outlet, source, NOW)
    return draft.published_at.isoformat() if draft.published_at else None


FED = replace(ENTRY, published_raw="Sun, 21 Apr 2024 20:00:00 +0000")


@pytest.mark.parametrize(
    ("dates", "entry", "expected"),
    [
        ([("selector", AT), ("json-ld", "2024-04-21T19:00:00Z")], FED, "2024-04-21T20:51:07+00:00"),
        ([("json-ld", AT), ("meta", "2024-04-21T19:00:00Z")], FED, "2024-04-21T20:51:07+00:00"),
        ([("selector", "soon"), ("meta", AT)], FED, "2024-04-21T20:51:07+00:00"),
        ([("time", AT)], FED, "2024-04-21T20:00:00+00:00"),
        ([("time", AT)], ENTRY, "2024-04-21T20:51:07+00:00"),
        ([("meta", "2024-04-21")], FED, "2024-04-21T20:00:00+00:00"),
        ([("meta", "2023-01-01")], FED, "2023-01-01T12:00:00+00:00"),
        ([], FED, "2024-04-21T20:00:00+00:00"),
        ([], ENTRY, None),
        ([("meta", "1970-01-01T00:00:00Z")], ENTRY, None),
    ],
)
def test_the_most_trusted_time_wins_and_unknown_stays_unknown(dates, entry, expected):
    assert time_of(page(dates=tuple(dates)), entry) == expected


def test_a_feed_that_labels_local_time_as_utc_is_not_believed():
    source = replace(SOURCE, feed_time="local-as-utc")
    assert (
        time_of(page(), replace(ENTRY, published_raw="Sun, 21 Apr 2024 20:00:00 +0000"), source)
        == "2024-04-21T17:00:00+00:00"
    )


def test_a_feed_whose_times_mean_nothing_is_not_asked():
    assert time_of(page(), FED, replace(SOURCE, feed_time="none")) is None


def test_the_day_in_the_address_is_the_last_resort():
    rudaw = load_outlets()["rudaw"]
    entry = replace(ENTRY, url="https://www.rudaw.net/english/kurdistan/21042024")
    draft = from_page(page(), entry, rudaw, None, NOW)
    assert (draft.published_at.date().isoformat(), draft.date_only) == ("2024-04-21", True)


@pytest.mark.parametrize(
    "first",
    [
        "Shafaq News/ ",
        "Shafaq News / ",
        "Shafaq News- Baghdad ",
        "Shafaq News – Erbil\n",
        "Shafak News/ ",
        "شفق نيوز/ ",
        "شفق نيوز- بغداد ",
    ],
)
def test_the_dateline_goes(first):
    draft = from_page(page(paragraphs=(first + LONG,)), ENTRY, SHAFAQ, SOURCE, NOW)
    assert draft.text == LONG


def test_a_dateline_on_its_own_line_goes_too():
    draft = from_page(page(paragraphs=("Shafaq News- Baghdad", LONG)), ENTRY, SHAFAQ, SOURCE, NOW)
    assert draft.text == LONG


def test_title_and_time_before_the_text_are_no_text():
    draft = from_page(page(paragraphs=("Base hit", "2024-04-21 23:51", LONG)), ENTRY, SHAFAQ, SOURCE, NOW)
    assert draft.text == LONG


@pytest.mark.parametrize(
    "first",
    [
        "BAGHDAD (AP) — ",
        "(Reuters) - ",
        "بغداد (رويترز) - ",
        "رويترز - ",
        "BAĞDAT (AA) - ",
        "تهران - ایرنا - ",
        "ANKARA, Nov 24 (AFP) - ",
    ],
)
def test_the_agency_of_a_dateline_stays_readable(first):
    draft = from_page(page(paragraphs=(first + LONG,)), ENTRY, SHAFAQ, SOURCE, NOW)
    assert draft.text == first + LONG


@pytest.mark.parametrize(
    ("on_page", "in_feed", "author"),
    [("A. Page", "A. Feed", "A. Page"), (None, "A. Feed", "A. Feed"), (None, None, None)],
)
def test_the_author_is_the_pages_then_the_feeds(on_page, in_feed, author):
    draft = from_page(page(author=on_page), replace(ENTRY, author=in_feed), SHAFAQ, SOURCE, NOW)
    assert draft.author == author


@pytest.mark.parametrize(
    ("zone", "hours"),
    [
        ("Asia/Baghdad", 3),
        ("Asia/Tehran", 3.5),
        ("Europe/Istanbul", 3),
        ("Asia/Dubai", 4),
        ("Asia/Aden", 3),
        ("Asia/Qatar", 3),
    ],
)
@pytest.mark.parametrize(
    "raw", ["{:%Y-%m-%dT%H:%M:%SZ}", "{:%a, %d %b %Y %H:%M:%S} GMT", "{:%a, %d %b %Y %H:%M:%S} +0000"]
)
def test_local_time_under_a_utc_label_is_told_by_lying_in_the_future(zone, hours, raw):
    outlet = replace(SHAFAQ, time_zone=zone)
    written = NOW - timedelta(minutes=3) + timedelta(hours=hours)
    draft = from_page(page(dates=(("json-ld", raw.format(written)),)), ENTRY, outlet, SOURCE, NOW)
    assert draft.published_at == (NOW - timedelta(minutes=3)).replace(microsecond=0)
    assert draft.published_raw == raw.format(written)
    honest = raw.format(NOW + timedelta(minutes=9))  # a clock that runs fast is no wrong zone
    draft = from_page(page(dates=(("json-ld", honest),)), ENTRY, outlet, SOURCE, NOW)
    assert draft.published_at > NOW


@pytest.mark.parametrize(
    "line",
    ["Shafaq Live", "Radio radio icon", "Read also: Oil prices rise", "READ MORE", "Share this article",
     "Facebook", "Tags: Iraq, US",
     "اقرأ أيضاً: أسعار النفط", "شارك الخبر", "مواضيع ذات صلة", "بیشتر بخوانید: نفت",
     "انتهای پیام/", "İlgili haberler", "Lire aussi : Irak",
     "Читайте также: Ирак", "Most read", "Breaking news:", "عاجل", "الأكثر قراءة", "اقرأ أيضا: النفط", "بخوانید: نفت",
     "آخرین اخبار", "هەروەها بخوێنەرەوە: نەوت", "زیاتر بخوێنەوە", "بابەتی پەیوەندیدار", "هاوبەشی پێبکە",
     "Herwiha bixwîne: petrol", "Parve bike", "Devamını oku", "Paylaş", "Sidoo kale akhri: shidaal"],
)  # fmt: skip
def test_furniture_is_told_from_text(line):
    assert SHAFAQ.furniture.holds(line)
    assert clean_paragraphs([LONG, line, LONG[::-1]], SHAFAQ.furniture) == [LONG, LONG[::-1]]


@pytest.mark.parametrize(
    "line",
    [
        LONG,
        "Share prices fell after the attack on the base.",
        "Readers also saw smoke.",
        "Radio stations fell silent.",
        "Printed leaflets.",
        "عاجل: هجوم بطائرة مسيرة على قاعدة عين الأسد",
        "Son dakika: Erbil'de üsse saldırı",
        "Breaking news: drone hits base in Erbil",
    ],
)
def test_text_is_not_taken_for_furniture(line):
    assert not SHAFAQ.furniture.holds(line)


def test_a_flash_is_its_title():
    draft = from_feed(
        Entry(url="u", title="Sirens at the base", summary=None, content=None, published_raw=None), SHAFAQ, SOURCE, NOW
    )
    assert (draft.title, draft.text, draft.published_at) == ("Sirens at the base", "", None)


def test_an_entry_that_tells_nothing_makes_no_article():
    assert (
        from_feed(Entry(url="u", title="", summary=None, content=None, published_raw=None), SHAFAQ, SOURCE, NOW) is None
    )


@pytest.mark.parametrize(
    ("body", "headers", "wall"),
    [
        (b"<html><title>Just a moment...</title>", {}, "Cloudflare"),
        (b"<html>", {"cf-mitigated": "challenge"}, "Cloudflare"),
        (b'<html><script src="/_Incapsula_Resource?SWJIYLWA=1"></script>', {}, "Imperva"),
        (b"<html><title>Access Denied</title>You don't have permission. Reference&#32;&#35;18", {}, None),
        (
            b"<html><title>Access Denied</title>You don't have permission. Reference #18 errors.edgesuite.net",
            {},
            "Akamai",
        ),
        (b"<html><title>Robot check</title>", {}, "a captcha"),
        (b"<html><title>Base hit</title><p>The site's Cloudflare captcha was hit.</p>", {}, None),
        (b"<html><title>Just a moment...</title>" + b"x" * 50_000, {}, None),
    ],
)
def test_a_wall_is_told_from_a_page(body, headers, wall):
    assert challenge(body, headers) in (wall, "a captcha" if b"Access Denied" in body else wall)


@pytest.mark.parametrize(
    ("body", "is_page"),
    [(b"<!DOCTYPE html><html>", True), (b"<?xml version='1.0'?><rss>", False), (b"<rss><html></rss>", False),
     (b"<feed>", False),
     (b"  <HTML lang=en>", True), (b"plain", False)],
)  # fmt: skip
def test_a_page_is_told_from_a_feed(body, is_page):
    assert is_web_page(body) is is_page
