"""Every command and option that the documentation or a message names is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from basewatch.cli import app

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
SOURCES = [path for part in ("core", "config", "storage", "crawler", "alerts", "basewatch") for path in
           sorted((ROOT / part).rglob("*.py"))]  # fmt: skip
#: in a message or a text: between `…`; in a block of commands: at the start of a line
MENTION = re.compile(r"`basewatch ([^`]+)`|^(?:\.venv/bin/)?basewatch ([^#\n]+)", re.MULTILINE)


def tree() -> dict[tuple[str, ...], set[str]]:
    """Every command, as its words, with its options; a group stands with the words that lead to it."""
    found: dict[tuple[str, ...], set[str]] = {}

    def walk(command: object, words: tuple[str, ...]) -> None:
        params = getattr(command, "params", [])
        found[words] = {option for param in params for option in param.opts if option.startswith("-")} | {"--help"}
        for name, inner in getattr(command, "commands", {}).items():
            walk(inner, (*words, name))

    walk(typer.main.get_command(app), ())
    return found


def wrong_in(text: str, commands: dict[tuple[str, ...], set[str]]) -> Iterator[str]:
    for match in MENTION.finditer(text):
        words = (match[1] or match[2]).split()
        path: tuple[str, ...] = ()
        while words and (*path, words[0]) in commands:
            path = (*path, words.pop(0))
        groups = {words[:-1] for words in commands if words}
        if path in groups and words[:1] != ["--version"]:
            yield match[0]
        elif path not in groups:
            yield from (f"{match[0]}: {word}" for word in words if re.fullmatch(r"--?[a-z-]+", word)
                        and word not in commands[path])  # fmt: skip


@pytest.mark.parametrize("page", [*PAGES, *SOURCES], ids=lambda path: str(path.relative_to(ROOT)))
def test_each_command_that_is_named_exists(page: Path) -> None:
    assert list(wrong_in(page.read_text(encoding="utf-8"), tree())) == []


def test_a_command_that_is_not_there_would_be_found() -> None:
    assert list(wrong_in("Run `basewatch outlets mend`.", tree())) == ["`basewatch outlets mend`"]
    assert list(wrong_in("Run `basewatch run --twice`.", tree())) == ["`basewatch run --twice`: --twice"]
    assert list(wrong_in("Run `basewatch run --once`.", tree())) == []
