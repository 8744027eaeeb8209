"""Incidents: verdicts, reports, facts and what was told of them.

The pure side (``alerts/incidents.py``) decides; here it is kept. An incident's id is never given twice; a merge leaves
a redirect, which every look-up by public id follows. Facts and notices are append-only. Verdicts and reports are kept
by ``reports.py``, notices by ``notices.py``; their functions are handed on here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, insert, or_, select, update
from sqlalchemy.orm import Session

from core.errors import InputError
from core.values import Severity, Status
from storage.deliveries import list_deliveries
from storage.meta import nudge
from storage.notices import add_notice, next_notice_number, notices_of, notices_since
from storage.reports import (
    attach_report,
    mentions_of,
    move_report,
    neighbourhood,
    reports_of,
    save_verdict,
    supersede_reports,
    verdicts_of,
)
from storage.tables import Fact, Incident, Report
from storage.values import FactSeed, FactView, IncidentDetail, IncidentFilter, IncidentSeed, IncidentView

__all__ = [
    "add_fact",
    "add_notice",
    "attach_report",
    "create_incident",
    "facts_of",
    "incident",
    "incident_detail",
    "incidents_between",
    "list_incidents",
    "mentions_of",
    "merge_incidents",
    "move_report",
    "neighbourhood",
    "next_notice_number",
    "notices_of",
    "notices_since",
    "parse_public_id",
    "public_id",
    "reports_of",
    "resolve",
    "save_verdict",
    "set_incident",
    "supersede_reports",
    "verdicts_of",
]

_PUBLIC_ID = re.compile(r"(?:BW-)?(\d{1,18})", re.IGNORECASE | re.ASCII)


def public_id(incident_id: int) -> str:
    return f"BW-{incident_id}"


def parse_public_id(text: str) -> int:
    """42 for "BW-42", "bw-42" or "42". Raises InputError for anything else."""
    found = _PUBLIC_ID.fullmatch(text.strip())
    if found is None:
        raise InputError(f"{text!r} is not the id of an incident. Ids look like BW-42.")
    return int(found[1])


def create_incident(session: Session, seed: IncidentSeed, now: datetime) -> int:
    """The id of the new incident; its public id is ``public_id`` of it."""
    row = Incident(opened_at=now, changed_at=now, merged_into=None, closed_at=seed.closed_at, **_columns(seed))
    session.add(row)
    session.flush()
    return row.id


def set_incident(session: Session, incident_id: int, seed: IncidentSeed, now: datetime) -> None:
    """Replace what is kept of the incident by ``seed``, whole; one that is closed stays closed."""
    closing = {"closed_at": seed.closed_at} if seed.closed_at is not None else {}
    statement = update(Incident).where(Incident.id == incident_id)
    session.execute(statement.values(changed_at=now, **_columns(seed), **closing))


def _columns(seed: IncidentSeed) -> dict[str, Any]:
    return {
        "status": seed.status.value, "severity": seed.severity.value, "base": seed.base, "place": seed.place,
        "country": seed.country, "kind": seed.kind, "event_from": seed.event_from, "event_to": seed.event_to,
        "local_date": seed.local_date, "first_reported_at": seed.first_reported_at,
        "first_seen_at": seed.first_seen_at, "facts": seed.facts,
    }  # fmt: skip


def incident(session: Session, incident_id: int) -> IncidentView | None:
    """The incident itself, merged or not; None if there never was one."""
    found = _views(session, [Incident.id == incident_id], limit=1)
    return found[0] if found else None


def resolve(session: Session, public: str | int) -> IncidentView:
    """The incident behind a public id, redirects followed. Raises InputError for an id that was never given."""
    incident_id: int | None = parse_public_id(public) if isinstance(public, str) else public
    for _ in range(1000):  # merges are kept flat; a loop would be a damaged database
        assert incident_id is not None
        found = incident(session, incident_id)
        if found is None:
            raise InputError(f"There is no incident {public}. `basewatch incidents list` shows the latest.")
        if found.merged_into is None:
            return found
        incident_id = found.merged_into
    raise InputError(f"The redirects of incident {public} run in a circle: the database is damaged.")


def list_incidents(session: Session, which: IncidentFilter | None = None) -> list[IncidentView]:
    """Incidents, the latest first."""
    which = which or IncidentFilter()
    conditions: list[ColumnElement[bool]] = []
    for column, value in (
        (Incident.status, which.status), (Incident.severity, which.severity), (Incident.base, which.base),
        (Incident.country, which.country),
    ):  # fmt: skip
        if value is not None:
            conditions.append(column == str(value))
    if which.since is not None:
        conditions.append(Incident.first_seen_at >= which.since)
    if which.until is not None:
        conditions.append(Incident.first_seen_at < which.until)
    if which.open_only:
        conditions.append(Incident.closed_at.is_(None))
    if not which.include_merged:
        conditions.append(Incident.merged_into.is_(None))
    return _views(session, conditions, limit=which.limit)


def incidents_between(session: Session, start: datetime, end: datetime) -> list[IncidentView]:
    """Unmerged incidents whose event (or, where it is unknown, first sight) lies within [start, end]."""
    moment = func.coalesce(Incident.event_from, Incident.first_seen_at)
    return _views(session, [Incident.merged_into.is_(None), moment.between(start, end)], limit=10_000)


def _views(session: Session, conditions: list[ColumnElement[bool]], limit: int) -> list[IncidentView]:
    counts = (
        select(func.count(func.distinct(Report.article_id)), func.count(func.distinct(Report.outlet)))
        .where(Report.incident_id == Incident.id, Report.is_current.is_(True))
    )  # fmt: skip
    reports = counts.with_only_columns(func.count(func.distinct(Report.article_id))).scalar_subquery()
    outlets = counts.with_only_columns(func.count(func.distinct(Report.outlet))).scalar_subquery()
    statement = select(Incident, reports, outlets).where(*conditions).order_by(Incident.id.desc()).limit(limit)
    statement = statement.execution_options(populate_existing=True)
    return [_view(row, n_reports, n_outlets) for row, n_reports, n_outlets in session.execute(statement)]


def _view(row: Incident, report_count: int, outlet_count: int) -> IncidentView:
    return IncidentView(
        id=row.id, public_id=public_id(row.id), merged_into=row.merged_into, status=Status(row.status),
        severity=Severity(row.severity), base=row.base, place=row.place, country=row.country, kind=row.kind,
        event_from=row.event_from, event_to=row.event_to, local_date=row.local_date,
        first_reported_at=row.first_reported_at, first_seen_at=row.first_seen_at, facts=row.facts,
        opened_at=row.opened_at, changed_at=row.changed_at, closed_at=row.closed_at, report_count=report_count,
        outlet_count=outlet_count,
    )  # fmt: skip


def merge_incidents(session: Session, loser: int, winner: int, now: datetime) -> None:
    """Move reports and facts of ``loser`` to ``winner`` and leave a redirect. Raises InputError for one into itself.

    Notices and deliveries stay with the id under which people got them.
    """
    if loser == winner:
        raise InputError("An incident cannot be merged into itself.")
    for incident_id in (loser, winner):
        found = incident(session, incident_id)
        if found is None or found.merged_into is not None:
            raise InputError(f"{public_id(incident_id)} is not there any more; merge the incident it was merged into.")
    session.execute(update(Report).where(Report.incident_id == loser).values(incident_id=winner))
    session.execute(update(Fact).where(Fact.incident_id == loser).values(incident_id=winner))
    session.execute(
        update(Incident)
        .where(or_(Incident.id == loser, Incident.merged_into == loser))
        .values(merged_into=winner, changed_at=now)
    )
    nudge(session)


def add_fact(session: Session, incident_id: int, facts: FactSeed | Iterable[FactSeed], now: datetime) -> int:
    """Record who said what; how many facts. Facts are never changed: a newer one of the same field comes after."""
    seeds = [facts] if isinstance(facts, FactSeed) else list(facts)
    rows = [
        {
            "incident_id": incident_id, "field": seed.field, "value": {"value": seed.value},
            "article_id": seed.article_id, "version": seed.version, "said_by": seed.said_by,
            "origin_kind": seed.origin_kind, "said_at": seed.said_at, "recorded_at": now,
        }
        for seed in seeds
    ]  # fmt: skip
    if rows:
        session.execute(insert(Fact), rows)  # one statement: a report states a dozen facts
    return len(seeds)


def facts_of(session: Session, incident_id: int) -> list[FactView]:
    """Every fact in the order in which it was recorded."""
    return [
        _fact(row) for row in session.scalars(select(Fact).where(Fact.incident_id == incident_id).order_by(Fact.id))
    ]


def _fact(row: Fact) -> FactView:
    value: Any = row.value["value"]
    return FactView(
        id=row.id, incident_id=row.incident_id, field=row.field, value=value, article_id=row.article_id,
        version=row.version, said_by=row.said_by, origin_kind=row.origin_kind, said_at=row.said_at,
        recorded_at=row.recorded_at,
    )  # fmt: skip


def incident_detail(session: Session, public: str | int) -> IncidentDetail:
    """The incident behind a public id, redirects followed, with reports, facts, notices and deliveries, oldest first.

    Notices of the incidents that were merged into it are among them. Raises InputError for an unknown id.
    """
    view = resolve(session, public)
    merged = list(session.scalars(select(Incident.id).where(Incident.merged_into == view.id).order_by(Incident.id)))
    notices = [notice for incident_id in (*merged, view.id) for notice in notices_of(session, incident_id)]
    deliveries = [
        delivery
        for incident_id in (*merged, view.id)
        for delivery in list_deliveries(session, incident_id=incident_id, limit=10_000)
    ]
    return IncidentDetail(
        incident=view,
        reports=reports_of(session, view.id),
        facts=facts_of(session, view.id),
        notices=sorted(notices, key=lambda notice: notice.id),
        deliveries=sorted(deliveries, key=lambda delivery: delivery.id),
        merged=[public_id(incident_id) for incident_id in merged],
    )
