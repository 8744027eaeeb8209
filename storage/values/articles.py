"""Articles and their versions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.values import Article, check_aware


@dataclass(frozen=True, slots=True, kw_only=True)
class RawPage:
    """The bytes as they came."""

    body: bytes  #: gzip
    headers: dict[str, str]
    fetched_at: datetime
    sha256: str  #: hexadecimal, of the bytes before gzip


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleSeed:
    """An article as it was read now."""

    url: str  #: canonical
    outlet: str
    family: str  #: outlets of one owner are one voice
    source_id: str
    title: str
    text: str
    first_seen_at: datetime  #: of the entry
    page_id: int | None = None
    lang: str | None = None
    published_at: datetime | None = None
    published_raw: str | None = None
    date_only: bool = False
    author: str | None = None
    from_feed_only: bool = False  #: the page was not read; title and summary of the feed stand for it
    raw: RawPage | None = None
    first_poll: bool = False
    etag: str | None = None  #: of the page, for its next, conditional fetch
    last_modified: str | None = None
    headline_only: bool = False  #: a search says that the outlet ran it; it may join an incident, never open one

    def __post_init__(self) -> None:
        check_aware("published_at", self.published_at)
        check_aware("first_seen_at", self.first_seen_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What ``store`` did."""

    article_id: int
    version: int  #: the current one
    is_new: bool  #: an article that was not there
    is_changed: bool  #: a new version of one that was
    duplicate_of: int | None = None  #: the article of the same family whose words these are; equals article_id


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredArticle:
    """One version of an article."""

    article_id: int
    version: int
    version_id: int
    url: str
    outlet: str
    family: str
    source_id: str
    lang: str | None
    title: str
    text: str
    author: str | None
    published_at: datetime | None
    published_raw: str | None
    date_only: bool
    first_seen_at: datetime
    edited_at: datetime | None  #: when this version was stored; None for the first
    first_poll: bool
    from_feed_only: bool
    fingerprint: str | None  #: equal for copies of one text; None for one too short to tell
    raw_url: str | None = None  #: the address as the outlet wrote it; None where it never was a page
    headline_only: bool = False  #: known from a search alone: it may join an incident, never open one
    gone_at: datetime | None = None  #: when the outlet was first seen to have deleted it

    @property
    def link(self) -> str:
        """The address for people. The canonical one is a key: it leads nowhere where a host serves http or www only."""
        return self.raw_url or self.url

    @property
    def article(self) -> Article:
        """As the classifier reads it."""
        return Article(
            title=self.title, text=self.text, published_at=self.published_at, first_seen_at=self.first_seen_at,
            date_only=self.date_only, outlet=self.outlet, lang=self.lang, url=self.url,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedArticle:
    """A version at which the classifier keeps raising."""

    article_id: int
    version: int
    url: str
    title: str
    tries: int
    error: str
    last_at: datetime
    parked: bool

    @property
    def id(self) -> str:
        """``17.1``: article and version, as people type it."""
        return f"{self.article_id}.{self.version}"
