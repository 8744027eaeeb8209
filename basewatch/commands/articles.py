"""``basewatch articles list``, ``show`` and ``evidence``: what was read, and what outlets changed or deleted since."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy.orm import Session

from alerts.language import FSI, PDI
from alerts.phrases import ago
from basewatch.edits import Change, Edit, edit_between
from config.settings import Settings
from core.clock import utc_now
from core.errors import InputError
from core.text import one_line
from crawler.urls import canonical_url
from storage import records
from storage.engine import Database, open_database
from storage.values.records import ArticleFilter, ArticleLine, ArticleRecord, EvidenceCopy, VersionView

_STATES = {"waiting": "not judged yet", "parked": "parked", "skipped": "not judged: a newer one came"}


def list_articles(
    settings: Settings, which: ArticleFilter, *, as_json: bool = False, console: Console | None = None
) -> None:
    """Print the latest articles, or the latest that were edited or deleted."""
    with _open(settings) as database, database.read() as session:
        lines = records.article_lines(session, which)
    if as_json:
        print(json.dumps({"articles": [_line(line) for line in lines]}, ensure_ascii=False))  # noqa: T201
        return
    out = console or Console(highlight=False)
    if not lines:
        out.print("No article fits what you asked for.")
        return
    now = utc_now()
    table = Table("id", "first seen", "outlet", "headline", "versions", box=SIMPLE_HEAD, padding=0, pad_edge=False)
    for line in lines:
        notes = [f"edited {ago(line.edited_at, now)}"] if line.edited_at else []
        notes += [f"deleted {ago(line.gone_at, now)}"] if line.gone_at else []
        versions = ", ".join([str(line.versions), *notes])
        seen = f"{line.first_seen_at:%d %b %H:%M}"
        table.add_row(str(line.article_id), seen, line.outlet, Text(_foreign(line.title)), versions)
    out.print(table)


def show_article(
    settings: Settings, name: str, *, whole: bool = False, as_json: bool = False, console: Console | None = None
) -> None:
    """Print one article with its versions and what each edit changed. Raises InputError where there is none."""
    with _open(settings) as database, database.read() as session:
        record = _record(session, name)
    edits = list(_edits(record))
    if as_json:
        print(json.dumps(document_of(record, edits), ensure_ascii=False))  # noqa: T201
        return
    out = console or Console(highlight=False)
    _print_head(record, out)
    out.print(_versions_table(record, edits))
    for later, edit in zip(record.versions[1:], edits, strict=True):
        _print_edit(later, edit, out)
    if whole:
        for version in record.versions:
            _print_whole(version, out)


def write_evidence(
    settings: Settings, name: str, out: Path, *, version: int | None = None, as_json: bool = False
) -> None:
    """Write the bytes behind a version to ``out`` and their headers beside it.

    Raises InputError where none are kept, where a file stands there already, and where the bytes no longer match the
    SHA-256 that was written down when they came.
    """
    with _open(settings) as database, database.read() as session:
        record = _record(session, name)
        named = name.partition(".")[2]
        copy = _evidence(session, record, int(named) if version is None and named.isdecimal() else version)
    beside = out.with_name(out.name + ".headers.json")
    if taken := next((path for path in (out, beside) if path.exists()), None):
        raise InputError(f"{taken} is there already: name another file")
    if hashlib.sha256(copy.body).hexdigest() != copy.sha256:
        raise InputError(
            f"the bytes kept of {record.article_id}.{copy.version} are not those that came: is the database damaged?"
        )
    document = {
        "article": record.article_id,
        "version": copy.version,
        "url": copy.url,
        "fetched_at": _iso(copy.fetched_at),
        "sha256": copy.sha256,
        "bytes": len(copy.body),
        "headers": copy.headers,
    }
    try:
        out.write_bytes(copy.body)
        beside.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"{out} cannot be written: {error.strerror}") from None
    if as_json:
        print(json.dumps(document | {"file": str(out)}, ensure_ascii=False))  # noqa: T201
        return
    console = Console(highlight=False)
    console.print(
        Text(f"{out}: {len(copy.body)} bytes as they came on {copy.fetched_at:%Y-%m-%d %H:%M} UTC"), soft_wrap=True
    )
    console.print(Text(f"SHA-256 {copy.sha256}, as written down then; headers in {beside.name}"), soft_wrap=True)


def document_of(record: ArticleRecord, edits: list[Edit]) -> dict[str, Any]:
    """The article as ``articles show --json`` prints it."""
    changes: list[list[dict[str, str]]] = [[], *([_change(change) for change in edit.changes] for edit in edits)]
    return {
        "article": record.article_id,
        "url": record.url,
        "addresses": list(record.addresses),
        "outlet": record.outlet,
        "family": record.family,
        "found_by": record.source_id,
        "first_seen_at": _iso(record.first_seen_at),
        "edited_at": _iso(record.edited_at),
        "deleted_at": _iso(record.gone_at),
        "edits_not_kept": record.edits_dropped,
        "headline_only": record.headline_only,
        "incidents": list(record.incidents),
        "versions": [
            _version(version) | {"changes": changed} for version, changed in zip(record.versions, changes, strict=True)
        ],
    }


# -- finding


def _open(settings: Settings) -> Database:
    return open_database(settings.database_address, create=False, migrate=False)


def _record(session: Session, name: str) -> ArticleRecord:
    number, _, version = name.partition(".")
    if number.isdecimal() and len(number) < 19 and (not version or version.isdecimal()):
        article_id: int | None = int(number)
    elif "://" in name:
        article_id = records.article_id_of(session, canonical_url(name))
    else:
        raise InputError(f"{name!r} is neither a number nor an address: `basewatch articles list` shows the numbers")
    record = records.article_record(session, article_id) if article_id is not None else None
    if record is None:
        raise InputError(f"there is no article {name}: `basewatch articles list` shows the latest ones")
    return record


def _evidence(session: Session, record: ArticleRecord, version: int | None) -> EvidenceCopy:
    kept = [one.version for one in record.versions if one.evidence is not None and version in (None, one.version)]
    copy = records.evidence_copy(session, record.article_id, kept[-1]) if kept else None
    if copy is None:
        which = f"{record.article_id}.{version}" if version else f"article {record.article_id}"
        raise InputError(
            f"no page is kept of {which}: it is known from a feed alone, or its time to be kept "
            "is over ([keep] in docs/configuration.md)"
        )
    return copy


def _edits(record: ArticleRecord) -> Iterator[Edit]:
    for before, after in pairwise(record.versions):
        yield edit_between((before.title, before.text), (after.title, after.text))


# -- for people


def _foreign(text: str) -> str:
    """Words of an outlet, on one line and set apart: whatever their direction, they turn nothing around them."""
    return f"{FSI}{one_line(text)}{PDI}"


def _print_head(record: ArticleRecord, out: Console) -> None:
    current = record.versions[-1]
    out.print(
        Text.assemble((f"{record.article_id}  {record.outlet}  ", "bold"), _foreign(current.title)), soft_wrap=True
    )
    for address in dict.fromkeys([record.url, *record.addresses]):
        out.print(Text(address, style="dim"), soft_wrap=True)
    out.print(f"first seen {record.first_seen_at:%Y-%m-%d %H:%M} UTC, found by {record.source_id}")
    if record.headline_only:
        out.print("known as a headline from a search alone: it opens no incident")
    if record.incidents:
        out.print(f"a report of {', '.join(record.incidents)}")
    if record.gone_at:
        out.print(f"deleted by its outlet, seen {record.gone_at:%Y-%m-%d %H:%M} UTC; what it said is kept")
    if record.edits_dropped:
        out.print(f"{record.edits_dropped} more edits were counted and not kept")


def _versions_table(record: ArticleRecord, edits: list[Edit]) -> Table:
    table = Table(
        "version",
        "stored",
        "published",
        "words",
        "of",
        "verdict",
        "evidence",
        box=SIMPLE_HEAD,
        padding=0,
        pad_edge=False,
    )
    counts = ["", *(f"-{edit.words_removed} +{edit.words_added}" for edit in edits)]
    for version, changed in zip(record.versions, counts, strict=True):
        table.add_row(
            str(version.version),
            f"{version.stored_at:%d %b %H:%M}",
            _published(version),
            f"{len(version.text.split())} {changed}".strip(),
            "feed" if version.from_feed_only else "page",
            version.label or _STATES.get(version.state, version.state),
            version.evidence.sha256[:12] if version.evidence else "none",
        )
    return table


def _published(version: VersionView) -> str:
    if version.published_at is None:
        return "unknown"
    return f"{version.published_at:%d %b}" if version.date_only else f"{version.published_at:%d %b %H:%M}"


def _print_edit(later: VersionView, edit: Edit, out: Console) -> None:
    """Each passage on lines of its own, so that no line mixes directions of writing."""
    out.print(f"\nversion {later.version}, stored {later.stored_at:%Y-%m-%d %H:%M} UTC", style="bold")
    if not edit.changes:
        out.print("  the same words, otherwise spaced or dated")
    for change in edit.changes:
        where = Text(f"  {change.field}", style="dim")
        if change.after:
            where.append(f", after: {_foreign('… ' + change.after)}")
        out.print(where, soft_wrap=True)
        if change.removed:
            out.print(Text(f"  - {_foreign(change.removed)}", style="red"), soft_wrap=True)
        if change.added:
            out.print(Text(f"  + {_foreign(change.added)}", style="green"), soft_wrap=True)


def _print_whole(version: VersionView, out: Console) -> None:
    out.print(f"\ntext of version {version.version}", style="bold")
    for line in version.text.split("\n"):
        if line.strip():
            out.print(Text(_foreign(line)), soft_wrap=True)


# -- for machines


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat().replace("+00:00", "Z") if instant is not None else None


def _line(line: ArticleLine) -> dict[str, Any]:
    return {
        "article": line.article_id,
        "outlet": line.outlet,
        "title": line.title,
        "url": line.url,
        "first_seen_at": _iso(line.first_seen_at),
        "edited_at": _iso(line.edited_at),
        "deleted_at": _iso(line.gone_at),
        "versions": line.versions,
    }


def _version(version: VersionView) -> dict[str, Any]:
    return {
        "version": version.version,
        "stored_at": _iso(version.stored_at),
        "title": version.title,
        "text": version.text,
        "lang": version.lang,
        "author": version.author,
        "published_at": _iso(version.published_at),
        "published_raw": version.published_raw,
        "date_only": version.date_only,
        "from_feed_only": version.from_feed_only,
        "state": version.state,
        "label": version.label,
        "evidence": None
        if version.evidence is None
        else {"sha256": version.evidence.sha256, "fetched_at": _iso(version.evidence.fetched_at)},
    }


def _change(change: Change) -> dict[str, str]:
    return {"field": change.field, "after": change.after, "removed": change.removed, "added": change.added}
