"""From a wanted page and what was read of it to the article as it is stored. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from config.outlets import Outlet, Source
from crawler import evidence, live
from crawler.compose import Draft, Entry
from crawler.fetch import Answer
from storage.values import ArticleSeed, RawPage, WantedPage


def entry_of(wanted: WantedPage) -> Entry:
    """What the feed said of the page."""
    return Entry(
        url=wanted.url,
        title=wanted.title or "",
        summary=wanted.summary,
        content=wanted.content,
        published_raw=wanted.published_raw,
        author=wanted.author,
    )


def seed_of(
    wanted: WantedPage,
    outlet: Outlet,
    source: Source | None,
    draft: Draft,
    raw: RawPage | None,
    answer: Answer | None = None,
) -> ArticleSeed:
    """The article of the page. Without ``raw`` the page stays wanted; ``answer`` has its validators."""
    return ArticleSeed(
        url=wanted.url,
        outlet=wanted.outlet,
        family=outlet.family,
        source_id=wanted.source_id,
        page_id=wanted.id if raw is not None else None,  # without its page it stays wanted
        title=draft.title,
        text=draft.text,
        lang=source.lang if source is not None else None,
        published_at=draft.published_at,
        published_raw=draft.published_raw,
        date_only=draft.date_only,
        author=draft.author,
        first_seen_at=wanted.first_seen_at,
        from_feed_only=draft.from_feed_only,
        raw=raw,
        first_poll=wanted.first_poll,
        etag=answer.headers.get("etag") if answer is not None else None,
        last_modified=answer.headers.get("last-modified") if answer is not None else None,
        headline_only=wanted.headline,
    )


def post_seed(
    wanted: WantedPage, post: live.Post, outlet: Outlet, source: Source | None, answer: Answer, now: datetime
) -> ArticleSeed:
    """The article of a post of the live blog that the page is."""
    seed = seed_of(wanted, outlet, source, post.draft, evidence.of_words(post.draft, now, answer.headers))
    is_first = wanted.first_poll and not wanted.fetched_before
    return replace(seed, url=post.url, page_id=None, first_seen_at=now, first_poll=is_first)
