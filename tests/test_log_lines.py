"""Every line that is logged has a stable action, and those that docs/operations.md names are there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("core", "config", "storage", "crawler", "alerts", "basewatch")
LEVELS = {"debug", "info", "warning", "error", "critical", "exception", "log"}
DOCS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def logged(path: Path) -> Iterator[ast.Call]:
    """Every call of a logger in a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS:
            owner = node.func.value
            of_module = isinstance(owner, ast.Name) and owner.id in ("log", "logger")
            of_name = isinstance(owner, ast.Call) and ast.unparse(owner.func).endswith("getLogger")
            if of_module or of_name:
                yield node


def actions_of(call: ast.Call) -> set[str]:
    """The words that its action may be; empty where there is none."""
    for keyword in call.keywords:
        if keyword.arg == "extra" and isinstance(keyword.value, ast.Dict):
            for key, value in zip(keyword.value.keys, keyword.value.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "action":
                    return set(words_in(value))
    return set()


def words_in(value: ast.expr) -> Iterator[str]:
    if isinstance(value, ast.Constant):
        yield str(value.value)
    elif isinstance(value, ast.IfExp):
        yield from words_in(value.body)
        yield from words_in(value.orelse)
    else:
        yield ast.unparse(value)


MODULES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
CALLS = [(path, call) for path in MODULES for call in logged(path)]


KNOWN = {action for _, call in CALLS for action in actions_of(call)} | {"job_failed", "job_skipped", "deaf", "hearing"}
NAMED = set(re.findall(r"`([a-z_]+)`", DOCS.partition("## The log")[2].partition("\n## ")[0])) - {"action", "log"}


@pytest.mark.parametrize(
    ("path", "call"), CALLS, ids=lambda value: getattr(value, "stem", getattr(value, "lineno", ""))
)
def test_each_line_has_an_action(path: Path, call: ast.Call) -> None:
    assert actions_of(call), f"{path.name}:{call.lineno} logs without an action"


def test_the_actions_that_the_docs_name_are_there() -> None:
    assert len(NAMED) > 30
    assert set() == NAMED - KNOWN
