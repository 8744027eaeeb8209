"""``basewatch replay``: what would have been told, and how well it matches the labels."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from alerts.classifier import Classifier
from alerts.intake import Classify
from basewatch.contrast import contrast
from basewatch.corpus import CorpusArticle, read_corpus
from basewatch.gold import GoldClassifier
from basewatch.kept import kept_corpus
from basewatch.replay import Result
from basewatch.replay import replay as run_replay
from config.outlets import load_outlets
from config.settings import Settings, load_settings
from config.watch import Watch, load_watch
from core.errors import InputError
from storage.engine import open_database

DETAILS = 40  #: lines of detail printed for people; --json has them all


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be replayed: files of articles, or what is stored."""

    paths: Sequence[Path] = ()
    stored: bool = False
    since: datetime | None = None
    until: datetime | None = None
    gold: bool = False
    disturb: Callable[[Sequence[CorpusArticle]], Sequence[CorpusArticle]] = lambda corpus: corpus  #: ``disturbed.py``

    def corpus(self, settings: Settings) -> Sequence[CorpusArticle]:
        """The articles in the order in which they come. Raises InputError where there is none, or no choice."""
        if self.stored == bool(self.paths):
            raise InputError("name files of articles, or say --stored for those in the database")
        if not self.stored:
            return self.disturb(read_corpus(self.paths))
        if self.gold:
            raise InputError("stored articles have no labels: leave --gold out")
        with open_database(settings.database_address, create=False) as database, database.read() as session:
            return self.disturb(kept_corpus(session, self.since, self.until))


def replay(wanted: Wanted, settings: Settings, *, as_json: bool) -> int:
    """Print the figures of a replay; 0. Raises InputError for a file that is no corpus."""
    corpus = wanted.corpus(settings)
    started = time.monotonic()
    result = _run(corpus, wanted, settings)
    took_s = time.monotonic() - started
    if as_json:
        print(json.dumps(result.to_json(), ensure_ascii=False))  # noqa: T201
    else:
        _print(result, took_s)
    return 0


def compare(wanted: Wanted, settings: Settings, a: Path, b: Path, *, as_json: bool) -> int:
    """Replay the same articles under two configurations and print what would be told differently; 0.

    Articles that are stored come from the database of ``settings``. Raises ConfigError for a configuration that cannot
    be used.
    """
    corpus = wanted.corpus(settings)
    first, second = (_run(corpus, wanted, load_settings(path)) for path in (a, b))
    differences = contrast(first.notices, second.notices)
    document = {"a": _in_short(first), "b": _in_short(second), "differences": differences}
    if as_json:
        print(json.dumps(document, ensure_ascii=False))  # noqa: T201
        return 0
    table = Table("figure", "A", "B", title=f"{len(corpus)} articles under {a} (A) and {b} (B)")
    for name, value in _in_short(first).items():
        table.add_row(name.replace("_", " "), str(value), str(_in_short(second)[name]))
    console = Console()
    console.print(table)
    for line in differences:
        console.print(escape("  ".join(f"{key}: {value}" for key, value in line.items())), highlight=False)
    if not differences:
        console.print("Both tell the same.")
    return 0


def _run(corpus: Sequence[CorpusArticle], wanted: Wanted, settings: Settings) -> Result:
    watch = load_watch(settings.watch, settings.config_dir)
    classify: Classify = GoldClassifier(corpus) if wanted.gold else _classifier(watch, settings)
    return run_replay(corpus, classify, watch=watch, outlets=load_outlets(settings.config_dir), settings=settings)


def _classifier(watch: Watch, settings: Settings) -> Classifier:
    return Classifier.load(watch, settings.config_dir, threshold=settings.alerts.threshold)


def _in_short(result: Result) -> dict[str, int]:
    return {"incidents": result.to_json()["incidents"]["found"], **result.to_json()["notices"]}


def _print(result: Result, took_s: float) -> None:
    figures = result.to_json()
    table = Table("figure", "value", title=f"{figures['articles']} articles in {took_s:.1f} s")
    told = {**figures["notices"], "duplicates": figures["duplicates"]}
    if result.labelled:
        rows = {**figures["incidents"], **told, "false_per_1000": figures["false_per_1000"]}
    else:  # without labels nothing is right or wrong
        rows = {"incidents": figures["incidents"]["found"], **told}
    for key, value in rows.items():
        table.add_row(key.replace("_", " "), str(value))
    console = Console()
    console.print(table)
    for line in figures["detail"][:DETAILS]:
        words = "  ".join(f"{key}: {value}" for key, value in line.items())
        console.print(escape(words), highlight=False, soft_wrap=True)
    if len(figures["detail"]) > DETAILS:
        console.print(f"… and {len(figures['detail']) - DETAILS} more; --json lists them all.")
