"""A page's bytes turned into an article: title, text, dates as written. Pure, blocking and heavy (lxml, trafilatura).

Runs in the worker process of ``extract_worker``, where it can be killed; the daemon imports only ``pages``, which holds
the values that come back.

Title: outlet's selector, JSON-LD headline, og:title, h1, <title>. Body: outlet's selector, then trafilatura (``fast``:
F1 .959 at 84 pages a second against .957 at 55 without, measured on 181 pages), then JSON-LD articleBody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import trafilatura
from lxml import etree
from lxml.html import HtmlElement

from crawler import live_posts
from crawler import page_metadata as about
from crawler.html_tree import html_text, html_tree, is_too_deep
from crawler.markup import one_line_title, paragraphs
from crawler.pages import ExtractedPage, PageTask

_SPACES = re.compile(r"[ \t\r\n\f\v\u00a0]+")
_ENOUGH = 40  #: characters; a body selector that finds less has missed, the layout changed
_SITE_TAIL = re.compile(r"\s+[|–—-]\s+[^|–—-]{2,40}$")


def extract(task: PageTask) -> ExtractedPage:
    """What the page says. ``problem`` is set, and the text empty, where nothing could be read."""
    tree = html_tree(html_text(task.body, task.content_type))
    if tree is None:
        return ExtractedPage(problem="not_html")
    if is_too_deep(tree):
        return ExtractedPage(problem="empty_page")
    tags = about.Tags.of(tree)
    thing = about.json_ld(tags)
    chosen = _selected(tree, task.selectors)
    dates = [("selector", raw) for raw in chosen.get("time", [])[:2]] + about.published_candidates(tags, thing)
    page = ExtractedPage(
        title=_title(tags, thing, chosen),
        dates=tuple(dates),
        author=_author(tags, thing, chosen),
        lang=(tree.get("lang") or tags.meta("og:locale") or "")[:12] or None,
        canonical=about.canonical_link(tags),
        description=tags.meta("og:description", "description"),
        posts=live_posts.from_json_ld(thing),
        live_ends_raw=about.text_of(thing.get("coverageEndTime")),
    )
    marked = live_posts.from_markup(tree, tags) if not page.posts else ()
    paragraphs = _body(tree, thing, chosen.get("body", []))  # last: it prunes the tree
    if marked and live_posts.are_the_story(marked, sum(map(len, paragraphs))):
        page = replace(page, posts=marked)
    problem = None if paragraphs or page.posts else "empty_page"
    missed = tuple(name for name in task.selectors if not chosen.get(name))
    return replace(page, paragraphs=tuple(paragraphs), missed=missed, problem=problem)


def _author(tags: about.Tags, thing: dict[str, Any], chosen: Mapping[str, list[str]]) -> str | None:
    selected = next(iter(chosen.get("author", [])), None)
    author = selected or about.text_of(thing.get("author")) or tags.meta("author", "article:author")
    return author[:200] if author else None


def _selected(tree: HtmlElement, selectors: Mapping[str, str]) -> dict[str, list[str]]:
    """Texts that the outlet's selectors find, by field. XPath where one starts with "/" or "(", CSS elsewhere.

    A selector that is wrong finds nothing: the general way still works, and the outlet's fill rate shows it.
    """
    found: dict[str, list[str]] = {}
    for name, selector in selectors.items():
        read = _paragraphs_of if name == "body" else _line_of
        found[name] = [text for node in _nodes(tree, selector) for text in read(node)]
    return found


def _nodes(tree: HtmlElement, selector: str) -> list[Any]:
    try:
        found: Any = tree.xpath(selector) if selector.startswith(("/", "(", "./")) else tree.cssselect(selector)
    except Exception:  # noqa: BLE001  cssselect and lxml have a tree of errors each; a selector is data
        return []
    return found if isinstance(found, list) else [found]


def _paragraphs_of(node: Any) -> list[str]:
    """The paragraphs below a node: a selector may name the container, and its paragraphs must not be glued."""
    if isinstance(node, etree._Element):
        return paragraphs(etree.tostring(node, encoding="unicode", method="html", with_tail=False))
    return _line_of(node)


def _line_of(node: Any) -> list[str]:
    text = _node_text(node)
    return [text] if text else []


def _node_text(node: Any) -> str:
    if isinstance(node, etree._Element):
        raw = node.get("datetime") if node.tag == "time" and node.get("datetime") else "".join(node.itertext())
        if node.tag == "meta":
            raw = node.get("content") or ""
    else:
        raw = str(node)
    return _SPACES.sub(" ", raw).strip()


def _title(tags: about.Tags, thing: dict[str, Any], chosen: Mapping[str, list[str]]) -> str:
    heading = next((text for h1 in tags.headings if (text := _node_text(h1))), None)
    bare = next((text for node in tags.titles if (text := _node_text(node))), None)
    tries = [
        next(iter(chosen.get("title", [])), None),
        about.text_of(thing.get("headline")),
        tags.meta("og:title", "twitter:title"),
        heading,
        _SITE_TAIL.sub("", bare) if bare else None,
    ]
    return next((clean[:1000] for text in tries if text and (clean := one_line_title(text))), "")


def _body(tree: HtmlElement, thing: dict[str, Any], selected: list[str]) -> list[str]:
    """The paragraphs of the story. Trafilatura prunes the tree: nothing else can be read from it afterwards."""
    if sum(len(text) for text in selected) >= _ENOUGH:
        return selected
    found = trafilatura.extract(
        tree,
        fast=True,
        include_comments=False,
        include_tables=False,
        include_formatting=False,
        favor_recall=False,
    )
    lines = [line.strip() for line in (found or "").split("\n") if line.strip()]
    told = about.text_of(thing.get("articleBody"))
    if told and len(told) > 2 * sum(len(text) for text in lines):
        return [line.strip() for line in told.split("\n") if line.strip()]
    return lines
