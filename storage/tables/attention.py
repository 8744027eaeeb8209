"""Tables of people's attention: what they silenced, what they acknowledged, and what waits for that."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base
from storage.types import BigId


class Silence(Base):
    """A time in which what it names is held back; what it leaves open is not asked for."""

    __tablename__ = "silences"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    base: Mapped[str | None]
    country: Mapped[str | None]
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"))
    from_at: Mapped[datetime]
    until_at: Mapped[datetime] = mapped_column(index=True)  # brought forward when it is ended early
    reason: Mapped[str]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]  # by hand
    __table_args__ = ({"sqlite_autoincrement": True},)


class Acknowledgement(Base):
    """Somebody has seen an incident and takes care of it. Append-only."""

    __tablename__ = "acknowledgements"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    by: Mapped[str]
    note: Mapped[str | None]
    at: Mapped[datetime]


class FollowUp(Base):
    """A ringing notice that asks to be acknowledged: repeated, or told to the next channel, until somebody does."""

    __tablename__ = "follow_ups"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"))
    route: Mapped[str]
    kind: Mapped[str]  # repeat, escalate
    step: Mapped[int]  # how often it has been done
    next_at: Mapped[datetime]
    created_at: Mapped[datetime]  # of the notice: the clock starts there
    done_at: Mapped[datetime | None]
    done_reason: Mapped[str | None]  # acknowledged, withdrawn, unanswered, route-gone
    __table_args__ = (
        UniqueConstraint("notice_id", "route", "kind"),
        Index(
            "ix_follow_ups_open",
            "next_at",
            sqlite_where=sql("done_at IS NULL"),
            postgresql_where=sql("done_at IS NULL"),
        ),
    )
