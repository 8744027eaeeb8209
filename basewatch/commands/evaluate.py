"""``basewatch evaluate``: how well the classifier does on labelled articles."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from alerts.classifier import Classifier
from basewatch.corpus import read_corpus
from basewatch.evaluate import EvaluationReport, Figures, Judged
from basewatch.evaluate import evaluate as run_evaluate
from config.settings import Settings
from config.watch import load_watch
from core.text import cut, one_line


def evaluate(paths: Sequence[Path], *, as_json: bool, errors: bool, settings: Settings) -> int:
    """Print the figures, and with ``errors`` each error with its reasons; 0. Raises InputError for no corpus."""
    rows = read_corpus(paths)
    watch = load_watch(settings.watch, settings.config_dir)
    classifier = Classifier.load(watch, settings.config_dir, threshold=settings.alerts.threshold)
    report = run_evaluate(rows, classifier.classify)
    if as_json:
        document = report.as_json()
        if errors:
            document["errors"] = [_error_document(item) for item in report.errors]
        print(json.dumps(document, ensure_ascii=False))  # noqa: T201
    else:
        print_report(report, errors=errors)
    return 0


def print_report(report: EvaluationReport, *, errors: bool) -> None:
    """Tables for people."""
    console = Console()
    console.print(_whole(report))
    for title, groups in (("language", report.by_lang), ("length", report.by_length), ("trap", report.by_trap)):
        console.print(_groups(title, groups))
    if errors:
        for item in report.errors:
            console.print(_error_text(item), soft_wrap=True)


def _whole(report: EvaluationReport) -> Table:
    table = Table("figure", "value", title=f"{report.n} articles")
    parts = ("articles", "labels", "fields", "attacks", "calibration")
    for part in parts:
        figures: Figures = getattr(report, part)
        for name, value in figures.items():
            if name != "n":
                table.add_row(f"{part} {name}".replace("_", " "), _shown(value))
    return table


def _groups(title: str, groups: Mapping[str, Figures]) -> Table:
    table = Table(title, "n", "precision", "recall", "F1", "missed", "false")
    for name, figures in groups.items():
        table.add_row(name, *(_shown(figures[key]) for key in ("n", "precision", "recall", "f1", "missed", "false")))
    return table


def _shown(value: float | int | None) -> str:
    return "-" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)


def _error_text(item: Judged) -> Text:
    kind = "MISSED" if item.is_positive else "FALSE"
    head = f"{kind} {item.row.id} ({item.row.lang}, {item.row.trap or 'no trap'}) p={item.verdict.probability:.2f} "
    text = Text(head, style="bold red" if item.is_positive else "bold yellow")
    text.append(cut(one_line(item.row.title or item.row.text), 120), style="not bold default")
    for reason in item.verdict.reasons:
        text.append(f"\n    {reason}", style="dim")
    return text


def _error_document(item: Judged) -> dict[str, object]:
    return {
        "id": item.row.id,
        "label": str(item.row.label),
        "found": item.verdict.label.value,
        "probability": round(item.verdict.probability, 4),
        "trap": item.row.trap,
        "reasons": list(item.verdict.reasons),
    }
