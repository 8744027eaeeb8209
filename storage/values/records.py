"""An article as its whole record shows it: every version, its evidence, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceView:
    """The bytes behind a version, without them."""

    sha256: str  #: of the bytes as they came
    fetched_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceCopy:
    """The bytes behind a version."""

    article_id: int
    version: int
    url: str
    body: bytes  #: as they came
    headers: dict[str, str]
    fetched_at: datetime
    sha256: str  #: as it was written down when they came


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionView:
    """The words of an article at one time."""

    version: int
    title: str
    text: str
    lang: str | None
    author: str | None
    published_at: datetime | None
    published_raw: str | None
    date_only: bool
    from_feed_only: bool
    stored_at: datetime
    state: str  #: waiting, classified, parked, skipped
    label: str | None  #: of its latest verdict
    evidence: EvidenceView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleRecord:
    """One article with all its versions, oldest first."""

    article_id: int
    url: str  #: canonical
    addresses: tuple[str, ...]  #: every one under which it was met
    outlet: str
    family: str
    source_id: str  #: which source found it
    first_seen_at: datetime
    edited_at: datetime | None
    gone_at: datetime | None  #: when its outlet was first seen to have deleted it
    edits_dropped: int  #: past the cap: counted, not kept
    headline_only: bool
    incidents: tuple[str, ...]  #: public ids of those that it is a report of
    versions: tuple[VersionView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleLine:
    """One article in a list."""

    article_id: int
    outlet: str
    title: str
    url: str
    first_seen_at: datetime
    edited_at: datetime | None
    gone_at: datetime | None
    versions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleFilter:
    """Which articles to list."""

    limit: int = 50
    outlet: str | None = None
    edited: bool = False  #: only those with more than one version
    deleted: bool = False  #: only those that their outlet deleted
