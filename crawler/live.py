"""A live blog in posts: which articles its page holds, under which addresses, and how long it is read again. Pure.

Rule: while it runs, a live blog is asked for again every ``READ_EVERY``, conditionally and within its host's budget
like any page. It runs until its ``coverageEndTime``; and, whatever that says, no longer than ``SILENT_AFTER`` after its
newest post: a blog that nobody writes to is over, and its feed entry changes if it is not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, urldefrag, urlsplit

from config.outlets import Outlet
from core.dates import parse_published
from core.page_habit import PageField
from crawler.boilerplate import clean_paragraphs, joined
from crawler.compose import LONGEST_BODY, Draft
from crawler.glue import parted
from crawler.markup import headline_and_rest
from crawler.pages import ExtractedPage, LivePost
from crawler.urls import absolute_url, canonical_url
from storage.values import WantedPage

READ_EVERY = timedelta(minutes=3)
SILENT_AFTER = timedelta(hours=2)
_FRAGMENT_SAFE = "!$&'()*+,;=:@/?-._~%"


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One post as an article."""

    url: str  #: canonical, with its anchor
    raw_url: str  #: for people
    draft: Draft


def posts_of(page: ExtractedPage, wanted: WantedPage, outlet: Outlet, now: datetime) -> list[Post]:
    """The posts as articles, in the order of the page; of two under one address the first."""
    found: dict[str, Post] = {}
    for post in page.posts:
        draft = _draft(post, page, outlet, now)
        if draft is not None:
            url, raw_url = address_of(post, wanted.url, wanted.raw_url)
            found.setdefault(url, Post(url=url, raw_url=raw_url, draft=draft))
    return list(found.values())


def address_of(post: LivePost, page_url: str, raw_page_url: str) -> tuple[str, str]:
    """(canonical, for people): the page's address with the post's anchor, or the address of its own that it names.

    An address at another host is not believed. Without any, the time of publication stands for the anchor.
    """
    base = urldefrag(raw_page_url).url
    whole, anchor = urldefrag(post.address)
    own = absolute_url(whole, base) if whole else None
    if own is not None and urlsplit(canonical_url(own)).netloc == urlsplit(page_url).netloc:
        if canonical_url(own) != page_url:
            return canonical_url(own), own
    elif whole:
        anchor = ""  # another host's
    if not anchor:
        told = post.published_raw or post.title or " ".join(post.paragraphs)
        anchor = f"post-{hashlib.sha256(told.encode('utf-8', 'replace')).hexdigest()[:16]}"
    tail = quote(anchor, safe=_FRAGMENT_SAFE)
    return f"{page_url}#{tail}", f"{base}#{tail}"


def runs_until(page: ExtractedPage, posts: Sequence[Post], outlet: Outlet, now: datetime) -> datetime:
    """When it ends to be read again; not after ``now`` where it has ended."""
    newest = max((post.draft.published_at for post in posts if post.draft.published_at is not None), default=None)
    until = min(newest, now) + SILENT_AFTER if newest is not None else now
    if page.live_ends_raw:
        # Planned ends lie in the future, where times of publication are not believed: read as if it were later.
        end = parse_published(page.live_ends_raw, zone=outlet.time_zone, now=now + timedelta(days=30))
        until = min(until, end.at) if end is not None else until
    return until


def again_at(until: datetime, now: datetime) -> datetime | None:
    """When it is read next; None once it is over."""
    return now + READ_EVERY if now < until else None


def _draft(post: LivePost, page: ExtractedPage, outlet: Outlet, now: datetime) -> Draft | None:
    lines = clean_paragraphs(map(parted, post.paragraphs), outlet.furniture, outlet.dateline, post.title)
    title = post.title
    if not title and lines:
        title, lines = headline_and_rest(lines)
    if not title:
        return None
    time = parse_published(post.published_raw, zone=outlet.time_zone, now=now)
    return Draft(
        title=title,
        text=joined([line for line in lines if line])[:LONGEST_BODY],
        published_at=time.at if time else None,
        published_raw=time.raw if time else post.published_raw,
        date_only=time.date_only if time else False,
        author=page.author,
        page=PageField.READ | PageField.TITLE | PageField.TEXT | (PageField.TIME if time else PageField(0)),
    )
