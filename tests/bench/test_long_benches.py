"""The two long benches in their short form: what they promise holds for a day, and for some seconds, too."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.acceptance


def figures(statement: str) -> dict[str, float]:
    """What a bench prints, run in a process of its own: a reactor starts once."""
    answer = subprocess.run(
        [sys.executable, "-c", f"import json; from bench import soak, kills; print(json.dumps({statement}))"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert answer.returncode == 0, answer.stderr[-2_000:]
    found: dict[str, float] = json.loads(answer.stdout.splitlines()[-1])
    return found


def test_in_a_simulated_day_with_faults_nothing_is_missed_lost_or_told_twice() -> None:
    found = figures("soak.run(1, n_sources=8)")
    assert found["n_attacks"] >= 1
    for bad in (
        "polls_missed", "attacks_lost", "attacks_alerted_twice", "alerts_of_nothing", "jobs_failed", "unclassified",
        "parked", "deliveries_waiting", "database_problems",
    ):  # fmt: skip
        assert found[bad] == 0, f"{bad}: {found}"
    assert found["wal_mib_most"] < 64
    assert found["n_polls"] == 8 * 56
    assert found["n_http_503"] > 0


def test_killed_at_random_for_some_seconds_it_loses_no_article_and_no_alert() -> None:
    found = figures("kills.run(12)")
    assert found["kills"] >= 2
    assert found["n_attacks"] >= 1
    for bad in ("articles_lost", "alerts_lost", "double_ids", "alerts_of_nothing", "database_problems"):
        assert found[bad] == 0, f"{bad}: {found}"
