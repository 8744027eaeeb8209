"""The search for secrets finds them: in a log, in a database, and in what a test prints."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.leaks import SECRETS, files_left, found_in

ROOT = Path(__file__).parents[1]
LEAKING = """
from tests.leaks import *

def test_prints():
    print("the key is " + SECRETS[0])
"""


@pytest.mark.parametrize("number", range(len(SECRETS)))
def test_each_secret_is_found_in_text_and_bytes(number: int) -> None:
    line = f"POST https://hooks.example.org/{SECRETS[number]} 200"
    assert found_in(line)
    assert found_in(line.encode())
    assert not found_in("POST https://hooks.example.org/<secret> 200")


def test_logs_and_databases_of_a_test_are_searched_and_its_configuration_is_not(tmp_path: Path) -> None:
    for name in ("daemon.log", "basewatch.db", "basewatch.toml"):
        (tmp_path / name).write_text("nothing")
    assert sorted(path.name for path in files_left(tmp_path)) == ["basewatch.db", "daemon.log"]


def test_a_test_that_prints_a_secret_fails_the_whole_run(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("from tests.leaks import *\nfrom tests.leaks import _no_secret_left\n")
    (tmp_path / "test_leaking.py").write_text(LEAKING)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert run.returncode != 0
    assert "SECRET LEAKED" in run.stdout
    assert SECRETS[0] not in run.stdout
