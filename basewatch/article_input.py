"""Articles as people and programs hand them to ``classify``: JSON, a JSON object a line, or plain text."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.errors import InputError
from core.values import Article

STDIN = "-"
MAX_BYTES = 64 * 1024 * 1024  #: more is no article and no sensible list of them
_SOURCE = re.compile(r"^SOURCE:\s*(.*)$")
_TIME = re.compile(r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the command line says where the input does not."""

    published: str | None = None
    outlet: str | None = None
    lang: str | None = None


def read_source(source: str) -> str:
    """The text of a file, or of standard input for ``-``. Raises InputError."""
    if source == STDIN and sys.stdin.isatty():
        print("Type or paste the article, then press Ctrl-D on a line of its own.", file=sys.stderr)  # noqa: T201
    try:
        raw = sys.stdin.buffer.read(MAX_BYTES + 1) if source == STDIN else Path(source).read_bytes()
    except OSError as error:
        raise InputError(
            f"{source} cannot be read: {error.strerror or error}; name a file or - for standard input"
        ) from error
    if len(raw) > MAX_BYTES:
        raise InputError(
            f"{_shown(source)} holds more than {MAX_BYTES // 1024 // 1024} MiB; split it into smaller files"
        )
    if b"\0" in raw:
        raise InputError(f"{_shown(source)} is no text: give an article as JSON or as plain text in UTF-8")
    return raw.decode("utf-8", errors="replace").removeprefix("\ufeff")


def _shown(source: str) -> str:
    return "Standard input" if source == STDIN else source


def articles_of(text: str, given: Given) -> tuple[list[Article], bool]:
    """The articles, and whether there was one a line. Raises InputError where there is none."""
    stripped = text.strip()
    if not stripped:
        raise InputError("The input is empty: give an article as JSON, as a JSON object a line, or as plain text")
    if not stripped.startswith(("{", "[")):
        return [_from_plain(stripped, given)], False
    try:
        whole = json.loads(stripped)
    except ValueError:
        return _from_lines(stripped, given), True
    if isinstance(whole, list):
        if not whole:
            raise InputError("The list is empty: give at least one article")
        return [_from_json(item, given, f"item {number}") for number, item in enumerate(whole, 1)], True
    return [_from_json(whole, given, "the input")], False


def _from_lines(text: str, given: Given) -> list[Article]:
    articles: list[Article] = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                item = json.loads(line)
            except ValueError as error:
                raise InputError(f"Line {number} is no JSON object ({error}); give one object a line") from error
            articles.append(_from_json(item, given, f"line {number}"))
    return articles


def _from_json(item: object, given: Given, where: str) -> Article:
    if not isinstance(item, Mapping):
        raise InputError(f"{where} is no JSON object: give title, text, published, outlet and lang".capitalize())
    texts = {key: item.get(key) for key in ("title", "text", "published", "outlet", "lang")}
    for key, value in texts.items():
        if value is not None and not isinstance(value, str):
            raise InputError(f"In {where}, {key} must be text or null")
    if not (texts["title"] or texts["text"]):
        raise InputError(f"In {where}, title and text are both empty: there is nothing to classify")
    return _article(
        texts["title"] or "",
        texts["text"] or "",
        texts["published"] or given.published,
        texts["outlet"] or given.outlet,
        texts["lang"] or given.lang,
    )


def _from_plain(text: str, given: Given) -> Article:
    """Optional ``SOURCE:`` lines, the title, a time on a line of its own, the body; the title may be in SOURCE."""
    source = outlet_title = ""
    lines = text.splitlines()
    while lines and (not lines[0].strip() or _SOURCE.match(lines[0])):
        found = _SOURCE.match(lines.pop(0))
        source = found.group(1).strip() if found else source
    published = given.published
    if lines and _TIME.match(lines[0].strip()):
        outlet_title = source
    elif lines:
        outlet_title = lines.pop(0).strip()
    for index, line in enumerate(lines[:6]):
        if _TIME.match(line.strip()):
            published = line.strip()
            del lines[index]
            break
    return _article(outlet_title or source, "\n".join(lines).strip(), published, given.outlet, given.lang)


def _article(title: str, text: str, published: str | None, outlet: str | None, lang: str | None) -> Article:
    moment, date_only = (None, False) if published is None else parse_time(published)
    return Article(title=title, text=text, published_at=moment, date_only=date_only, outlet=outlet, lang=lang)


def parse_time(text: str) -> tuple[datetime, bool]:
    """An ISO 8601 time as aware UTC (no zone: UTC), and whether it was a day alone. Raises InputError."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise InputError(f"{text!r} is no ISO 8601 time: write 2026-03-01 or 2026-03-01T18:05:00+00:00") from error
    date_only = len(text.strip()) <= len("2026-03-01")
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return (moment.replace(hour=12), True) if date_only else (moment, False)
