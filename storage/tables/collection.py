"""Tables of the way in: sources, entries, pages, articles and their versions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, UniqueConstraint, false, true
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base, UrlKey
from storage.types import BigId


class Source(Base):
    """A feed, sitemap or listing page of an outlet, with all that polling it needs to survive a restart."""

    __tablename__ = "sources"
    source_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    outlet: Mapped[str]
    kind: Mapped[str]
    url: Mapped[str]
    country: Mapped[str | None]
    interval_s: Mapped[int]
    enabled: Mapped[bool]
    registered_at: Mapped[datetime]
    next_poll_at: Mapped[datetime]
    state: Mapped[str]  # new, ok, failing
    last_poll_at: Mapped[datetime | None]
    last_ok_at: Mapped[datetime | None]  # last answer that was understood, 304 included
    last_full_at: Mapped[datetime | None]  # last answer with a body: validators are not believed for ever
    last_new_at: Mapped[datetime | None]  # last time an unseen URL appeared
    cause_code: Mapped[str | None]
    message: Mapped[str | None]
    http_status: Mapped[int | None]
    failures: Mapped[int]  # in a row
    failing_since: Mapped[datetime | None]
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    body_hash: Mapped[str | None]
    polls_total: Mapped[int]
    failures_total: Mapped[int]
    entries_total: Mapped[int]
    bytes_total: Mapped[int] = mapped_column(BigId)
    watching_since: Mapped[datetime | None]  # start of the present stretch of polls that were understood, without a gap
    last_listed_at: Mapped[datetime | None]  # last time this source listed an entry that it had not listed before
    newest_item_at: Mapped[datetime | None]  # newest publication time it listed, never in the future of its sight
    items_per_hour: Mapped[float | None]  # from its habit; None before that is known
    lang: Mapped[str | None]
    rank: Mapped[int] = mapped_column(server_default="0")  # its place in the outlet's order of preference
    spare: Mapped[bool] = mapped_column(server_default=false())  # read only while those before it fail or are quiet
    active: Mapped[bool] = mapped_column(server_default=true())  # False: a spare that stands by
    active_since: Mapped[datetime | None]  # when `active` last changed
    active_why: Mapped[str | None]
    __table_args__ = (Index("ix_sources_due", "enabled", "next_poll_at"),)


class SourceHabit(Base):
    """What a source usually does, and what the operator was told of it.

    Apart from ``sources``, whose rows are written at every poll and should stay short.
    """

    __tablename__ = "source_habits"
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.source_id"), primary_key=True)
    listing: Mapped[str | None]  # core.habit.Habit as text
    pages: Mapped[str | None]  # core.habit.PageHabit as text
    told: Mapped[str | None]  # the state that the operator was told last; None: nothing, or that it works again
    told_cause: Mapped[str | None]
    told_at: Mapped[datetime | None]


class HostPause(Base):
    """A host that asked for a pause (Retry-After), kept over restarts."""

    __tablename__ = "host_pauses"
    host: Mapped[str] = mapped_column(String(300), primary_key=True)  # host:port
    until: Mapped[datetime]


class SiteRules(Base):
    """The robots.txt of a site as it was last read; "" where there is none."""

    __tablename__ = "site_rules"
    site: Mapped[str] = mapped_column(String(300), primary_key=True)  # scheme://host:port
    text: Mapped[str]
    read_at: Mapped[datetime]


class SourcePart(Base):
    """A sitemap that an index names: what makes asking for it again conditional."""

    __tablename__ = "source_parts"
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.source_id"), primary_key=True, type_=String(200))
    url_key: Mapped[str] = mapped_column(UrlKey, primary_key=True)
    url: Mapped[str]
    changed_raw: Mapped[str | None]  # the index's lastmod of it
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    body_hash: Mapped[str | None]
    fetched_at: Mapped[datetime]


class Entry(Base):
    """One item of one source: its hash tells whether the outlet changed it."""

    __tablename__ = "entries"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.source_id"))
    url_key: Mapped[str] = mapped_column(UrlKey)
    entry_hash: Mapped[str]
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime] = mapped_column(index=True)  # to the day: kept from being written at each poll
    changes: Mapped[int]
    __table_args__ = (UniqueConstraint("source_id", "url_key"),)


class Page(Base):
    """A page that is wanted, or was: the queue between feed and article. Never deleted: it is what "seen" means."""

    __tablename__ = "pages"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    url_key: Mapped[str] = mapped_column(UrlKey, unique=True)
    url: Mapped[str]  # canonical
    raw_url: Mapped[str]
    outlet: Mapped[str]
    source_id: Mapped[str]
    state: Mapped[str]  # wanted, done, failed
    title: Mapped[str | None]
    summary: Mapped[str | None]  # cleared once done
    content: Mapped[str | None]  # cleared once done
    published_raw: Mapped[str | None]
    published_at: Mapped[datetime | None]
    first_seen_at: Mapped[datetime]
    first_poll: Mapped[bool]
    wanted_at: Mapped[datetime]
    not_before: Mapped[datetime]
    attempts: Mapped[int]
    cause_code: Mapped[str | None]
    fetched_at: Mapped[datetime | None]
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    whole: Mapped[bool] = mapped_column(server_default=false())  # the entry is the article: nothing is fetched
    headline: Mapped[bool] = mapped_column(server_default=false())  # a search says that the outlet ran this headline
    author: Mapped[str | None]
    live_until: Mapped[datetime | None]  # a live blog, which is read again every few minutes until then
    __table_args__ = (
        Index(
            "ix_pages_wanted",
            "not_before",
            sqlite_where=sql("state = 'wanted'"),
            postgresql_where=sql("state = 'wanted'"),
        ),
    )


class Article(Base):
    """One article for ever, however often it is edited."""

    __tablename__ = "articles"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    url: Mapped[str]  # canonical; unique through ArticleUrl
    outlet: Mapped[str]
    family: Mapped[str]
    source_id: Mapped[str]
    page_id: Mapped[int | None] = mapped_column(BigId)
    current_version: Mapped[int]
    first_seen_at: Mapped[datetime] = mapped_column(index=True)  # never moves
    first_poll: Mapped[bool]
    edited_at: Mapped[datetime | None]  # when the current version was stored, if it is not the first
    hash_only_edits: Mapped[int]  # new words under the same publication time
    edits_dropped: Mapped[int]  # edits past the cap: counted, not kept
    headline_only: Mapped[bool] = mapped_column(server_default=false())  # known from a search: opens no incident
    gone_at: Mapped[datetime | None]  # when its outlet was first seen to have deleted it
    __table_args__ = ({"sqlite_autoincrement": True},)


class ArticleUrl(Base):
    """Each address under which an article was met: its canonical one and its aliases."""

    __tablename__ = "article_urls"
    url_key: Mapped[str] = mapped_column(UrlKey, primary_key=True)
    url: Mapped[str]
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    outlet: Mapped[str]
    seen_at: Mapped[datetime]


class ArticleVersion(Base):
    """The words of an article at one time."""

    __tablename__ = "article_versions"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    version: Mapped[int]
    family: Mapped[str]  # of the article: the duplicate look-up is one index search
    title: Mapped[str]
    text: Mapped[str]
    lang: Mapped[str | None]
    author: Mapped[str | None]
    published_at: Mapped[datetime | None]
    published_raw: Mapped[str | None]
    date_only: Mapped[bool]
    from_feed_only: Mapped[bool]
    content_hash: Mapped[str]
    fingerprint: Mapped[str | None]  # whose words these are: of the text itself, or of the one that it copies
    # keys that near texts are likely to share (storage/shingles.py); None for a short text, and before they were kept
    band_1: Mapped[int | None] = mapped_column(BigInteger, index=True)
    band_2: Mapped[int | None] = mapped_column(BigInteger, index=True)
    band_3: Mapped[int | None] = mapped_column(BigInteger, index=True)
    band_4: Mapped[int | None] = mapped_column(BigInteger, index=True)
    band_5: Mapped[int | None] = mapped_column(BigInteger, index=True)
    band_6: Mapped[int | None] = mapped_column(BigInteger, index=True)
    band_7: Mapped[int | None] = mapped_column(BigInteger, index=True)
    band_8: Mapped[int | None] = mapped_column(BigInteger, index=True)
    stored_at: Mapped[datetime]
    state: Mapped[str]  # waiting, classified, parked, skipped
    __table_args__ = (
        UniqueConstraint("article_id", "version"),
        Index("ix_article_versions_content", "content_hash", "family"),
        Index(
            "ix_article_versions_waiting",
            "id",
            sqlite_where=sql("state = 'waiting'"),
            postgresql_where=sql("state = 'waiting'"),
        ),
        {"sqlite_autoincrement": True},
    )


class RawPage(Base):
    """The evidence behind a version: the bytes as they came. Pruned with age unless a report stands on it."""

    __tablename__ = "raw_pages"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("article_versions.id"), unique=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)  # gzip
    headers: Mapped[dict[str, Any]]
    fetched_at: Mapped[datetime] = mapped_column(index=True)
    sha256: Mapped[str]  # of the bytes before gzip
