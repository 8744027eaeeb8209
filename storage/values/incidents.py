"""Verdicts, incidents, reports, facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.values import Origin, Severity, Status, Verdict
from storage.values.delivery import DeliveryView, NoticeView


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
    gone_at: datetime | None = None  #: when its outlet was first seen to have deleted it


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
