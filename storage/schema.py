"""Which shape of the tables this code knows, and how a database is brought to it.

A database that is already there is recognised by one SELECT, and an empty one gets the tables as they are now: Alembic
(0.3 s to import) is loaded only to migrate. A test compares what migrations and tables make.
Everything runs in one transaction on both databases, so that a migration that fails or is killed leaves the database as
it was. SQLite's DDL is transactional as long as somebody says BEGIN first; ``engine.py`` does.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from storage.faults import DatabaseFault
from storage.tables import Base

#: the newest revision, equal to the head of ``migrations/versions`` (a test compares them); revisions sort as text
HEAD = "0005"
MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 4_271_926_001  # any number, the same in every Basewatch: PostgreSQL advisory lock while migrating


def stored_revision(connection: Connection) -> str | None:
    """The revision of the database; None where Basewatch has never been. Raises DatabaseFault for a foreign one."""
    tables = set(inspect(connection).get_table_names())
    if "alembic_version" not in tables:
        if tables:
            raise DatabaseFault(
                "foreign",
                "This database belongs to another program: it has tables, but none of Basewatch's. "
                "Name an empty or new one as `database` in the configuration.",
            )
        return None
    revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if revision is not None and "meta" not in tables:
        raise DatabaseFault(
            "foreign",
            "This database is managed by another program's Alembic. Give Basewatch a database of its own.",
        )
    return None if revision is None else str(revision)


def check_known(revision: str | None) -> None:
    """Raise DatabaseFault for a revision that only a newer Basewatch can have written."""
    if revision is not None and revision > HEAD:
        raise DatabaseFault(
            "newer",
            f"This database was written by a newer Basewatch (schema {revision}; this one knows {HEAD}). "
            "Upgrade Basewatch, or restore the backup from before the upgrade.",
        )


def bring_up(connection: Connection) -> None:
    """Bring a database of any age to the newest schema inside the caller's transaction; see ``migrate``."""
    _lock(connection)  # on SQLite the transaction itself keeps others out
    if stored_revision(connection) is None:
        create(connection)
    else:
        migrate(connection)


def create(connection: Connection) -> None:
    """Make every table in an empty database, and say which revision that is, as Alembic would."""
    Base.metadata.create_all(connection, checkfirst=False)
    connection.execute(
        text("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
    )
    connection.execute(text("INSERT INTO alembic_version (version_num) VALUES (:head)"), {"head": HEAD})


def migrate(connection: Connection, *, versions: Path | None = None, target: str = "head") -> None:
    """Run the migrations that the database has not had, inside the caller's transaction.

    ``versions``: another folder of migrations beside the shipped one, for tests. Raises DatabaseFault for rows that a
    migration left without the row they point to.
    """
    from alembic import command
    from alembic.config import Config

    _lock(connection)
    config = Config()
    config.set_main_option("script_location", _escaped(MIGRATIONS))
    config.set_main_option("path_separator", "newline")
    folders = [MIGRATIONS / "versions", *([versions] if versions else [])]
    config.set_main_option("version_locations", "\n".join(_escaped(folder) for folder in folders))
    config.attributes["connection"] = connection
    command.upgrade(config, target)
    if connection.dialect.name == "sqlite":
        _check_references(connection)


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})


def _escaped(path: Path) -> str:
    """ConfigParser reads % as interpolation."""
    return str(path).replace("%", "%%")


def _check_references(connection: Connection) -> None:
    orphan = connection.execute(text("PRAGMA foreign_key_check")).first()
    if orphan is not None:
        raise DatabaseFault("migration", f"The migration would leave rows of {orphan[0]} without what they belong to.")
