"""One address for one article, and nothing that is no address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.urls import absolute_url, canonical_url, host_key, is_allowed_host
from tests.growth import grows_with_length, of_length

SAME = [
    "https://shafaq.com/en/Security/Drone-hits-base",
    "http://shafaq.com/en/Security/Drone-hits-base",
    "https://www.shafaq.com/en/Security/Drone-hits-base",
    "https://www.shafaq.com:443/en/Security/Drone-hits-base/",
    "https://m.shafaq.com/en/Security/Drone-hits-base",
    "https://SHAFAQ.com/en/Security/Drone-hits-base%20",
    "https://shafaq.com/en/Security/Drone-hits-base?utm_source=rss&fbclid=1#top",
    "https://shafaq.com/en/Security/Drone-hits-base/amp/",
    "https://shafaq.com/amp/en/Security/Drone-hits-base",
    "https://amp.shafaq.com/en/Security/Drone-hits-base?amp=1",
    "http://www.m.shafaq.com:80/en/Security/Drone-hits-base/?outputType=amp&gclid=2&",
    "https://mobile.shafaq.com/en/Security/Drone-hits-base/%20/",
]


@pytest.mark.parametrize("url", SAME)
def test_variants_of_one_address_are_one(url):
    assert canonical_url(url) == SAME[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://x.com/a?id=1", "https://x.com/a?id=2"),
        ("https://x.com/A", "https://x.com/a"),
        ("https://x.com/a", "https://x.com/b"),
        ("https://ar.x.com/a", "https://en.x.com/a"),
        ("http://127.0.0.1:8000/a", "http://127.0.0.1:8001/a"),
        ("https://x.com/camp", "https://x.com/c"),
    ],
)
def test_other_articles_stay_other(one, other):
    assert canonical_url(one) != canonical_url(other)


def test_percent_encoding_is_kept_and_letters_are_encoded_the_same_way():
    encoded = "https://shafaq.com/ar/%D9%85%D8%AC%D8%AA%D9%80%D9%85%D8%B9"
    assert canonical_url("https://shafaq.com/ar/مجتـمع") == canonical_url(encoded.replace("%D9", "%d9")) == encoded


def test_the_tatweel_is_not_normalised():
    assert canonical_url("https://x.com/مجتمع") != canonical_url("https://x.com/مجتـمع")


@pytest.mark.parametrize(
    ("link", "url"),
    [
        (" /a\n", "https://x.com/a"),
        ("b", "https://x.com/feed/b"),
        ("//y.com/z", "https://y.com/z"),
        ("/a%20b c", "https://x.com/a%20b%20c"),
        ("HTTP://X.com:80/a", "http://x.com/a"),
        ("https://müller.example/", "https://xn--mller-kva.example/"),
        ("/a#top", "https://x.com/a"),
    ],
)
def test_a_link_becomes_an_address(link, url):
    assert absolute_url(link, "https://x.com/feed/rss") == url


@pytest.mark.parametrize(
    "link",
    ["", None, "javascript:alert(1)", "file:///etc/passwd", "ftp://x.com/a", "data:text/html,x", "mailto:a@x.com",
     "http://user:pass@x.com/", "http://[::1", "http://x.com:99999/", "/a" * 2000, "http://a\\@b.com/"],
)  # fmt: skip
def test_what_is_no_web_address_is_none(link):
    assert absolute_url(link, "https://x.com/feed") is None


@given(st.text(max_size=60))
def test_no_text_breaks_it_and_canonical_is_canonical(text):
    url = absolute_url(text, "https://x.com/feed")
    canonical_url(text)
    if url is not None:
        assert canonical_url(canonical_url(url)) == canonical_url(url)
        assert url.isascii()


@pytest.mark.parametrize("run", ["%20", "+", "/", "%20+/"])
def test_a_megabyte_of_spaces_or_slashes_takes_no_longer_than_its_length(run):
    middle = run * (1_000_000 // len(run))
    assert canonical_url(f"https://a.example/x{middle}y") == f"https://a.example/x{middle}y"
    assert canonical_url(f"https://a.example/x{middle}") == "https://a.example/x"
    for tail in ("", "y"):
        assert grows_with_length(
            canonical_url, lambda size, tail=tail: f"https://a.example/x{of_length(run, size)}{tail}"
        )


def test_hosts_are_counted_with_their_port():
    assert host_key("https://x.com/a") == "x.com:443"
    assert host_key("http://127.0.0.1:8080/a") == "127.0.0.1:8080"
    assert host_key("nonsense") == ""
    assert is_allowed_host("127.0.0.1", 8080, frozenset({"127.0.0.1:8080"}))
    assert is_allowed_host("::1", 80, frozenset({"[::1]"}))
    assert not is_allowed_host("127.0.0.1", 80, frozenset({"127.0.0.1:8080"}))
