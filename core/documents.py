"""The document of a notice: one shape for webhook, command line, export and page.

A document is written once, with its notice, and never changed afterwards; every channel renders from it. ``to_json`` is
the one serialiser; its JSON Schema is docs/schema/notice.json.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from core.values import Kind, NoticeKind, OriginKind, Outcome, Severity, Status, Weapon

Param = str | int


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NoticePart(_Part):
    """The notice itself."""

    id: str  #: "BW-42.3": incident and number within it; "SYS-7" for a system notice
    number: int  #: 1 for the first notice of an incident
    kind: NoticeKind
    reason: str  #: a stable word: "new-incident", "toll-changed", "denied", …
    ring: bool  #: may wake people
    late: bool = False  #: the event was already over six hours old
    created_at: datetime
    #: the words of a system or test notice, in English; of a digest, in the language of its channel
    text: str | None = None
    #: what ``text`` was made of, by name: a channel in another language words ``reason`` with it anew
    params: dict[str, Param | tuple[dict[str, Param], ...]] = Field(default_factory=dict)


class Casualties(_Part):
    """A range with its source; both ends None means "not stated", never 0."""

    #: "us", "coalition", "local_forces", "civilians"; "us_coalition" or "others" where reports do not tell them apart
    whose: str
    kind: str  #: "killed" or "injured"
    low: int | None = None
    high: int | None = None


class IncidentPart(_Part):
    """The incident as it stood when the notice was written."""

    id: str  #: "BW-42"
    status: Status
    severity: Severity
    base: str  #: site id, "other-named" or "unnamed"
    base_name: str | None = None  #: the watch's name of the site
    place: str | None = None
    country: str | None = None
    kind: Kind | None = None
    lat: float | None = None
    lon: float | None = None
    time_zone: str = "UTC"  #: of the place, for "21:07 local"
    event_from: datetime | None = None
    event_to: datetime | None = None
    local_date: str | None = None  #: YYYY-MM-DD
    weapons: tuple[Weapon, ...] = ()
    count_low: int | None = None
    count_high: int | None = None
    outcome: Outcome = Outcome.UNKNOWN
    casualties: tuple[Casualties, ...] = ()
    claimed_by: str | None = None  #: actor id
    claimed_by_name: str | None = None
    attributed_to: str | None = None
    attributed_to_name: str | None = None
    status_by: str | None = None  #: whose word decides the status: "Kurdistan CTG", "2 sources"
    first_reported_at: datetime | None = None
    first_seen_at: datetime
    report_count: int = 1
    outlet_count: int = 1


class Change(_Part):
    """One fact that differs from the notice before."""

    field: str
    before: Any = None
    after: Any = None
    by: str | None = None  #: who says so


class EvidenceQuote(_Part):
    """The sentence that proves it, in its own language; at most 240 characters an outlet."""

    text: str
    lang: str
    outlet: str
    outlet_name: str
    url: str


class SourcePart(_Part):
    """One article, in order of appearance."""

    outlet: str
    outlet_name: str
    lang: str
    title: str
    url: str
    published_at: datetime | None = None
    first_seen_at: datetime
    origin: str | None = None  #: whom it cites
    origin_kind: OriginKind | None = None


class NoticeDocument(_Part):
    """What one notice says, whole."""

    notice: NoticePart
    incident: IncidentPart | None = None  #: None for a system, test or digest notice
    changes: tuple[Change, ...] = ()
    evidence: tuple[EvidenceQuote, ...] = ()
    sources: tuple[SourcePart, ...] = ()
    reasons_for: tuple[str, ...] = ()
    reasons_against: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; instants as ISO 8601 with zone."""
        return self.model_dump(mode="json")
