"""Notices: what people are told, numbered within their incident, written once."""

from __future__ import annotations

import copy
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.values import NoticeKind
from storage.meta import serialise
from storage.tables import Delivery, Notice
from storage.values import NoticeRef, NoticeView


def notice_public_id(incident_id: int | None, number: int) -> str:
    """ "BW-42.3" for the third notice of incident 42, "SYS-7" for the seventh without an incident."""
    return f"SYS-{number}" if incident_id is None else f"BW-{incident_id}.{number}"


def next_notice_number(session: Session, incident_id: int | None) -> int:
    """The number that ``add_notice`` will give in this transaction; nobody else can take it before the commit."""
    serialise(session, f"notice:{incident_id}")
    of_incident = Notice.incident_id.is_(None) if incident_id is None else Notice.incident_id == incident_id
    return (session.scalar(select(func.max(Notice.number)).where(of_incident)) or 0) + 1


def add_notice(
    session: Session,
    incident_id: int | None,
    kind: NoticeKind,
    reason: str,
    ring: bool,
    late: bool,
    document: dict[str, Any],
    now: datetime,
) -> NoticeRef:
    """Write a notice; its number and public id.

    ``document`` is ``NoticeDocument.to_json()``; its ``notice`` part is completed here (id, number, kind, reason, ring,
    late, created_at), so that document and row cannot differ. The caller's dictionary is left alone.
    """
    number = next_notice_number(session, incident_id)
    public = notice_public_id(incident_id, number)
    complete = copy.deepcopy(document)
    complete.setdefault("notice", {}).update(
        id=public, number=number, kind=kind.value, reason=reason, ring=ring, late=late,
        created_at=now.isoformat().replace("+00:00", "Z"),
    )  # fmt: skip
    row = Notice(
        incident_id=incident_id, number=number, kind=kind.value, reason=reason, ring=ring, late=late,
        document=complete, created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return NoticeRef(id=row.id, number=number, public_id=public)


def notices_of(session: Session, incident_id: int | None, limit: int = 1000) -> list[NoticeView]:
    """The notices of an incident, oldest first; with None those without an incident."""
    of_incident = Notice.incident_id.is_(None) if incident_id is None else Notice.incident_id == incident_id
    return [_view(row) for row in session.scalars(select(Notice).where(of_incident).order_by(Notice.id).limit(limit))]


def notice_of(session: Session, notice_id: int) -> NoticeView | None:
    """The notice with this row id."""
    row = session.get(Notice, notice_id)
    return None if row is None else _view(row)


def notices_since(session: Session, since: datetime, *, rings_only: bool = False) -> list[NoticeView]:
    """Every notice written at or after ``since``, oldest first."""
    statement = select(Notice).where(Notice.created_at >= since).order_by(Notice.id)
    if rings_only:
        statement = statement.where(Notice.ring.is_(True))
    return [_view(row) for row in session.scalars(statement)]


def without_delivery(session: Session, since: datetime) -> int:
    """How many notices of incidents, written at or after ``since``, were queued for nobody."""
    statement = (
        select(func.count())
        .select_from(Notice)
        .where(
            Notice.created_at >= since,
            Notice.incident_id.is_not(None),
            ~select(Delivery.id).where(Delivery.notice_id == Notice.id).exists(),
        )
    )
    return session.scalar(statement) or 0


def _view(row: Notice) -> NoticeView:
    return NoticeView(
        id=row.id, public_id=notice_public_id(row.incident_id, row.number), incident_id=row.incident_id,
        number=row.number, kind=NoticeKind(row.kind), reason=row.reason, ring=row.ring, late=row.late,
        document=row.document, created_at=row.created_at,
    )  # fmt: skip
