"""Feeds as outlets send them, and as nobody should."""

from __future__ import annotations

import time
import tracemalloc

import pytest

from core.errors import FetchError
from crawler.feed_bytes import feed_text, is_made_to_hang
from crawler.markup import one_line_title, paragraphs
from crawler.sources.feed import parse_feed
from tests.crawler.newsstand import item, rss
from tests.growth import grows_with_length, of_length

URL = "https://outlet.example/rss/en"


def read(feed, **more):
    return parse_feed(feed.encode() if isinstance(feed, str) else feed, url=URL, **more)


def cause(feed, **more):
    with pytest.raises(FetchError) as caught:
        read(feed, **more)
    return caught.value.cause_code


@pytest.mark.parametrize(
    ("feed", "word"),
    [
        ("", "empty_feed"),
        ("  \n", "empty_feed"),
        (rss(), "empty_feed"),
        ('<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title></feed>', "empty_feed"),
        ("<rss><channel><item>", "bad_xml"),
        ('{"error": "not found"}', "bad_xml"),
        ("<error>no</error>", "bad_xml"),
        ("\xff\xd8\xff\xe0 JFIF", "bad_xml"),
        ("<!DOCTYPE html><html><body>hello", "blocked_page"),
        ("<html><head><title>x</title><link type='application/rss+xml' href='/feed'></head>", "blocked_page"),
        ("\n\n <HTML>", "blocked_page"),
        (rss("<item><title>no address</title></item>"), "empty_feed"),
    ],
)
def test_what_is_no_feed_has_its_word(feed, word):
    assert cause(feed) == word


def test_a_file_name_in_the_body_is_not_opened(tmp_path):
    file = tmp_path / "feed.xml"
    file.write_text(rss(item("/a", "secret")))
    assert cause(str(file)) == "bad_xml"
    assert cause("file://" + str(file)) == "bad_xml"


ENCODED = rss(item("/a", "هجوم على قاعدة عين الأسد"))


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (ENCODED.encode(), ""),
        (ENCODED.encode(), "text/xml; charset=iso-8859-1"),
        (b'<?xml version="1.0" encoding="us-ascii"?>' + ENCODED.encode(), ""),
        (b"\xef\xbb\xbf" + ENCODED.encode(), "text/xml; charset=windows-1256"),
        (b'<?xml version="1.0" encoding="windows-1256"?>' + ENCODED.encode("cp1256"), ""),
        (ENCODED.encode("cp1256"), "text/xml; charset=windows-1256"),
        (ENCODED.encode("cp1256"), ""),
        (b'<?xml version="1.0" encoding="utf-8"?>' + ENCODED.encode("cp1256"), "text/xml; charset=utf-8"),
        (ENCODED.encode("iso-8859-6"), "text/xml; charset=iso-8859-6"),
        (ENCODED.encode("utf-16"), ""),
        (ENCODED.encode("utf-16-be"), ""),
    ],
)
def test_the_letters_survive_every_encoding_and_label(body, content_type):
    (entry,) = read(body, content_type=content_type).items
    assert entry.title == "هجوم على قاعدة عين الأسد"


def test_one_broken_letter_does_not_cost_the_others():
    (entry,) = read(ENCODED.encode().replace("عين".encode(), "عين".encode()[:-1] + b"\xff")).items
    assert entry.title.startswith("هجوم على قاعدة")


def test_illegal_control_characters_do_not_end_the_feed():
    (entry,) = read(rss(item("/a", "one\x08two\x0b\ufffe"))).items
    assert entry.title == "onetwo"


def test_plain_entities_of_a_dtd_are_put_in_place():
    head = '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY co "Shafaq Sons">]>'
    (entry,) = read(rss("<item><link>/a</link><title>&co; &amp; friends</title></item>", head=head)).items
    assert entry.title == "Shafaq Sons & friends"


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))


@pytest.mark.parametrize(
    "head",
    [
        f'<!DOCTYPE r [<!ENTITY l0 "ha">{LAUGHS}]>',
        f'<!DOCTYPE r [\n<!ENTITY l0 "ha">\n{LAUGHS.replace("><", ">" + chr(10) + "<")}\n]>',
        '<!DOCTYPE r [<!ENTITY % p "<!ENTITY a SYSTEM &#39;file:///etc/passwd&#39;>"> <!ENTITY b "%p;">]>',
    ],
)
def test_an_xml_bomb_is_refused_in_no_time_and_memory(head):
    tracemalloc.start()
    began = time.process_time()
    assert cause(rss(item("/a", "x") + "<item><title>&l11;</title></item>", head=head)) == "bomb"
    assert time.process_time() - began < 20  # expanded, it would take for ever
    assert tracemalloc.get_traced_memory()[1] < 50_000_000
    tracemalloc.stop()


def test_a_quadratic_bomb_is_refused():
    head = f'<!DOCTYPE r [<!ENTITY a "{"x" * 900}">]>'
    assert cause(rss("<item><link>/a</link><title>" + "&a;" * 50_000 + "</title></item>", head=head)) == "bomb"


def test_an_external_entity_is_not_read(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    head = f'<!DOCTYPE r [<!ENTITY a SYSTEM "file://{secret}">]>'
    feed = read(rss("<item><link>/a</link><title>x&a;y</title></item>", head=head))
    assert "hunter2" not in str(feed)


def test_a_bomb_in_utf_16_does_not_slip_past():
    head = f'<!DOCTYPE r [<!ENTITY l0 "ha">{LAUGHS}]>'
    assert cause(rss(item("/a", "&l11;"), head=head).encode("utf-16")) == "bomb"


HOME = "https://outlet.example"
SHAPES = {
    "no date": (item("/a", "t"), {"published_raw": None}),
    "a date in words of the outlet": (
        item("/a", "t", more="<pubDate>٢١ نيسان ٢٠٢٤</pubDate>"),
        {"published_raw": "٢١ نيسان ٢٠٢٤"},
    ),
    "a relative link": (item("/en/a", "t"), {"raw_url": f"{HOME}/en/a"}),
    "a guid instead of a link": (f"<item><guid>{HOME}/g</guid><title>t</title></item>", {"raw_url": f"{HOME}/g"}),
    "an Arabic path": (item("/ar/مجتـمع", "t"), {"raw_url": f"{HOME}/ar/%D9%85%D8%AC%D8%AA%D9%80%D9%85%D8%B9"}),
    "a trailing space": (item("/en/a%20", "t"), {"raw_url": f"{HOME}/en/a%20", "url": f"{HOME}/en/a"}),
    "an enclosure alone beside a guid": (
        f'<item><enclosure url="https://m.example/p.webp"/><guid>{HOME}/g</guid><title>t</title></item>',
        {"raw_url": f"{HOME}/g"},
    ),
    "a link that is a picture": (
        item(f"{HOME}/static/p.jpg", "t", more=f"<guid>{HOME}/post/12/</guid>"),
        {"raw_url": f"{HOME}/post/12/"},
    ),
    "a title in tags": (item("/a", "<b>Base</b> hit &amp;amp; run"), {"title": "Base hit & run"}),
    "no title": ("<item><link>/a</link><description>flash</description></item>", {"title": "", "summary": "flash"}),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_an_entry_with(shape):
    markup, expected = SHAPES[shape]
    (entry,) = read(rss(markup), is_article=lambda url: "/static/" not in url).items
    assert {name: getattr(entry, name) for name in expected} == expected


def test_the_longer_of_description_and_content_is_kept_apart():
    feed = (
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><item><link>/a</link>'
        "<description>short</description><content:encoded><![CDATA[<p>the whole text</p>]]></content:encoded></item>"
        "</channel></rss>"
    )
    (entry,) = read(feed).items
    assert (entry.summary, entry.content) == ("short", "<p>the whole text</p>")


def test_a_double_counts_as_skipped_and_the_first_wins():
    feed = read(rss(item("/a", "first"), item("/a?utm_source=x", "second"), item("javascript:alert(1)", "third")))
    assert [entry.title for entry in feed.items] == ["first"]
    assert feed.skipped == 2


def test_a_feed_is_never_cut():
    assert len(read(rss(*(item(f"/{n}", f"t{n}") for n in range(3000)))).items) == 3000


def test_an_entry_hash_changes_with_the_entry_alone():
    one, same = read(rss(item("/a", "t", "x"))).items[0], read(rss(item("/b", "u"), item("/a", "t", "x"))).items[1]
    edited = read(rss(item("/a", "t", "y"))).items[0]
    assert one.entry_hash == same.entry_hash != edited.entry_hash


def test_wrong_xml_gives_what_can_be_read():
    feed = read(rss(item("/a", "one")) [:-20] + "<item><link>/b")  # fmt: skip
    assert feed.malformed
    assert feed.items[0].title == "one"


def test_paragraphs_of_markup():
    markup = (
        '<?xml encoding="utf-8" ?><p><em>Desk</em></p><p>One <b>two</b><br/>three</p><script>x()</script>'
        "<iframe src=x>y</iframe><ul><li>a<li>b</ul>&copy;"
    )
    assert paragraphs(markup) == ["Desk", "One two", "three", "a", "b", "©"]
    assert paragraphs("plain\ntext\n\nof two") == ["plain text", "of two"]
    assert paragraphs("5 < 6 and 7 > 2") == ["5 < 6 and 7 > 2"]
    assert paragraphs(None) == []


@pytest.mark.parametrize("piece", ["<div>", "<!--", "<a ", "&#", "<![CDATA["])
def test_hostile_markup_takes_no_longer_than_its_length(piece):
    assert grows_with_length(paragraphs, lambda size: of_length(piece, size))


def test_a_title_is_one_line():
    assert one_line_title("Base\r\n hit\u2028again") == "Base hit again"
    assert one_line_title("a < b & c") == "a < b & c"


LAUGHS = (
    "<!DOCTYPE rss [<!ENTITY l0 'lololololo'>" + "".join(
        f"<!ENTITY l{level} '{f'&l{level - 1};' * 10}'>" for level in range(1, 8)
    ) + "]><rss><channel><item><title>&l7;</title><link>/a</link></item></channel></rss>"
)  # fmt: skip


@pytest.mark.parametrize(
    "before",
    ["<!--" + "x" * 12_000 + "-->", "<!-- <!DOCTYPE x> -->", "<?xml version='1.0'?><?x y?>\n<!-- a --> <?z?>"],
    ids=["a long comment", "a comment that names one", "instructions"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_a_bomb_is_found_wherever_its_dtd_may_stand(before: str, encoding: str) -> None:
    assert cause((before + LAUGHS).encode(encoding)) == "bomb"


@pytest.mark.parametrize("hole", ["\x00", "\x01", "\ufffe"])
def test_a_letter_that_is_taken_out_hides_no_dtd(hole: str) -> None:
    assert cause(LAUGHS.replace("<!DOCTYPE", f"<!DOC{hole}TYPE")) == "bomb"


@pytest.mark.parametrize(
    "feed",
    [
        "<rss><channel>" + "<item>" * 50_000,
        "<rss><channel><x></y>" + "<item>" * 50_000,
        rss(f"<item><title>a</title><link>/a</link><description>{'<b>' * 50_000}</description></item>"),
        "<rss><channel " + " ".join(f'a{number}="1"' for number in range(20_000)) + ">" + item("/a", "x"),
        "<rss " + " ".join(f'xmlns:a{number}="u"' for number in range(20_000)) + ">" + item("/a", "x"),
    ],
    ids=["open items", "open items of a broken feed", "open tags of a text", "attributes", "namespaces"],
)
def test_what_would_hold_up_the_parser_never_reaches_it(feed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from crawler.sources import feed as module

    monkeypatch.setattr(module.feedparser, "parse", lambda *_, **__: pytest.fail("it reached the parser"))
    assert cause(feed) == "bad_xml"


def test_a_long_feed_with_markup_in_its_texts_is_none_of_that() -> None:
    body = "<p>One<br>two<img src='x'>" * 40
    many = rss(*(item(f"/{n}", f"Title {n}", f"<![CDATA[{body}]]>") for n in range(120)))
    assert len(read(many).items) == 120


@pytest.mark.parametrize("piece", ["<", "<a", "<a ", "<a b=", "<![CDATA[", "]]>", "</a>", "<a>", "<!--", "<?", "&a;"])
def test_looking_for_such_a_feed_takes_time_in_step_with_its_length(piece: str) -> None:
    assert grows_with_length(is_made_to_hang, lambda size: of_length(piece, size))
    assert grows_with_length(lambda text: feed_text(text.encode()), lambda size: "<rss>" + of_length(piece, size))
