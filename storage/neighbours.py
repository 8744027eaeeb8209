"""What stands near an attack: the reports that could tell of it too, and the sites attacked at the same time."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from functools import cache

from sqlalchemy import Select, Text, bindparam, or_, select, type_coerce
from sqlalchemy.orm import Session

from core.values import OTHER_NAMED, UNNAMED, Mention, Severity, Status
from storage.attention import NOT_ACKNOWLEDGED
from storage.reports import mention_of
from storage.tables import DigestItem, Incident, Notice, Report

_GONE = (Status.DENIED.value, Status.RETRACTED.value)
_SITE = select(
    Incident.base, Incident.country, Incident.place, Incident.merged_into, Incident.status, Incident.event_from
)
_BY_HOUR = _SITE.where(Incident.event_from.between(bindparam("start"), bindparam("end")))
_BY_REPORT = _SITE.where(
    Incident.first_seen_at.between(bindparam("start"), bindparam("end")),
    Incident.first_reported_at.between(bindparam("start"), bindparam("end")),
    Incident.local_date == bindparam("local_date"),
)


def neighbours(
    session: Session,
    *,
    days: tuple[date, date],
    known: tuple[datetime, datetime],
    country: str | None,
    bases: Collection[str] | None,
) -> list[Mention]:
    """Current mentions whose incident lies in that country, on one of those bases, between those local days.

    ``known`` bounds when they were known; ``country`` and ``bases`` do not narrow where None. An incident whose country
    or day is not stated is always among them, and so is a mention that names no listed site, wherever it stands.
    Ordered by (known_at, article, version, index).
    """
    values: dict[str, object] = {
        "known_from": known[0],
        "known_to": known[1],
        "first_day": days[0].isoformat(),
        "last_day": days[1].isoformat(),
    }
    if country is not None:
        values["country"] = country
    if bases is not None:
        values["bases"] = sorted(bases)
        values["named"] = f'%"base":"{min(bases)}"%' if len(bases) == 1 else ""
    statement = _neighbours(in_country=country is not None, on_bases=bases is not None)
    return [mention_of(row) for row in session.scalars(statement, values)]


@cache
def _neighbours(*, in_country: bool, on_bases: bool) -> Select[Report]:
    """The statement of ``neighbours``; built once, for building it costs more than running it."""
    statement = (
        select(Report)
        .join(Incident, Incident.id == Report.incident_id)
        .where(
            Report.is_current.is_(True),
            Report.known_at.between(bindparam("known_from"), bindparam("known_to")),
            or_(
                Incident.local_date.is_(None),
                Incident.local_date.between(bindparam("first_day"), bindparam("last_day")),
            ),
        )
        .order_by(Report.known_at, Report.article_id, Report.version, Report.attack_index)
    )
    if in_country:
        statement = statement.where(or_(Incident.country.is_(None), Incident.country == bindparam("country")))
    if on_bases:
        told = type_coerce(Report.attack, Text)  # the JSON as it is kept: storage/types.py
        unlisted = [told.like(f'%"base":"{base}"%') for base in (UNNAMED, OTHER_NAMED)]
        # a report can stand at another site than it names, because people put it there
        elsewhere = told.like(bindparam("named"))
        statement = statement.where(or_(Incident.base.in_(bindparam("bases", expanding=True)), elsewhere, *unlisted))
    return statement


def reports_of_article(session: Session, article_id: int) -> list[Mention]:
    """The current mentions of one article, each with the incident it stands in."""
    statement = (
        select(Report)
        .where(Report.article_id == article_id, Report.is_current.is_(True))
        .order_by(Report.version, Report.attack_index)
    )
    return [mention_of(row) for row in session.scalars(statement)]


def drop_report(session: Session, mention: Mention) -> None:
    """Take one report out of the count; it stays as evidence. For an edit that no longer tells of the attack."""
    for row in session.scalars(
        select(Report).where(
            Report.article_id == mention.article_id,
            Report.version == mention.version,
            Report.attack_index == mention.index,
        )
    ):
        row.is_current = False
    session.flush()


def severity_of(session: Session, incident_id: int) -> Severity:
    """The severity that is kept of an incident."""
    return Severity(session.execute(select(Incident.severity).where(Incident.id == incident_id)).scalar_one())


def rings_of(session: Session, incident_id: int) -> list[tuple[datetime, bool]]:
    """When each notice of the incident, or of one merged into it, was written, and whether it rings; oldest first.

    A digest that told of it is among them. What was only repeated because nobody acknowledged it is left out: it tells
    nothing new, and must not use up the rings of what does.
    """
    statement = (
        select(Notice.created_at, Notice.ring)
        .join(Incident, Incident.id == Notice.incident_id)
        .where(or_(Incident.id == incident_id, Incident.merged_into == incident_id), Notice.reason != NOT_ACKNOWLEDGED)
        .order_by(Notice.id)
    )
    in_digests = (
        select(Notice.created_at, Notice.ring)
        .join(DigestItem, DigestItem.notice_id == Notice.id)
        .join(Incident, Incident.id == DigestItem.incident_id)
        .where(or_(Incident.id == incident_id, Incident.merged_into == incident_id))
    )
    told = [(created_at, ring) for each in (in_digests, statement) for created_at, ring in session.execute(each)]
    return sorted(told)


def is_first_of_site(session: Session, base: str, incident_id: int) -> bool:
    """Whether no other incident at this site is known, merged ones aside."""
    other = select(Incident.id).where(Incident.base == base, Incident.id != incident_id, Incident.merged_into.is_(None))
    return session.scalar(other.limit(1)) is None


def sites_attacked(session: Session, around: datetime, within: timedelta, local_date: str | None) -> set[str]:
    """Sites (``base``, or country and place where it is no site) attacked within that time of ``around``.

    Where an incident states no hour, its first report counts, if that came on the day of the attack; denied and
    retracted incidents do not.
    """
    start, end = around - within, around + within
    # Two look-ups by the index on a time, everything else here: with OR, or with a column that is mostly NULL beside
    # it, SQLite takes another index and reads most of the table (measured at 100,000 incidents: 20 to 47 ms against 1).
    values = {"start": start, "end": end, "local_date": local_date}
    by_hour = session.execute(_BY_HOUR, values)
    by_report = session.execute(_BY_REPORT, values)
    found = [*by_hour, *(row for row in by_report if row.event_from is None)]
    return {
        f"{row.base}:{row.country}:{row.place or ''}"
        for row in found
        if row.merged_into is None and row.status not in _GONE
    }
