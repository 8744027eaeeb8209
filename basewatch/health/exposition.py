"""Metrics in the text format that Prometheus reads (version 0.0.4 of "Exposition formats", prometheus.io/docs).

The format is a dozen lines to write, and our figures come from the database and from counters that the parts keep
anyway: a client library would bring a second, process-wide set of them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
#: seconds from publication or first sight to acceptance: from what the bench measures to half a day
LATENCY_BUCKETS_S = (0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 43_200)


@dataclass(frozen=True, slots=True)
class Sample:
    """One line: a value under the family's name and a suffix, with labels."""

    value: float
    labels: Mapping[str, str] = field(default_factory=dict)
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """One metric: name, kind, a line of help, and its samples."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    text: str
    samples: tuple[Sample, ...]


def family(
    name: str, kind: Literal["counter", "gauge"], text: str, *samples: tuple[float, Mapping[str, str]]
) -> Family:
    """A counter or gauge of ``(value, labels)``."""
    return Family(name, kind, text, tuple(Sample(value, labels) for value, labels in samples))


def single(name: str, kind: Literal["counter", "gauge"], text: str, value: float | None) -> Family:
    """A metric without labels; None: no sample, for a moment that never was."""
    return Family(name, kind, text, () if value is None else (Sample(value),))


def by_label(
    name: str, kind: Literal["counter", "gauge"], text: str, label: str, values: Mapping[str, float]
) -> Family:
    """A metric with one label."""
    return Family(name, kind, text, tuple(Sample(value, {label: key}) for key, value in sorted(values.items())))


class Histogram:
    """Counts of values at or below each bound, cumulative as the format wants them."""

    def __init__(self, bounds: Iterable[float] = LATENCY_BUCKETS_S) -> None:
        self.bounds = tuple(sorted(bounds))
        self._counts = [0] * (len(self.bounds) + 1)
        self._sum = 0.0

    def observe(self, value: float) -> None:
        self._counts[bisect_left(self.bounds, value)] += 1
        self._sum += value

    def family(self, name: str, text: str) -> Family:
        samples, total = [], 0
        for bound, count in zip((*self.bounds, float("inf")), self._counts, strict=True):
            total += count
            samples.append(Sample(total, {"le": _number(bound)}, "_bucket"))
        return Family(name, "histogram", text, (*samples, Sample(self._sum, {}, "_sum"), Sample(total, {}, "_count")))


def render(families: Iterable[Family]) -> str:
    """The whole answer, ending in a line end."""
    lines: list[str] = []
    for each in families:
        lines.append(f"# HELP {each.name} {_escaped(each.text)}")
        lines.append(f"# TYPE {each.name} {each.kind}")
        lines += [f"{each.name}{one.suffix}{_labels(one.labels)} {_number(one.value)}" for one in each.samples]
    return "\n".join(lines) + "\n"


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    inside = ",".join(f'{name}="{_escaped(value, quote=True)}"' for name, value in labels.items())
    return "{" + inside + "}"


def _escaped(text: str, *, quote: bool = False) -> str:
    text = text.replace("\\", r"\\").replace("\n", r"\n")
    return text.replace('"', r"\"") if quote else text


def _number(value: float) -> str:
    if value == float("inf"):
        return "+Inf"
    return str(int(value)) if value == int(value) and abs(value) < 2**53 else repr(float(value))
