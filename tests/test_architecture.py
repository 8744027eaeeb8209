"""docs/architecture.md names modules that are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_every_module_that_the_page_names_is_there() -> None:
    named = set(re.findall(r"`((?:core|config|storage|crawler|alerts|basewatch|tests)/[\w./-]*)`", PAGE))
    assert len(named) > 50
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


def test_every_package_of_the_daemon_is_named() -> None:
    for folder in ("basewatch/health", "basewatch/page", "alerts/classifier", "alerts/channels", "alerts/routes",
                   "crawler/sources", "storage/tables", "storage/migrations"):  # fmt: skip
        assert f"`{folder}/" in PAGE, folder
