"""Each lie that an outlet is known to tell, one by one, from the bytes of its feed to what is kept.

What was measured stands in docs/outlets.md. Each case is an entry as that outlet sends it, read a few minutes later.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from config.outlets import Outlet, Source, load_outlets
from core.errors import FetchError
from crawler import compose
from crawler.compose import Entry
from crawler.pages import ExtractedPage
from crawler.sources import feed, telegram
from crawler.sources.items import SourceTask
from tests.crawler.newsstand import LONG

OUTLETS = load_outlets()
WINTER = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)  #: when each entry was really published
SUMMER = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
FEED = '<rss version="2.0"><channel><title>x</title><language>ar</language>{}</channel></rss>'


def source_of(outlet: Outlet, lang: str, kind: str = "feed") -> Source:
    return next(source for source in outlet.live_sources if (source.lang, source.kind) == (lang, kind))


def entry_of(slug: str, lang: str, link: str, date: str = "", more: str = "") -> tuple[Outlet, Source, Entry]:
    outlet = OUTLETS[slug]
    source = source_of(outlet, lang)
    body = FEED.format(f"<item><title>Base hit by a drone</title><link>{link}</link>{date}{more}</item>")
    pattern = outlet.article_url.pattern if outlet.article_url else None
    (item,) = feed.read(SourceTask(kind="feed", body=body.encode(), url=source.url, article_url=pattern)).items
    return outlet, source, Entry(
        url=item.url, title=item.title, summary=item.summary, content=item.content, published_raw=item.published_raw,
    )  # fmt: skip


def pub(text: str) -> str:
    return f"<pubDate>{text}</pubDate>"


LOCAL_AS_UTC = [  # slug, language, link, minutes that its label is ahead (measured), hour of the year
    ("al-masirah", "ar", "https://almasirah.net.ye/post/45123", 180, WINTER),
    ("al-masirah", "en", "https://english.masirahtv.net/post/45123/x", 180, SUMMER),
    ("al-alam", "ar", "https://www.alalam.ir/news/7012345/x", 210, WINTER),
    ("qna", "en", "https://qna.org.qa/en/News-Area/News/2026-3/1/x", 180, WINTER),
    ("jordan-times", "en", "https://jordantimes.com/article/12345/local/x", 180, SUMMER),
    ("jerusalem-post", "en", "https://www.jpost.com/middle-east/article-812345", 120, WINTER),
    ("jerusalem-post", "en", "https://www.jpost.com/middle-east/article-812345", 180, SUMMER),
]


@pytest.mark.parametrize(("slug", "lang", "link", "ahead", "at"), LOCAL_AS_UTC)
@pytest.mark.parametrize("label", ["+0000", "GMT"])
@pytest.mark.parametrize("seen_after", [3, 60 * 9], ids=["at once", "after a night"])
def test_local_time_under_a_utc_label_is_corrected_however_late_it_is_seen(
    slug: str, lang: str, link: str, ahead: int, at: datetime, label: str, seen_after: int
) -> None:
    written = f"{at + timedelta(minutes=ahead):%a, %d %b %Y %H:%M:%S} {label}"
    outlet, source, entry = entry_of(slug, lang, link, pub(written))
    draft = compose.from_feed(entry, outlet, source, at + timedelta(minutes=seen_after))
    assert draft is not None
    assert draft.published_at == at
    assert draft.published_raw == written


HONEST = [
    ("middle-east-eye", "en", "https://www.middleeasteye.net/news/x", "Sun, 01 Mar 2026 12:00:00 +0000"),
    ("the-new-arab", "en", "https://www.newarab.com/news/x", "Sun, 01 Mar 2026 12:00:00 +0000"),
    ("al-monitor", "en", "https://www.al-monitor.com/originals/2026/03/x", "Sun, 01 Mar 2026 07:00:00 -0500"),
    ("anadolu", "en", "https://www.aa.com.tr/en/middle-east/x/3112345", "Sun, 01 Mar 2026 15:00:00 +0300"),
    ("daily-sabah", "en", "https://www.dailysabah.com/world/mid-east/x", "Sun, 01 Mar 2026 15:00:00 +0300"),
    ("asharq-al-awsat", "en", "https://english.aawsat.com/node/5112345", "Sun, 01 Mar 2026 12:00:00 +0000"),
    ("irna", "fa", "https://www.irna.ir/news/85712345/x", "Sun, 01 Mar 2026 15:30:00 +0330"),
    ("tasnim", "fa", "https://tasnimnews.ir/fa/news/1404/12/10/3212345/x", "Sun, 01 Mar 2026 15:30:00 +0330"),
    ("bbc", "en", "https://www.bbc.com/news/articles/x", "Sun, 01 Mar 2026 12:00:00 GMT"),
    ("al-jazeera", "en", "https://www.aljazeera.com/news/2026/3/1/x", "Sun, 01 Mar 2026 12:00:00 +0000"),
]


@pytest.mark.parametrize(("slug", "lang", "link", "written"), HONEST)
def test_a_feed_that_was_measured_to_be_right_is_believed(slug: str, lang: str, link: str, written: str) -> None:
    outlet, source, entry = entry_of(slug, lang, link, pub(written))
    draft = compose.from_feed(entry, outlet, source, WINTER + timedelta(hours=9))
    assert draft is not None
    assert draft.published_at == WINTER


@pytest.mark.parametrize(
    ("slug", "lang", "link", "date"),
    [
        ("press-tv", "en", "https://www.presstv.ir/Detail/2026/03/01/712345/x", ""),
        ("qna", "ar", "https://qna.org.qa/ar-QA/News-Area/News/2026-3/1/x", pub("Sun, 01 Mar 2026 21:00:00 GMT")),
        ("qna", "ar", "https://qna.org.qa/ar-QA/news-area/News/2026-3/1/x", pub("0001-01-01")),
    ],
)
def test_a_feed_without_a_usable_time_gives_the_day_of_its_address(slug: str, lang: str, link: str, date: str) -> None:
    outlet, source, entry = entry_of(slug, lang, link, date)
    draft = compose.from_feed(entry, outlet, source, WINTER + timedelta(hours=9))
    assert draft is not None
    assert draft.published_at is not None
    assert (draft.published_at.date(), draft.date_only) == (WINTER.date(), True)


def test_rudaw_writes_day_month_and_year_into_its_addresses() -> None:
    rudaw = OUTLETS["rudaw"]
    entry = Entry(
        url="https://www.rudaw.net/sorani/kurdistan/0103202612", title="x", summary=None, content=None,
        published_raw=None,
    )  # fmt: skip
    draft = compose.from_page(ExtractedPage(title="x", paragraphs=(LONG,)), entry, rudaw, None, WINTER)
    assert draft is not None
    assert draft.published_at is not None
    assert (draft.published_at.date(), draft.date_only) == (WINTER.date(), True)


def test_a_persian_address_names_no_day_of_the_western_calendar() -> None:
    assert OUTLETS["tasnim"].date_in("https://tasnimnews.ir/fa/news/1404/12/10/3212345/x") is None


def test_shafaq_calls_its_english_feed_arabic_gives_no_date_and_glues_words() -> None:
    more = (
        "<guid isPermaLink='true'>https://shafaq.com/en/Security/x</guid>"
        "<enclosure url='https://media.shafaq.com/media/arcella/1.webp'/><description>"
        '<![CDATA[<?xml encoding="utf-8" ?>'
        "<p><em>Shafaq News- Baghdad</em></p><p>Drones hit the base onWednesday, and applythe law.</p>]]></description>"
    )
    outlet, source, entry = entry_of("shafaq", "en", "https://shafaq.com/en/Security/x", more=more)
    draft = compose.from_feed(entry, outlet, source, WINTER)
    assert draft is not None
    assert draft.published_at is None
    assert source.lang == "en"
    assert draft.text == "Drones hit the base on Wednesday, and applythe law."  # what is no word in two stays


def test_al_masirahs_link_to_a_picture_is_not_taken_for_the_article() -> None:
    *_, entry = entry_of(
        "al-masirah", "ar", "https://almasirah.net.ye/static/picture.jpg",
        more="<guid>https://almasirah.net.ye/post/45123</guid>",
    )  # fmt: skip
    assert entry.url == "https://almasirah.net.ye/post/45123"


@pytest.mark.parametrize("slug", [slug for slug, one in OUTLETS.items()
                                  if any(source.kind == "telegram" for source in one.live_sources)])  # fmt: skip
def test_telegram_gives_true_times_whatever_its_outlets_feeds_do(slug: str) -> None:
    outlet = OUTLETS[slug]
    source = next(one for one in outlet.live_sources if one.kind == "telegram")
    page = (
        '<meta property="og:title" content="x"><div class="tgme_channel_info"></div>'
        f'<div class="tgme_widget_message" data-post="{source.url.rsplit("/", 1)[1]}/12">'
        '<div class="tgme_widget_message_text">A drone fell near the base in Erbil, no one was hurt</div>'
        '<a class="tgme_widget_message_date" href="#"><time datetime="2026-03-01T12:00:00+00:00"></time></a></div>'
    )
    (item,) = telegram.read(SourceTask(kind="telegram", body=page.encode(), url=source.url)).items
    found = compose.feed_time(item.published_raw, outlet, source, WINTER + timedelta(minutes=2))
    assert found is not None
    assert found.at == WINTER


def test_no_feed_is_cut_as_irnas_three_hundred_entries_are_all_read() -> None:
    items = "".join(
        f"<item><title>Entry number {number}</title><link>https://www.irna.ir/news/{number}</link></item>"
        for number in range(308)
    )
    found = feed.read(SourceTask(kind="feed", body=FEED.format(items).encode(), url="https://www.irna.ir/rss"))
    assert len(found.items) == 308
    assert found.skipped == 0


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (
            b"<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>",
            "blocked_page",
        ),
        (b'<html><body><iframe src="/_Incapsula_Resource?CWUDNSAI=9"></iframe></body></html>', "blocked_page"),
        (b"<html><head><title>Access Denied</title></head>Reference #18.2 errors.edgesuite.net</html>", "blocked_page"),
        (b"<!DOCTYPE html><html><head><title>Home</title></head><body>Our new page</body></html>", "blocked_page"),
        (FEED.format("").encode(), "empty_feed"),
        (FEED.format("<item><title>cut").encode()[:90], "bad_xml"),
    ],
    ids=["Cloudflare, of Iraqi News", "Imperva, of Rudaw", "Akamai, of CENTCOM", "a home page", "empty", "cut"],
)
def test_a_wall_with_status_200_is_no_quiet_feed(body: bytes, word: str) -> None:
    with pytest.raises(FetchError) as caught:
        feed.read(SourceTask(kind="feed", body=body, url="https://www.iraqinews.com/feed/", content_type="text/html"))
    assert caught.value.cause_code == word


def test_which_feeds_lie_stands_in_the_data_and_only_there() -> None:
    lying = {(slug, lang) for slug, lang, *_ in LOCAL_AS_UTC}
    marked = {
        (outlet.slug, source.lang)
        for outlet in OUTLETS.values()
        for source in outlet.live_sources
        if source.feed_time == "local-as-utc"
    }
    assert marked == lying
    none = {(o.slug, s.lang) for o in OUTLETS.values() for s in o.live_sources if s.feed_time == "none"}
    assert none == {("press-tv", "en"), ("qna", "ar")}
