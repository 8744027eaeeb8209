"""Each shipped outlet holds what its data promise; an operator's files overlay it by slug; a wrong file is refused."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from config.data import DATA_DIR
from config.outlets import READ_TODAY, Outlet, load_outlets, select_outlets
from config.settings import CrawlerSettings
from core.errors import ConfigError

OUTLETS = load_outlets()
each_outlet = pytest.mark.parametrize("outlet", OUTLETS.values(), ids=OUTLETS.keys())


@each_outlet
def test_an_outlet_that_is_on_has_a_source_to_read_and_one_that_is_off_says_why(outlet: Outlet) -> None:
    assert bool(outlet.live_sources) is outlet.enabled
    assert (outlet.reason_off is None) is outlet.enabled
    assert outlet.sources
    for source in outlet.sources:
        assert source.lang in outlet.languages
        assert source.kind in READ_TODAY or not source.enabled


@each_outlet
def test_its_pattern_finds_its_examples_and_not_the_counter_examples(outlet: Outlet) -> None:
    if outlet.article_url is None:
        assert not outlet.examples
        assert not outlet.counter_examples
        return
    assert outlet.article_url.pattern.startswith("^https?://")
    assert outlet.examples
    assert outlet.counter_examples
    assert [url for url in outlet.examples if not outlet.is_article(url)] == []
    assert [url for url in outlet.counter_examples if outlet.is_article(url)] == []


@each_outlet
def test_its_sources_are_no_articles_and_its_date_pattern_finds_a_day(outlet: Outlet) -> None:
    if outlet.article_url is not None:
        assert [source.url for source in outlet.sources if outlet.is_article(source.url)] == []
    if outlet.url_date is not None:
        assert any(outlet.date_in(url) for url in outlet.examples)


@each_outlet
def test_a_mark_that_somebody_saw_it_has_a_day_and_only_such_a_mark_has_one(outlet: Outlet) -> None:
    for source in outlet.sources:
        assert (source.checked is not None) is ("(" in source.confidence), source.id
        assert source.checked is None or source.checked <= datetime.now(UTC).date()


def test_a_feed_ships_switched_on_only_when_its_address_is_well_known() -> None:
    for source in (one for outlet in OUTLETS.values() for one in outlet.live_sources):
        mark, _, failed = source.confidence.partition("; ")
        known = mark.startswith("W(") or (mark.startswith("C") and int(mark[1:]) >= 4)
        is_feed = source.kind == "feed"
        assert known or not is_feed or "listed as working" in (source.note or ""), source.id
        assert failed.count("A") <= 2, source.id
        assert not mark.startswith("X"), source.id


def test_a_spare_stands_behind_a_source_of_its_language_and_a_listing_knows_its_links() -> None:
    for outlet in OUTLETS.values():
        langs = set()
        for source in outlet.live_sources:
            assert not source.spare or source.lang in langs, source.id
            langs.add(source.lang)
            assert source.kind != "listing" or source.links or outlet.article_url, source.id


def test_a_search_is_never_an_official_voice() -> None:
    for outlet in OUTLETS.values():
        if outlet.leaning == "official":
            assert [source.id for source in outlet.live_sources if source.kind == "search"] == []


def test_the_official_voices_of_the_place_are_listed() -> None:
    assert OUTLETS["cjtf-oir"].family == OUTLETS["centcom"].family
    assert OUTLETS["cjtf-oir"].enabled
    assert OUTLETS["counter-terrorism-group"].enabled
    for slug in ("iraq-security-media-cell", "kurdistan-counter-terrorism"):
        assert OUTLETS[slug].leaning == "official"
        assert OUTLETS[slug].reason_off


def test_the_registry_holds_shafaq_and_enough_others() -> None:
    shafaq = OUTLETS["shafaq"]
    assert [source.lang for source in shafaq.live_sources if source.kind == "feed"] == ["en", "ar", "ckb"]
    assert shafaq.first_mover
    assert len(OUTLETS) >= 70
    assert sum(outlet.enabled for outlet in OUTLETS.values()) >= 60
    assert {"en", "ar", "fa", "ckb", "tr"} <= {source.lang for one in OUTLETS.values() for source in one.live_sources}


def test_outlets_of_one_owner_are_one_family() -> None:
    assert OUTLETS["al-alam"].family == OUTLETS["press-tv"].family
    assert OUTLETS["centcom"].family == OUTLETS["war-department"].family
    assert OUTLETS["rudaw"].family != OUTLETS["kurdistan24"].family
    houthi = ("al-masirah", "saba-sanaa", "al-thawra", "ansar-allah")
    assert len({OUTLETS[slug].family for slug in houthi}) == 1
    assert OUTLETS["saba-aden"].family != OUTLETS["saba-sanaa"].family


@pytest.mark.parametrize("slug", ["al-alam", "al-masirah", "jordan-times", "jerusalem-post"])
def test_feeds_that_were_measured_to_send_local_time_as_utc_are_marked(slug: str) -> None:
    times = {(source.kind == "feed", source.feed_time) for source in OUTLETS[slug].live_sources}
    assert times - {(False, "as-labelled")} == {(True, "local-as-utc")}  # Telegram and sitemaps tell the truth


def test_qna_lies_in_english_and_gives_no_time_in_arabic() -> None:
    times = {(source.lang, source.feed_time) for source in OUTLETS["qna"].live_sources}
    assert times == {("en", "local-as-utc"), ("ar", "none")}


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Shafaq News/ Two rockets landed near the base.", "Two rockets landed near the base."),
        ("Shafaq News- Baghdad Two rockets landed.", "Two rockets landed."),
        ("Shafak News – Erbil\nTwo rockets landed.", "Two rockets landed."),
        ("شفق نيوز/ سقط صاروخان", "سقط صاروخان"),
        ("Two rockets landed, Shafaq News reported.", "Two rockets landed, Shafaq News reported."),
    ],
)
def test_the_dateline_of_shafaq_goes_and_the_sentence_stays(text: str, rest: str) -> None:
    dateline = OUTLETS["shafaq"].dateline
    assert dateline is not None
    assert dateline.sub("", text, count=1) == rest


@pytest.mark.parametrize(
    ("slug", "url", "day"),
    [
        ("rudaw", "https://www.rudaw.net/english/kurdistan/18022026", date(2026, 2, 18)),
        ("rudaw", "https://www.rudaw.net/english/middleeast/iraq/261120252", date(2025, 11, 26)),
        ("al-jazeera", "https://www.aljazeera.com/news/2026/3/1/x", date(2026, 3, 1)),
        ("al-jazeera", "https://www.aljazeera.com/news/2026/13/1/x", None),
        ("shafaq", "https://shafaq.com/en/Iraq/x", None),
    ],
)
def test_a_day_is_read_from_an_address(slug: str, url: str, day: date | None) -> None:
    assert OUTLETS[slug].date_in(url) == day


BLOCKED_OR_ABSENT = [
    "kurdistan24", "north-press", "sohr", "al-mayadeen", "tasnim", "press-tv", "ap", "reuters", "centcom", "rudaw",
    "iraqi-news", "iran-international", "fars", "petra", "nrt", "the-new-region", "964media", "hiiraan",
    "lorient-today", "trt-world", "stars-and-stripes", "times-of-israel", "al-arabiya", "kuna", "saba-sanaa",
    "syria-tv",
]  # fmt: skip


@pytest.mark.parametrize("slug", BLOCKED_OR_ABSENT)
def test_what_is_known_to_get_in_the_way_is_noted(slug: str) -> None:
    assert OUTLETS[slug].enabled
    assert OUTLETS[slug].obstacle


@pytest.mark.parametrize(
    ("slug", "kind"),
    [("the-national", "sitemap"), ("reuters", "sitemap"), ("ap", "sitemap"), ("al-mayadeen", "sitemap"),
     ("times-of-israel", "sitemap"), ("asharq-al-awsat", "sitemap")],
)  # fmt: skip
def test_a_news_sitemap_is_used_where_the_feed_does_not_work_or_may_fail(slug: str, kind: str) -> None:
    assert kind in {source.kind for source in OUTLETS[slug].live_sources}


def test_no_shipped_address_holds_a_key_or_a_local_name() -> None:
    for outlet in OUTLETS.values():
        for source in outlet.sources:
            assert not re.search(r"localhost|127\.|api_?key|token=|@", source.url), source.id


# The operator's own files

MINE = """
[[outlet]]
slug = "{slug}"
name = "Mine"
leaning = "private"
languages = ["en"]
country = "IQ"
time_zone = "Asia/Baghdad"
home = "https://mine.example.org"
article_url = '^https?://mine\\.example\\.org/\\d+$'
[outlet.selectors]
body = "div.text"
[[outlet.source]]
kind = "feed"
url = "https://mine.example.org/rss"
lang = "en"
confidence = "G"
"""


def write_mine(folder: Path, text: str) -> Path:
    path = folder / "outlets" / "mine.toml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    return path


def test_an_outlet_of_the_operator_replaces_the_shipped_one_or_joins_it(tmp_path: Path) -> None:
    path = write_mine(tmp_path, MINE.format(slug="rudaw") + MINE.format(slug="mine"))
    outlets = load_outlets(tmp_path)
    assert outlets["rudaw"].name == outlets["mine"].name == "Mine"
    assert outlets["mine"].file == path
    assert outlets["mine"].family == "mine"
    assert [source.id for source in outlets["mine"].sources] == ["mine-en"]
    assert len(outlets) == len(OUTLETS) + 1
    assert outlets["shafaq"] == OUTLETS["shafaq"]


@pytest.mark.parametrize(
    ("before", "after", "key", "reason"),
    [
        ('slug = "mine"', 'slug = "Mine!"', "outlet[Mine!].slug", "small letters"),
        ('country = "IQ"', 'country = "Iraq"', "outlet[mine].country", "ISO 3166"),
        ('"Asia/Baghdad"', '"Baghdad"', "outlet[mine].time_zone", "IANA"),
        ('languages = ["en"]', 'languages = ["English"]', "outlet[mine].languages", "language code"),
        ('leaning = "private"', 'leaning = "good"', "outlet[mine].leaning", "choose one of"),
        ("https://mine.example.org/rss", "mine.example.org/rss", "outlet[mine].source[1].url", "starts with https://"),
        (r"\d+$", "(", "outlet[mine].article_url", "no regular expression"),
        (
            'body = "div.text"',
            'text = "div.text"',
            "outlet[mine].selectors.text",
            "known here: author, body, time, title",
        ),
        ('kind = "feed"', 'kind = "rss"', "outlet[mine].source[1].kind", "choose one of"),
        ('kind = "feed"', 'kind = "json"\nenabled = true', "outlet[mine].source[1].enabled", "does not read"),
        ('kind = "feed"', 'kind = "json"', "outlet[mine].source", "none that is enabled"),
        ('kind = "feed"', 'kind = "listing"\nlinks = "div["', "outlet[mine].source[1].links", "no CSS selector"),
        ('kind = "feed"', 'kind = "feed"\nlinks = "a"', "outlet[mine].source[1].links", "no listing"),
        ('kind = "feed"', 'kind = "feed"\nspare = 1', "outlet[mine].source[1].spare", "true or false"),
        ('confidence = "G"', 'confidence = "sure"', "outlet[mine].source[1].confidence", "no mark"),
        ('confidence = "G"', 'confidence = "G"\nchecked = "May"', "outlet[mine].source[1].checked", "no year"),
        ('confidence = "G"', 'confidence = "G"\ninterval_s = 1', "outlet[mine].source[1].interval_s", "out of range"),
        ('confidence = "G"', 'confidence = "G"\nfeed_time = "late"', "outlet[mine].source[1].feed_time", "choose one"),
        ('name = "Mine"', 'name = "Mine"\nenabled = false', "outlet[mine].reason_off", "say why"),
        ('name = "Mine"', 'name = "Mine"\nreason_off = "x"', "outlet[mine].reason_off", "that is on"),
        ('name = "Mine"', 'name = "Mine"\nlanguage = "en"', "outlet[mine].language", "did you mean 'languages'"),
        ('name = "Mine"', "name = \"Mine\"\nurl_date = '/x/'", "outlet[mine].url_date", "named groups"),
        ("[[outlet]]", "[[outlets]]\n[[outlet]]", "outlets", "did you mean 'outlet'"),
    ],
)
def test_a_wrong_file_is_refused_with_file_key_and_reason(
    tmp_path: Path, before: str, after: str, key: str, reason: str
) -> None:
    text = MINE.format(slug="mine")
    assert before in text
    path = write_mine(tmp_path, text.replace(before, after, 1))
    with pytest.raises(ConfigError) as caught:
        load_outlets(tmp_path)
    assert caught.value.file == path
    assert caught.value.key == key
    assert reason in caught.value.reason


def test_a_slug_twice_in_a_file_and_a_source_id_used_twice_are_refused(tmp_path: Path) -> None:
    path = write_mine(tmp_path, MINE.format(slug="mine") * 2)
    with pytest.raises(ConfigError, match="stands twice"):
        load_outlets(tmp_path)
    path.write_text(MINE.format(slug="mine").replace('lang = "en"', 'lang = "en"\nid = "shafaq-en"'))
    with pytest.raises(ConfigError, match="'shafaq-en' is used twice"):
        load_outlets(tmp_path)


def test_the_crawler_settings_narrow_the_outlets() -> None:
    assert set(select_outlets(OUTLETS, CrawlerSettings())) == {slug for slug, one in OUTLETS.items() if one.enabled}
    only = CrawlerSettings(outlets_only=("shafaq", "sana", "al-forat"), outlets_off=("sana",))
    assert set(select_outlets(OUTLETS, only)) == {"shafaq"}
    with pytest.raises(ConfigError, match="did you mean 'shafaq'") as caught:
        select_outlets(OUTLETS, CrawlerSettings(outlets_off=("shafak",)))
    assert caught.value.key == "crawler.outlets_off"


def test_every_shipped_file_is_named_like_a_country_and_holds_outlets() -> None:
    files = {outlet.file for outlet in OUTLETS.values()}
    assert files == set((DATA_DIR / "outlets").glob("*.toml"))
    assert all(re.fullmatch(r"[a-z]+(?:-[a-z]+)*\.toml", file.name) for file in files)
