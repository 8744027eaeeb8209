"""core <- config <- storage <- crawler, alerts <- basewatch; crawler and alerts do not know each other."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "core": set(),
    "config": {"core"},
    "storage": {"core", "config"},
    "crawler": {"core", "config", "storage"},
    "alerts": {"core", "config", "storage"},
    "basewatch": {"core", "config", "storage", "crawler", "alerts"},
}


def imported_folders(path: Path) -> set[str]:
    """Top-level names that a module imports, in functions too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_a_folder_imports_only_what_lies_below_it(folder: str) -> None:
    modules = list((ROOT / folder).rglob("*.py"))
    assert modules, f"{folder} has no modules"
    for module in modules:
        ours = imported_folders(module) & set(MAY_IMPORT)
        assert ours - {folder} <= MAY_IMPORT[folder], f"{module.relative_to(ROOT)} imports {sorted(ours)}"


@pytest.mark.parametrize(
    ("library", "home"),
    [("httpx", "alerts/wire.py"), ("httpcore", "alerts/wire.py"), ("feedparser", "crawler/sources/feed.py")],
)
def test_a_library_with_a_gate_is_imported_only_at_its_gate(library: str, home: str) -> None:
    users = {
        str(path.relative_to(ROOT))
        for folder in MAY_IMPORT
        for path in (ROOT / folder).rglob("*.py")
        if library in imported_folders(path)
    }
    assert users <= {home}
