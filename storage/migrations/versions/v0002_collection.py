"""What collection keeps.

Revision: 0002, after 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.types import SafeText, UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _rhythm_and_health()
    _sources()
    _pages_and_articles()
    _copies()


def _rhythm_and_health() -> None:
    """What a source usually lists and when; what hosts and robots.txt asked for; what the operator was told."""
    op.add_column("sources", sa.Column("watching_since", UtcDateTime(), nullable=True))
    op.add_column("sources", sa.Column("last_listed_at", UtcDateTime(), nullable=True))
    op.add_column("sources", sa.Column("newest_item_at", UtcDateTime(), nullable=True))
    op.add_column("sources", sa.Column("items_per_hour", sa.Double(), nullable=True))
    op.create_table(
        "source_habits",
        sa.Column("source_id", sa.String(length=200), nullable=False),
        sa.Column("listing", SafeText(), nullable=True),
        sa.Column("pages", SafeText(), nullable=True),
        sa.Column("told", SafeText(), nullable=True),
        sa.Column("told_cause", SafeText(), nullable=True),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["sources.source_id"], name=op.f("fk_source_habits_source_id_sources")),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_source_habits")),
    )
    op.create_table(
        "host_pauses",
        sa.Column("host", sa.String(length=300), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_host_pauses")),
    )
    op.create_table(
        "site_rules",
        sa.Column("site", sa.String(length=300), nullable=False),
        sa.Column("text", SafeText(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("site", name=op.f("pk_site_rules")),
    )


def _sources() -> None:
    """Where a source stands in its outlet, whether it is read now, and the sitemaps that an index names."""
    op.add_column("sources", sa.Column("lang", SafeText(), nullable=True))
    op.add_column("sources", sa.Column("rank", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("sources", sa.Column("spare", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("sources", sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("sources", sa.Column("active_since", UtcDateTime(), nullable=True))
    op.add_column("sources", sa.Column("active_why", SafeText(), nullable=True))
    op.create_table(
        "source_parts",
        sa.Column("source_id", sa.String(200), nullable=False),
        sa.Column("url_key", sa.String(32), nullable=False),
        sa.Column("url", SafeText(), nullable=False),
        sa.Column("changed_raw", SafeText(), nullable=True),
        sa.Column("etag", SafeText(), nullable=True),
        sa.Column("last_modified", SafeText(), nullable=True),
        sa.Column("body_hash", SafeText(), nullable=True),
        sa.Column("fetched_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["sources.source_id"], name=op.f("fk_source_parts_source_id_sources")),
        sa.PrimaryKeyConstraint("source_id", "url_key", name=op.f("pk_source_parts")),
    )


def _pages_and_articles() -> None:
    """Entries that are articles by themselves, headlines of a search, and what an outlet deleted."""
    op.add_column("pages", sa.Column("whole", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("pages", sa.Column("headline", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("pages", sa.Column("author", SafeText(), nullable=True))
    op.add_column("pages", sa.Column("live_until", UtcDateTime(), nullable=True))
    op.add_column("articles", sa.Column("headline_only", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("articles", sa.Column("gone_at", UtcDateTime(), nullable=True))


def _copies() -> None:
    """Keys of the words of a version, by which its near copies are found; those that are stored already have none."""
    for number in range(1, 9):
        name = f"band_{number}"
        op.add_column("article_versions", sa.Column(name, sa.BigInteger(), nullable=True))
        op.create_index(op.f(f"ix_article_versions_{name}"), "article_versions", [name])
