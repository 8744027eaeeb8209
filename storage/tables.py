"""Every table, in the order in which an article passes them.

Rows stay inside ``storage/``: the functions beside this module hand out frozen values. Uniqueness is a constraint here,
never a habit of the callers. A change here needs a migration (``storage/migrations``); a test compares the two.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, MetaData, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from storage.types import BigId, Json, SafeText, UtcDateTime

#: constraint names are fixed, so that a later migration can name them on both databases
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

#: ``types.url_key`` of the canonical URL: a PostgreSQL index takes no value over 2.7 kB, and percent-encoded Arabic
#: slugs come near it; the index is a third of the size, too
UrlKey = String(32)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UtcDateTime, str: SafeText, dict[str, Any]: Json, list[Any]: Json}  # noqa: RUF012


class Meta(Base):
    """Facts about the database itself, by key."""

    __tablename__ = "meta"
    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[str]


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
    __table_args__ = (Index("ix_sources_due", "enabled", "next_poll_at"),)


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
    fingerprint: Mapped[str | None]
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


class Failure(Base):
    """A version at which the classifier raised: parked after the third time, shown, counted."""

    __tablename__ = "failures"
    version_id: Mapped[int] = mapped_column(ForeignKey("article_versions.id"), primary_key=True, autoincrement=False)
    tries: Mapped[int]
    error: Mapped[str]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    parked_at: Mapped[datetime | None]


class Verdict(Base):
    """What one model says of one version, once."""

    __tablename__ = "verdicts"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("article_versions.id"))
    model: Mapped[str]
    label: Mapped[str]
    probability: Mapped[float]
    document: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(index=True)
    __table_args__ = (UniqueConstraint("version_id", "model"),)


class Incident(Base):
    """One attack. Public id "BW-<id>"; AUTOINCREMENT, so an id is never given twice. A merge leaves a redirect."""

    __tablename__ = "incidents"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"), index=True)
    status: Mapped[str]
    severity: Mapped[str]
    base: Mapped[str]
    place: Mapped[str | None]
    country: Mapped[str | None]
    kind: Mapped[str | None]
    event_from: Mapped[datetime | None] = mapped_column(index=True)
    event_to: Mapped[datetime | None]
    local_date: Mapped[str | None] = mapped_column(String(10))
    first_reported_at: Mapped[datetime | None]
    first_seen_at: Mapped[datetime] = mapped_column(index=True)
    facts: Mapped[dict[str, Any]]  # all else that the pure side knows, as it wrote it
    opened_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    __table_args__ = ({"sqlite_autoincrement": True},)


class Report(Base):
    """One attack as one article version tells it, attached to one incident."""

    __tablename__ = "reports"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("article_versions.id"))
    attack_index: Mapped[int]
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    version: Mapped[int]
    is_current: Mapped[bool]  # False once a later version of the article was classified
    label: Mapped[str]
    attack: Mapped[dict[str, Any]]
    origins: Mapped[list[Any]]
    outlet: Mapped[str]
    family: Mapped[str]
    country_of_outlet: Mapped[str | None]
    published_at: Mapped[datetime | None]
    first_seen_at: Mapped[datetime]
    known_at: Mapped[datetime] = mapped_column(index=True)  # publication where it is known, else first sight
    event_from: Mapped[datetime | None] = mapped_column(index=True)
    fingerprint: Mapped[str | None]
    extra: Mapped[dict[str, Any]]
    attached_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("version_id", "attack_index"),)


class Fact(Base):
    """Who said what about an incident, and when. Append-only."""

    __tablename__ = "facts"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    field: Mapped[str]
    value: Mapped[dict[str, Any]]  # {"value": …}: JSON null and "not stated" stay apart
    article_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id"))
    version: Mapped[int | None]
    said_by: Mapped[str | None]
    origin_kind: Mapped[str | None]
    said_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime]


class Notice(Base):
    """What people are told; its document never changes. Without an incident: digest, system, test."""

    __tablename__ = "notices"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"))
    number: Mapped[int]
    kind: Mapped[str]
    reason: Mapped[str]
    ring: Mapped[bool]
    late: Mapped[bool]
    document: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(index=True)
    __table_args__ = (
        UniqueConstraint("incident_id", "number"),
        Index(  # NULLs are distinct in the constraint above: this one numbers the notices without an incident
            "ix_notices_own_number",
            "number",
            unique=True,
            sqlite_where=sql("incident_id IS NULL"),
            postgresql_where=sql("incident_id IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )


class Delivery(Base):
    """One notice to one channel: the outbox."""

    __tablename__ = "deliveries"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"))
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"))
    channel: Mapped[str]
    message_id: Mapped[str] = mapped_column(unique=True)
    ring: Mapped[bool]
    state: Mapped[str]  # core.values.DeliveryState
    attempts: Mapped[int]  # since it was queued or retried by hand
    next_attempt_at: Mapped[datetime]
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    since: Mapped[datetime]  # giving up counts from here: creation, or the last retry by hand
    changed_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    remote_ref: Mapped[str | None]  # thread or message id at the receiver
    last_error: Mapped[str | None]  # already without secrets
    __table_args__ = (
        UniqueConstraint("notice_id", "channel"),
        Index("ix_deliveries_order", "incident_id", "channel", "notice_id"),
        Index(
            "ix_deliveries_open",
            "next_attempt_at",
            sqlite_where=sql("state IN ('pending', 'sending')"),
            postgresql_where=sql("state IN ('pending', 'sending')"),
        ),
        {"sqlite_autoincrement": True},
    )


class DeliveryAttempt(Base):
    """The ledger: one row for each attempt and each act of an operator. Append-only."""

    __tablename__ = "delivery_attempts"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id"), index=True)
    attempt: Mapped[int]
    outcome: Mapped[str]  # sent, retry, dead, lost, requeued, discarded
    owner: Mapped[str | None]
    error: Mapped[str | None]
    http_status: Mapped[int | None]
    started_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime]


class PausedChannel(Base):
    """A channel that gets nothing until an operator resumes it; its deliveries wait."""

    __tablename__ = "paused_channels"
    channel: Mapped[str] = mapped_column(String(200), primary_key=True)
    reason: Mapped[str]
    paused_at: Mapped[datetime]
