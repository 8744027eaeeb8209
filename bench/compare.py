"""Ours beside what people use: a keyword filter, and TF-IDF with logistic regression, on the same folds.

Cross-validated on the repository's corpus, whole incidents in one fold, so that no judge has seen the incidents that it
judges. Needs scikit-learn (``make install-dev``); reads tests/corpus, so it runs from a clone of the repository.
"""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

from alerts.classifier.reading import Reader
from basewatch.corpus import CorpusArticle, read_corpus
from basewatch.evaluate import FLASH_WORDS
from basewatch.train import FOLDS, fold_of, train
from bench.classify import corpus_folder
from bench.machine import machine
from config.watch import load_watch
from core.errors import InputError
from core.values import Label

KEYWORDS = Path(__file__).with_name("keywords.toml")
#: both usual kinds of TF-IDF features together: words and pairs of words, and letters within words for the inflected
#: languages, each cut to features that at least two articles hold
WORDS, LETTERS = (1, 2), (3, 5)
Judges = dict[str, list[bool]]


def run() -> dict[str, str | int | float]:
    """The figures of ``basewatch bench compare``: F1, precision and recall of each judge, by part of the corpus."""
    rows = [row for row in read_corpus([corpus_folder()]) if row.label is not None]
    texts = [f"{row.title}\n{row.text}".casefold() for row in rows]
    truth = [row.label is not Label.OTHER for row in rows]
    folds = fold_of(rows)
    found: Judges = {}
    seconds: dict[str, float] = {}
    judges: dict[str, Callable[[], list[bool]]] = {
        "keywords": lambda: by_keywords(rows, texts),
        "tfidf": lambda: by_tfidf(texts, truth, folds),
        "basewatch": lambda: by_basewatch(rows),
    }
    for name, judge in judges.items():
        started = time.perf_counter()
        found[name] = judge()
        seconds[f"{name}_s"] = round(time.perf_counter() - started, 1)
    return {**_figures(rows, truth, found), **seconds, "n_articles": len(rows), "n_folds": FOLDS, **machine()}


def by_keywords(rows: Sequence[CorpusArticle], texts: Sequence[str]) -> list[bool]:
    """What the keyword filter of ``bench/keywords.toml`` lets through; it learns nothing."""
    lists = tomllib.loads(KEYWORDS.read_text(encoding="utf-8"))
    judged = []
    for row, text in zip(rows, texts, strict=True):
        words = lists.get(row.lang or "en", lists["en"])
        judged.append(all(any(word in text for word in words[part]) for part in ("target", "attack")))
    return judged


def by_tfidf(texts: Sequence[str], truth: Sequence[bool], folds: Sequence[int]) -> list[bool]:
    """What TF-IDF with logistic regression says, each article by the model that was fitted without its fold."""
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline, make_union
    except ImportError as error:
        raise InputError("this bench needs scikit-learn: run 'make install-dev'") from error
    judged = [False] * len(texts)
    for fold in range(FOLDS):
        inside = [n for n, of in enumerate(folds) if of != fold]
        outside = [n for n, of in enumerate(folds) if of == fold]
        model = make_pipeline(
            make_union(
                TfidfVectorizer(ngram_range=WORDS, min_df=2, sublinear_tf=True),
                TfidfVectorizer(analyzer="char_wb", ngram_range=LETTERS, min_df=2, sublinear_tf=True),
            ),
            LogisticRegression(C=10.0, max_iter=2_000),
        )
        model.fit([texts[n] for n in inside], [truth[n] for n in inside])
        for n, positive in zip(outside, model.predict([texts[n] for n in outside]), strict=True):
            judged[n] = bool(positive)
    return judged


def by_basewatch(rows: Sequence[CorpusArticle]) -> list[bool]:
    """What our model says, each article by the model that was fitted without its fold."""
    trained = train(rows, Reader(load_watch()))
    return [probability >= trained.model.threshold for probability in trained.held_out]


def _figures(rows: Sequence[CorpusArticle], truth: Sequence[bool], found: Judges) -> dict[str, str | int | float]:
    parts: dict[str, Callable[[CorpusArticle], bool]] = {
        "all": lambda _: True,
        "english": lambda row: row.lang == "en",
        "other_languages": lambda row: row.lang != "en",
        "flashes": lambda row: len(f"{row.title} {row.text}".split()) <= FLASH_WORDS,
    }
    figures: dict[str, str | int | float] = {}
    for part, belongs in parts.items():
        chosen = [n for n, row in enumerate(rows) if belongs(row)]
        for name, judged in found.items():
            right = sum(truth[n] and judged[n] for n in chosen)
            precision = right / max(sum(judged[n] for n in chosen), 1)
            recall = right / max(sum(truth[n] for n in chosen), 1)
            figures[f"{name}_{part}_f1"] = round(2 * precision * recall / max(precision + recall, 1e-9), 3)
            figures[f"{name}_{part}_precision"] = round(precision, 3)
            figures[f"{name}_{part}_recall"] = round(recall, 3)
    return figures
