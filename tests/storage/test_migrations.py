"""Models and migrations agree; a migration that fails or is killed leaves the database as it was."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, text

from storage import schema, sources
from storage.engine import Database, open_database, run_migrations
from storage.places import database_url as as_url
from storage.tables import Base
from tests.storage.builders import entry, incident_with_report, polled

SECOND = """
import os, signal
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9999", "HEAD_", None, None


def upgrade():
    op.create_table("extra", sa.Column("id", sa.Integer, primary_key=True))
    op.add_column("incidents", sa.Column("extra", sa.Text))
    op.execute("UPDATE incidents SET extra = 'x'")
    {then}
"""


def second_migration(folder: Path, then: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "v9999_second.py").write_text(SECOND.replace("HEAD_", schema.HEAD).format(then=then))
    return folder


def sqlite_content(path: Path) -> tuple[list[str], list[tuple[object, ...]]]:
    """The file's schema and rows, in words."""
    raw = sqlite3.connect(path)
    try:
        return list(raw.iterdump()), raw.execute("SELECT version_num FROM alembic_version").fetchall()
    finally:
        raw.close()


def shape(connection: Connection) -> dict[str, object]:
    """Every table as the database itself describes it, whatever the order of its columns."""
    found = inspect(connection)

    def told(rows: Iterable[Mapping[str, Any]]) -> list[str]:
        return sorted(" ".join(f"{key}={in_words(row[key])}" for key in sorted(row)) for row in rows)

    def in_words(value: object) -> str:
        return " ".join(f"{key} {each}" for key, each in value.items()) if isinstance(value, dict) else str(value)

    return {
        name: (
            told(found.get_columns(name)),
            sorted(found.get_pk_constraint(name)["constrained_columns"]),
            told(found.get_indexes(name)),
            told(found.get_unique_constraints(name)),
            told(found.get_foreign_keys(name)),
            told(found.get_check_constraints(name)),
        )
        for name in found.get_table_names()
    }


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_new_database_has_the_tables_that_all_the_migrations_make(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if kind == "sqlite":
        made, migrated = str(tmp_path / "made.db"), str(tmp_path / "migrated.db")
    else:
        made, migrated = (str(request.getfixturevalue(name)) for name in ("fresh_postgres_url", "empty_postgres_url"))
    run_migrations(as_url(migrated))
    shapes = []
    for url in (made, migrated):
        with open_database(url) as database:
            test_models_and_migrations_agree(database)
            with database._read_engine.connect() as connection:
                shapes.append(shape(connection))
                assert connection.scalar(text("SELECT version_num FROM alembic_version")) == schema.HEAD
    assert shapes[0] == shapes[1]


def test_models_and_migrations_agree(database: Database) -> None:
    with database._write_engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_code_names_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [schema.HEAD]


def test_migrations_are_found_from_any_folder_and_leave_the_log_settings_alone(tmp_path: Path) -> None:
    script = (
        "import logging, sys\n"
        "logging.getLogger('mine').setLevel(7)\n"
        "from storage.engine import open_database\n"
        "open_database('here.db').close()\n"
        "assert logging.getLogger('mine').level == 7 and not logging.getLogger('mine').disabled\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "here.db").exists()


def test_a_migration_that_fails_leaves_the_file_as_it_was(sqlite_path: Path, tmp_path: Path) -> None:
    with open_database(sqlite_path) as database, database.write() as session:
        incident_with_report(session)
    before = sqlite_content(sqlite_path)
    folder = second_migration(tmp_path / "more", "raise RuntimeError('half way')")
    with pytest.raises(RuntimeError, match="half way"):
        run_migrations(as_url(sqlite_path), versions=folder)
    assert sqlite_content(sqlite_path) == before
    open_database(sqlite_path).close()


def test_a_migration_that_fails_leaves_the_server_as_it_was(fresh_postgres_url: str, tmp_path: Path) -> None:
    folder = second_migration(tmp_path / "more", "raise RuntimeError('half way')")
    with pytest.raises(RuntimeError, match="half way"):
        run_migrations(as_url(fresh_postgres_url), versions=folder)
    with open_database(fresh_postgres_url) as database:
        test_models_and_migrations_agree(database)


def test_a_migration_that_is_killed_leaves_the_file_as_it_was(sqlite_path: Path, tmp_path: Path) -> None:
    with open_database(sqlite_path) as database, database.write() as session:
        incident_with_report(session)
    before = sqlite_content(sqlite_path)
    folder = second_migration(tmp_path / "more", "os.kill(os.getpid(), signal.SIGKILL)")
    script = (
        "import sys, pathlib\n"
        "from storage.engine import run_migrations\n"
        "from storage.places import database_url\n"
        "run_migrations(database_url(sys.argv[1]), versions=pathlib.Path(sys.argv[2]))\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(sqlite_path), str(folder)], capture_output=True)
    assert killed.returncode == -9
    assert sqlite_content(sqlite_path) == before
    with open_database(sqlite_path) as database:
        assert database.problems() == []


def test_a_migration_that_succeeds_is_kept_whole(sqlite_path: Path, tmp_path: Path) -> None:
    with open_database(sqlite_path) as database, database.write() as session:
        incident_with_report(session)
    run_migrations(as_url(sqlite_path), versions=second_migration(tmp_path / "more", "pass"))
    raw = sqlite3.connect(sqlite_path)
    assert raw.execute("SELECT extra FROM incidents").fetchall() == [("x",)]
    assert raw.execute("SELECT version_num FROM alembic_version").fetchall() == [("9999",)]
    raw.close()


def test_a_migration_that_orphans_rows_is_undone(sqlite_path: Path, tmp_path: Path) -> None:
    with open_database(sqlite_path) as database, database.write() as session:
        incident_with_report(session)
    before = sqlite_content(sqlite_path)
    folder = second_migration(tmp_path / "more", "op.execute('DELETE FROM incidents')")
    with pytest.raises(Exception, match="without what they belong to"):
        run_migrations(as_url(sqlite_path), versions=folder)
    assert sqlite_content(sqlite_path) == before


def test_two_processes_that_create_one_database_at_once_both_get_it(tmp_path: Path, empty_postgres_url: str) -> None:
    for url in (str(tmp_path / "new.db"), empty_postgres_url):
        script = f"from storage.engine import open_database; open_database({url!r})"
        processes = [subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE) for _ in range(3)]
        assert [process.communicate(timeout=60)[1] for process in processes] == [b"", b"", b""]


def test_a_folder_with_a_percent_sign_is_no_trouble(tmp_path: Path) -> None:
    folder = tmp_path / "50% done"
    folder.mkdir()
    with open_database(folder / "basewatch.db") as database:
        assert database.problems() == []


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_database_of_the_first_schema_is_upgraded_with_what_is_in_it(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = str(tmp_path / "old.db") if kind == "sqlite" else str(request.getfixturevalue("empty_postgres_url"))
    run_migrations(as_url(url), target="0001")
    engine = create_engine(as_url(url))
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO sources (source_id, outlet, kind, url, country, interval_s, enabled, registered_at,"
                " next_poll_at, state, failures, polls_total, failures_total, entries_total, bytes_total, last_ok_at)"
                " VALUES ('a-en', 'a', 'feed', 'https://a.example/rss', 'IQ', 300, true, :now, :now, 'ok', 0, 7, 0,"
                " 3, 9, :now)"
            ),
            {"now": "2026-03-01T12:00:00.000000Z"},
        )
    engine.dispose()
    now = datetime(2026, 3, 1, 13, 0, tzinfo=UTC)
    with open_database(url) as database:
        with database.write() as session:
            sources.record_poll(session, "a-en", polled(entry()), now)
        with database.read() as session:
            (state,) = sources.source_states(session)
    assert (state.polls_total, state.last_listed_at, state.watching_since) == (8, now, now)
