"""The first schema: from sources to deliveries.

Revision: 0001, after nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.types import BigId, Json, SafeText, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "articles",
        sa.Column("id", BigId, nullable=False),
        sa.Column("url", SafeText(), nullable=False),
        sa.Column("outlet", SafeText(), nullable=False),
        sa.Column("family", SafeText(), nullable=False),
        sa.Column("source_id", SafeText(), nullable=False),
        sa.Column("page_id", BigId, nullable=True),
        sa.Column("current_version", sa.Integer(), nullable=False),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.Column("first_poll", sa.Boolean(), nullable=False),
        sa.Column("edited_at", UtcDateTime(), nullable=True),
        sa.Column("hash_only_edits", sa.Integer(), nullable=False),
        sa.Column("edits_dropped", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_articles_first_seen_at"), "articles", ["first_seen_at"], unique=False)
    op.create_table(
        "incidents",
        sa.Column("id", BigId, nullable=False),
        sa.Column("merged_into", BigId, nullable=True),
        sa.Column("status", SafeText(), nullable=False),
        sa.Column("severity", SafeText(), nullable=False),
        sa.Column("base", SafeText(), nullable=False),
        sa.Column("place", SafeText(), nullable=True),
        sa.Column("country", SafeText(), nullable=True),
        sa.Column("kind", SafeText(), nullable=True),
        sa.Column("event_from", UtcDateTime(), nullable=True),
        sa.Column("event_to", UtcDateTime(), nullable=True),
        sa.Column("local_date", sa.String(length=10), nullable=True),
        sa.Column("first_reported_at", UtcDateTime(), nullable=True),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.Column("facts", Json(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["merged_into"], ["incidents.id"], name=op.f("fk_incidents_merged_into_incidents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_incidents_event_from"), "incidents", ["event_from"], unique=False)
    op.create_index(op.f("ix_incidents_first_seen_at"), "incidents", ["first_seen_at"], unique=False)
    op.create_index(op.f("ix_incidents_merged_into"), "incidents", ["merged_into"], unique=False)
    op.create_table(
        "meta",
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("value", SafeText(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
    op.create_table(
        "pages",
        sa.Column("id", BigId, nullable=False),
        sa.Column("url_key", sa.String(length=32), nullable=False),
        sa.Column("url", SafeText(), nullable=False),
        sa.Column("raw_url", SafeText(), nullable=False),
        sa.Column("outlet", SafeText(), nullable=False),
        sa.Column("source_id", SafeText(), nullable=False),
        sa.Column("state", SafeText(), nullable=False),
        sa.Column("title", SafeText(), nullable=True),
        sa.Column("summary", SafeText(), nullable=True),
        sa.Column("content", SafeText(), nullable=True),
        sa.Column("published_raw", SafeText(), nullable=True),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.Column("first_poll", sa.Boolean(), nullable=False),
        sa.Column("wanted_at", UtcDateTime(), nullable=False),
        sa.Column("not_before", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("cause_code", SafeText(), nullable=True),
        sa.Column("fetched_at", UtcDateTime(), nullable=True),
        sa.Column("etag", SafeText(), nullable=True),
        sa.Column("last_modified", SafeText(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pages")),
        sa.UniqueConstraint("url_key", name=op.f("uq_pages_url_key")),
    )
    op.create_index(
        "ix_pages_wanted",
        "pages",
        ["not_before"],
        unique=False,
        sqlite_where=sa.text("state = 'wanted'"),
        postgresql_where=sa.text("state = 'wanted'"),
    )
    op.create_table(
        "paused_channels",
        sa.Column("channel", sa.String(length=200), nullable=False),
        sa.Column("reason", SafeText(), nullable=False),
        sa.Column("paused_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_paused_channels")),
    )
    op.create_table(
        "sources",
        sa.Column("source_id", sa.String(length=200), nullable=False),
        sa.Column("outlet", SafeText(), nullable=False),
        sa.Column("kind", SafeText(), nullable=False),
        sa.Column("url", SafeText(), nullable=False),
        sa.Column("country", SafeText(), nullable=True),
        sa.Column("interval_s", sa.Integer(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("registered_at", UtcDateTime(), nullable=False),
        sa.Column("next_poll_at", UtcDateTime(), nullable=False),
        sa.Column("state", SafeText(), nullable=False),
        sa.Column("last_poll_at", UtcDateTime(), nullable=True),
        sa.Column("last_ok_at", UtcDateTime(), nullable=True),
        sa.Column("last_full_at", UtcDateTime(), nullable=True),
        sa.Column("last_new_at", UtcDateTime(), nullable=True),
        sa.Column("cause_code", SafeText(), nullable=True),
        sa.Column("message", SafeText(), nullable=True),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", UtcDateTime(), nullable=True),
        sa.Column("etag", SafeText(), nullable=True),
        sa.Column("last_modified", SafeText(), nullable=True),
        sa.Column("body_hash", SafeText(), nullable=True),
        sa.Column("polls_total", sa.Integer(), nullable=False),
        sa.Column("failures_total", sa.Integer(), nullable=False),
        sa.Column("entries_total", sa.Integer(), nullable=False),
        sa.Column("bytes_total", BigId, nullable=False),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_sources")),
    )
    op.create_index("ix_sources_due", "sources", ["enabled", "next_poll_at"], unique=False)
    op.create_table(
        "article_urls",
        sa.Column("url_key", sa.String(length=32), nullable=False),
        sa.Column("url", SafeText(), nullable=False),
        sa.Column("article_id", BigId, nullable=False),
        sa.Column("outlet", SafeText(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_article_urls_article_id_articles")),
        sa.PrimaryKeyConstraint("url_key", name=op.f("pk_article_urls")),
    )
    op.create_index(op.f("ix_article_urls_article_id"), "article_urls", ["article_id"], unique=False)
    op.create_table(
        "article_versions",
        sa.Column("id", BigId, nullable=False),
        sa.Column("article_id", BigId, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("family", SafeText(), nullable=False),
        sa.Column("title", SafeText(), nullable=False),
        sa.Column("text", SafeText(), nullable=False),
        sa.Column("lang", SafeText(), nullable=True),
        sa.Column("author", SafeText(), nullable=True),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("published_raw", SafeText(), nullable=True),
        sa.Column("date_only", sa.Boolean(), nullable=False),
        sa.Column("from_feed_only", sa.Boolean(), nullable=False),
        sa.Column("content_hash", SafeText(), nullable=False),
        sa.Column("fingerprint", SafeText(), nullable=True),
        sa.Column("stored_at", UtcDateTime(), nullable=False),
        sa.Column("state", SafeText(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_article_versions_article_id_articles")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_versions")),
        sa.UniqueConstraint("article_id", "version", name=op.f("uq_article_versions_article_id_version")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_article_versions_content", "article_versions", ["content_hash", "family"], unique=False)
    op.create_index(
        "ix_article_versions_waiting",
        "article_versions",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "entries",
        sa.Column("id", BigId, nullable=False),
        sa.Column("source_id", sa.String(length=200), nullable=False),
        sa.Column("url_key", sa.String(length=32), nullable=False),
        sa.Column("entry_hash", SafeText(), nullable=False),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["sources.source_id"], name=op.f("fk_entries_source_id_sources")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
        sa.UniqueConstraint("source_id", "url_key", name=op.f("uq_entries_source_id_url_key")),
    )
    op.create_index(op.f("ix_entries_last_seen_at"), "entries", ["last_seen_at"], unique=False)
    op.create_table(
        "facts",
        sa.Column("id", BigId, nullable=False),
        sa.Column("incident_id", BigId, nullable=False),
        sa.Column("field", SafeText(), nullable=False),
        sa.Column("value", Json(), nullable=False),
        sa.Column("article_id", BigId, nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("said_by", SafeText(), nullable=True),
        sa.Column("origin_kind", SafeText(), nullable=True),
        sa.Column("said_at", UtcDateTime(), nullable=True),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_facts_article_id_articles")),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_facts_incident_id_incidents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facts")),
    )
    op.create_index(op.f("ix_facts_incident_id"), "facts", ["incident_id"], unique=False)
    op.create_table(
        "notices",
        sa.Column("id", BigId, nullable=False),
        sa.Column("incident_id", BigId, nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", SafeText(), nullable=False),
        sa.Column("reason", SafeText(), nullable=False),
        sa.Column("ring", sa.Boolean(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("document", Json(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_notices_incident_id_incidents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("incident_id", "number", name=op.f("uq_notices_incident_id_number")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_notices_created_at"), "notices", ["created_at"], unique=False)
    op.create_index(
        "ix_notices_own_number",
        "notices",
        ["number"],
        unique=True,
        sqlite_where=sa.text("incident_id IS NULL"),
        postgresql_where=sa.text("incident_id IS NULL"),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", BigId, nullable=False),
        sa.Column("notice_id", BigId, nullable=False),
        sa.Column("incident_id", BigId, nullable=True),
        sa.Column("channel", SafeText(), nullable=False),
        sa.Column("message_id", SafeText(), nullable=False),
        sa.Column("ring", sa.Boolean(), nullable=False),
        sa.Column("state", SafeText(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", UtcDateTime(), nullable=False),
        sa.Column("lease_owner", SafeText(), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("remote_ref", SafeText(), nullable=True),
        sa.Column("last_error", SafeText(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_deliveries_incident_id_incidents")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_deliveries_notice_id_notices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("message_id", name=op.f("uq_deliveries_message_id")),
        sa.UniqueConstraint("notice_id", "channel", name=op.f("uq_deliveries_notice_id_channel")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_deliveries_open",
        "deliveries",
        ["next_attempt_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('pending', 'sending')"),
        postgresql_where=sa.text("state IN ('pending', 'sending')"),
    )
    op.create_index("ix_deliveries_order", "deliveries", ["incident_id", "channel", "notice_id"], unique=False)
    op.create_table(
        "failures",
        sa.Column("version_id", BigId, autoincrement=False, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", SafeText(), nullable=False),
        sa.Column("first_at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("parked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["version_id"], ["article_versions.id"], name=op.f("fk_failures_version_id_article_versions")
        ),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_failures")),
    )
    op.create_table(
        "raw_pages",
        sa.Column("id", BigId, nullable=False),
        sa.Column("version_id", BigId, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("headers", Json(), nullable=False),
        sa.Column("fetched_at", UtcDateTime(), nullable=False),
        sa.Column("sha256", SafeText(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["article_versions.id"], name=op.f("fk_raw_pages_version_id_article_versions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_raw_pages")),
        sa.UniqueConstraint("version_id", name=op.f("uq_raw_pages_version_id")),
    )
    op.create_index(op.f("ix_raw_pages_fetched_at"), "raw_pages", ["fetched_at"], unique=False)
    op.create_table(
        "reports",
        sa.Column("id", BigId, nullable=False),
        sa.Column("incident_id", BigId, nullable=False),
        sa.Column("version_id", BigId, nullable=False),
        sa.Column("attack_index", sa.Integer(), nullable=False),
        sa.Column("article_id", BigId, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("label", SafeText(), nullable=False),
        sa.Column("attack", Json(), nullable=False),
        sa.Column("origins", Json(), nullable=False),
        sa.Column("outlet", SafeText(), nullable=False),
        sa.Column("family", SafeText(), nullable=False),
        sa.Column("country_of_outlet", SafeText(), nullable=True),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.Column("known_at", UtcDateTime(), nullable=False),
        sa.Column("event_from", UtcDateTime(), nullable=True),
        sa.Column("fingerprint", SafeText(), nullable=True),
        sa.Column("extra", Json(), nullable=False),
        sa.Column("attached_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_reports_article_id_articles")),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_reports_incident_id_incidents")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["article_versions.id"], name=op.f("fk_reports_version_id_article_versions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("version_id", "attack_index", name=op.f("uq_reports_version_id_attack_index")),
    )
    op.create_index(op.f("ix_reports_article_id"), "reports", ["article_id"], unique=False)
    op.create_index(op.f("ix_reports_event_from"), "reports", ["event_from"], unique=False)
    op.create_index(op.f("ix_reports_incident_id"), "reports", ["incident_id"], unique=False)
    op.create_index(op.f("ix_reports_known_at"), "reports", ["known_at"], unique=False)
    op.create_table(
        "verdicts",
        sa.Column("id", BigId, nullable=False),
        sa.Column("version_id", BigId, nullable=False),
        sa.Column("model", SafeText(), nullable=False),
        sa.Column("label", SafeText(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("document", Json(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["article_versions.id"], name=op.f("fk_verdicts_version_id_article_versions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdicts")),
        sa.UniqueConstraint("version_id", "model", name=op.f("uq_verdicts_version_id_model")),
    )
    op.create_index(op.f("ix_verdicts_created_at"), "verdicts", ["created_at"], unique=False)
    op.create_table(
        "delivery_attempts",
        sa.Column("id", BigId, nullable=False),
        sa.Column("delivery_id", BigId, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("outcome", SafeText(), nullable=False),
        sa.Column("owner", SafeText(), nullable=True),
        sa.Column("error", SafeText(), nullable=True),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_delivery_attempts_delivery_id_deliveries")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_attempts")),
    )
    op.create_index(op.f("ix_delivery_attempts_delivery_id"), "delivery_attempts", ["delivery_id"], unique=False)
