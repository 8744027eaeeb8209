"""``basewatch check`` looks at the database without making or changing one, and says who answers."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from basewatch.commands import setup
from core.clock import utc_now
from core.errors import InputError
from storage import sources
from storage.engine import open_database
from storage.values import PollOutcome
from tests.storage.builders import registered


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "basewatch.toml"
    path.write_text(f"data_dir = '{tmp_path}'\n")
    return path


def checked(config: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[dict[str, Any]]]:
    code = setup.check(config, as_json=True)
    return code, json.loads(capsys.readouterr().out)["findings"]


def about(findings: list[dict[str, Any]], where: str) -> dict[str, Any]:
    return [finding for finding in findings if finding["where"] == where][-1]


def test_a_check_before_the_first_run_makes_no_database(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, findings = checked(config, capsys)
    assert code == 0
    assert "`basewatch run` creates it" in about(findings, "database")["what"]
    assert [path.name for path in config.parent.iterdir()] == ["basewatch.toml"]


def test_a_database_that_cannot_be_made_is_an_error(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text("database = '/nowhere/at/all/x.db'\n")
    code, findings = checked(config, capsys)
    assert code == 1
    assert about(findings, "database")["level"] == "error"


def test_an_older_database_is_left_as_it_is(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = config.parent / "basewatch.db"
    sqlite3.connect(path).close()
    path.touch()
    code, findings = checked(config, capsys)
    assert code == 0
    assert "upgrades it" in about(findings, "database")["todo"]
    assert path.stat().st_size == 0


def test_the_check_says_how_many_sources_answered(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    now = utc_now()
    failed = PollOutcome(status="failed", next_poll_at=now, cause_code="dns", message="no such name")
    with open_database(config.parent / "basewatch.db") as database, database.write() as session:
        registered(session, "a-en", "b-en")
    code, findings = checked(config, capsys)
    assert "answered" not in about(findings, "outlets")["what"]
    with open_database(config.parent / "basewatch.db") as database, database.write() as session:
        sources.record_poll(session, "a-en", PollOutcome(status="not_modified", next_poll_at=now), now)
        sources.record_poll(session, "b-en", failed, now)
    code, findings = checked(config, capsys)
    told = about(findings, "outlets")
    assert code == 0
    assert told["what"] == "1 of 2 sources answered their last poll, 1 failed."
    assert "basewatch outlets health" in told["todo"]


def test_the_command_to_run_after_init_names_a_file_that_is_not_found_by_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    setup.write_config(Path("basewatch.toml"), force=False)
    assert capsys.readouterr().out.endswith("then run: basewatch check\n")
    setup.write_config(Path("mine.toml"), force=False)
    assert capsys.readouterr().out.endswith("then run: basewatch check --config mine.toml\n")
    assert (tmp_path / "mine.toml").stat().st_mode & 0o777 == 0o600
    with pytest.raises(InputError, match="--force"):
        setup.write_config(Path("mine.toml"), force=False)
