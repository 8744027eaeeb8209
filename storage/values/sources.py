"""Sources, their entries and the pages that are wanted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from core.values import check_aware


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSeed:
    """A source as the configuration names it."""

    source_id: str  #: unique over all outlets, the same over restarts
    outlet: str  #: slug
    kind: str  #: "feed"
    url: str
    interval_s: int
    country: str | None = None
    lang: str | None = None
    rank: int = 0  #: its place in the outlet's order of preference
    spare: bool = False  #: read only while those before it, of its language, fail or are quiet


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """A source and what is known of polling it."""

    source_id: str
    outlet: str
    kind: str
    url: str
    country: str | None
    interval_s: int
    enabled: bool
    state: str  #: "new" (never understood), "ok", "failing"
    registered_at: datetime
    next_poll_at: datetime
    last_poll_at: datetime | None
    last_ok_at: datetime | None  #: last answer that was understood, 304 included
    last_full_at: datetime | None  #: last understood answer with a body
    last_new_at: datetime | None  #: last time an unseen URL appeared
    failing_since: datetime | None
    failures: int  #: in a row
    cause_code: str | None
    message: str | None
    http_status: int | None
    etag: str | None  #: as received, quotes included
    last_modified: str | None  #: as received
    body_hash: str | None
    polls_total: int
    failures_total: int
    entries_total: int
    bytes_total: int
    watching_since: datetime | None = None  #: start of the present stretch of understood polls without a gap
    last_listed_at: datetime | None = None  #: last time it listed an entry that it had not listed before
    newest_item_at: datetime | None = None  #: newest publication time that it listed
    items_per_hour: float | None = None  #: by its habit; None before that is known
    lang: str | None = None
    rank: int = 0
    spare: bool = False
    active: bool = True  #: False: a spare that stands by
    active_since: datetime | None = None  #: when ``active`` last changed
    active_why: str | None = None  #: for people: why a spare is read

    @property
    def first_poll(self) -> bool:
        """No poll has been understood yet: the next one alerts only on fresh events."""
        return self.last_ok_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntrySeed:
    """One item of a feed."""

    url: str  #: canonical
    raw_url: str  #: as written, to be fetched
    entry_hash: str  #: changes when the outlet changes the item
    title: str | None = None
    summary: str | None = None
    content: str | None = None  #: HTML or text
    published_raw: str | None = None
    published_at: datetime | None = None
    author: str | None = None
    wanted: bool = True  #: False: too old to be read; it counts as seen
    whole: bool = False  #: the entry is the article: there is no page to fetch
    headline: bool = False  #: a search says that this outlet ran this headline
    outlet: str | None = None  #: slug of whose it is, where that is not the source's own outlet

    def __post_init__(self) -> None:
        check_aware("published_at", self.published_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartState:
    """A sitemap of an index, as it was last fetched."""

    url: str
    changed_raw: str | None = None  #: the index's lastmod of it
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PollOutcome:
    """What came of one poll."""

    status: Literal["ok", "not_modified", "failed"]
    next_poll_at: datetime
    cause_code: str | None = None  #: of a failure
    message: str | None = None  #: for people, without secrets
    http_status: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    entries: list[EntrySeed] = field(default_factory=list)
    bytes: int = 0
    body_hash: str | None = None
    parts: list[PartState] = field(default_factory=list)  #: the sitemaps of an index that are followed, all of them
    missing: list[str] | None = None  #: canonical addresses that the outlet deleted; None: its source cannot tell


@dataclass(frozen=True, slots=True, kw_only=True)
class PollRecorded:
    """How many entries were ..."""

    new: int = 0  #: unseen URLs, now wanted
    changed: int = 0  #: known URLs whose hash changed, wanted again
    seen: int = 0  #: known and unchanged, or the same URL a second time in one feed
    gone: int = 0  #: stored articles that the outlet was found to have deleted


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedPage:
    """A page to fetch."""

    id: int
    url: str  #: canonical
    raw_url: str
    outlet: str
    source_id: str
    title: str | None
    summary: str | None
    content: str | None
    published_raw: str | None
    published_at: datetime | None
    attempts: int  #: failed ones so far
    first_seen_at: datetime
    first_poll: bool
    etag: str | None  #: of the last fetch, for a conditional one
    last_modified: str | None
    fetched_before: bool
    whole: bool = False  #: the entry is the article: nothing is fetched
    headline: bool = False
    author: str | None = None
    live_until: datetime | None = None  #: a live blog: read again every few minutes until then
