"""Kind ``telegram``: the public preview of a channel, ``https://t.me/s/NAME``. Each post is an article of its own.

About twenty of the newest posts. A post may be edited (the preview says so) or deleted (its number is missing between
two that are there).
"""

from __future__ import annotations

import re

from lxml import etree
from lxml.html import HtmlElement

from crawler.html_tree import html_text, html_tree, is_too_deep
from crawler.markup import headline_and_rest, one_line_title, paragraphs
from crawler.outcomes import failure
from crawler.sources.items import Item, Listed, SourceTask, digest, unique

_POST = re.compile(r"([A-Za-z][A-Za-z0-9_]{2,31})/(\d{1,12})")
_MOST_MISSING = 400  #: numbers between the oldest and the newest post shown; a wider gap is no list of deletions


def read(task: SourceTask) -> Listed:
    """The posts that hold text, oldest first, and the addresses of those that are missing between them.

    Raises FetchError ``empty_feed`` for a channel without preview: private, restricted, moved or banned.
    """
    tree = html_tree(html_text(task.body, task.content_type))
    if tree is None:
        raise failure("not_html")
    if is_too_deep(tree):
        raise failure("parse_failed", "its elements nest too deeply")
    shown: dict[tuple[str, int], Item | None] = {}
    for node in tree.xpath("//div[@data-post][not(ancestor::*[@data-post])]"):
        match = _POST.fullmatch(node.get("data-post") or "")
        if match is not None:
            name, number = match[1], int(match[2])
            shown.setdefault((name, number), _item(node, name, number))
    if not shown:
        raise failure("empty_feed", "the channel shows no post: it is private, restricted, moved or gone")
    items, skipped = unique(shown.values())
    return Listed(items=items, skipped=skipped, title=_title(tree), missing=_missing(shown))


def _item(node: HtmlElement, name: str, number: int) -> Item | None:
    """The post; None where it holds no text (a picture alone, a service line)."""
    markup = "".join(_markup(part) for part in node.iter("div") if _is_text(part, node))
    lines = paragraphs(markup)
    if not lines:
        return None
    headline, rest = headline_and_rest(lines)
    edited = any("edited" in (part.text_content() or "") for part in _of_class(node, "tgme_widget_message_meta"))
    forwarded = next((part.text_content() for part in _of_class(node, "tgme_widget_message_forwarded_from_name")), "")
    return Item(
        url=f"https://t.me/{name}/{number}",
        raw_url=f"https://t.me/{name}/{number}",
        title=headline,
        summary="\n\n".join(rest) or None,
        content=None,
        published_raw=_time(node),
        author=one_line_title(forwarded)[:200] or None,
        entry_hash=digest(headline, *rest),
        is_whole=True,
        is_edited=edited,
    )


def _is_text(part: HtmlElement, post: HtmlElement) -> bool:
    """Whether this is the post's own text, not that of the message which it answers, and not inside another one."""
    if not _has_class(part, "tgme_widget_message_text"):
        return False
    above = part.getparent()
    while above is not None and above is not post:
        if _has_class(above, "tgme_widget_message_reply") or _has_class(above, "tgme_widget_message_text"):
            return False
        above = above.getparent()
    return True


def _time(node: HtmlElement) -> str | None:
    for link in _of_class(node, "tgme_widget_message_date"):
        for time in link.iter("time"):
            if time.get("datetime"):
                return str(time.get("datetime")).strip()[:200]
    return None


def _missing(shown: dict[tuple[str, int], Item | None]) -> tuple[str, ...]:
    names = {name for name, _ in shown}
    numbers = {number for _, number in shown}
    if len(names) != 1 or max(numbers) - min(numbers) > _MOST_MISSING:
        return ()
    name = names.pop()
    return tuple(f"https://t.me/{name}/{one}" for one in range(min(numbers), max(numbers)) if one not in numbers)


def _title(tree: HtmlElement) -> str:
    return next((one_line_title(part.text_content()) for part in _of_class(tree, "tgme_channel_info_header_title")), "")


def _of_class(node: HtmlElement, name: str) -> list[HtmlElement]:
    return [part for part in node.iter() if isinstance(part.tag, str) and _has_class(part, name)]


def _has_class(node: HtmlElement, name: str) -> bool:
    return name in (node.get("class") or "").split()


def _markup(node: HtmlElement) -> str:
    return str(etree.tostring(node, encoding="unicode", method="html", with_tail=False))
