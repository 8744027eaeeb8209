"""What people decide, and what waits to be told or to be denied.

Revision: 0003, after 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.types import BigId, Json, SafeText, UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", BigId, nullable=False),
        sa.Column("kind", SafeText(), nullable=False),
        sa.Column("incident_id", BigId, nullable=True),
        sa.Column("article_id", BigId, nullable=True),
        sa.Column("said_by", SafeText(), nullable=False),
        sa.Column("reason", SafeText(), nullable=False),
        sa.Column("detail", Json(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.Column("undoes", BigId, nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_decisions_article_id_articles")),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_decisions_incident_id_incidents")),
        sa.ForeignKeyConstraint(["undoes"], ["decisions.id"], name=op.f("fk_decisions_undoes_decisions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
        sa.UniqueConstraint("undoes", name=op.f("uq_decisions_undoes")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_decisions_incident_id"), "decisions", ["incident_id"], unique=False)
    op.create_table(
        "decision_links",
        sa.Column("id", BigId, nullable=False),
        sa.Column("decision_id", BigId, nullable=False),
        sa.Column("bond", SafeText(), nullable=False),
        sa.Column("left_article", BigId, nullable=False),
        sa.Column("left_index", sa.Integer(), nullable=False),
        sa.Column("right_article", BigId, nullable=False),
        sa.Column("right_index", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name=op.f("fk_decision_links_decision_id_decisions")
        ),
        sa.ForeignKeyConstraint(
            ["left_article"], ["articles.id"], name=op.f("fk_decision_links_left_article_articles")
        ),
        sa.ForeignKeyConstraint(
            ["right_article"], ["articles.id"], name=op.f("fk_decision_links_right_article_articles")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_links")),
    )
    for column in ("decision_id", "left_article", "right_article"):
        op.create_index(op.f(f"ix_decision_links_{column}"), "decision_links", [column], unique=False)
    op.create_table(
        "held_incidents",
        sa.Column("incident_id", BigId, autoincrement=False, nullable=False),
        sa.Column("held_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_held_incidents_incident_id_incidents")
        ),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_held_incidents")),
    )
    op.create_table(
        "digest_items",
        sa.Column("id", BigId, nullable=False),
        sa.Column("notice_id", BigId, nullable=False),
        sa.Column("incident_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_digest_items_incident_id_incidents")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_digest_items_notice_id_notices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_items")),
        sa.UniqueConstraint("notice_id", "incident_id", name=op.f("uq_digest_items_notice_id_incident_id")),
    )
    op.create_index(op.f("ix_digest_items_incident_id"), "digest_items", ["incident_id"], unique=False)
    op.create_table(
        "waiting_denials",
        sa.Column("id", BigId, nullable=False),
        sa.Column("article_id", BigId, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("attack_index", sa.Integer(), nullable=False),
        sa.Column("known_at", UtcDateTime(), nullable=False),
        sa.Column("mention", Json(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_waiting_denials_article_id_articles")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_denials")),
        sa.UniqueConstraint("article_id", "attack_index", name=op.f("uq_waiting_denials_article_id_attack_index")),
    )
    op.create_index("ix_waiting_denials_known_at", "waiting_denials", ["known_at"], unique=False)
