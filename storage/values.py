"""What the functions of ``storage/`` take and hand out: frozen, without a session behind them.

Seeds go in, views come out. Instants are aware UTC throughout.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from core.values import Article, DeliveryState, NoticeKind, Origin, Severity, Status, Verdict, check_aware

# ---- sources and pages


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSeed:
    """A source as the configuration names it."""

    source_id: str  #: unique over all outlets, the same over restarts
    outlet: str  #: slug
    kind: str  #: "feed"
    url: str
    interval_s: int
    country: str | None = None


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

    def __post_init__(self) -> None:
        check_aware("published_at", self.published_at)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class PollRecorded:
    """How many entries were ..."""

    new: int = 0  #: unseen URLs, now wanted
    changed: int = 0  #: known URLs whose hash changed, wanted again
    seen: int = 0  #: known and unchanged, or the same URL a second time in one feed


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


# ---- articles


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


# ---- incidents


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentSeed:
    """An incident as the pure side computed it: look-up columns, and ``facts`` for all else it wants to keep."""

    status: Status
    severity: Severity
    base: str
    first_seen_at: datetime
    place: str | None = None
    country: str | None = None
    kind: str | None = None
    event_from: datetime | None = None
    event_to: datetime | None = None
    local_date: str | None = None  #: YYYY-MM-DD
    first_reported_at: datetime | None = None
    closed_at: datetime | None = None
    facts: dict[str, Any] = field(default_factory=dict)  #: JSON values; comes back as it was


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentView:
    """An incident as it stands."""

    id: int
    public_id: str  #: "BW-42"
    merged_into: int | None
    status: Status
    severity: Severity
    base: str
    place: str | None
    country: str | None
    kind: str | None
    event_from: datetime | None
    event_to: datetime | None
    local_date: str | None
    first_reported_at: datetime | None
    first_seen_at: datetime
    facts: dict[str, Any]
    opened_at: datetime
    changed_at: datetime
    closed_at: datetime | None
    report_count: int  #: current reports
    outlet_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportView:
    """One article's word on an incident, with what a document needs to quote it."""

    id: int
    incident_id: int
    article_id: int
    version: int
    index: int
    is_current: bool
    label: str
    attack: dict[str, Any]
    origins: tuple[Origin, ...]
    outlet: str
    family: str
    url: str
    title: str
    lang: str | None
    published_at: datetime | None
    first_seen_at: datetime
    attached_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FactSeed:
    """Who said what; ``value`` is any JSON value, None meaning "not stated any more"."""

    field: str
    value: Any
    article_id: int | None = None
    version: int | None = None
    said_by: str | None = None
    origin_kind: str | None = None
    said_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FactView:
    """A fact as recorded."""

    id: int
    incident_id: int
    field: str
    value: Any
    article_id: int | None
    version: int | None
    said_by: str | None
    origin_kind: str | None
    said_at: datetime | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRef:
    """A notice that was just written."""

    id: int
    number: int
    public_id: str  #: "BW-42.3", "SYS-7"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """A notice as it was written."""

    id: int
    public_id: str
    incident_id: int | None
    number: int
    kind: NoticeKind
    reason: str
    ring: bool
    late: bool
    document: dict[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVerdict:
    """A verdict with its place."""

    id: int
    article_id: int
    version: int
    verdict: Verdict
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentDetail:
    """All that is known of one incident."""

    incident: IncidentView
    reports: list[ReportView]
    facts: list[FactView]
    notices: list[NoticeView]
    deliveries: list[DeliveryView]
    merged: list[str]  #: public ids of the incidents that were merged into it


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentFilter:
    """Which incidents to list; every field narrows."""

    status: Status | None = None
    severity: Severity | None = None
    base: str | None = None
    country: str | None = None
    since: datetime | None = None  #: first seen at or after
    until: datetime | None = None  #: first seen before
    open_only: bool = False
    include_merged: bool = False
    limit: int = 100


# ---- deliveries


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedDelivery:
    """A delivery that is leased to its claimer."""

    id: int
    message_id: str  #: the same over every attempt
    channel: str
    document: dict[str, Any]
    attempt: int  #: 1 for the first, counted since creation or the last retry by hand
    thread_ref: str | None  #: ``remote_ref`` of the incident's first message on this channel
    created_at: datetime
    since: datetime  #: giving up counts from here: creation, or the last retry by hand
    lease_until: datetime
    notice_id: int
    incident_id: int | None
    ring: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """A delivery as it stands."""

    id: int
    message_id: str
    notice_id: int
    notice_public_id: str
    incident_id: int | None
    channel: str
    state: DeliveryState
    attempts: int
    next_attempt_at: datetime
    lease_owner: str | None
    lease_until: datetime | None
    created_at: datetime
    sent_at: datetime | None
    remote_ref: str | None
    last_error: str | None
    kind: NoticeKind
    ring: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptView:
    """A line of the ledger."""

    attempt: int
    outcome: str  #: sent, retry, dead, lost, requeued, discarded
    owner: str | None
    error: str | None
    http_status: int | None
    started_at: datetime | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PausedChannel:
    """A channel that gets nothing until it is resumed."""

    channel: str
    reason: str
    paused_at: datetime
    waiting: int  #: deliveries
