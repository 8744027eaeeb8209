"""Tables of what is concluded: verdicts, incidents, reports, facts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base
from storage.types import BigId


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
