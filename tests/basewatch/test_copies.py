"""A copy made while the daemon writes, checked, and put back."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from basewatch.commands.copies import backup, restore
from config.settings import Settings
from core.errors import InputError, StorageError
from storage import upkeep
from storage.engine import open_database, run_migrations
from storage.meta import set_meta
from storage.places import database_url
from tests.storage.builders import incident_with_report, queued, store

WRITES_ON = """
import sys
from storage.engine import open_database
from storage.meta import set_meta
with open_database(sys.argv[1]) as database:
    print("ready", flush=True)
    for number in range(100_000):
        with database.write() as session:
            set_meta(session, "n", str(number))
"""


def settings_for(path: Path) -> Settings:
    return Settings.model_validate({"database": str(path)})


def filled(path: Path) -> Path:
    with open_database(path) as database, database.write() as session:
        queued(session, incident_with_report(session, 1), "ops", "chat")
        store(session, 2, text="Other words than those of the first article, so that it is no copy of it.")
    return path


def test_a_copy_made_while_another_process_writes_is_whole(
    sqlite_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    filled(sqlite_path)
    with subprocess.Popen(
        [sys.executable, "-c", WRITES_ON, str(sqlite_path)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        try:
            backup(settings_for(sqlite_path), tmp_path / "copy.db", check_only=False, as_json=True)
        finally:
            writer.kill()
    said = json.loads(capsys.readouterr().out)
    assert (said["articles"], said["incidents"], said["notices"], said["deliveries"]) == (2, 1, 1, 2)
    assert not (tmp_path / "copy.db-wal").exists()


def test_what_is_committed_but_still_in_the_wal_file_is_in_the_copy(sqlite_path: Path, tmp_path: Path) -> None:
    with open_database(sqlite_path) as database:
        with database.write() as session:
            store(session, 1)
        assert database.wal_bytes() > 0
        shutil.copy(sqlite_path, tmp_path / "file-alone.db")
        backup(settings_for(sqlite_path), tmp_path / "copy.db", check_only=False, as_json=True)
    assert upkeep.read_copy(tmp_path / "copy.db").articles == 1
    assert upkeep.read_copy(tmp_path / "file-alone.db").articles == 0, "what a plain copy of the file loses"


def test_a_copy_is_put_back_and_what_stood_there_is_kept(
    sqlite_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    filled(sqlite_path)
    settings, copy = settings_for(sqlite_path), tmp_path / "copy.db"
    backup(settings, copy, check_only=False, as_json=True)
    with open_database(sqlite_path) as database:
        with database.write() as session:
            store(session, 3, text="This one came after the copy was made, and is not in it.")
            set_meta(session, "after", "yes")
        shutil.copy(f"{sqlite_path}-wal", tmp_path / "old-wal")
    shutil.copy(tmp_path / "old-wal", f"{sqlite_path}-wal")  # what a killed daemon leaves
    capsys.readouterr()
    restore(settings, copy, as_json=True)
    said = json.loads(capsys.readouterr().out)
    assert (said["articles"], said["incidents"], said["deliveries"]) == (2, 1, 2)
    with open_database(sqlite_path) as database:
        assert database.problems() == []
        with database.read() as session:
            assert session.connection().exec_driver_sql("SELECT count(*) FROM articles").scalar() == 2
    kept = [Path(name) for name in said["set_aside"]]
    assert len(kept) >= 2, "the old -wal file must not stay beside the new database"
    with open_database(kept[0]) as old, old.read() as session:
        assert session.connection().exec_driver_sql("SELECT count(*) FROM articles").scalar() == 3


def test_nothing_is_put_back_under_a_running_daemon(sqlite_path: Path, tmp_path: Path) -> None:
    settings = settings_for(filled(sqlite_path))
    backup(settings, tmp_path / "copy.db", check_only=False, as_json=True)
    with open_database(sqlite_path) as daemon:
        daemon.lock_daemon()
        with pytest.raises(InputError, match="stop it, put the copy back"):
            restore(settings, tmp_path / "copy.db", as_json=True)


def test_a_damaged_a_foreign_and_a_missing_copy_are_refused(sqlite_path: Path, tmp_path: Path) -> None:
    settings = settings_for(filled(sqlite_path))
    damaged, foreign = tmp_path / "damaged.db", tmp_path / "foreign.db"
    backup(settings, damaged, check_only=False, as_json=True)
    with damaged.open("r+b") as file:
        file.seek(9 * 4096)
        file.write(b"\xff" * 8192)
    with closing(sqlite3.connect(foreign)) as raw:
        raw.execute("CREATE TABLE t (x)")
    for path, word in ((damaged, "damaged"), (foreign, "no database of Basewatch"), (tmp_path / "no", "no file")):
        with pytest.raises(StorageError, match=word):
            restore(settings, path, as_json=True)
        with pytest.raises(StorageError, match=word):
            backup(settings, path, check_only=True, as_json=True)
    assert upkeep.read_copy(sqlite_path).articles == 2


def test_a_copy_never_takes_the_place_of_something_else(sqlite_path: Path, tmp_path: Path) -> None:
    settings, letter = settings_for(filled(sqlite_path)), tmp_path / "letter.txt"
    letter.write_text("Dear diary")
    with pytest.raises(InputError, match="no copy"):
        backup(settings, letter, check_only=False, as_json=True)
    with pytest.raises(InputError, match="the database itself"):
        backup(settings, sqlite_path, check_only=False, as_json=True)
    with pytest.raises(InputError, match="does not exist"):
        backup(settings, tmp_path / "nowhere" / "copy.db", check_only=False, as_json=True)
    with pytest.raises(InputError, match="there is no folder"):  # a disk that is not mounted gets no file of that name
        backup(settings, tmp_path / "backups", check_only=False, as_json=True)
    assert not (tmp_path / "backups").exists()
    assert letter.read_text() == "Dear diary"


def test_in_a_folder_a_copy_gets_a_name_with_its_time(
    sqlite_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    backup(settings_for(filled(sqlite_path)), folder, check_only=False, as_json=False)
    (copy,) = folder.iterdir()
    assert copy.name.startswith("basewatch-20")
    assert "written and checked" in capsys.readouterr().out


def test_postgresql_is_left_to_its_own_tools(tmp_path: Path) -> None:
    settings = Settings.model_validate({"database": "postgresql://nobody@db.example.org/x"})
    with pytest.raises(StorageError, match="pg_dump"):
        backup(settings, tmp_path / "copy.db", check_only=False, as_json=True)


def test_a_copy_that_fails_leaves_nothing_behind(sqlite_path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    (folder / "copy.db").mkdir()  # a folder of that name: the last step fails
    with pytest.raises(OSError, match="directory"):
        upkeep.copy_file(filled(sqlite_path), folder / "copy.db")
    assert [path.name for path in folder.iterdir()] == ["copy.db"]


def test_a_database_of_an_older_schema_is_copied_as_it_is_before_the_upgrade(tmp_path: Path) -> None:
    run_migrations(database_url(tmp_path / "basewatch.db"), target="0001")
    backup(settings_for(tmp_path / "basewatch.db"), tmp_path / "copy.db", check_only=False, as_json=True)
    assert upkeep.read_copy(tmp_path / "copy.db").revision == "0001"
