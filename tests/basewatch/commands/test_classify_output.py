"""What ``classify`` prints of a text that somebody wrote to fool a terminal."""

from __future__ import annotations

import subprocess
import sys

import pytest

HOSTILE = (
    "Two drones [/bold] hit [red]Ain al-Asad base[/] \x1b]0;owned\x07\n2026-11-23T10:00:00Z\n"
    "The [/y] source said \x9b31m two drones hit the Ain al-Asad base and \x1b[2J wounded US soldiers."
)


@pytest.mark.parametrize("more", [(), ("--explain",)])
def test_markup_and_escape_sequences_of_an_article_are_plain_text(more: tuple[str, ...]) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "basewatch", "classify", "-", *more],
        input=HOSTILE.encode(), capture_output=True, timeout=60,
    )  # fmt: skip
    shown = ended.stdout.decode()
    assert ended.returncode == 0, ended.stderr
    assert "[/bold] hit [red]Ain al-Asad base[/]" in shown
    assert not {"\x1b", "\x07", "\x9b"} & set(shown)
