"""One good answer of each kind, in the shape that its outlets use, all of them listing the same two stories."""

from __future__ import annotations

import json

from crawler.sources.items import SourceTask
from tests.crawler.newsstand import item, rss

HOME = "https://outlet.example"
TITLES = ("Drone shot down over the base", "هجوم على قاعدة عين الأسد")
PATTERN = r"^https?://outlet\.example/news/\d+$"
SITEMAP = (
    '<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" '
    'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">'
    + "".join(
        f"<url><loc>{HOME}/news/{n}</loc><image:image><image:loc>{HOME}/news/99</image:loc>"
        "<image:title>A picture</image:title></image:image><news:news><news:publication><news:name>Outlet</news:name>"
        "<news:language>en</news:language></news:publication>"
        f"<news:publication_date>2026-11-23T18:0{n}:00+03:00</news:publication_date><news:title>{title}</news:title>"
        "</news:news></url>"
        for n, title in enumerate(TITLES, start=1)
    )
    + "</urlset>"
)
LISTING = (
    "<html><body><nav><a href='/'>Home</a><a href='/news'>News</a></nav><main>"
    + "".join(
        f"<article><a href='/news/{n}'><img alt=''></a><a href='/news/{n}?utm_source=home'><h2>{title}</h2>"
        f"<p>a teaser</p><time>{n} min ago</time></a></article>"
        for n, title in enumerate(TITLES, start=1)
    )
    + "</main></body></html>"
)
WORDPRESS = json.dumps(
    [
        {
            "id": n,
            "date": f"2026-11-23T18:0{n}:00",
            "date_gmt": f"2026-11-23T15:0{n}:00",
            "modified_gmt": f"2026-11-23T15:0{n}:00",
            "link": f"{HOME}/news/{n}",
            "title": {"rendered": title.replace("&", "&#038;")},
            "content": {"rendered": "<p>The drone was shot down before it reached the base.</p>", "protected": False},
            "excerpt": {"rendered": "<p>The drone &hellip;</p>"},
        }
        for n, title in enumerate(TITLES, start=1)
    ]
)
JSON_FEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Outlet",
        "items": [
            {"id": str(n), "url": f"{HOME}/news/{n}", "title": title, "content_html": "<p>Words.</p>",
             "date_published": f"2026-11-23T15:0{n}:00Z", "authors": [{"name": "Desk"}]}
            for n, title in enumerate(TITLES, start=1)
        ],
    }
)  # fmt: skip


def post(number: int, text: str, *, more: str = "", edited: bool = False, name: str = "outlet") -> str:
    """One post of a channel's preview."""
    return (
        f'<div class="tgme_widget_message_wrap"><div class="tgme_widget_message js-widget_message"'
        f' data-post="{name}/{number}" data-view="x"><div class="tgme_widget_message_bubble">{more}'
        f'<div class="tgme_widget_message_text js-message_text" dir="auto">{text}</div>'
        '<div class="tgme_widget_message_footer compact js-message_footer"><div class="tgme_widget_message_info">'
        f'<span class="tgme_widget_message_views">{number}K</span><span class="tgme_widget_message_meta">'
        f'{"edited &nbsp;" if edited else ""}<a class="tgme_widget_message_date" href="https://t.me/{name}/{number}">'
        f'<time datetime="2026-11-23T15:0{number % 10}:00+00:00" class="time">15:0{number % 10}</time></a></span>'
        "</div></div></div></div></div>"
    )


def channel(*posts: str) -> str:
    """A channel's preview."""
    return (
        '<!DOCTYPE html><html><head><title>Outlet – Telegram</title></head><body><div class="tgme_channel_info">'
        '<div class="tgme_channel_info_header_title"><span dir="auto">Outlet</span></div></div>'
        f'<section class="tgme_channel_history js-message_history">{"".join(posts)}</section></body></html>'
    )


def found(title: str, publisher: str = "Outlet", url: str = "https://www.outlet.example", link: str = "CBMiX") -> str:
    """One item of a Google News search feed."""
    return (
        f"<item><title>{title} - {publisher}</title><link>https://news.google.com/rss/articles/{link}?oc=5</link>"
        f'<guid isPermaLink="false">{link}</guid><pubDate>Mon, 23 Nov 2026 15:01:00 GMT</pubDate>'
        f'<description>&lt;a href="https://news.google.com/x"&gt;{title}&lt;/a&gt;</description>'
        f'<source url="{url}">{publisher}</source></item>'
    )


GOOD = {
    "feed": rss(*(item(f"/news/{n}", title) for n, title in enumerate(TITLES, start=1))),
    "json feed": JSON_FEED,
    "sitemap": SITEMAP,
    "listing": LISTING,
    "wordpress": WORDPRESS,
    "telegram": channel(*(post(n, title) for n, title in enumerate(TITLES, start=1))),
    "search": rss(*(found(title, link=f"CBM{n}") for n, title in enumerate(TITLES, start=1))),
}
URLS = {"telegram": "https://t.me/s/outlet", "search": "https://news.google.com/rss/search?q=x"}


def task(name: str, body: str | bytes | None = None, **more: object) -> SourceTask:
    """The task of this kind, with its good answer by default."""
    kind = "feed" if name == "json feed" else name
    text = GOOD[name] if body is None else body
    values = {
        "kind": kind, "body": text.encode() if isinstance(text, str) else text, "url": URLS.get(kind, f"{HOME}/list"),
        "article_url": PATTERN if kind in ("sitemap", "listing") else None,
    }  # fmt: skip
    return SourceTask(**{**values, **more})  # type: ignore[arg-type]
