"""What stands below the first line, and that nothing from outside can act in it."""

from __future__ import annotations

import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.links import safe_link
from alerts.rendering import SECTION_LIMIT, html_body, slack_blocks, slack_escape
from alerts.wording import QUOTE_LIMIT, change_line, compose, fit, is_rtl, plain_text
from core.documents import Casualties, Change, NoticeDocument
from core.values import Kind, NoticeKind
from tests.alerts.channels.messages import (
    ARABIC,
    LONG,
    NOW,
    PAYLOADS,
    document,
    evidence,
    hostile,
    incident,
    notice,
    source,
    system,
    without_isolates,
)


def test_a_message_says_everything_in_order() -> None:
    doc = document(
        incident=incident(
            casualties=(
                Casualties(whose="us", kind="injured", low=5, high=5),
                Casualties(whose="us", kind="killed", low=0, high=0),
                Casualties(whose="civilians", kind="injured", low=1, high=3),
            ),
            claimed_by="iri",
            claimed_by_name="Islamic Resistance in Iraq",
            attributed_to="kh",
            attributed_to_name="Kataib Hezbollah",
            report_count=5,
            outlet_count=3,
        ),
        notice=notice(kind=NoticeKind.UPDATE),
        changes=(Change(field="injured", before=2, after=5, by="CENTCOM"),),
    )
    assert plain_text(doc, now=NOW).splitlines() == [
        "UPDATE S3 CONFIRMED Erbil air base: 1 drone shot down, 5 US hurt, 1-3 civilians hurt - 21:07",
        "",
        "hurt: was 2, now 5 — per CENTCOM",
        "",
        "What: 1 drone, shot down",
        "Where: Erbil air base, Iraq (airbase)",
        "When: 21 Apr 21:07 local, 18:07 UTC, 6 min ago",
        "Casualties: US: 0 killed, 5 hurt; civilians: 1-3 hurt",
        "Claimed by: Islamic Resistance in Iraq",
        "Attributed to: Kataib Hezbollah",
        "Status: confirmed (CTG), severity S3",
        "Reports: 5 from 3 outlets",
        "Map: https://www.openstreetmap.org/?mlat=36.2376&mlon=43.9632#map=11/36.2376/43.9632",
        "",
        "Shafaq News (Arabic):",
        f"\u2068“{ARABIC}”\u2069",
        "",
        "Sources, in order of appearance:",
        "1. Shafaq News (Arabic, 21 Apr 21:11 local, cites Kurdistan CTG)",
        "https://www.shafaq.com/ar/1",
        "",
        "More: basewatch incidents show BW-42",
        "Take care of it: basewatch ack BW-42 --by NAME",
        "Hold further notices back: basewatch silence add --incident BW-42 --for 2h --reason WHY",
        "",
        "for: a drone and a named base in one sentence",
        "against: one source only",
        "",
        "[BW-42.1]",
    ]


def test_what_is_not_stated_is_said_to_be_not_stated() -> None:
    bare = incident(casualties=(), outcome="unknown", event_from=None, event_to=None, local_date=None, kind=None)
    text = plain_text(document(incident=bare), now=NOW)
    assert "Casualties: not stated" in text
    assert "What: 1 drone, outcome not stated" in text
    assert "When: not stated; first reported 21 Apr 21:07 local, 18:07 UTC" in text
    assert "Where: Erbil air base, Iraq\n" in text


def test_a_day_without_an_hour_claims_no_hour() -> None:
    doc = document(incident=incident(event_from=None, event_to=None))
    assert "When: 21 Apr, hour not stated" in plain_text(doc, now=NOW)


def test_a_late_event_says_that_it_is_late() -> None:
    doc = document(notice=notice(late=True))
    assert "(late: already old when it was first seen)" in plain_text(doc, now=NOW + timedelta(hours=9))


@pytest.mark.parametrize("kind", [*Kind, None])
def test_each_kind_of_site_has_a_word(kind: Kind | None) -> None:
    assert plain_text(document(incident=incident(kind=kind)), now=NOW)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (Change(field="injured", before=2, after=5, by="CENTCOM"), "hurt: was 2, now 5 — per CENTCOM"),
        (Change(field="injured", before=None, after=0), "hurt: was not stated, now 0"),
        (Change(field="casualties.us.killed", before=0, after=3), "casualties (US) killed: was 0, now 3"),
        (Change(field="killed", before={"low": 1, "high": 3}, after={"low": 3, "high": 3}), "killed: was 1-3, now 3"),
        (Change(field="outcome", before="hit", after="partly_intercepted"), "outcome: was hit, now partly intercepted"),
        (Change(field="weapons", before=[], after=["drone", "rocket"]), "weapons: was not stated, now drone, rocket"),
        (Change(field="event", after="2024-04-21T18:07:00Z"), "event: was not stated, now 21 Apr 21:07 local"),
        (Change(field="denied", before=False, after=True), "denied: was no, now yes"),
    ],
)  # fmt: skip
def test_a_change_says_what_was_and_what_is(change: Change, line: str) -> None:
    assert change_line(change, incident(), NOW) == line


def test_an_outlet_is_quoted_with_240_characters_at_most() -> None:
    doc = document(evidence=tuple(evidence(f"{position} " + "word " * 40, lang="en") for position in range(6)))
    assert sum(len(quote.text) for quote in compose(doc, now=NOW).quotes) <= QUOTE_LIMIT


def test_a_headline_is_shown_only_where_nothing_else_of_the_outlet_is_quoted() -> None:
    doc = document(sources=(source(), source(outlet="rudaw", outlet_name="Rudaw", title="Drone over Harir", lang="en")))
    quoted, bare = compose(doc, now=NOW).sources
    assert quoted.title is None
    assert bare.title is not None
    assert bare.title.text == "Drone over Harir"


@pytest.mark.parametrize(
    ("text", "rtl"),
    [
        (ARABIC, True),
        ("«هجوم»", True),
        ("12 بنکەی حەریر", True),
        ("בסיס", True),
        ("Drone — هجوم", False),
        ("123", False),
    ],
)
def test_direction_follows_the_first_strong_letter(text: str, rtl: bool) -> None:
    assert is_rtl(text) is rtl


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://www.shafaq.com/ar/1?a=b&c=d#x", ("https://www.shafaq.com/ar/1?a=b&c=d", "www.shafaq.com")),
        ("http://x.example:8080/a b|c>d", ("http://x.example:8080/a%20b%7Cc%3Ed", "x.example:8080")),
        (
            "https://شفق.example/أخبار",
            ("https://xn--zgb0ad.example/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1", "xn--zgb0ad.example"),
        ),
        ("https://shafaq.com@evil.example/", None),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("file:///etc/passwd", None),
        ("https://", None),
        ("https://[::1", None),
        ("https://a:99999/", None),
        ("//evil.example", None),
        ("https://" + "a" * 70 + ".example/", None),
        ("https://a.example/" + "x" * 3_000, None),
        ("https:\\\\evil.example\\x", None),
    ],
)
def test_a_link_is_http_and_says_where_it_leads(url: str, link: tuple[str, str] | None) -> None:
    assert safe_link(url) == link


@given(st.text(max_size=200))
def test_no_text_makes_a_link_of_another_kind_or_raises(url: str) -> None:
    for candidate in (url, "https://" + url, "http://a.example/" + url):
        link = safe_link(candidate)
        if link is not None:
            assert re.fullmatch(r"https?://[A-Za-z0-9._-]+(:\d+)?(/[!-~]*)?(\?[!-~]*)?", link[0])
            assert not set(link[0]) & set('<>"|\\^`{} ')


def test_a_system_notice_is_its_own_text() -> None:
    doc = system("Channel ops is paused.\nIts receiver answered 410.")
    assert plain_text(doc, now=NOW).splitlines() == [
        "SYSTEM Channel ops is paused.",
        "Its receiver answered 410.",
        "",
        "[SYS-7]",
    ]


@pytest.mark.parametrize("limit", [120, 300, 1_000, 2_000])
@pytest.mark.parametrize("text", LONG)
def test_too_long_a_message_loses_whole_lines_and_never_half_a_link(limit: int, text: str) -> None:
    doc = hostile(text)
    shown = plain_text(doc, now=NOW, limit=limit)
    assert len(shown) <= limit
    assert shown.endswith("[BW-42.1]")
    whole = plain_text(doc, now=NOW).splitlines()
    assert all(line in whole for line in shown.splitlines() if not line.startswith("…"))


def test_fit_keeps_a_message_that_fits_as_it_is() -> None:
    assert fit(["a", "b"], "[id]", 9) == "a\nb\n\n[id]"
    assert fit(["a", "b"], "[id]", 8) == "a\n…\n[id]"


@pytest.mark.parametrize("text", PAYLOADS)
def test_plain_text_holds_no_control_character_whatever_comes_in(text: str) -> None:
    for doc in (hostile(text), system(text)):
        shown = without_isolates(plain_text(doc, now=NOW))
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]", shown)
        assert "javascript:" not in [line.strip() for line in shown.splitlines()]


@pytest.mark.parametrize("text", ["{0} {x} {incident.__class__}", "%s %(x)s %", "$NAME ${NAME}", "{{ 7*7 }}"])
def test_text_that_looks_like_a_template_is_shown_as_it_came(text: str) -> None:
    assert f"“{text}”" in plain_text(hostile(text), now=NOW)


# --- HTML


class Page(HTMLParser):
    """Tags, attributes and text as a mail program reads them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def page(doc: NoticeDocument) -> Page:
    return Page(html_body(compose(doc, now=NOW)))


@pytest.mark.parametrize(
    ("lang", "text"),
    [("ar", ARABIC), ("fa", "پایگاه هوایی"), ("ckb", "هێرشێک بۆ سەر بنکەی حەریر"), ("he", "מתקפה על בסיס")],
)
def test_evidence_written_from_right_to_left_is_shown_so(lang: str, text: str) -> None:
    tags = page(document(evidence=(evidence(text, lang=lang),))).tags
    (attributes,) = [attributes for tag, attributes in tags if tag == "blockquote"]
    assert (attributes["lang"], attributes["dir"]) == (lang, "rtl")


def test_evidence_in_latin_letters_is_shown_from_left_to_right() -> None:
    tags = page(document(evidence=(evidence("Drone shot down.", lang="en"),))).tags
    assert [attributes["dir"] for tag, attributes in tags if tag == "blockquote"] == ["ltr"]


@pytest.mark.parametrize("text", [*PAYLOADS, *LONG])
def test_html_has_no_tag_or_link_of_its_own_making(text: str) -> None:
    def build(words: str) -> Page:
        return page(hostile(words))

    plain, attacked = build("plain words"), build(text)
    assert {tag for tag, _ in attacked.tags} <= {tag for tag, _ in plain.tags} | {"h1"}
    allowed = {"style", "lang", "dir", "href", "rel", "charset", "name", "content", "align", "valign"}
    for tag, attributes in attacked.tags:
        assert set(attributes) <= allowed, (tag, attributes)
        assert (attributes.get("href") or "https://").startswith(("https://", "http://"))


def test_html_fetches_nothing_when_it_is_opened() -> None:
    assert not {tag for tag, _ in page(document()).tags} & {"img", "script", "link", "iframe", "style", "video"}


# --- Slack

OUR_LINKS = (
    "https://www.shafaq.com/ar/1|www.shafaq.com",
    "https://www.openstreetmap.org/?mlat=36.2376&amp;mlon=43.9632#map=11/36.2376/43.9632|openstreetmap.org",
)


@given(st.text(max_size=400), st.integers(1, 200))
@settings(deadline=None)
def test_slack_text_is_cut_between_entities(text: str, limit: int) -> None:
    shown = slack_escape(text, limit)
    assert len(shown) <= limit
    assert not re.search(r"&(?!amp;|lt;|gt;)", shown)
    assert not set("<>") & set(shown)


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("text", [*PAYLOADS, *LONG])
def test_slack_blocks_keep_their_limits_and_hold_no_markup_from_outside(text: str) -> None:
    blocks = slack_blocks(compose(hostile(text), now=NOW))
    assert len(blocks) <= 50
    for block in blocks:
        for shown in _texts(block):
            assert len(shown) <= SECTION_LIMIT
            # What is left in angle brackets is our own link, and its label is its own host.
            for link in re.findall(r"<([^>]*)>", shown):
                assert link in OUR_LINKS
            assert not re.search(r"@\w", shown)
            assert "](" not in shown
    assert blocks[0]["type"] == "header"
    assert len(blocks[0]["text"]["text"]) <= 150
