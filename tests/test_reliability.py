"""docs/reliability.md is true: one row for each number of its tables, and every test that it names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PAGE = (TESTS.parent / "docs" / "reliability.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| (\d+) \|(.*)\|$", PAGE, re.MULTILINE))
WRITTEN = {
    name for path in TESTS.rglob("test_*.py") for name in re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE)
}


@pytest.mark.parametrize("number", range(35, 89))
def test_each_fault_has_its_row_with_a_test_that_is_there(number: int) -> None:
    named = re.findall(r"`(test_\w+)`", ROWS[str(number)])
    assert named
    assert [name for name in named if name not in WRITTEN] == []
