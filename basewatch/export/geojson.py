"""GeoJSON (RFC 7946): a point for each incident whose place is known, no geometry for the others."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from alerts.phrases import casualties_in_short, outcome_words, weapon_and_count, where
from basewatch.export.record import Record, standing
from config.export import ExportSettings


def write(records: Sequence[Record], settings: ExportSettings, now: datetime) -> str:
    """One FeatureCollection."""
    features = [feature(record) for record in standing(records)]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False) + "\n"


def feature(record: Record) -> dict[str, Any]:
    """One incident as a Feature; its properties are flat, so that any map can filter by them."""
    incident = record.incident
    geometry = None
    if incident.lat is not None and incident.lon is not None:
        geometry = {"type": "Point", "coordinates": [incident.lon, incident.lat]}
    kept = incident.model_dump(mode="json", exclude={"lat", "lon", "casualties"})
    toll = {
        f"{one.kind}_{one.whose}_{end}": getattr(one, end) for one in incident.casualties for end in ("low", "high")
    }
    sources = record.newest.sources if record.newest is not None else ()
    return {
        "type": "Feature",
        "id": incident.id,
        "geometry": geometry,
        "properties": kept
        | toll
        | {
            "title": f"{where(incident)}: {weapon_and_count(incident)} {outcome_words(incident)}".strip(),
            "casualties": casualties_in_short(incident),
            "first_source": sources[0].url if sources else None,
        },
    }
