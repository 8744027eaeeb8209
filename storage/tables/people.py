"""Tables of what people decide, and of what waits to be told or to be denied.

Decisions are append-only: one that is taken back stays, beside the decision that takes it back.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base
from storage.types import BigId


class Decision(Base):
    """What somebody decided about an incident or an article, who and why."""

    __tablename__ = "decisions"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str]  # merge, split, retract, confirm, edit, false-alarm, missed, undo
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"), index=True)
    article_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id"))
    said_by: Mapped[str]
    reason: Mapped[str]
    detail: Mapped[dict[str, Any]]
    decided_at: Mapped[datetime]
    undoes: Mapped[int | None] = mapped_column(ForeignKey("decisions.id"), unique=True)
    __table_args__ = ({"sqlite_autoincrement": True},)


class DecisionLink(Base):
    """Two reports that people put together or apart; it holds while its decision stands."""

    __tablename__ = "decision_links"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"), index=True)
    bond: Mapped[str]  # must, cannot
    left_article: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    left_index: Mapped[int]
    right_article: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    right_index: Mapped[int]


class HeldIncident(Base):
    """An incident that was late when it was found: told alone, or with others in one digest, a little later."""

    __tablename__ = "held_incidents"
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), primary_key=True, autoincrement=False)
    held_at: Mapped[datetime]


class DigestItem(Base):
    """An incident that people were told of by a digest."""

    __tablename__ = "digest_items"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"))
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    __table_args__ = (UniqueConstraint("notice_id", "incident_id"),)


class WaitingDenial(Base):
    """A denial of an attack that nobody has told of yet; it counts when the report comes."""

    __tablename__ = "waiting_denials"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    version: Mapped[int]
    attack_index: Mapped[int]
    known_at: Mapped[datetime]
    mention: Mapped[dict[str, Any]]
    __table_args__ = (
        UniqueConstraint("article_id", "attack_index"),
        Index("ix_waiting_denials_known_at", "known_at"),
    )
