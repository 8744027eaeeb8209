"""``basewatch incidents list`` and ``show``: what happened, who says so, and why each report stands where it stands."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from alerts import ledger
from alerts.phrases import casualties_in_short, day_of_text, outcome_words, weapon_and_count, where
from basewatch.commands.decided import decision_document, decisions_table
from basewatch.incident_part import part_of
from config.settings import Settings
from core.clock import utc_now
from core.documents import IncidentPart
from core.text import one_line
from core.values import Severity, Status
from storage import incidents, people
from storage.engine import open_database
from storage.values import FactView, IncidentDetail, IncidentFilter, ReportView

#: facts that are Basewatch's own reasons rather than anybody's word
REASONS = frozenset({ledger.PLACED, ledger.REFUSED, ledger.MOVED, ledger.TAKEN_BACK})


def list_incidents(
    settings: Settings,
    *,
    limit: int = 50,
    base: str | None = None,
    country: str | None = None,
    status: Status | None = None,
    severity: Severity | None = None,
    since: datetime | None = None,
    as_json: bool = False,
) -> int:
    """Print the latest incidents, the latest first; 0. ``--json``: a list of the incident part of a notice."""
    which = IncidentFilter(limit=limit, base=base, country=country, status=status, severity=severity, since=since)
    with open_database(settings.database_address, create=False) as database, database.read() as session:
        views = incidents.list_incidents(session, which)
    if as_json:
        print(json.dumps([part_of(view).model_dump(mode="json") for view in views], ensure_ascii=False))  # noqa: T201
        return 0
    if not views:
        chosen = any(value is not None for value in (base, country, status, severity, since))
        Console().print("No incident fits what you asked for." if chosen else "No incident is known.")
        return 0
    Console().print(_list_table([part_of(view) for view in views], utc_now()))
    return 0


def show_incident(settings: Settings, public_id: str, *, as_json: bool = False) -> int:
    """Print all that is known of one incident; 0. Raises InputError for an id that was never given."""
    with open_database(settings.database_address, create=False) as database, database.read() as session:
        detail = incidents.incident_detail(session, public_id)
        decided = people.decisions_of(session, detail.incident.id)
    asked = incidents.public_id(incidents.parse_public_id(public_id))
    if as_json:
        document = document_of(detail) | {"asked_for": asked, "decisions": [decision_document(d) for d in decided]}
        print(json.dumps(document, ensure_ascii=False))  # noqa: T201
        return 0
    if asked != detail.incident.public_id:
        Console().print(f"{asked} turned out to be {detail.incident.public_id}:", highlight=False)
    _print(detail)
    if decided:
        Console().print(decisions_table(decided, "what people decided"))
    return 0


def document_of(detail: IncidentDetail) -> dict[str, Any]:
    """The incident with its reports, facts, reasons and notices, as ``incidents show --json`` prints them."""
    view = detail.incident
    return {
        "incident": part_of(view).model_dump(mode="json"),
        "status_reason": view.facts.get("status_reason"),
        "severity_reason": view.facts.get("severity_reason"),
        "closed_at": _iso(view.closed_at),
        "merged": detail.merged,
        "reports": [_report(report, detail.facts) for report in detail.reports],
        "facts": [_fact(fact) for fact in detail.facts if fact.field not in REASONS],
        "reasons": [_reason(fact) for fact in detail.facts if fact.field in REASONS],
        "notices": [notice.document["notice"] for notice in detail.notices],
        "deliveries": [
            {
                "notice": delivery.notice_public_id,
                "channel": delivery.channel,
                "state": delivery.state.value,
                "attempts": delivery.attempts,
                "message_id": delivery.message_id,
            }
            for delivery in detail.deliveries
        ],
    }


def _report(report: ReportView, facts: Iterable[FactView]) -> dict[str, Any]:
    placed = [f.value for f in facts if f.field == ledger.PLACED and f.article_id == report.article_id]
    return {
        "report": report.article_id,
        "outlet": report.outlet,
        "url": report.url,
        "title": report.title,
        "lang": report.lang,
        "version": report.version,
        "current": report.is_current,
        "published_at": _iso(report.published_at),
        "first_seen_at": _iso(report.first_seen_at),
        "gone_at": _iso(report.gone_at),
        "origins": [{"kind": origin.kind.value, "name": origin.name} for origin in report.origins],
        "joined_by": placed[-1]["reason"] if placed else None,
        "joined": placed[-1].get("other") if placed else None,
    }


def _fact(fact: FactView) -> dict[str, Any]:
    return {
        "field": fact.field,
        "value": fact.value,
        "said_by": fact.said_by,
        "origin_kind": fact.origin_kind,
        "said_at": _iso(fact.said_at),
        "article_id": fact.article_id,
        "version": fact.version,
    }


def _reason(fact: FactView) -> dict[str, Any]:
    return {"what": fact.field, **fact.value, "at": _iso(fact.recorded_at)}


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat().replace("+00:00", "Z") if instant is not None else None


# -- for people ------------------------------------------------------------------------------------------------------


def _list_table(parts: Iterable[IncidentPart], now: datetime) -> Table:
    """Fit for a terminal of 80 columns: what tells incidents apart is never cut, place and events wrap."""
    table = Table(box=SIMPLE_HEAD, padding=0, pad_edge=False)
    for name in ("id", "sev", "status", "day"):
        table.add_column(name, no_wrap=True)
    for name in ("place", "what", "outlets"):
        table.add_column(name)
    for part in parts:
        what = f"{weapon_and_count(part)} {outcome_words(part)}".strip()
        toll = casualties_in_short(part) or "casualties not stated"
        day = day_of_text(part.local_date, now) if part.local_date else ""
        row = (part.id, part.severity, part.status, day, short_name(where(part)), f"{what}; {toll}")
        table.add_row(*(escape(cell) for cell in row), str(part.outlet_count))
    return table


def short_name(place: str) -> str:
    """The place without what its name adds in brackets."""
    return place.partition(" (")[0] or place


def _print(detail: IncidentDetail) -> None:
    console = Console()
    part = part_of(detail.incident)
    facts = detail.incident.facts
    console.print(f"[bold]{escape(part.id)}  {escape(where(part))}[/bold]  {part.local_date or ''}", highlight=False)
    what = f"{weapon_and_count(part)} {outcome_words(part)}".strip()
    lines = [
        f"{part.severity} because {facts.get('severity_reason')}; {part.status} because {facts.get('status_reason')}"
        + (f" ({part.status_by})" if part.status_by else ""),
        f"{what}; casualties {casualties_in_short(part) or 'not stated'}",
    ]
    if part.claimed_by_name:
        lines.append(f"claimed by {part.claimed_by_name}")
    if detail.merged:
        lines.append(f"includes {', '.join(detail.merged)}, which turned out to be this attack")
    for line in lines:
        console.print(escape(one_line(line)), highlight=False)
    console.print(_reports_table(detail))
    console.print(_facts_table([fact for fact in detail.facts if fact.field not in REASONS]))
    console.print(_reasons_table(detail))
    console.print(_notices_table(detail))


def _numbers(detail: IncidentDetail) -> dict[str, str]:
    """Address of each report -> the number that the tables and `incidents split` call it by: that of its article.

    It never changes, and the versions of one article share theirs.
    """
    return {report.url: str(report.article_id) for report in detail.reports}


def _reports_table(detail: IncidentDetail) -> Table:
    numbers = _numbers(detail)
    table = Table("no.", "first seen", "outlet", "cites", "headline", title="reports (times in UTC)", box=SIMPLE_HEAD)
    for report in detail.reports:
        cites = ", ".join(origin.name for origin in report.origins)
        headline = one_line(report.title) + ("" if report.is_current else " (superseded)")
        headline += f" (deleted by its outlet, seen {report.gone_at:%d %b %H:%M})" if report.gone_at else ""
        seen = f"{report.first_seen_at:%d %b %H:%M}"
        table.add_row(*(escape(cell) for cell in (numbers[report.url], seen, report.outlet, cites, headline)))
    return table


def _facts_table(facts: Sequence[FactView]) -> Table:
    """Each thing said once, with everybody who said it and when it was said first."""
    said: dict[tuple[str, str], list[FactView]] = {}
    for fact in facts:
        value = ", ".join(map(str, fact.value)) if isinstance(fact.value, list) else str(fact.value)
        said.setdefault((fact.field, value), []).append(fact)
    table = Table("field", "value", "said by", "first said", title="who said what", box=SIMPLE_HEAD)
    table.columns[1].overflow = "fold"
    for (field, value), sayings in sorted(said.items(), key=lambda item: item[0][0]):
        who = ", ".join(dict.fromkeys(fact.said_by for fact in sayings if fact.said_by))
        first = min((fact.said_at for fact in sayings if fact.said_at is not None), default=None)
        at = f"{first:%d %b %H:%M}" if first is not None else ""
        table.add_row(*(escape(one_line(cell)) for cell in (field, value, who, at)))
    return table


def _reasons_table(detail: IncidentDetail) -> Table:
    """Why each report stands here; reports by their numbers, what stands elsewhere by its address or id."""
    numbers = _numbers(detail)
    by_article = {report.article_id: numbers[report.url] for report in detail.reports}
    table = Table("report", "what", "reason", "beside", title="why the reports stand here", box=SIMPLE_HEAD)
    table.columns[-1].overflow = "fold"
    for fact in detail.facts:
        if fact.field not in REASONS:
            continue
        value: dict[str, Any] = fact.value
        report = by_article.get(fact.article_id, "") if fact.article_id is not None else ""
        beside = str(value.get("other") or value.get("to") or "")
        row = (report or value.get("url") or "", fact.field, value.get("reason") or "", numbers.get(beside, beside))
        table.add_row(*(escape(one_line(str(cell))) for cell in row))
    return table


def _notices_table(detail: IncidentDetail) -> Table:
    table = Table(
        "notice", "kind", "reason", "rings", "written", "deliveries", title="what people were told", box=SIMPLE_HEAD
    )
    for notice in detail.notices:
        sent = [f"{d.channel}: {d.state.value}" for d in detail.deliveries if d.notice_id == notice.id]
        rings = "yes" if notice.ring else "late" if notice.late else "no"
        written = f"{notice.created_at:%d %b %H:%M:%S}"
        row = (notice.public_id, notice.kind.value, notice.reason, rings, written, ", ".join(sent))
        table.add_row(*(escape(cell) for cell in row))
    return table
