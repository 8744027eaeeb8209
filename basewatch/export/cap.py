"""CAP 1.2 (OASIS, Common Alerting Protocol): a message for each notice, later ones referring to the earlier.

A new incident is an Alert, a changed one an Update, one that was denied, withdrawn or merged away a Cancel.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from alerts.headline import first_line
from alerts.links import safe_link
from alerts.phrases import casualties_in_short, outcome_words, weapon_and_count, where
from basewatch.export.record import Record, told
from basewatch.export.xml import child, printed, root
from config.export import ExportSettings
from core.documents import IncidentPart, NoticeDocument
from core.values import NoticeKind, Severity, Status

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
ATOM = "http://www.w3.org/2005/Atom"
SEVERITIES = {Severity.S4: "Extreme", Severity.S3: "Severe", Severity.S2: "Moderate", Severity.S1: "Minor"}
CERTAINTIES = {
    Status.CLAIMED: "Possible",
    Status.REPORTED: "Likely",
    Status.CORROBORATED: "Likely",
    Status.CONFIRMED: "Observed",
    Status.DENIED: "Unlikely",
    Status.RETRACTED: "Unlikely",
}
#: reasons of corrections after which nothing of the alert stands
CANCELLING = frozenset({"denied", "retracted", "merged"})
RADIUS_KM = 5  #: of the circle around a site: its fences, and a gazetteer's error


def write(records: Sequence[Record], settings: ExportSettings, now: datetime) -> str:
    """All messages as the contents of one Atom feed (the way in which CAP messages are usually published)."""
    feed = root(ATOM, "feed")
    child(feed, "id", f"urn:basewatch:{settings.sender}:cap")
    child(feed, "title", f"{settings.title} (CAP 1.2)")
    child(feed, "updated", _stamp(now))
    child(child(feed, "author"), "name", settings.sender)
    for notice, message in messages(records, settings):
        entry = child(feed, "entry")
        child(entry, "id", f"urn:basewatch:{settings.sender}:{notice.notice.id}")
        child(entry, "title", first_line(notice, now=notice.notice.created_at))
        child(entry, "updated", _stamp(notice.notice.created_at))
        child(entry, "content", type="application/cap+xml").append(message)
    return printed(feed)


def messages(records: Sequence[Record], settings: ExportSettings) -> Iterator[tuple[NoticeDocument, Any]]:
    """Each notice with its ``alert`` element, in the order in which they were written."""
    for record, notice in told(records):
        earlier = [one for one in record.notices if one.notice.number < notice.notice.number]
        yield notice, message(notice, earlier, settings)


def message(notice: NoticeDocument, earlier: Sequence[NoticeDocument], settings: ExportSettings) -> Any:
    """The ``alert`` element of one notice; ``earlier`` are the incident's notices before it."""
    assert notice.incident is not None
    alert = root(NAMESPACE, "alert")
    child(alert, "identifier", notice.notice.id)
    child(alert, "sender", settings.sender)
    child(alert, "sent", _sent(notice))
    child(alert, "status", "Actual")
    child(alert, "msgType", message_type(notice, is_first=not earlier))
    child(alert, "scope", "Restricted")
    child(alert, "restriction", settings.restriction)
    if earlier:
        references = (f"{settings.sender},{one.notice.id},{_sent(one)}" for one in earlier)
        child(alert, "references", " ".join(references))
    child(alert, "incidents", notice.incident.id)
    _info(alert, notice, notice.incident, settings)
    return alert


def message_type(notice: NoticeDocument, *, is_first: bool) -> str:
    """Alert, Update or Cancel."""
    if is_first:
        return "Alert"
    if notice.notice.kind is NoticeKind.CORRECTION and notice.notice.reason in CANCELLING:
        return "Cancel"
    return "Update"


def _info(alert: Any, notice: NoticeDocument, incident: IncidentPart, settings: ExportSettings) -> None:
    info = child(alert, "info")
    child(info, "language", "en")
    child(info, "category", "Security")
    child(info, "event", f"Attack on a watched site ({incident.kind})" if incident.kind else "Attack on a watched site")
    child(info, "urgency", "Past" if notice.notice.late else "Immediate")
    child(info, "severity", SEVERITIES[incident.severity])
    child(info, "certainty", CERTAINTIES[incident.status])
    if incident.event_from is not None:
        child(info, "onset", _cap_time(incident.event_from))
    child(info, "senderName", settings.title)
    child(info, "headline", first_line(notice, now=notice.notice.created_at))
    child(info, "description", _description(notice, incident))
    link = next((found[0] for source in notice.sources if (found := safe_link(source.url))), None)
    if link is not None:
        child(info, "web", link)
    for name, value in (("status", incident.status), ("outcome", incident.outcome), ("site", incident.base)):
        parameter = child(info, "parameter")
        child(parameter, "valueName", f"basewatch:{name}")
        child(parameter, "value", value)
    area = child(info, "area")
    child(area, "areaDesc", where(incident))
    if incident.lat is not None and incident.lon is not None:
        child(area, "circle", f"{incident.lat:.4f},{incident.lon:.4f} {RADIUS_KM}")
    if incident.country:
        geocode = child(area, "geocode")
        child(geocode, "valueName", "ISO 3166-1")
        child(geocode, "value", incident.country)


def _description(notice: NoticeDocument, incident: IncidentPart) -> str:
    what = f"{weapon_and_count(incident)} {outcome_words(incident)}".strip()
    lines = [f"{where(incident)}: {what}; {casualties_in_short(incident) or 'casualties not stated'}."]
    lines += [f"{quote.outlet_name} ({quote.lang}): {quote.text}" for quote in notice.evidence[:3]]
    return "\n".join(lines)


def _sent(notice: NoticeDocument) -> str:
    return _cap_time(notice.notice.created_at)


def _cap_time(instant: datetime) -> str:
    """CAP's own dateTime: no fractions, and UTC written as -00:00 (section 3.3.2 of the standard)."""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%S}-00:00"


def _stamp(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
