"""The whole demo as a person starts it: passes as it is, and fails when something is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from basewatch.demo.run import main
from basewatch.demo.stories import STORIES

pytestmark = pytest.mark.acceptance


def test_the_demo_passes_within_ninety_seconds_without_a_network(tmp_path: Path) -> None:
    environment = {**os.environ, "BASEWATCH_DATABASE": "/nowhere/else.db", "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "basewatch", "demo", "--json"],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
        env=environment,  # a setting of the caller's shell must not reach the demo
    )
    assert done.returncode == 0, done.stdout + done.stderr
    summary = json.loads(done.stdout)
    assert summary["ok"] is True
    assert [row["kind"] for row in summary["expected"]] == ["new", "new", "update", "correction"]
    assert all(row["channels"] == {"webhook": 1, "chat": 1, "email": 1} for row in summary["expected"])
    assert summary["retries"] == 1
    assert summary["stories"]["published"] == summary["stories"]["read"]
    assert list(tmp_path.iterdir()) == []  # nothing is left behind


def test_an_expectation_that_does_not_come_true_fails_and_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A correction is expected of an attack that nobody denies."""
    stories = tmp_path / "stories.toml"
    told = 'notices = [{ incident = "erbil", kind = "update" }]'
    text = STORIES.read_text(encoding="utf-8")
    assert told in text
    stories.write_text(
        text.replace(told, told[:-1] + ', { incident = "erbil", kind = "correction" }]'), encoding="utf-8"
    )
    folder = tmp_path / "demo"
    folder.mkdir()
    assert main(as_json=False, plain=True, stories=stories, folder=folder) == 1
    out = capsys.readouterr().out
    assert "No correction notice about 'erbil' was accepted by the webhook." in out
    assert str(folder) in " ".join(out.split())
    assert (folder / "daemon.log").exists()


def test_a_receiver_that_never_accepts_fails_the_demo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(as_json=True, folder=tmp_path, webhook_fails=True) == 1
    summary = json.loads(capsys.readouterr().out)
    assert summary["ok"] is False
    assert any("No new notice about 'erbil'" in problem for problem in summary["problems"])
    assert summary["log"]
