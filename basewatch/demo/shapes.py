"""How the demo's outlets print their feeds and pages: one habit each, as real outlets of the region have them.

Pure: pieces in, bytes out. ``print_feed`` and ``print_page`` give what the newsroom serves.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape
from typing import Literal
from urllib.parse import quote
from zoneinfo import ZoneInfo

Shape = Literal[
    "no_dates", "wordpress", "windows_1256", "atom_teaser", "local_as_utc", "conditional", "pages_forbidden"
]
GLUE_EVERY = 11  #: in the "no_dates" feed every eleventh space is lost, as where an editor's line breaks were


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One story as an outlet publishes it."""

    number: int  #: stands in its address
    lang: str
    section: str
    city: str  #: of the dateline, which is not the place of the event
    title: str
    paragraphs: tuple[str, ...]
    published_at: datetime  #: aware, UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What a shape needs to know of its outlet."""

    name: str
    zone: str
    base: str  #: "http://127.0.0.1:41234"


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """Bytes and their type, as they go over the wire."""

    body: bytes
    content_type: str


def feed_path(lang: str) -> str:
    return f"/rss/{'ku' if lang == 'ckb' else lang}"


def page_path(shape: Shape, piece: Piece) -> str:
    """The path of the article, percent-encoded."""
    if shape == "no_dates":
        slug = quote(piece.title.replace(" ", "-"), safe="-")
        return f"/{'ku' if piece.lang == 'ckb' else piece.lang}/{piece.section}/{slug}"
    if shape == "wordpress":
        return f"/{piece.published_at:%Y/%m}/{piece.number}/"
    return f"/{quote(piece.section.replace(' ', '-'))}/{piece.number}"


def print_feed(shape: Shape, site: Site, lang: str, pieces: Sequence[Piece]) -> Printed:
    """The feed with the newest piece on top."""
    return _FEEDS[shape](site, lang, list(reversed(pieces)))


def print_page(shape: Shape, site: Site, piece: Piece) -> Printed:
    """The article's page, with what surrounds the text on a real one."""
    return _PAGES[shape](site, piece)


# ---- feeds ----------------------------------------------------------------------------------------------------------


def _rss(site: Site, language: str, items: str, *, namespaces: str = "", encoding: str = "UTF-8") -> str:
    return (
        f'<?xml version="1.0" encoding="{encoding}"?>\n'
        f'<rss version="2.0"{namespaces}><channel><title>{escape(site.name)}</title><link>{site.base}/</link>'
        f"<description>{escape(site.name)}</description><language>{language}</language>{items}</channel></rss>\n"
    )


def _link(shape: Shape, site: Site, piece: Piece) -> str:
    return site.base + page_path(shape, piece)


def _paragraphs(piece: Piece) -> str:
    return "".join(f"<p>{escape(text, quote=False)}</p>" for text in piece.paragraphs)


def glue(text: str) -> str:
    """The text with every eleventh space lost: "a fuel store insidethe base"."""
    words = text.split(" ")
    return "".join(
        word if number == len(words) else word + ("" if number % GLUE_EVERY == 0 else " ")
        for number, word in enumerate(words, 1)
    )


def _no_dates_feed(site: Site, lang: str, pieces: Sequence[Piece]) -> Printed:
    """No pubDate, Arabic claimed for every language, article HTML with glued words, enclosure without type."""
    items = "".join(
        f"<item><link>{_link('no_dates', site, piece)}</link>"
        f'<guid isPermaLink="true">{_link("no_dates", site, piece)}</guid><title>{escape(piece.title)}</title>'
        f'<enclosure url="{site.base}/media/arcella/{int(piece.published_at.timestamp() * 1000)}.webp"/>'
        f"<category><![CDATA[{piece.section}]]></category>"
        f'<description><![CDATA[<?xml encoding="utf-8" ?><p><em>{site.name}- {piece.city}</em></p>'
        + "".join(f"<p>{escape(glue(text), quote=False)}</p>" for text in piece.paragraphs)
        + '<iframe src="https://video.invalid/embed" width="560"></iframe>]]></description></item>'
        for piece in pieces
    )
    head = f'<atom:link rel="self" href="{site.base}{feed_path(lang)}"/>'
    return Printed(
        body=_rss(site, "ar", head + items, namespaces=' xmlns:atom="http://www.w3.org/2005/Atom"').encode(),
        content_type="application/xml",
    )


def _wordpress_feed(site: Site, lang: str, pieces: Sequence[Piece]) -> Printed:
    items = "".join(
        f"<item><title>{escape(piece.title)}</title><link>{_link('wordpress', site, piece)}</link>"
        f"<dc:creator><![CDATA[{site.name}]]></dc:creator><pubDate>{format_datetime(piece.published_at)}</pubDate>"
        f"<category><![CDATA[{piece.section}]]></category>"
        f'<guid isPermaLink="false">{site.base}/?p={piece.number}</guid>'
        f"<description><![CDATA[<p>{escape(piece.paragraphs[0][:90], quote=False)} [&#8230;]</p>]]></description>"
        f"<content:encoded><![CDATA[{_paragraphs(piece)}"
        f"<p>The post <a href='{_link('wordpress', site, piece)}'>{escape(piece.title)}</a> appeared first on "
        f"<a href='{site.base}'>{site.name}</a>.</p>]]></content:encoded></item>"
        for piece in pieces
    )
    spaces = ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    return Printed(
        body=_rss(site, lang, items, namespaces=spaces).encode(), content_type="application/rss+xml; charset=UTF-8"
    )


def _plain_items(shape: Shape, site: Site, pieces: Sequence[Piece], *, zone: ZoneInfo, whole: bool = False) -> str:
    return "".join(
        f"<item><title>{escape(piece.title)}</title><link>{_link(shape, site, piece)}</link>"
        f"<guid>{_link(shape, site, piece)}</guid>"
        f"<description>{escape(_paragraphs(piece) if whole else piece.paragraphs[0])}</description>"
        f"<pubDate>{format_datetime(piece.published_at.astimezone(zone))}</pubDate></item>"
        for piece in pieces
    )


def _windows_1256_feed(site: Site, lang: str, pieces: Sequence[Piece]) -> Printed:
    """An old code page, named in the XML declaration only."""
    items = _plain_items("windows_1256", site, pieces, zone=ZoneInfo(site.zone))
    text = _rss(site, lang, items, encoding="windows-1256")
    return Printed(body=text.encode("windows-1256", "xmlcharrefreplace"), content_type="text/xml")


def _atom_teaser_feed(site: Site, lang: str, pieces: Sequence[Piece]) -> Printed:
    """Atom 1.0 (RFC 4287); one sentence an entry, no text."""
    newest = max((piece.published_at for piece in pieces), default=None)
    entries = "".join(
        f"<entry><title>{escape(piece.title)}</title><id>tag:levant.invalid,2026:{piece.number}</id>"
        f'<link rel="alternate" type="text/html" href="{_link("atom_teaser", site, piece)}"/>'
        f"<published>{piece.published_at.isoformat()}</published><updated>{piece.published_at.isoformat()}</updated>"
        f'<summary type="text">{escape(piece.paragraphs[0][:80])}…</summary></entry>'
        for piece in pieces
    )
    return Printed(
        body=(
            '<?xml version="1.0" encoding="utf-8"?>\n'
            f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{lang}"><title>{escape(site.name)}</title>'
            f"<id>{site.base}/</id><updated>{newest.isoformat() if newest else '1970-01-01T00:00:00Z'}</updated>"
            f"{entries}</feed>\n"
        ).encode(),
        content_type="application/atom+xml; charset=utf-8",
    )


def _local_as_utc_feed(site: Site, lang: str, pieces: Sequence[Piece]) -> Printed:
    """The outlet's local time with a false label: Jordan Times and QNA do so, among others."""
    items = "".join(
        f"<item><title>{escape(piece.title)}</title><link>{_link('local_as_utc', site, piece)}</link>"
        f"<description>{escape(piece.paragraphs[0])}</description>"
        f"<pubDate>{piece.published_at.astimezone(ZoneInfo(site.zone)):%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
        for piece in pieces
    )
    return Printed(body=_rss(site, lang, items).encode(), content_type="application/rss+xml")


def _conditional_feed(site: Site, lang: str, pieces: Sequence[Piece]) -> Printed:
    items = _plain_items("conditional", site, pieces, zone=ZoneInfo(site.zone))
    return Printed(body=_rss(site, lang, items).encode(), content_type="application/rss+xml; charset=utf-8")


def _pages_forbidden_feed(site: Site, lang: str, pieces: Sequence[Piece]) -> Printed:
    items = _plain_items("pages_forbidden", site, pieces, zone=ZoneInfo(site.zone), whole=True)
    return Printed(body=_rss(site, lang, items).encode(), content_type="text/xml; charset=utf-8")


# ---- pages ----------------------------------------------------------------------------------------------------------


def _html(site: Site, piece: Piece, head: str, article: str, *, charset: str = "utf-8") -> str:
    """A page: navigation, the article, a list of other headlines, a footer."""
    direction = "rtl" if piece.lang in ("ar", "fa", "ckb") else "ltr"
    return (
        f'<!doctype html>\n<html lang="{piece.lang}" dir="{direction}"><head><meta charset="{charset}">'
        f"<title>{escape(piece.title)} | {escape(site.name)}</title>"
        f'<meta property="og:title" content="{escape(piece.title)}">{head}</head><body>'
        f'<header><a href="/">{escape(site.name)}</a><nav><a href="/news">News</a> <a href="/video">Video</a></nav>'
        f"</header><main>{article}</main>"
        f"<footer><p>© {escape(site.name)}. All rights reserved.</p></footer></body></html>\n"
    )


def _no_dates_page(site: Site, piece: Piece) -> Printed:
    article = (
        f'<article id="article"><h1>{escape(piece.title)}</h1>'
        '<div id="articleImg"><img src="/media/1.webp" alt=""></div>'
        f'<span id="postDate">{piece.published_at.isoformat()}</span>'
        f'<div id="newsDetails"><p><em>{site.name}- {piece.city}</em></p>{_paragraphs(piece)}</div></article>'
        "<div>Shanidar Live</div><div>Radio radio icon</div>"
    )
    return _utf8(_html(site, piece, "", article))


def _wordpress_page(site: Site, piece: Piece) -> Printed:
    head = (
        f'<meta property="article:published_time" content="{piece.published_at.isoformat()}">'
        f'<link rel="canonical" href="{_link("wordpress", site, piece)}">'
    )
    article = (
        f'<article class="post"><h1 class="entry-title">{escape(piece.title)}</h1>'
        f'<div class="entry-content">{_paragraphs(piece)}</div></article>'
        f'<ul class="related"><li><a href="/2026/1/">{escape(site.name)}</a></li></ul>'
    )
    return _utf8(_html(site, piece, head, article))


def _windows_1256_page(site: Site, piece: Piece) -> Printed:
    """The code page stands in the page's head only, and the time in words of the outlet's own clock."""
    local = piece.published_at.astimezone(ZoneInfo(site.zone))
    article = (
        f"<h1>{escape(piece.title)}</h1><div class='date'>{local:%d/%m/%Y %H:%M}</div>"
        f"<div class='details'>{_paragraphs(piece)}</div>"
    )
    text = _html(site, piece, "", article, charset="windows-1256")
    return Printed(body=text.encode("windows-1256", "xmlcharrefreplace"), content_type="text/html")


def _json_ld_page(shape: Shape, site: Site, piece: Piece) -> Printed:
    local = piece.published_at.astimezone(ZoneInfo(site.zone))
    described = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": piece.title,
        "datePublished": local.isoformat(),
        "inLanguage": piece.lang,
        "mainEntityOfPage": _link(shape, site, piece),
    }
    head = f'<script type="application/ld+json">{json.dumps(described, ensure_ascii=False)}</script>'
    article = (
        f"<article><h1>{escape(piece.title)}</h1>"
        f'<p class="byline">{escape(piece.city)} <time datetime="{local.isoformat()}">{local:%H:%M}</time></p>'
        f'<div class="article-body">{_paragraphs(piece)}</div></article>'
    )
    return _utf8(_html(site, piece, head, article))


def _local_as_utc_page(site: Site, piece: Piece) -> Printed:
    local = piece.published_at.astimezone(ZoneInfo(site.zone))
    dateline = f"<p><strong>{escape(piece.city)}</strong> — {escape(piece.paragraphs[0], quote=False)}</p>"
    rest = "".join(f"<p>{escape(text, quote=False)}</p>" for text in piece.paragraphs[1:])
    article = (
        f'<div class="node"><h1>{escape(piece.title)}</h1>'
        f'<span class="date">{local:%b %d, %Y} - {local:%H:%M}</span>'
        f'<div class="field-body">{dateline}{rest}</div></div>'
    )
    return _utf8(_html(site, piece, "", article))


def _utf8(text: str) -> Printed:
    return Printed(body=text.encode(), content_type="text/html; charset=utf-8")


_FEEDS: dict[Shape, Callable[[Site, str, Sequence[Piece]], Printed]] = {
    "no_dates": _no_dates_feed,
    "wordpress": _wordpress_feed,
    "windows_1256": _windows_1256_feed,
    "atom_teaser": _atom_teaser_feed,
    "local_as_utc": _local_as_utc_feed,
    "conditional": _conditional_feed,
    "pages_forbidden": _pages_forbidden_feed,
}
_PAGES: dict[Shape, Callable[[Site, Piece], Printed]] = {
    "no_dates": _no_dates_page,
    "wordpress": _wordpress_page,
    "windows_1256": _windows_1256_page,
    "atom_teaser": lambda site, piece: _json_ld_page("atom_teaser", site, piece),
    "local_as_utc": _local_as_utc_page,
    "conditional": lambda site, piece: _json_ld_page("conditional", site, piece),
    # Served with 403: what a crawler is shown there, and must not take for an article.
    "pages_forbidden": lambda site, piece: _utf8(
        "<html><head><title>403 Forbidden</title></head><body><h1>Access denied</h1>"
        "<p>Your request was blocked by the site's protection.</p></body></html>"
    ),
}
