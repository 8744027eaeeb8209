"""``basewatch replay``: what would have been told, and how well it matches the labels."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from alerts.classifier import Classifier
from alerts.intake import Classify
from basewatch.corpus import CorpusArticle, read_corpus
from basewatch.gold import GoldClassifier
from basewatch.replay import Result
from basewatch.replay import replay as run_replay
from config.outlets import load_outlets
from config.settings import Settings
from config.watch import load_watch

DETAILS = 40  #: lines of detail printed for people; --json has them all


def replay(
    paths: Sequence[Path],
    *,
    gold: bool,
    as_json: bool,
    settings: Settings,
    disturb: Callable[[Sequence[CorpusArticle]], Sequence[CorpusArticle]] = lambda corpus: corpus,
) -> int:
    """Print the figures of a replay; 0. Raises InputError for a file that is no corpus.

    ``disturb`` changes the corpus before it is replayed (``disturbed.py``).
    """
    corpus = disturb(read_corpus(paths))
    watch = load_watch(settings.watch, settings.config_dir)
    classify: Classify = GoldClassifier(corpus) if gold else Classifier.load(watch, settings.config_dir)
    started = time.monotonic()
    result = run_replay(corpus, classify, watch=watch, outlets=load_outlets(settings.config_dir), settings=settings)
    took_s = time.monotonic() - started
    if as_json:
        print(json.dumps(result.to_json(), ensure_ascii=False))  # noqa: T201
    else:
        _print(result, took_s)
    return 0


def _print(result: Result, took_s: float) -> None:
    figures = result.to_json()
    table = Table("figure", "value", title=f"{figures['articles']} articles in {took_s:.1f} s")
    for group in ("incidents", "notices"):
        for key, value in figures[group].items():
            table.add_row(key.replace("_", " "), str(value))
    for key in ("duplicates", "false_per_1000"):
        table.add_row(key.replace("_", " "), str(figures[key]))
    console = Console()
    console.print(table)
    for line in figures["detail"][:DETAILS]:
        words = "  ".join(f"{key}: {value}" for key, value in line.items())
        console.print(escape(words), highlight=False, soft_wrap=True)
    if len(figures["detail"]) > DETAILS:
        console.print(f"… and {len(figures['detail']) - DETAILS} more; --json lists them all.")
