"""What delivery keeps: what is held back and why, silences, acknowledgements, follow-ups; fuller lines of the ledger.

Revision: 0004, after 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.types import BigId, SafeText, UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, kind in (
        ("route", SafeText()),
        ("held_for", SafeText()),
        ("held_note", SafeText()),
        ("silence_id", BigId),
        ("digest_notice_id", BigId),
    ):
        op.add_column("deliveries", sa.Column(name, kind, nullable=True))
    op.create_index(
        "ix_deliveries_held",
        "deliveries",
        ["next_attempt_at"],
        unique=False,
        sqlite_where=sa.text("state = 'held'"),
        postgresql_where=sa.text("state = 'held'"),
    )
    op.add_column("delivery_attempts", sa.Column("answer", SafeText(), nullable=True))
    op.add_column("delivery_attempts", sa.Column("next_attempt_at", UtcDateTime(), nullable=True))
    op.add_column("paused_channels", sa.Column("next_probe_at", UtcDateTime(), nullable=True))
    _create_silences()
    _create_acknowledgements()
    _create_follow_ups()


def _create_silences() -> None:
    op.create_table(
        "silences",
        sa.Column("id", BigId, nullable=False),
        sa.Column("base", SafeText(), nullable=True),
        sa.Column("country", SafeText(), nullable=True),
        sa.Column("incident_id", BigId, nullable=True),
        sa.Column("from_at", UtcDateTime(), nullable=False),
        sa.Column("until_at", UtcDateTime(), nullable=False),
        sa.Column("reason", SafeText(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_silences_incident_id_incidents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_silences")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_silences_until_at"), "silences", ["until_at"], unique=False)


def _create_acknowledgements() -> None:
    op.create_table(
        "acknowledgements",
        sa.Column("id", BigId, nullable=False),
        sa.Column("incident_id", BigId, nullable=False),
        sa.Column("by", SafeText(), nullable=False),
        sa.Column("note", SafeText(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_acknowledgements_incident_id_incidents")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acknowledgements")),
    )
    op.create_index(op.f("ix_acknowledgements_incident_id"), "acknowledgements", ["incident_id"], unique=False)


def _create_follow_ups() -> None:
    op.create_table(
        "follow_ups",
        sa.Column("id", BigId, nullable=False),
        sa.Column("incident_id", BigId, nullable=False),
        sa.Column("notice_id", BigId, nullable=False),
        sa.Column("route", SafeText(), nullable=False),
        sa.Column("kind", SafeText(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("done_reason", SafeText(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_follow_ups_incident_id_incidents")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_follow_ups_notice_id_notices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_ups")),
        sa.UniqueConstraint("notice_id", "route", "kind", name=op.f("uq_follow_ups_notice_id_route_kind")),
    )
    op.create_index(op.f("ix_follow_ups_incident_id"), "follow_ups", ["incident_id"], unique=False)
    op.create_index(
        "ix_follow_ups_open",
        "follow_ups",
        ["next_at"],
        unique=False,
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
