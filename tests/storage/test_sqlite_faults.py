"""Full, locked, damaged, foreign, newer: a sentence that says what to do, and no half-written incident."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.errors import StorageError
from storage import engine as engine_module
from storage.engine import Database, open_database
from storage.faults import DatabaseFault
from storage.meta import get_meta, set_meta
from tests.storage.builders import incident_with_report, new_incident


def limit_pages(database: Database, extra: int) -> None:
    """Make the disk "full" after so many more pages."""
    with database.write() as session:
        count = int(session.scalar(text("PRAGMA page_count")) or 0)
        session.execute(text(f"PRAGMA max_page_count = {count + extra}"))


def big(session: Session) -> None:
    new_incident(session)
    set_meta(session, "big", "x" * 1_000_000)


def small(session: Session) -> None:
    set_meta(session, "small", "x")


def read_all(path: Path) -> None:
    with open_database(path) as database, database.read() as session:
        session.execute(text("SELECT * FROM article_versions ORDER BY title")).all()


def write_once(path: Path) -> None:
    with open_database(path) as database, database.write() as session:
        small(session)


def count_incidents(database: Database) -> int:
    with database.read() as session:
        return int(session.scalar(text("SELECT count(*) FROM incidents")) or 0)


def test_a_full_disk_leaves_no_half_incident_and_writing_resumes_by_itself(sqlite_database: Database) -> None:
    limit_pages(sqlite_database, 20)
    with pytest.raises(DatabaseFault, match="Free some space") as caught, sqlite_database.write() as session:
        big(session)
    assert (caught.value.kind, caught.value.may_pass) == ("full", True)
    assert count_incidents(sqlite_database) == 0
    limit_pages(sqlite_database, 100_000)
    with sqlite_database.write() as session:
        big(session)
    assert count_incidents(sqlite_database) == 1


def test_in_a_group_only_the_function_that_fills_the_disk_fails(sqlite_database: Database) -> None:
    limit_pages(sqlite_database, 20)

    async def scenario() -> list[object]:
        go_on = threading.Event()
        sqlite_database.writer.submit(lambda session: go_on.wait(10))
        waiting = [asyncio.create_task(sqlite_database.run_write(fn)) for fn in (new_incident, big, small)]
        await asyncio.sleep(0)
        go_on.set()
        return list(await asyncio.gather(*waiting, return_exceptions=True))

    first, second, third = asyncio.run(scenario())
    assert first == 1
    assert isinstance(second, DatabaseFault)
    assert second.kind == "full"
    assert third is None
    assert count_incidents(sqlite_database) == 1
    with sqlite_database.read() as session:
        assert (get_meta(session, "small"), get_meta(session, "big")) == ("x", None)


def test_a_file_that_another_program_keeps_locked_is_told_after_the_timeout(
    sqlite_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "BUSY_TIMEOUT_S", 0.1)
    with open_database(sqlite_path) as database:
        other = sqlite3.connect(sqlite_path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseFault, match="Close other programs") as caught, database.write() as session:
            small(session)
        assert caught.value.kind == "locked"
        with pytest.raises(DatabaseFault, match="Close other programs"):
            asyncio.run(database.run_write(small))
        with database.read() as session:
            assert get_meta(session, "small") is None
        other.execute("ROLLBACK")
        other.close()
        asyncio.run(database.run_write(small))
        with database.read() as session:
            assert get_meta(session, "small") == "x"


def test_a_file_of_other_bytes_is_not_a_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Dear diary, " * 100)
    with pytest.raises(DatabaseFault, match="not a SQLite database") as caught:
        open_database(path)
    assert caught.value.kind == "not_a_database"
    assert path.read_text() == "Dear diary, " * 100


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    marked, unmarked = tmp_path / "marked.db", tmp_path / "unmarked.db"
    for path, statement in ((marked, "PRAGMA application_id = 1234"), (unmarked, "SELECT 1")):
        with sqlite3.connect(path) as raw:
            raw.execute(statement)
            raw.execute("CREATE TABLE theirs (x)")
        raw.close()
        before = path.read_bytes()
        with pytest.raises(DatabaseFault) as caught:
            open_database(path)
        assert caught.value.kind == "foreign"
        assert path.read_bytes() == before


def test_a_postgresql_database_of_another_program_is_left_alone(empty_postgres_url: str) -> None:
    from tests.conftest import run_on_postgres

    run_on_postgres(empty_postgres_url, "CREATE TABLE theirs (x int)")
    with pytest.raises(DatabaseFault) as caught:
        open_database(empty_postgres_url)
    assert caught.value.kind == "foreign"


def test_a_database_of_a_newer_release_is_refused_with_a_way_out(database_url: str) -> None:
    with open_database(database_url) as database, database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseFault, match="Upgrade Basewatch, or restore the backup") as caught:
        open_database(database_url)
    assert caught.value.kind == "newer"


def test_a_damaged_file_is_told_as_damaged(sqlite_path: Path) -> None:
    with open_database(sqlite_path) as database:
        with database.write() as session:
            for number in range(200):
                incident_with_report(session, number)
        database.checkpoint()
    with sqlite_path.open("r+b") as file:
        size = os.path.getsize(sqlite_path)
        for offset in range(4096 * 3, size - 4096, 4096 * 2):
            file.seek(offset)
            file.write(b"\xff" * 4096)
    with pytest.raises(StorageError, match="damaged") as caught:
        read_all(sqlite_path)
    assert "restore the last backup" in str(caught.value)


def test_a_header_without_a_body_is_told_as_damaged_or_no_database(tmp_path: Path) -> None:
    path = tmp_path / "cut.db"
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 500)
    with pytest.raises(DatabaseFault) as caught:
        open_database(path)
    assert caught.value.kind in ("not_a_database", "corrupt")


def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    path.touch()
    with open_database(path) as database:
        assert database.problems() == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_file_that_may_not_be_written_is_told(sqlite_path: Path) -> None:
    sqlite_path.chmod(0o444)
    with pytest.raises(DatabaseFault, match="write"):
        write_once(sqlite_path)


def test_a_read_only_database_is_told(sqlite_database: Database) -> None:
    with pytest.raises(DatabaseFault) as caught, sqlite_database.read() as session:
        small(session)
    assert caught.value.kind == "read_only"


def test_a_reader_that_never_ends_holds_the_log_only_while_it_lives(sqlite_path: Path) -> None:
    with open_database(sqlite_path) as database:
        other = sqlite3.connect(sqlite_path, isolation_level=None)
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM meta").fetchone()
        for number in range(40):
            with database.write() as session:
                set_meta(session, "big", str(number % 10) * 250_000)
        pinned = database.wal_bytes()
        assert 5_000_000 < pinned < 64 * 1024 * 1024
        other.execute("ROLLBACK")
        other.close()
        assert database.checkpoint() == 0


def test_a_server_that_is_not_there_is_told_without_its_password() -> None:
    with pytest.raises(DatabaseFault, match="cannot be reached") as caught:
        open_database("postgresql://me:p4ss@127.0.0.1:1/watch")
    assert caught.value.kind == "unreachable"
    assert "p4ss" not in str(caught.value)


def test_a_missing_database_of_a_server_is_told(postgres_url: str) -> None:
    from tests.conftest import named

    with pytest.raises(DatabaseFault, match="no database") as caught:
        open_database(named(postgres_url, "absent"))
    assert caught.value.kind == "missing"


def test_a_server_that_ends_our_connections_costs_one_step(fresh_postgres_url: str, postgres_url: str) -> None:
    from tests.conftest import run_on_postgres

    def cut_off(session: Session) -> None:
        pid = session.scalar(text("SELECT pg_backend_pid()"))
        run_on_postgres(postgres_url, f"SELECT pg_terminate_backend({pid})")
        small(session)

    with open_database(fresh_postgres_url) as database:
        with pytest.raises(DatabaseFault) as caught:
            asyncio.run(database.run_write(cut_off))
        assert caught.value.may_pass
        asyncio.run(database.run_write(small))
        with database.read() as session:
            assert get_meta(session, "small") == "x"
