"""What the doctor sees, and what it advises."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest

from basewatch.commands.doctor import LITTLE_SPACE, NO_SPACE, clock, doctor, names, polled, space, way_out
from config.check import Level
from core.clock import utc_now
from storage.engine import Database, open_database
from storage.evidence import clock_differences
from storage.faults import FaultKind
from storage.values import RawPage
from tests.storage.builders import NOW, store


@pytest.fixture
def config(tmp_path: Path, sqlite_path: Path) -> Path:
    path = tmp_path / "basewatch.toml"
    path.write_text(f'data_dir = "{tmp_path}"\ncontact = "desk@example.org"\n')
    path.chmod(0o600)
    return path


def seen(config: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, dict[str, str]]]:
    """The exit code, and the worst finding of each place."""
    code = doctor(config, offline=True, as_json=True)
    document = json.loads(capsys.readouterr().out)
    assert document["ok"] == (code == 0)
    worst: dict[str, dict[str, str]] = {}
    for found in sorted(document["findings"], key=lambda one: ["ok", "warning", "error"].index(one["level"])):
        worst[found["where"]] = found
    return code, worst


def test_a_healthy_one_has_a_finding_for_each_thing_and_exit_code_0(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found = seen(config, capsys)
    assert code == 0
    assert {"versions", "data_dir", "disk", "file system", "integrity", "daemon", "wal", "clock"} <= found.keys()
    assert found["integrity"]["level"] == "ok"
    assert found["daemon"]["level"] == "warning", "no daemon runs"


def test_each_finding_that_is_not_well_names_a_way_out(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.chmod(0o644)
    code, found = seen(config, capsys)
    assert code == 0
    assert f"chmod 600 {config}" in found["permissions"]["todo"]
    assert all(one["todo"] for one in found.values() if one["level"] != "ok")


def test_a_running_daemon_is_seen_and_left_alone(
    config: Path, sqlite_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_database(sqlite_path) as daemon:
        daemon.lock_daemon()
        assert seen(config, capsys)[1]["daemon"]["level"] == "ok"
        assert daemon.holds_daemon_lock()


def test_a_damaged_database_is_an_error_with_a_way_out(
    config: Path, sqlite_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with sqlite_path.open("r+b") as file:
        file.seek(20 * 4096)
        file.write(b"\xff" * 4096)
    code, found = seen(config, capsys)
    assert code == 1
    place = found.get("integrity", found.get("database"))
    assert place is not None
    assert place["level"] == "error"
    assert "restore" in place["todo"]


def test_a_server_that_cannot_be_reached_is_no_case_for_a_backup(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "basewatch.toml"
    config.write_text('database = "postgresql://desk@127.0.0.1:1/basewatch"\ncontact = "desk@example.org"\n')
    config.chmod(0o600)
    code, found = seen(config, capsys)
    assert code == 1
    assert "pg_isready" in found["database"]["todo"]


def test_on_postgresql_the_doctor_sees_whether_a_daemon_runs(
    fresh_postgres_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "basewatch.toml"
    config.write_text(f'database = "{fresh_postgres_url}"\ncontact = "desk@example.org"\ndata_dir = "{tmp_path}"\n')
    config.chmod(0o600)
    assert seen(config, capsys)[1]["daemon"]["level"] == "warning"
    with open_database(fresh_postgres_url) as daemon:
        daemon.lock_daemon()
        assert seen(config, capsys)[1]["daemon"]["level"] == "ok"


@pytest.mark.parametrize("kind", [kind for kind in get_args(FaultKind) if kind not in ("missing", "migration")])
def test_every_fault_of_a_database_has_a_way_out(kind: str) -> None:
    assert way_out(kind).endswith((".", "FILE", "pg_stat_activity."))


def test_a_wrong_configuration_is_an_error(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text("[crawler]\ninterval = 5\n")
    assert seen(config, capsys)[0] == 1


@pytest.mark.skipif(os.getuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_an_error(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.parent.chmod(0o500)
    try:
        assert seen(config, capsys)[1]["data_dir"]["level"] == "error"
    finally:
        config.parent.chmod(0o700)


@pytest.mark.parametrize(
    ("free", "level"),
    [(LITTLE_SPACE, Level.OK), (LITTLE_SPACE - 1, Level.WARNING), (NO_SPACE - 1, Level.ERROR)],
)
def test_a_disk_that_gets_full_is_told_in_time(free: int, level: Level) -> None:
    assert space(Path("/var/lib/basewatch"), free).level is level


@pytest.mark.parametrize(
    ("differences", "level"),
    [
        ({}, Level.OK),
        ({"a": 900.0, "b": 900.0}, Level.OK),  # two outlets are too few to judge
        ({"a": 0.5, "b": -1.0, "c": 7_200.0}, Level.OK),  # one outlet errs
        ({"a": 61.0, "b": 60.0, "c": 59.0}, Level.WARNING),
        ({"a": -7_200.0, "b": -7_201.0, "c": -7_199.0}, Level.ERROR),
    ],
)
def test_the_clock_is_judged_by_most_outlets(differences: dict[str, float], level: Level) -> None:
    assert clock(differences).level is level


def test_the_outlets_dates_come_from_the_pages_as_they_were_read(sqlite_database: Database) -> None:
    said = "Mon, 23 Nov 2026 17:59:00 GMT"
    with sqlite_database.write() as session:
        for number, (outlet, headers) in enumerate(
            (("a", {"date": said}), ("b", {"date": said, "age": "600"}), ("c", {"date": "soon"}), ("d", {}))
        ):
            raw = RawPage(body=b"x", headers=headers, fetched_at=NOW, sha256="x")
            store(session, number, outlet=outlet, family=outlet, raw=raw, text=f"{number} is what tells it apart.")
        found = clock_differences(session, NOW - timedelta(days=1))
        assert clock_differences(session, utc_now() + timedelta(days=1)) == {}
    assert {outlet: round(seconds) for outlet, seconds in found.items()} == {"a": 60}


def test_a_daemon_that_runs_and_asks_nobody_is_an_error() -> None:
    assert polled(NOW - timedelta(minutes=20), NOW, 3600).level is Level.OK
    assert polled(NOW - timedelta(minutes=119), NOW, 3600).level is Level.OK
    assert polled(NOW - timedelta(minutes=121), NOW, 3600).level is Level.ERROR
    assert polled(NOW - timedelta(minutes=31), NOW, 300).level is Level.ERROR


def test_names_that_nobody_knows_are_told() -> None:
    (found,) = names(["localhost", "name.invalid"])
    assert found.level is Level.WARNING
    assert "name.invalid" in found.what
    (well,) = names(["localhost"])
    assert well.level is Level.OK
