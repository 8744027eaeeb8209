"""A database of the first schema goes on delivering after the upgrade: what waited, what failed, what was paused."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from storage import deliveries
from storage.engine import open_database, run_migrations
from storage.places import database_url as as_url

THEN = "'2026-11-23T20:45:40.123456Z'"
NOW = datetime(2026, 11, 24, tzinfo=UTC)
ROWS = (
    "INSERT INTO incidents (id, status, severity, base, first_seen_at, facts, opened_at, changed_at) "
    f"VALUES (1, 'reported', 'S3', 'erbil-airbase', {THEN}, '{{}}', {THEN}, {THEN})",
    "INSERT INTO notices (id, incident_id, number, kind, reason, ring, late, document, created_at) "
    f"""VALUES (1, 1, 1, 'new', 'new-incident', TRUE, FALSE, '{{"notice":{{"id":"BW-1.1"}}}}', {THEN})""",
    "INSERT INTO deliveries (id, notice_id, incident_id, channel, message_id, ring, state, attempts, next_attempt_at, "
    f"created_at, since, changed_at) VALUES (1, 1, 1, 'ops', 'm', TRUE, 'pending', 1, {THEN}, {THEN}, {THEN}, {THEN})",
    f"INSERT INTO delivery_attempts (delivery_id, attempt, outcome, recorded_at) VALUES (1, 1, 'retry', {THEN})",
    f"INSERT INTO paused_channels (channel, reason, paused_at) VALUES ('ops', 'answered 410', {THEN})",
)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_the_first_schema_left_is_delivered(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    where = str(tmp_path / "old.db") if kind == "sqlite" else request.getfixturevalue("empty_postgres_url")
    url = as_url(where)
    run_migrations(url, target="0001")
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in ROWS:
            connection.exec_driver_sql(statement)
    engine.dispose()
    with open_database(where) as database, database.write() as session:
        [paused] = deliveries.paused_channels(session)
        assert (paused.waiting, paused.next_probe_at) == (1, None)
        assert [line.answer for line in deliveries.attempts_of(session, 1)] == [None]
        assert deliveries.claim_due(session, NOW, "me", 60) == []
        [probe] = deliveries.claim_probe(session, NOW, "me", 60, "ops", every_s=3600)
        assert (probe.id, probe.is_probe, probe.attempt) == (1, True, 2)
