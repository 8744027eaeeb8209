"""``basewatch train``: fit the classifier's weights to labelled articles."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from alerts.classifier.attacks import attacks_of
from alerts.classifier.model import WEIGHTS
from alerts.classifier.reading import Reader
from basewatch.commands.evaluate import print_report
from basewatch.corpus import CorpusArticle, read_corpus
from basewatch.evaluate import EvaluationReport, Judged, report_on
from basewatch.train import Trained, write_weights
from basewatch.train import train as run_train
from config.settings import Settings
from config.watch import load_watch
from core.errors import InputError
from core.values import Label, Verdict


def train(paths: Sequence[Path], *, out: Path | None, as_json: bool, settings: Settings) -> int:
    """Cross-validate, print the held-out figures, write the weights (``out``; None: the shipped file); 0.

    Raises InputError for a corpus too small, a missing scikit-learn or a file that cannot be written.
    """
    rows = [row for row in read_corpus(paths) if row.label is not None]
    reader = Reader(load_watch(settings.watch, settings.config_dir), settings.config_dir)
    console = Console(stderr=True)
    trained = run_train(rows, reader, lambda line: console.print(line, highlight=False))
    report = held_out_report(rows, reader, trained)
    target = out or WEIGHTS
    try:
        write_weights(trained.model, target)
    except OSError as error:
        raise InputError(f"{target} cannot be written: {error.strerror}; give another file with --out") from error
    if as_json:
        document = report.as_json() | {"threshold": trained.model.threshold, "trained_on": trained.model.trained_on}
        print(json.dumps(document, ensure_ascii=False))  # noqa: T201
    else:
        print_report(report, errors=False)
        console.print(f"Wrote {target}; threshold {trained.model.threshold}", highlight=False)
    return 0


def held_out_report(rows: Sequence[CorpusArticle], reader: Reader, trained: Trained) -> EvaluationReport:
    """The figures of cross-validation: each article judged by a model that saw none of its incidents."""
    judged: list[Judged] = []
    for row, probability, is_update in zip(rows, trained.held_out, trained.held_out_update, strict=True):
        reading = reader.read(row.article)
        positive = probability >= trained.model.threshold
        label = (Label.UPDATE if is_update else Label.ATTACK) if positive else Label.OTHER
        attacks = attacks_of(reading, reader.watch, reader.default_sites) if positive else ()
        judged.append(Judged(row, Verdict(label=label, probability=probability, lang=reading.lang, attacks=attacks)))
    return report_on(judged)
