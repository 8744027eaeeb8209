"""Kind ``listing``: a page of headlines. Its links are taken by the outlet's article pattern, or by a CSS selector."""

from __future__ import annotations

from cssselect import SelectorError
from lxml.html import HtmlElement

from crawler import blocks
from crawler.html_tree import html_text, html_tree, is_too_deep
from crawler.markup import one_line_title
from crawler.outcomes import failure
from crawler.sources.items import LONGEST_TITLE, Item, Listed, SourceTask, digest
from crawler.urls import absolute_url, canonical_url

_MOST_TEXT = 4_000  #: characters looked at in one link


def read(task: SourceTask) -> Listed:
    """The articles that the page links to, in its order. The longest text of several links to one is its headline.

    Raises FetchError ``empty_feed`` where no link fits: the layout or the addresses changed.
    """
    wall = blocks.challenge(task.body, task.headers)
    if wall is not None:
        raise failure("blocked_page", wall)
    tree = html_tree(html_text(task.body, task.content_type))
    if tree is None:
        raise failure("not_html")
    if is_too_deep(tree):
        raise failure("parse_failed", "its elements nest too deeply")
    titles: dict[str, str] = {}
    raw_urls: dict[str, str] = {}
    skipped = 0
    for link in _links(tree, task.links):
        raw_url = absolute_url(link.get("href"), task.url)
        if raw_url is None or not task.is_article(raw_url):
            skipped += 1
            continue
        key = canonical_url(raw_url)
        raw_urls.setdefault(key, raw_url)
        titles[key] = max(titles.get(key, ""), _title(link), key=len)
    if not raw_urls:
        raise failure("empty_feed", "no link looks like an article: did the page's layout change?")
    items = tuple(
        Item(url=key, raw_url=raw_urls[key], title=title, entry_hash=digest(key, title))
        for key, title in titles.items()
    )
    return Listed(items=items, skipped=skipped)


def _links(tree: HtmlElement, selector: str | None) -> list[HtmlElement]:
    """The links of the page, or those that the selector names or holds."""
    if selector is None:
        return [link for link in tree.iter("a") if link.get("href")]
    found: dict[HtmlElement, None] = {}
    try:
        nodes = tree.cssselect(selector)
    except SelectorError:
        raise failure("parse_failed", "its outlet's `links` is no CSS selector") from None
    for node in nodes:
        found.update((link, None) for link in (node.iter("a") if node.tag != "a" else (node,)) if link.get("href"))
    return list(found)


def _title(link: HtmlElement) -> str:
    """The words of a link: its heading's where it holds one (a card holds a time and a teaser besides), else all."""
    heading = next((part for part in link.iter("h1", "h2", "h3", "h4")), link)
    words = "".join(text for _, text in zip(range(200), heading.itertext(), strict=False))[:_MOST_TEXT]
    return one_line_title(words or link.get("title") or "")[:LONGEST_TITLE]
