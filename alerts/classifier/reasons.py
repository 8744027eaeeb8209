"""Why: the strongest parts of the score as sentences that people read beside an alert."""

from __future__ import annotations

from alerts.classifier.model import Model
from alerts.classifier.reading import Reading

MOST = 6  #: reasons told; the rest moves little
SMALLEST = 0.15  #: parts of the score (log-odds) below this go untold


def reasons_of(model: Model, reading: Reading) -> tuple[str, ...]:
    """Up to six sentences, strongest first, each starting with "for: " or "against: "."""
    told: list[str] = []
    for name, part in model.parts(reading.values):
        if abs(part) < SMALLEST or len(told) >= MOST:
            break
        told.append(f"{'for' if part > 0 else 'against'}: {describe(name)}")
    return tuple(told)


def describe(name: str) -> str:
    """A feature's name as words."""
    return name.replace("_", " ")
