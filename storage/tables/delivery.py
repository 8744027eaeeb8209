"""Tables of the way out: notices, deliveries, the ledger of attempts, paused channels."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base
from storage.types import BigId


class Notice(Base):
    """What people are told; its document never changes. Without an incident: digest, system, test."""

    __tablename__ = "notices"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"))
    number: Mapped[int]
    kind: Mapped[str]
    reason: Mapped[str]
    ring: Mapped[bool]
    late: Mapped[bool]
    document: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(index=True)
    __table_args__ = (
        UniqueConstraint("incident_id", "number"),
        Index(  # NULLs are distinct in the constraint above: this one numbers the notices without an incident
            "ix_notices_own_number",
            "number",
            unique=True,
            sqlite_where=sql("incident_id IS NULL"),
            postgresql_where=sql("incident_id IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )


class Delivery(Base):
    """One notice to one channel: the outbox."""

    __tablename__ = "deliveries"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"))
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"))
    channel: Mapped[str]
    message_id: Mapped[str] = mapped_column(unique=True)
    ring: Mapped[bool]
    state: Mapped[str]  # core.values.DeliveryState
    attempts: Mapped[int]  # since it was queued or retried by hand
    next_attempt_at: Mapped[datetime]
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    since: Mapped[datetime]  # giving up counts from here: creation, or the last retry by hand
    changed_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    remote_ref: Mapped[str | None]  # thread or message id at the receiver
    last_error: Mapped[str | None]  # already without secrets
    route: Mapped[str | None]  # name of the rule that sent it here; None: the channel's own settings did
    held_for: Mapped[str | None]  # quiet, digest, silence, burst, caught-up: why it was not sent at once
    held_note: Mapped[str | None]  # the same in words
    silence_id: Mapped[int | None] = mapped_column(BigId)  # no constraint: SQLite adds none to a table that exists
    digest_notice_id: Mapped[int | None] = mapped_column(BigId)  # the digest that named it
    __table_args__ = (
        UniqueConstraint("notice_id", "channel"),
        Index("ix_deliveries_order", "incident_id", "channel", "notice_id"),
        Index(
            "ix_deliveries_open",
            "next_attempt_at",
            sqlite_where=sql("state IN ('pending', 'sending')"),
            postgresql_where=sql("state IN ('pending', 'sending')"),
        ),
        Index(
            "ix_deliveries_held",
            "next_attempt_at",
            sqlite_where=sql("state = 'held'"),
            postgresql_where=sql("state = 'held'"),
        ),
        {"sqlite_autoincrement": True},
    )


class DeliveryAttempt(Base):
    """The ledger: one row for each attempt and each act of an operator. Append-only."""

    __tablename__ = "delivery_attempts"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id"), index=True)
    attempt: Mapped[int]
    outcome: Mapped[str]  # sent, retry, dead, lost, requeued, discarded
    owner: Mapped[str | None]
    error: Mapped[str | None]
    http_status: Mapped[int | None]
    started_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime]
    answer: Mapped[str | None]  # the receiver's words, without secrets
    next_attempt_at: Mapped[datetime | None]  # where another attempt was planned


class PausedChannel(Base):
    """A channel that gets nothing until an operator resumes it; its deliveries wait."""

    __tablename__ = "paused_channels"
    channel: Mapped[str] = mapped_column(String(200), primary_key=True)
    reason: Mapped[str]
    paused_at: Mapped[datetime]
    next_probe_at: Mapped[datetime | None]  # when one delivery is tried, to see whether the channel is back
