"""The quality gate: figures of cross-validation pinned with the hash of the corpus they were measured on.

``python -m basewatch.quality CORPUS… --floors FILE`` checks; ``--pin`` writes new floors, and refuses to write a lower
one unless ``--allow-lower`` says so. A corpus that changed must be pinned anew: old floors say nothing of it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from alerts.classifier.reading import Reader
from basewatch.commands.train import held_out_report
from basewatch.corpus import read_corpus
from basewatch.evaluate import EvaluationReport
from basewatch.train import corpus_hash, train
from config.watch import load_watch
from core.errors import BasewatchError, InputError

MARGIN = 0.005  #: a floor lies this far under the measured figure, so that a rounding does not break a build
BY_LANG_AT_LEAST = 20  #: languages with fewer articles have no floor of their own


def figures_of(report: EvaluationReport) -> dict[str, float]:
    """The pinned figures by name; higher is better for all but ``ece``, which is kept as its complement."""
    found: dict[str, float | int | None] = {
        "precision": report.articles["precision"],
        "recall": report.articles["recall"],
        "f1": report.articles["f1"],
        "labels": report.labels["accuracy"],
        "attacks_precision": report.attacks["precision"],
        "attacks_recall": report.attacks["recall"],
        "calibration": None if report.calibration["ece"] is None else 1 - float(report.calibration["ece"]),
        "flash_f1": report.by_length.get("flash", {}).get("f1"),
        "flash_recall": report.by_length.get("flash", {}).get("recall"),
        **{f"field_{name}": value for name, value in report.fields.items()},
    }
    for lang, figures in report.by_lang.items():
        if (figures["n"] or 0) >= BY_LANG_AT_LEAST:
            found[f"f1_{lang}"] = figures["f1"]
    return {name: round(float(value), 4) for name, value in found.items() if value is not None}


def check(figures: Mapping[str, float], corpus: str, pinned: Mapping[str, object]) -> list[str]:
    """What is wrong, a sentence each; empty when every figure holds its floor."""
    if pinned.get("corpus") != corpus:
        return [f"The floors were pinned for corpus {pinned.get('corpus')}, this is {corpus}: pin them anew"]
    floors = pinned.get("floors")
    if not isinstance(floors, dict):
        return ["The file of floors holds none: pin them"]
    return [
        f"{name} is {figures.get(name, 0.0):.4f}, under its floor of {floor:.4f}"
        for name, floor in sorted(floors.items())
        if figures.get(name, 0.0) < floor
    ]


def pin(
    figures: Mapping[str, float], corpus: str, old: Mapping[str, object], *, allow_lower: bool
) -> dict[str, object]:
    """New floors. Raises InputError where one would be lower than before and ``allow_lower`` is not given."""
    floors = {name: round(value - MARGIN, 4) for name, value in sorted(figures.items())}
    before = old.get("floors")
    lower = (
        [name for name, floor in (before or {}).items() if floors.get(name, 0.0) < floor]
        if isinstance(before, dict)
        else []
    )
    if lower and not allow_lower:
        raise InputError(f"These floors would sink: {', '.join(sorted(lower))}; say --allow-lower if that is meant")
    return {"corpus": corpus, "floors": floors}


def measure(paths: Sequence[Path]) -> tuple[dict[str, float], str]:
    """Held-out figures of the corpus and its hash."""
    rows = [row for row in read_corpus(paths) if row.label is not None]
    reader = Reader(load_watch())
    return figures_of(held_out_report(rows, reader, train(rows, reader))), corpus_hash(rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Check or pin; exit code 0 only if the figures hold or were written."""
    parser = argparse.ArgumentParser(prog="python -m basewatch.quality", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", nargs="+", type=Path)
    parser.add_argument("--floors", type=Path, required=True)
    parser.add_argument("--pin", action="store_true")
    parser.add_argument("--allow-lower", action="store_true")
    chosen = parser.parse_args(arguments)
    try:
        figures, corpus = measure(chosen.corpus)
        old = json.loads(chosen.floors.read_text(encoding="utf-8")) if chosen.floors.exists() else {}
        if chosen.pin:
            floors = pin(figures, corpus, old, allow_lower=chosen.allow_lower)
            chosen.floors.write_text(json.dumps(floors, indent=1) + "\n", encoding="utf-8")
        wrong = [] if chosen.pin else check(figures, corpus, old)
    except BasewatchError as error:
        wrong = [str(error)]
    for sentence in wrong:
        sys.stderr.write(sentence + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
