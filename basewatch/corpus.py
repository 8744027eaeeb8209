"""Labelled articles read from JSONL files, as tests/corpus/SCHEMA.md describes them.

An unlabelled stream has the same shape without ``label`` and ``incidents``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.values import UNNAMED, Article, Attack, Label, Outcome, Weapon

NOON = 12  #: hour, UTC, at which an article dated to a day alone is replayed (docs/incidents.md)


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusArticle:
    """One line of a corpus."""

    id: str
    url: str  #: what makes an article one: ``url`` where the line has one, else its id; a second line edits the first
    outlet: str
    lang: str | None
    published_at: datetime  #: noon UTC where the line gives the day alone
    date_only: bool
    title: str
    text: str
    label: Label | None  #: None in an unlabelled stream
    trap: str | None
    attacks: tuple[Attack, ...]  #: as labelled
    incident_ids: tuple[str, ...]  #: of ``attacks``, in the same order
    seen_at: datetime | None = None  #: when Basewatch saw it; None: at its publication
    first_poll: bool = False  #: it came with the first poll of its source

    @property
    def at(self) -> datetime:
        """When it comes in a replay."""
        return self.seen_at or self.published_at

    @property
    def article(self) -> Article:
        """The article as the classifier reads it."""
        return Article(
            title=self.title,
            text=self.text,
            published_at=self.published_at,
            first_seen_at=self.published_at,
            date_only=self.date_only,
            outlet=self.outlet,
            lang=self.lang,
            url=self.url,
        )


def read_corpus(paths: Iterable[Path]) -> list[CorpusArticle]:
    """Every article of these JSONL files, in order of publication, ties by id; a folder stands for its ``*.jsonl``.

    Raises InputError naming file and line.
    """
    articles = [article for path in _files(paths) for article in _read(path)]
    return sorted(articles, key=lambda article: (article.published_at, article.id))


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            inside = sorted(path.glob("*.jsonl"))
            if not inside:
                raise InputError(f"{path}: holds no .jsonl file; name a corpus file or its folder")
            yield from inside
        else:
            yield path


def _read(path: Path) -> Iterator[CorpusArticle]:
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise InputError(f"{path}: cannot be read ({why}); name a JSONL file in UTF-8") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield parse_line(json.loads(line))
            except KeyError as error:
                raise InputError(f"{path}, line {number}: is no labelled article: it lacks {error}") from error
            except (ValueError, TypeError, AttributeError) as error:
                raise InputError(f"{path}, line {number}: is no labelled article: {error}") from error


def parse_line(line: Mapping[str, Any]) -> CorpusArticle:
    """The article of one decoded line. Raises ValueError, KeyError or TypeError for another shape."""
    published_at, date_only = _published(line["published"])
    incidents = line.get("incidents") or []
    return CorpusArticle(
        id=str(line["id"]),
        url=str(line.get("url") or line["id"]),
        outlet=str(line.get("outlet") or "unknown"),
        lang=line.get("lang"),
        published_at=published_at,
        date_only=date_only,
        title=str(line.get("title") or ""),
        text=str(line.get("text") or ""),
        label=Label(line["label"]) if line.get("label") else None,
        trap=line.get("trap"),
        attacks=tuple(_attack(incident) for incident in incidents),
        incident_ids=tuple(str(incident["incident_id"]) for incident in incidents),
    )


def _published(raw: str) -> tuple[datetime, bool]:
    instant = datetime.fromisoformat(raw)
    if len(raw) == len("2026-03-10"):
        return instant.replace(hour=NOON, tzinfo=UTC), True
    return (instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)).astimezone(UTC), False


def _attack(incident: Mapping[str, Any]) -> Attack:
    return Attack(
        base=incident["base"] or UNNAMED,
        country=incident["country"],
        date=date.fromisoformat(incident["date"]) if incident["date"] else None,
        weapons=tuple(sorted({Weapon(weapon) for weapon in incident["weapons"]})),
        count=incident["count"],
        outcome=Outcome(incident["outcome"]),
        killed=incident["killed"],
        injured=incident["injured"],
        claimed_by=incident["claimed_by"],
        attributed_to=incident["attributed_to"],
    )
