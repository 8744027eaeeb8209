"""Opening, reading and writing."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from core.errors import StorageError
from storage import deliveries, schema
from storage.engine import APPLICATION_ID, Database, open_database
from storage.faults import DatabaseFault
from storage.meta import get_meta, nudge, set_meta
from storage.tables import Incident
from tests.storage.builders import NOW, new_incident, queued


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),  # FULL: a committed alert survives a power cut
        ("foreign_keys", 1),
        ("busy_timeout", 15_000),
        ("journal_size_limit", 33_554_432),
        ("application_id", APPLICATION_ID),
        ("temp_store", 2),
        ("trusted_schema", 0),
        ("mmap_size", 0),
    ],
)
def test_every_connection_has_its_pragmas(sqlite_database: Database, pragma: str, value: object) -> None:
    with sqlite_database.read() as session:
        assert session.scalar(text(f"PRAGMA {pragma}")) == value
    with sqlite_database.write() as session:
        assert session.scalar(text(f"PRAGMA {pragma}")) == value


def test_postgresql_commits_to_disk_and_thinks_in_utc(fresh_postgres_url: str) -> None:
    with open_database(fresh_postgres_url) as database, database.read() as session:
        assert session.scalar(text("SHOW synchronous_commit")) == "on"
        assert session.scalar(text("SHOW timezone")) == "UTC"


def test_an_up_to_date_database_opens_without_the_slow_import_of_alembic(sqlite_path: Path) -> None:
    script = (
        "import sys\n"
        "from storage.engine import open_database\n"
        "open_database(sys.argv[1]).close()\n"
        "print('alembic' in sys.modules)\n"
    )
    output = subprocess.run(
        [sys.executable, "-c", script, str(sqlite_path)], capture_output=True, text=True, check=True
    ).stdout.strip()
    assert output == "False"


def test_what_was_written_is_there_after_reopening(database_url: str) -> None:
    with open_database(database_url) as database, database.write() as session:
        set_meta(session, "word", "عين الأسد")
    with open_database(database_url, create=False, migrate=False) as database, database.read() as session:
        assert get_meta(session, "word") == "عين الأسد"


def set_and_raise(database: Database, *, commit: bool) -> None:
    with database.write() as session:
        set_meta(session, "word", "x")
        if commit:
            session.commit()
        raise RuntimeError


def test_a_write_that_raises_leaves_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError):
        set_and_raise(database, commit=False)
    with database.read() as session:
        assert get_meta(session, "word") is None


def test_a_commit_by_mistake_inside_a_write_does_not_end_it(database: Database) -> None:
    with pytest.raises(RuntimeError):
        set_and_raise(database, commit=True)
    with database.read() as session:
        assert get_meta(session, "word") is None


def test_a_read_session_cannot_write(database: Database) -> None:
    with pytest.raises((DBAPIError, StorageError)), database.read() as session:
        new_incident(session)


def test_a_reader_sees_one_moment_while_others_write(database: Database) -> None:
    with database.read() as session:
        assert get_meta(session, "word") is None
        with database.write() as other:
            set_meta(other, "word", "x")
        assert get_meta(session, "word") is None
    with database.read() as session:
        assert get_meta(session, "word") == "x"


def test_writers_that_read_first_never_meet_a_busy_snapshot(database: Database) -> None:
    def count_up() -> None:
        for _ in range(25):
            with database.write() as session:
                nudge(session)

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        assert get_meta(session, "nudge") == "100"


def test_rows_must_belong_to_something(database: Database) -> None:
    with pytest.raises(DBAPIError), database.write() as session:
        session.execute(text("INSERT INTO reports (incident_id) VALUES (99)"))


def test_errors_never_show_the_values_that_were_written(database: Database) -> None:
    twice = "INSERT INTO meta (key, value) VALUES (:key, :value), (:key, :value)"
    with pytest.raises(DBAPIError) as caught, database.write() as session:
        session.execute(text(twice), {"key": "k", "value": "s3cret"})
    assert "s3cret" not in str(caught.value)


def test_data_version_changes_when_another_process_writes_and_not_when_we_do(sqlite_path: Path) -> None:
    with open_database(sqlite_path) as ours, open_database(sqlite_path) as another:
        before = ours.data_version()
        with ours.write() as session:
            set_meta(session, "word", "ours")
        assert ours.data_version() == before
        with another.write() as session:
            set_meta(session, "word", "theirs")
        assert ours.data_version() != before


def test_data_version_changes_when_an_operator_acts(database_url: str) -> None:
    with open_database(database_url) as daemon, open_database(database_url) as command:
        with daemon.write() as session:
            queued(session, new_incident(session))
        before = daemon.data_version()
        with command.write() as session:
            assert deliveries.discard(session, 1, NOW)
        assert daemon.data_version() != before


def test_data_version_does_not_wait_for_a_long_write(sqlite_database: Database) -> None:
    before = sqlite_database.data_version()
    inside, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with sqlite_database.write():
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    inside.wait(10)
    start = time.monotonic()
    assert sqlite_database.data_version() == before
    assert time.monotonic() - start < 8  # the writer holds on for ten
    leave.set()
    thread.join()


def test_a_cancelled_read_leaves_no_snapshot_behind(database: Database) -> None:
    started, go_on = threading.Event(), threading.Event()

    def slow(session: object) -> None:
        session.execute(select(Incident)).all()  # type: ignore[attr-defined]
        started.set()
        go_on.wait(10)

    async def cancel_then_write() -> None:
        task = asyncio.create_task(database.run_read(slow))
        await asyncio.to_thread(started.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        go_on.set()
        await database.run_write(lambda session: set_meta(session, "word", "x"))

    asyncio.run(cancel_then_write())
    assert database.checkpoint() == 0
    with database.read() as session:
        assert get_meta(session, "word") == "x"


def test_a_backup_taken_while_in_use_has_every_row_and_opens(sqlite_database: Database, tmp_path: Path) -> None:
    with sqlite_database.write() as session:
        for _ in range(50):
            new_incident(session)
    target = tmp_path / "backup.db"
    with sqlite_database.read():
        sqlite_database.backup(target)
    assert [path.name for path in tmp_path.glob("backup*")] == ["backup.db"]
    with open_database(target, create=False, migrate=False) as copy, copy.read() as session:
        assert len(session.scalars(select(Incident.id)).all()) == 50
        assert copy.problems() == []


def test_a_sound_database_has_no_problems(database: Database) -> None:
    assert database.problems() == []


def test_closing_twice_is_harmless_and_writing_afterwards_is_refused(database_url: str) -> None:
    database = open_database(database_url)
    database.close()
    database.close()
    with pytest.raises(DatabaseFault, match="closed"):
        asyncio.run(database.run_write(lambda session: None))


def test_an_old_schema_is_refused_where_migrating_is_not_allowed(tmp_path: Path, empty_postgres_url: str) -> None:
    for url in (str(tmp_path / "empty.db"), empty_postgres_url):
        with pytest.raises(DatabaseFault, match=schema.HEAD) as caught:
            open_database(url, migrate=False)
        assert caught.value.kind == "migration"
