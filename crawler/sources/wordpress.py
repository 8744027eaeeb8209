"""Kind ``wordpress``: the REST interface, ``/wp-json/wp/v2/posts``. It gives the whole text and the time in UTC.

The address may carry ``per_page`` and ``_fields``; title, content, excerpt, link, date_gmt and modified_gmt are read.
"""

from __future__ import annotations

from crawler import blocks
from crawler.markup import one_line_title
from crawler.outcomes import failure
from crawler.sources.items import (
    LONGEST_TITLE,
    Item,
    Listed,
    SourceTask,
    digest,
    says_enough,
    text_or_none,
    unique,
)
from crawler.sources.json_feed import parsed, word
from crawler.urls import absolute_url, canonical_url


def read(task: SourceTask) -> Listed:
    """The posts. Raises FetchError ``bad_json`` (an error object of WordPress included) and ``empty_feed``."""
    if blocks.is_web_page(task.body):
        raise failure("blocked_page", blocks.challenge(task.body, task.headers) or "HTML instead of JSON")
    posts = parsed(task)
    if isinstance(posts, dict):
        raise failure("bad_json", f"WordPress says {word(posts.get('code'))[:60] or 'nothing that is known'}")
    if not isinstance(posts, list):
        raise failure("bad_json", "it is no list of posts")
    items, skipped = unique(_item(post, task) for post in posts)
    if not items:
        raise failure("empty_feed", "no post has an address" if posts else "")
    return Listed(items=items, skipped=skipped)


def _item(post: object, task: SourceTask) -> Item | None:
    if not isinstance(post, dict):
        return None
    raw_url = absolute_url(word(post.get("link")) or word(_rendered(post.get("guid"))) or None, task.url)
    if raw_url is None:
        return None
    title = one_line_title(_rendered(post.get("title")))[:LONGEST_TITLE]
    content, summary = (text_or_none(_rendered(post.get(key))) for key in ("content", "excerpt"))
    return Item(
        url=canonical_url(raw_url),
        raw_url=raw_url,
        title=title,
        summary=summary,
        content=content,
        published_raw=_time(post),
        entry_hash=digest(title, content, summary, _time(post)),
        # The text is all here; a post under a password, or of a plug-in that keeps the text elsewhere, has none.
        is_whole=says_enough("", content) and content is not None and len(content) > len(summary or ""),
    )


def _rendered(value: object) -> str:
    return word(value.get("rendered") if isinstance(value, dict) else value)


def _time(post: dict[str, object]) -> str | None:
    """``date_gmt`` is UTC without saying so; ``date`` is in the site's zone without saying which."""
    gmt, local = word(post.get("date_gmt"))[:100], word(post.get("date"))[:100]
    return f"{gmt}+00:00" if gmt and not gmt.startswith("0000") else local or None
