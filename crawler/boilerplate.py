"""Lines that outlets hang around their text, and the dateline before it: neither is the story."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from config.furniture import Furniture


def clean_paragraphs(
    lines: Iterable[str], furniture: Furniture, dateline: re.Pattern[str] | None = None, title: str = ""
) -> list[str]:
    """The paragraphs of the story: no furniture, no repeated title before it, no double in a row, no dateline."""
    story: list[str] = []
    for line in lines:
        text = line.strip()
        if not text or furniture.holds(text) or (story and story[-1] == text):
            continue
        if not story and title and text == title:
            continue
        story.append(text)
    if story and dateline is not None:
        story[0] = strip_dateline(story[0], dateline)
        if not story[0]:
            story.pop(0)
    return story


def strip_dateline(text: str, dateline: re.Pattern[str]) -> str:
    """The text without "Shafaq News- Baghdad" before it: the city of the desk is not the place of the event."""
    match = dateline.match(text)
    return text[match.end() :].lstrip(" \t-–—/:") if match is not None else text


def joined(lines: Sequence[str]) -> str:
    """Paragraphs as one text, a blank line between."""
    return "\n\n".join(lines)
