"""Incidents for other programs: GeoJSON, CSV, JSON Lines, Atom and CAP 1.2. One module a format, one record for all.

To add one: a module with ``write(records, settings, now) -> str``, a line in ``FORMATS``, a section in the docs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from basewatch.export import atom, cap, geojson, jsonlines, table
from basewatch.export.record import Record
from config.export import ExportSettings

Write = Callable[[Sequence[Record], ExportSettings, datetime], str]


@dataclass(frozen=True, slots=True)
class Format:
    """How a format is written, and the file of the directory that holds it."""

    write: Write
    file: str
    what: str


FORMATS: dict[str, Format] = {
    "geojson": Format(geojson.write, "incidents.geojson", "a map layer: one point an incident"),
    "csv": Format(table.write, "incidents.csv", "a table with ACLED-like columns"),
    "jsonl": Format(jsonlines.write, "incidents.jsonl", "everything, one incident a line"),
    "atom": Format(atom.write, "notices.atom", "a feed: one entry a notice"),
    "cap": Format(cap.write, "notices.cap.atom", "CAP 1.2 messages in a feed; the directory has them as files, too"),
}
