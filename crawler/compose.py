"""An article put together from what a feed says and what its page says. Pure.

Body: the page's, unless it is clearly shorter than what the feed carries (a teaser or a consent wall must not replace a
text). Time, in this order: the outlet's own selector, JSON-LD, <meta>, the feed's entry, the first <time> of the page,
the day in the URL; a mere day gives way to a time further down that falls within a day and a half of its noon. None of
them: unknown, never "now". Author: the outlet's own selector, JSON-LD, <meta>, the feed's entry.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.outlets import Outlet, Source
from core.dates import ParsedTime, parse_published
from core.page_habit import PageField
from crawler.boilerplate import clean_paragraphs, joined
from crawler.glue import parted
from crawler.markup import paragraphs
from crawler.pages import ExtractedPage

_NOTHING = PageField(0)
_TEASER = 0.6  #: a page body under this share of the feed's text is no body
_LONGEST_DATE_LINE = 60  #: code points of a line that may be nothing but a date
LONGEST_BODY = 200_000  #: code points kept; three novels' chapters, far over any article


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Title, text and time of an article."""

    title: str
    text: str
    published_at: datetime | None
    published_raw: str | None
    date_only: bool
    author: str | None = None
    from_feed_only: bool = False
    page: PageField = _NOTHING  #: what the page gave of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the feed said of the article."""

    url: str
    title: str
    summary: str | None
    content: str | None
    published_raw: str | None
    author: str | None = None


def feed_time(raw: str | None, outlet: Outlet, source: Source | None, now: datetime) -> ParsedTime | None:
    """The time that a feed entry gives, read as the outlet is known to mean it."""
    habit = source.feed_time if source is not None else "as-labelled"
    if habit == "none":
        return None
    return parse_published(raw, zone=outlet.time_zone, now=now, zone_lies=habit == "local-as-utc")


def from_feed(entry: Entry, outlet: Outlet, source: Source | None, now: datetime) -> Draft | None:
    """The article as the feed alone tells it; None where it tells nothing."""
    title = entry.title
    body = feed_body(entry, outlet)
    if not title and not body:
        return None
    time = _time([], entry, outlet, source, now)
    return Draft(
        title=title or body[0][:200],
        text=joined(body)[:LONGEST_BODY],
        published_at=time.at if time else None,
        published_raw=time.raw if time else entry.published_raw,
        date_only=time.date_only if time else False,
        author=entry.author,
        from_feed_only=True,
    )


def from_page(page: ExtractedPage, entry: Entry, outlet: Outlet, source: Source | None, now: datetime) -> Draft | None:
    """The article as its page tells it, with the feed's help; None where neither holds a word."""
    title = page.title or entry.title
    body = clean_paragraphs(map(parted, page.paragraphs), outlet.furniture, outlet.dateline, title)
    body = _without_date_lines(body, outlet, now)
    told = feed_body(entry, outlet)
    given = PageField.READ | (PageField.TITLE if page.title else 0) | (PageField.TIME if page.dates else 0)
    if _length(body) < _TEASER * _length(told):
        body = told
    elif body:
        given |= PageField.TEXT
    if not title and not body:
        return None
    time = _time(page.dates, entry, outlet, source, now)
    return Draft(
        title=title or body[0][:200],
        text=joined(body)[:LONGEST_BODY],
        published_at=time.at if time else None,
        published_raw=time.raw if time else next((raw for _, raw in page.dates), entry.published_raw),
        date_only=time.date_only if time else False,
        author=page.author or entry.author,
        page=given,
    )


def feed_body(entry: Entry, outlet: Outlet) -> list[str]:
    """Paragraphs of the entry's longer text, cleaned."""
    texts = [
        clean_paragraphs(map(parted, paragraphs(markup)), outlet.furniture, outlet.dateline, entry.title)
        for markup in (entry.content, entry.summary)
    ]
    return max(texts, key=_length)


def _length(body: Iterable[str]) -> int:
    return sum(len(paragraph) for paragraph in body)


def _without_date_lines(body: list[str], outlet: Outlet, now: datetime) -> list[str]:
    """The body without lines at its start that are nothing but the time of publication."""
    while body and len(body[0]) <= _LONGEST_DATE_LINE and not body[0].endswith((".", "!", "؟", "?")):
        if parse_published(body[0], zone=outlet.time_zone, now=now) is None or len(body[0].split()) > 8:
            break
        body = body[1:]
    return body


def _time(
    dates: Iterable[tuple[str, str]], entry: Entry, outlet: Outlet, source: Source | None, now: datetime
) -> ParsedTime | None:
    page = [(where, parse_published(raw, zone=outlet.time_zone, now=now)) for where, raw in dates]
    tries = [time for where, time in page if where != "time"]
    tries.append(feed_time(entry.published_raw, outlet, source, now))
    tries += [time for where, time in page if where == "time"]
    day = outlet.date_in(entry.url)
    if day is not None:
        tries.append(parse_published(day.isoformat(), zone=outlet.time_zone, now=now))
    known = [time for time in tries if time is not None]
    if not known:
        return None
    best = known[0]
    if best.date_only:
        near = (time for time in known if not time.date_only and abs(time.at - best.at) <= timedelta(hours=36))
        return next(near, best)
    return best
