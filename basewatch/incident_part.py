"""The incident as it stands, in the form in which its notices, exports and commands show it."""

from __future__ import annotations

from core.documents import IncidentPart
from storage.values import IncidentView


def part_of(view: IncidentView) -> IncidentPart:
    """The incident as its notices show it; the counts as they stand."""
    kept = dict(view.facts["incident"])
    kept.update(id=view.public_id, report_count=view.report_count, outlet_count=view.outlet_count)
    return IncidentPart.model_validate(kept)
