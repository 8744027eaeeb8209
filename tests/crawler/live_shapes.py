"""Pages of live blogs in the shapes that outlets use, made up: JSON-LD with an address a post, blocks with anchors,
a list without anchors but for ids. A post is (id, time in ISO form, headline, text)."""

from __future__ import annotations

import json
from html import escape

Told = tuple[str, str, str, str]


def with_json_ld(url: str, title: str, posts: list[Told], *, ends: str | None = None, lang: str = "en") -> str:
    """As Al Jazeera does: everything in JSON-LD, an address with ``?update=`` for each, the markup made by a script."""
    thing = {
        "@context": "https://schema.org", "@type": "LiveBlogPosting", "headline": title, "url": url,
        "liveBlogUpdate": [
            {"@type": "BlogPosting", "headline": head, "articleBody": f"<p>{body}</p>", "datePublished": at,
             "url": f"{url}?update={key}"}
            for key, at, head, body in posts
        ],
    }  # fmt: skip
    if ends:
        thing["coverageEndTime"] = ends
    article = {"@type": "NewsArticle", "headline": title, "datePublished": posts[-1][1]}
    scripts = "".join(f"<script type='application/ld+json'>{json.dumps(one)}</script>" for one in (article, thing))
    return f"<html lang='{lang}'><head><title>{title}</title>{scripts}</head><body><div id='root'></div></body></html>"


def with_anchors(title: str, posts: list[Told], *, lang: str = "en") -> str:
    """As the Guardian does: an article a block, its id the anchor, a share bar in each."""
    blocks = "".join(
        f"<article id='block-{key}' class='block'><header><a href='#block-{key}'>"
        f"<time datetime='{at}'>{at[11:16]}</time></a><h2>{escape(head)}</h2></header><div><p>{escape(body)}</p></div>"
        "<footer><ul><li>Share</li><li>Facebook</li></ul></footer></article>"
        for key, at, head, body in posts
    )
    return (
        f"<html lang='{lang}'><head><title>{title}</title></head><body><main class='liveblog-body'><h1>{title}</h1>"
        f"<div id='liveblog-posts'>{blocks}</div></main></body></html>"
    )


def with_list(title: str, posts: list[Told], *, lang: str = "en") -> str:
    """As Rudaw does: a list in a "live" box, no headline of a post's own, the clock's time in the text of <time>."""
    items = "".join(
        f"<div class='item' id='{key}'><time>{at}</time><div class='txt'>{escape(head)}. {escape(body)}</div></div>"
        for key, at, head, body in posts
    )
    return (
        f"<html lang='{lang}'><head><title>{title}</title></head><body><h1>{title}</h1>"
        f"<section id='live-updates'>{items}</section><aside><div id='ad1'>Advertisement</div></aside></body></html>"
    )


ENGLISH: list[Told] = [
    ("102", "2024-04-21T20:50:00Z", "Drone shot down near Ain al-Asad",
     "Air defences shot down a drone near the base in western Iraq, a security source said."),
    ("101", "2024-04-21T20:10:00Z", "Sirens heard at the embassy in Baghdad",
     "Residents heard sirens at the embassy for some minutes; no impact was reported so far."),
]  # fmt: skip
ARABIC: list[Told] = [
    ("102", "2024-04-21T20:50:00Z", "إسقاط طائرة مسيرة قرب قاعدة عين الأسد",
     "أسقطت الدفاعات الجوية طائرة مسيرة قرب القاعدة في غرب العراق بحسب مصدر أمني."),
    ("101", "2024-04-21T20:10:00Z", "صفارات الإنذار تدوي في السفارة ببغداد",
     "سمع سكان المنطقة صفارات الإنذار لدقائق عدة ولم يبلغ عن سقوط أي مقذوف."),
]  # fmt: skip
