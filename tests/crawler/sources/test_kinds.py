"""What is particular to a kind of source."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import FetchError
from crawler.sources.items import worth_reading
from crawler.sources.readers import read_source
from tests.crawler.newsstand import item, rss
from tests.crawler.sources.shapes import (
    GOOD,
    HOME,
    JSON_FEED,
    LISTING,
    SITEMAP,
    TITLES,
    WORDPRESS,
    channel,
    found,
    post,
    task,
)


def read(name, body=None, **more):
    return read_source(task(name, body, **more))


def cause(name, body, **more):
    with pytest.raises(FetchError) as caught:
        read(name, body, **more)
    return caught.value.cause_code


@pytest.mark.parametrize(("name", "many"), [("feed", 3000), ("sitemap", 20_000), ("listing", 2000), ("wordpress", 100)])
def test_a_list_is_never_cut(name, many):
    numbers = range(many)
    urls = "".join(f"<url><loc>{HOME}/news/{n}</loc></url>" for n in numbers)
    bodies = {
        "feed": rss(*(item(f"/news/{n}", f"t{n}") for n in numbers)),
        "sitemap": f"<urlset>{urls}</urlset>",
        "listing": "<html>" + "".join(f"<a href='/news/{n}'>t{n}</a>" for n in numbers),
        "wordpress": json.dumps([{"link": f"{HOME}/news/{n}", "title": {"rendered": "t"}} for n in numbers]),
    }
    assert len(read(name, bodies[name]).items) == many


# Entries without an address


def test_an_entry_without_an_address_that_says_enough_is_an_article_by_itself():
    flash = "<item><title>Sirens at the US embassy</title><description>At 21:00.</description><guid>77</guid></item>"
    listed = read("feed", rss(flash, flash.replace(">77<", ">78<"), "<item><title>Breaking</title></item>"))
    assert [entry.is_whole for entry in listed.items] == [True, True]
    assert listed.items[0].url != listed.items[1].url
    assert listed.items[0].raw_url == f"{HOME}/list"
    assert listed.skipped == 1
    edited = read("feed", rss(flash.replace("21:00", "22:00"))).items[0]
    assert edited.url == listed.items[0].url
    assert edited.entry_hash != listed.items[0].entry_hash


def test_a_json_entry_without_an_address_is_kept_alike():
    feed = json.loads(JSON_FEED)
    feed["items"] = [{"id": "7", "content_text": "Sirens at the US embassy in Baghdad"}, {"id": "8", "title": "Live"}]
    listed = read("json feed", json.dumps(feed))
    assert [entry.is_whole for entry in listed.items] == [True]
    assert listed.skipped == 1


def test_a_json_feed_gives_time_author_and_text():
    entry = read("json feed").items[0]
    assert (entry.published_raw, entry.author, entry.content) == ("2026-11-23T15:01:00Z", "Desk", "<p>Words.</p>")


# Sitemaps


def test_a_news_sitemap_gives_title_and_time_and_no_picture():
    listed = read("sitemap")
    assert [entry.raw_url for entry in listed.items] == [f"{HOME}/news/1", f"{HOME}/news/2"]
    assert listed.items[0].published_raw == "2026-11-23T18:01:00+03:00"


def test_a_plain_sitemap_gives_articles_alone_and_says_when_they_changed():
    body = (
        f"<urlset><url><loc>{HOME}/about</loc></url><url><loc> {HOME}/news/5 </loc><lastmod>2026-11-23</lastmod></url>"
        "<url><lastmod>2026-11-23</lastmod></url></urlset>"
    )
    listed = read("sitemap", body)
    assert [(entry.raw_url, entry.changed_raw, entry.published_raw) for entry in listed.items] == [
        (f"{HOME}/news/5", "2026-11-23", None)
    ]
    assert listed.skipped == 2


def test_an_index_names_its_parts():
    body = (
        f"<sitemapindex><sitemap><loc>{HOME}/a.xml</loc><lastmod>2026-10-31</lastmod></sitemap>"
        f"<sitemap><loc>{HOME}/b.xml.gz</loc></sitemap><sitemap><loc>ftp://x/</loc></sitemap></sitemapindex>"
    )
    listed = read("sitemap", body)
    assert [(part.url, part.changed_raw) for part in listed.parts] == [
        (f"{HOME}/a.xml", "2026-10-31"), (f"{HOME}/b.xml.gz", None),
    ]  # fmt: skip
    assert listed.items == ()


def test_a_packed_sitemap_is_unpacked_within_its_limit():
    assert len(read("sitemap", gzip.compress(SITEMAP.encode())).items) == 2
    packed = gzip.compress(b"<urlset>" + b" " * 9_000_000)
    assert cause("sitemap", packed) == "bomb"
    assert cause("sitemap", gzip.compress(SITEMAP.encode())[:-40]) == "truncated"
    assert cause("sitemap", b"\x1f\x8b\x08garbage") == "bad_encoding"


def test_names_of_letters_in_a_sitemap_are_put_in_place():
    (entry, _) = read("sitemap", SITEMAP.replace(TITLES[0], "Base &amp; town&nbsp;hit &eacute;")).items
    assert entry.title == "Base & town hit é"


def test_a_sitemap_of_other_pages_says_so():
    assert cause("sitemap", f"<urlset><url><loc>{HOME}/about</loc></url></urlset>") == "empty_feed"


NOW = datetime(2026, 11, 23, tzinfo=UTC)


def test_of_years_of_articles_the_last_week_is_read_and_of_undated_ones_the_ends_first():
    days = [NOW - timedelta(days=n) for n in range(30)]
    assert worth_reading(days, NOW, first=True).count(True) == 8
    assert worth_reading([None] * 1000, NOW, first=True).count(True) == 60
    assert worth_reading([None] * 1000, NOW, first=False).count(True) == 1000
    assert worth_reading([None, NOW, None], NOW, first=True) == [True, True, True]


# Listing pages


def test_a_listing_gives_each_article_once_under_its_heading():
    listed = read("listing")
    assert [(entry.title, entry.url) for entry in listed.items] == [
        (TITLES[0], f"{HOME}/news/1"), (TITLES[1], f"{HOME}/news/2"),
    ]  # fmt: skip


def test_a_selector_takes_the_place_of_the_pattern():
    body = LISTING.replace("/news/", "/story-")
    listed = read("listing", body, article_url=None, links="main article")
    assert [entry.title for entry in listed.items] == list(TITLES)
    assert len(read("listing", body, article_url=None, links="article > a").items) == 2
    assert cause("listing", body, article_url=None, links="a[") == "parse_failed"


def test_a_minute_that_ticks_beside_a_headline_changes_no_hash():
    before, after = (read("listing", body).items for body in (LISTING, LISTING.replace("1 min ago", "7 min ago")))
    assert [entry.entry_hash for entry in before] == [entry.entry_hash for entry in after]


def test_a_changed_layout_is_told():
    assert cause("listing", LISTING.replace("/news/", "/story-")) == "empty_feed"


# WordPress


def test_a_post_is_whole_and_its_time_is_utc():
    entry = read("wordpress").items[0]
    assert (entry.published_raw, entry.is_whole) == ("2026-11-23T15:01:00+00:00", True)
    assert "before it reached" in (entry.content or "")


def test_a_post_under_a_password_is_fetched_as_a_page():
    posts = json.loads(WORDPRESS)
    posts[0]["content"] = {"rendered": "", "protected": True}
    posts[1]["date_gmt"] = None
    first, second = read("wordpress", json.dumps(posts)).items
    assert not first.is_whole
    assert second.published_raw == "2026-11-23T18:02:00"


def test_an_error_of_wordpress_is_said():
    with pytest.raises(FetchError, match="rest_no_route") as caught:
        read("wordpress", '{"code":"rest_no_route","message":"x"}')
    assert caught.value.cause_code == "bad_json"


# Telegram


def test_a_post_is_an_article_with_its_own_address_and_time():
    entry = read("telegram").items[0]
    assert (entry.url, entry.raw_url) == ("https://t.me/outlet/1", "https://t.me/outlet/1")
    assert (entry.published_raw, entry.is_whole, entry.is_edited) == ("2026-11-23T15:01:00+00:00", True, False)


def test_a_post_is_parted_into_headline_and_rest_and_no_word_stands_twice():
    body = channel(post(1, '<i class="emoji"><b>🚨</b></i> <b>عاجل</b> | صافرات<br/><br/>السفارة الأمريكية<br/>#عاجل'))
    (entry,) = read("telegram", body).items
    assert entry.title == "🚨 عاجل | صافرات"
    assert entry.summary == "السفارة الأمريكية\n\n#عاجل"


def test_a_long_line_is_parted_at_its_sentence():
    first, rest = "Drones hit the base. ", "The command said " + "that all were shot down " * 12
    (entry,) = read("telegram", channel(post(1, first + rest))).items
    assert entry.title == "Drones hit the base."
    assert entry.summary == rest.strip()


def test_the_message_that_is_answered_is_not_the_posts_text():
    reply = (
        '<a class="tgme_widget_message_reply" href="https://t.me/outlet/5"><div class="tgme_widget_message_text '
        'js-message_reply_text" dir="auto">An old attack</div></a>'
    )
    (entry,) = read("telegram", channel(post(8, "All quiet now", more=reply))).items
    assert (entry.title, entry.summary) == ("All quiet now", None)


def test_an_edited_post_is_marked_and_its_hash_follows_its_words_alone():
    before = read("telegram", channel(post(1, "One hurt"))).items[0]
    same = read("telegram", channel(post(1, "One hurt").replace("1K", "9K"))).items[0]
    edited = read("telegram", channel(post(1, "Two hurt", edited=True))).items[0]
    assert before.entry_hash == same.entry_hash != edited.entry_hash
    assert edited.is_edited


def test_posts_that_are_missing_between_others_are_named_and_a_picture_alone_is_there():
    picture = '<div class="tgme_widget_message" data-post="outlet/4"><a class="photo"></a></div>'
    listed = read("telegram", channel(post(2, "one two"), picture, post(6, "three four")))
    assert listed.missing == tuple(f"https://t.me/outlet/{n}" for n in (3, 5))
    assert listed.skipped == 1


def test_a_gap_of_a_thousand_posts_is_no_list_of_deletions():
    assert read("telegram", channel(post(2, "one two"), post(2000, "three"))).missing == ()


def test_a_channel_without_preview_says_so():
    assert (
        cause("telegram", "<html><body><div class='tgme_page'>If you have Telegram</div></body></html>") == "empty_feed"
    )


# Google News


def test_a_headline_is_known_by_publisher_and_words_not_by_its_opaque_link():
    one, other = (read("search", rss(found(TITLES[0], link=link))).items[0] for link in ("CBMiA", "CBMiB"))
    assert one.url == other.url
    assert one.raw_url != other.raw_url
    assert (one.title, one.is_headline, one.is_whole) == (TITLES[0], True, True)
    assert (one.summary, one.content, one.publisher_url) == (None, None, "https://www.outlet.example")


def test_a_headline_without_publisher_is_left_out_and_counted():
    nameless = found("A B C D").replace('<source url="https://www.outlet.example">Outlet</source>', "")
    listed = read("search", rss(found("Base hit by drone"), nameless))
    assert (len(listed.items), listed.skipped) == (1, 1)


def test_every_kind_reads_its_shape_in_the_size_that_outlets_send():
    assert all(len(read(name).items) == 2 for name in GOOD)


def test_a_sitemap_packed_in_several_pieces_is_read_whole_and_within_the_limit():
    before, _, after = SITEMAP.partition("</url>")
    pieces = gzip.compress(f"{before}</url>".encode()) + gzip.compress(after.encode())
    assert read("sitemap", pieces).items == read("sitemap", SITEMAP.encode()).items
    bomb = b"".join(gzip.compress(bytes(1024 * 1024)) for _ in range(10))
    assert cause("sitemap", bomb) == "bomb"
