"""Articles classified on one core: a stream with 2 % attacks, and attacks alone. Reads the repository's corpus."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path

from alerts.classifier import Classifier
from basewatch.corpus import read_corpus
from bench.machine import machine, resident_mib
from config.watch import load_watch
from core.errors import InputError
from core.values import Article, Label

CORPUS = Path(__file__).resolve().parents[1] / "tests" / "corpus"
N_STREAM = 10_000
N_ATTACKS = 3_000
ATTACKS_IN_STREAM = 50  #: one article in so many is an attack: 2 %


def run() -> dict[str, str | int | float]:
    """The figures of ``basewatch bench classify``. Raises InputError outside of the repository."""
    rows = read_corpus([corpus_folder()])
    attacks = [row.article for row in rows if row.label is not Label.OTHER]
    others = [row.article for row in rows if row.label is Label.OTHER]
    started = time.perf_counter()
    classifier = Classifier.load(load_watch())
    load_s = time.perf_counter() - started
    for article in (*attacks, *others):
        classifier.classify(article)  # each language is built at its first article
    pool_a, pool_o = cycle(attacks), cycle(others)
    stream = [next(pool_a) if n % ATTACKS_IN_STREAM == 0 else next(pool_o) for n in range(N_STREAM)]
    whole = _seconds_of_each(classifier, stream)
    on_attacks = _seconds_of_each(classifier, list(islice(cycle(attacks), N_ATTACKS)))
    return {
        "stream_articles_per_s": round(len(whole) / sum(whole), 1),
        "attack_articles_per_s": round(len(on_attacks) / sum(on_attacks), 1),
        "p99_ms": round(1000 * statistics.quantiles(on_attacks, n=100)[98], 2),
        "load_s": round(load_s, 3),
        "rss_mib": round(resident_mib(os.getpid()), 1),
        "n_stream": N_STREAM,
        "n_attacks": N_ATTACKS,
        **machine(),
    }


def corpus_folder() -> Path:
    """The repository's corpus. Raises InputError where this is no clone of it."""
    if not CORPUS.is_dir():
        raise InputError("this bench reads tests/corpus: run it from a clone of the repository")
    return CORPUS


def _seconds_of_each(classifier: Classifier, articles: Sequence[Article]) -> list[float]:
    seconds = []
    for article in articles:
        started = time.perf_counter()
        classifier.classify(article)
        seconds.append(time.perf_counter() - started)
    return seconds
