"""What the rules ask of a notice, read from its document."""

from __future__ import annotations

from dataclasses import dataclass

from core.documents import IncidentPart, NoticeDocument
from core.values import Kind, NoticeKind, Severity, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeFacts:
    """One notice of one incident, as rules, quiet hours and silences see it."""

    kind: NoticeKind
    ring: bool
    severity: Severity
    status: Status
    base: str
    rang: bool = False  #: an earlier notice of the incident rang
    country: str | None = None
    place_kind: Kind | None = None
    languages: frozenset[str] = frozenset()  #: of the articles that tell it
    killed: bool = False  #: somebody, whoever it was
    injured: bool = False
    incident_ids: frozenset[int] = frozenset()  #: its own, and those of the incidents merged into it


def facts_of(
    document: NoticeDocument, *, rang: bool = False, incident_ids: frozenset[int] = frozenset()
) -> NoticeFacts | None:
    """The facts of a notice; None for one that concerns no incident."""
    incident = document.incident
    if incident is None:
        return None
    return NoticeFacts(
        kind=document.notice.kind,
        ring=document.notice.ring,
        rang=rang,
        severity=incident.severity,
        status=incident.status,
        base=incident.base,
        country=incident.country,
        place_kind=incident.kind,
        languages=frozenset(source.lang for source in document.sources),
        killed=_harmed(incident, "killed"),
        injured=_harmed(incident, "injured"),
        incident_ids=incident_ids,
    )


def _harmed(incident: IncidentPart, kind: str) -> bool:
    return any(entry.kind == kind and (entry.low or entry.high or 0) > 0 for entry in incident.casualties)
