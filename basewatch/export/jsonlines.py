"""JSON Lines: everything, one incident a line, in the shape of a webhook's ``data`` (docs/schema/notice.json)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from basewatch.export.record import Record, standing
from config.export import ExportSettings


def write(records: Sequence[Record], settings: ExportSettings, now: datetime) -> str:
    """A line for each incident: ``incident``, ``notices``, and evidence and sources of the newest notice."""
    return "".join(json.dumps(document(record), ensure_ascii=False) + "\n" for record in standing(records))


def document(record: Record) -> dict[str, Any]:
    """One record as JSON values."""
    newest = record.newest.to_json() if record.newest is not None else {"evidence": [], "sources": []}
    return {
        "incident": record.incident.model_dump(mode="json"),
        "closed_at": record.closed_at.isoformat() if record.closed_at is not None else None,
        "notices": [notice.notice.model_dump(mode="json") for notice in record.notices],
        "evidence": newest["evidence"],
        "sources": newest["sources"],
    }
