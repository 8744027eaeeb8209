"""The posts of a live blog, each an article by itself. Pure; worker process only.

First the JSON-LD of the page (``LiveBlogPosting`` with its ``liveBlogUpdate``), then its markup: blocks at one and the
same place of the tree, each with an id and a <time>. Markup counts only on a page that calls itself live, since lists
of teasers and of comments look alike, and only where its posts are most of the page's text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import deepcopy
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

from crawler.markup import one_line_title, paragraphs
from crawler.page_metadata import Tags, text_of
from crawler.pages import LivePost

MOST_POSTS = 2_000  #: the longest live blogs of a day have a few hundred
_LONGEST_POST = 20_000  #: characters of one
_BLOCKS = ("article", "div", "section", "li")
_MOST_TIMES = 2  #: of one post: published, changed
_FEWEST_WORDS = 4  #: of a post
_FEWEST_BLOCKS = 2
_SHARE_OF_PAGE = 0.5  #: of its text that blocks must hold to be its story
_MARGINS = frozenset({"aside", "nav", "footer"})
_SHARE_OF_LINKS = 0.5  #: of a block's words in a link to elsewhere
_LIVE_MARKS = ("liveblog", "live-blog", "live_blog", "livefeed", "live-feed", "live-updates", "liveupdate",
               "livestory", "live-story", "live-coverage")  # fmt: skip
# The values, looked through here: XPath that searched each of them for each mark took twice as long as trafilatura.
_NAMES_OF_PARTS = etree.XPath("//@class | //@id | //@itemtype", smart_strings=False)


def from_json_ld(thing: dict[str, Any]) -> tuple[LivePost, ...]:
    """The updates of a ``LiveBlogPosting``; () where it is none or lists none."""
    updates = thing.get("liveBlogUpdate")
    posts = []
    for update in (updates if isinstance(updates, list) else [updates])[:MOST_POSTS]:
        if not isinstance(update, dict):
            continue
        title = one_line_title(text_of(update.get("headline")) or text_of(update.get("name")))
        lines = paragraphs((text_of(update.get("articleBody")) or text_of(update.get("text")) or "")[:_LONGEST_POST])
        published = text_of(update.get("datePublished")) or text_of(update.get("dateCreated"))
        posts.append(_post(_address(update), title, lines, published))
    return _told(posts)


def from_markup(tree: HtmlElement, tags: Tags) -> tuple[LivePost, ...]:
    """The posts in the markup of a page that calls itself live; () where there are none. See ``are_the_story``."""
    if not _calls_itself_live(tree, tags):
        return ()
    places: dict[tuple[str, ...], list[HtmlElement]] = {}
    for block in tree.iter(*_BLOCKS):
        if block.get("id") or block.get("data-id") or block.get("data-post-id"):
            times = block.xpath("count(.//time)")
            if 1 <= times <= _MOST_TIMES and not _is_teaser(block):
                places.setdefault(_place(block), []).append(block)
    found: tuple[LivePost, ...] = ()
    for blocks in places.values():
        if len(blocks) >= _FEWEST_BLOCKS:
            posts = _told(_of_block(block) for block in blocks[:MOST_POSTS])
            if len(posts) >= _FEWEST_BLOCKS and _length(posts) > _length(found):
                found = posts
    return found


def are_the_story(posts: Iterable[LivePost], body_length: int) -> bool:
    """Whether posts found in the markup hold so much of the page's text that the page is a live blog."""
    return _length(posts) >= _SHARE_OF_PAGE * body_length


def _calls_itself_live(tree: HtmlElement, tags: Tags) -> bool:
    addresses = [link.get("href") or "" for link in tags.links if link.get("rel") == "canonical"]
    addresses += [meta.get("content") or "" for meta in tags.metas if meta.get("property") == "og:url"]
    if any("/live/" in f"{address}/" or "liveblog" in address or "live-blog" in address for address in addresses):
        return True
    names = "\n".join(_NAMES_OF_PARTS(tree)).lower()
    return any(mark in names for mark in _LIVE_MARKS)


def _is_teaser(block: HtmlElement) -> bool:
    """Whether the block leads to another page rather than tells: it is in a margin, or most of it is a link."""
    if any(above.tag in _MARGINS for above in block.iterancestors()):
        return True
    linked = block.xpath("string-length(normalize-space(string(.//a[@href][not(starts-with(@href, '#'))])))")
    return bool(linked > _SHARE_OF_LINKS * block.xpath("string-length(normalize-space(.))"))


def _place(block: HtmlElement) -> tuple[str, ...]:
    """Where a block stands: its tag and those above it. The posts of a page share it; what wraps them does not."""
    return (str(block.tag), *(str(above.tag) for above in block.iterancestors()))


def _of_block(block: HtmlElement) -> LivePost:
    anchor = block.get("id") or block.get("data-id") or block.get("data-post-id") or ""
    block = deepcopy(block)  # parts of it are emptied
    time = next(iter(block.iter("time")))
    published = time.get("datetime") or "".join(time.itertext())
    heading = next((node for node in block.iter("h2", "h3", "h4") if "".join(node.itertext()).strip()), None)
    title = one_line_title("".join(heading.itertext())) if heading is not None else ""
    for part in [heading, *block.iter("time", "button", "nav", "footer", "form")]:
        if part is not None:
            tail = part.tail
            part.clear()
            part.tail = tail
    markup = str(etree.tostring(block, encoding="unicode", method="html", with_tail=False))
    return _post("#" + anchor.strip(), title, paragraphs(markup[: _LONGEST_POST * 4]), published)


def _post(address: str, title: str, lines: Sequence[str], published: str | None) -> LivePost:
    kept = [line for line in lines if line != title]
    raw = (published or "").strip()[:200] or None
    return LivePost(address=address, title=title[:1000], paragraphs=tuple(kept), published_raw=raw)


def _address(update: dict[str, Any]) -> str:
    """The address that an update gives itself; "" for none."""
    for key in ("url", "@id", "mainEntityOfPage"):
        value = update.get(key)
        value = value.get("@id") if isinstance(value, dict) else value
        if isinstance(value, str) and value.strip():
            return value.strip()[:2000]
    return ""


def _told(posts: Iterable[LivePost]) -> tuple[LivePost, ...]:
    """Those that say something."""
    return tuple(
        post for post in posts if sum(len(line.split()) for line in (post.title, *post.paragraphs)) >= _FEWEST_WORDS
    )


def _length(posts: Iterable[LivePost]) -> int:
    return sum(len(line) for post in posts for line in (post.title, *post.paragraphs))


def is_live_blog(thing: dict[str, Any]) -> bool:
    """Whether a JSON-LD object is a live blog."""
    kinds = thing.get("@type")
    return "liveblogposting" in {str(kind).lower() for kind in (kinds if isinstance(kinds, list) else [kinds])}
