"""A verdict taken apart: frames, features with what each weighs, and the spans of the text that matter."""

from __future__ import annotations

from dataclasses import dataclass

from alerts.classifier.classifier import Classifier
from alerts.classifier.reading import Reading
from core.values import Article, Verdict


@dataclass(frozen=True, slots=True)
class FrameLine:
    """One frame in words."""

    position: str
    kind: str
    target: str
    site: str | None
    events: tuple[str, ...]
    weapons: tuple[str, ...]
    turned_by: tuple[str, ...]
    day: str | None
    strong: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that led to a verdict."""

    verdict: Verdict
    raw: str  #: the text that the spans count in
    threshold: float
    frames: tuple[FrameLine, ...]
    parts: tuple[tuple[str, float, float], ...]  #: feature, value, what it adds to the score (log-odds)
    bias: float
    spans: tuple[tuple[int, int, str], ...]  #: start, end, kind of frame; of sentences with frames


def explain(classifier: Classifier, article: Article) -> Explanation:
    """The explanation of the verdict on one article."""
    reading = classifier.reader.read(article)
    model = classifier.weights
    return Explanation(
        verdict=classifier.verdict(reading),
        raw=reading.raw,
        threshold=classifier.threshold,
        frames=tuple(_lines(reading)),
        parts=tuple((name, reading.values[name], part) for name, part in model.parts(reading.values)),
        bias=model.bias,
        spans=tuple(_spans(reading)),
    )


def _lines(reading: Reading) -> list[FrameLine]:
    found: list[FrameLine] = []
    for frame in reading.frames:
        assert reading.scan is not None
        start, end = reading.scan.plain.span(frame.target.start, frame.target.end)
        time = frame.time
        day = None if time is None else "long ago" if time.old else str(time.day) if time.day else None
        found.append(
            FrameLine(
                position=frame.sentence.position,
                kind=frame.kind,
                target=reading.raw[start:end],
                site=frame.target.site,
                events=tuple(sorted(frame.events)),
                weapons=tuple(sorted(frame.weapons)),
                turned_by=tuple(sorted(frame.turners)),
                day=day,
                strong=frame.strong,
            )
        )
    return found


def _spans(reading: Reading) -> list[tuple[int, int, str]]:
    """Spans of sentences, each with the kind of its most telling frame, in order."""
    order = ("on_protected", "by_protected", "on_other", "on_ship", "on_mission", "on_base")
    best: dict[tuple[int, int], str] = {}
    for frame in reading.frames:
        assert reading.scan is not None
        span = reading.scan.plain.span(frame.sentence.start, frame.sentence.end)
        known = best.get(span)
        if known is None or order.index(frame.kind) < order.index(known):
            best[span] = frame.kind
    return [(start, end, kind) for (start, end), kind in sorted(best.items())]
