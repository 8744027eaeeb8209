"""Train the classifier's small model: grouped cross-validation, calibration, readable weights.

Needs scikit-learn, a development dependency; the product itself reads the weights with plain Python. The same corpus
gives the same file, byte for byte.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from alerts.classifier.model import Model, sigmoid
from alerts.classifier.patterns import Entry
from alerts.classifier.reading import Reader
from basewatch.corpus import CorpusArticle as Row
from core.errors import InputError
from core.values import Label

FOLDS = 10
STRENGTH = 0.1  #: inverse of the L2 penalty; on text by other authors 0.05 to 0.1 do best, 0.25 and more worse
RECALL_FIRST = 2.0  #: a missed attack costs as much as this many false alarms
#: the probability from which telling costs less than keeping silent. The cost is flat around the best, so that the best
#: of a search is noise; that probabilities are calibrated is what makes this one right
THRESHOLD = 1 / (1 + RECALL_FIRST)
DIGITS = 4
#: readings of each article with a part of the lexicon missing, as texts by other authors will find it
COPIES = 4
FORGOTTEN = 0.12  #: share of the lexicon that such a reading does not know
COPY_WEIGHT = 0.25  #: of such a reading in the fit; the full reading counts 1
Values = dict[str, float]


@dataclass(slots=True)
class Trained:
    """A model and how it did on articles that it had not seen."""

    model: Model
    held_out: list[float] = field(default_factory=list)  #: calibrated probability of each row from its fold's model
    held_out_update: list[bool] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)


def corpus_hash(rows: Sequence[Row]) -> str:
    """Short hash of ids, labels and texts, whatever files they came from."""
    digest = hashlib.sha256()
    for row in sorted(rows, key=lambda row: row.id):
        digest.update(f"{row.id}\0{row.label}\0{row.title}\0{row.text}\0{row.attacks}\n".encode())
    return digest.hexdigest()[:16]


def incident_groups(rows: Sequence[Row]) -> list[int]:
    """A group number for each row: rows that share an incident, directly or by a chain, are in one group."""
    parent = list(range(len(rows)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    first: dict[str, int] = {}
    for index, row in enumerate(rows):
        for incident in row.incident_ids:
            known = first.setdefault(incident, index)
            parent[root(index)] = root(known)
    return [root(index) for index in range(len(rows))]


def fold_of(rows: Sequence[Row], folds: int = FOLDS) -> list[int]:
    """The fold of each row: whole incident groups, by hash of the group's first id."""
    return [int(hashlib.sha256(rows[group].id.encode()).hexdigest(), 16) % folds for group in incident_groups(rows)]


def train(rows: Sequence[Row], reader: Reader, report: Callable[[str], None] = lambda _: None) -> Trained:
    """The model fitted on all rows, with held-out probabilities from grouped cross-validation.

    Raises InputError when the corpus is too small or scikit-learn is missing.
    """
    values = [reader.read(row.article).values for row in rows]
    copies = [[_forgetful(reader, row, copy) for copy in range(COPIES)] for row in rows]
    truth = [row.label is not Label.OTHER for row in rows]
    if sum(truth) < FOLDS or len(rows) - sum(truth) < FOLDS:
        raise InputError(f"The corpus is too small to train on: it needs {FOLDS} positive and {FOLDS} other articles.")
    folds = fold_of(rows)
    report(f"Read {len(rows)} articles; cross-validating over {FOLDS} folds of whole incidents")
    raw = [0.0] * len(rows)
    updates = [False] * len(rows)
    for fold in range(FOLDS):
        inside = [i for i in range(len(rows)) if folds[i] != fold and values[i]]
        bias, weights = _fit_with_copies(inside, values, copies, truth)
        model = Model(bias=bias, weights=weights)
        positive = [i for i in inside if truth[i]]
        u_bias, u_weights = _fit([values[i] for i in positive], [rows[i].label is Label.UPDATE for i in positive])
        updater = Model(update_bias=u_bias, update_weights=u_weights)
        for i in range(len(rows)):
            if folds[i] == fold:
                raw[i] = model.score(values[i]) if values[i] else -12.0
                updates[i] = updater.is_update(values[i])
    slope, shift = _platt(raw, truth)
    held_out = [sigmoid(slope * score + shift) for score in raw]
    kept = [i for i in range(len(rows)) if values[i]]
    bias, weights = _fit_with_copies(kept, values, copies, truth)
    positive = [i for i in kept if truth[i]]
    u_bias, u_weights = _fit([values[i] for i in positive], [rows[i].label is Label.UPDATE for i in positive])
    model = Model(
        bias=bias,
        weights=weights,
        slope=round(slope, DIGITS),
        shift=round(shift, DIGITS),
        threshold=round(THRESHOLD, DIGITS),
        update_bias=u_bias,
        update_weights=u_weights,
        trained_on={"articles": len(rows), "corpus": corpus_hash(rows), "features": len(weights)},
    )
    return Trained(model, held_out, updates, _figures(held_out, truth, round(THRESHOLD, DIGITS)))


def _forgetful(reader: Reader, row: Row, copy: int) -> Values:
    """The features of an article read with a part of the lexicon missing; names of the watch are always known."""
    limit = int(FORGOTTEN * 2**32)

    def known(entry: Entry) -> bool:
        if entry.site is not None or entry.actor is not None:
            return True
        return zlib.crc32(f"{copy} {entry.word}".encode()) >= limit

    return reader.read(row.article, known).values


def _fit_with_copies(
    indexes: Sequence[int], values: Sequence[Values], copies: Sequence[Sequence[Values]], truth: Sequence[bool]
) -> tuple[float, dict[str, float]]:
    pairs = [(values[i], truth[i], 1.0) for i in indexes]
    pairs += [(copy, truth[i], COPY_WEIGHT) for i in indexes for copy in copies[i] if copy and copy != values[i]]
    return _fit([v for v, _, _ in pairs], [t for _, t, _ in pairs], [w for _, _, w in pairs])


def _fit(
    values: Sequence[Values], truth: Sequence[bool], counts: Sequence[float] | None = None
) -> tuple[float, dict[str, float]]:
    try:
        from sklearn.feature_extraction import DictVectorizer
        from sklearn.linear_model import LogisticRegression
    except ImportError as error:
        raise InputError("Training needs scikit-learn: run 'make install' with the development packages.") from error
    if len(set(truth)) < 2:
        return -1.0, {}
    vectors = DictVectorizer(sort=True)
    matrix = vectors.fit_transform(values)
    fitted = LogisticRegression(C=STRENGTH, max_iter=5_000).fit(matrix, list(truth), sample_weight=counts)
    names = vectors.get_feature_names_out()
    weights = {str(name): round(float(w), DIGITS) for name, w in zip(names, fitted.coef_[0], strict=True)}
    return round(float(fitted.intercept_[0]), DIGITS), {name: w for name, w in weights.items() if w}


def _platt(scores: Sequence[float], truth: Sequence[bool]) -> tuple[float, float]:
    """Slope and shift that make held-out scores into probabilities (Platt 1999), fitted by Newton's method."""
    slope, shift = 1.0, 0.0
    for _ in range(50):
        g0 = g1 = h00 = h01 = h11 = 1e-9
        for score, positive in zip(scores, truth, strict=True):
            p = sigmoid(slope * score + shift)
            error, weight = p - float(positive), max(p * (1 - p), 1e-9)
            g0 += error * score
            g1 += error
            h00 += weight * score * score
            h01 += weight * score
            h11 += weight
        det = h00 * h11 - h01 * h01
        if abs(det) < 1e-12:
            break
        slope -= (h11 * g0 - h01 * g1) / det
        shift -= (h00 * g1 - h01 * g0) / det
    return slope, shift


def _figures(held_out: Sequence[float], truth: Sequence[bool], threshold: float) -> dict[str, float]:
    found = [p >= threshold for p in held_out]
    right = sum(f and t for f, t in zip(found, truth, strict=True))
    precision, recall = right / max(sum(found), 1), right / max(sum(truth), 1)
    return {
        "precision": round(precision, DIGITS),
        "recall": round(recall, DIGITS),
        "f1": round(2 * precision * recall / max(precision + recall, 1e-9), DIGITS),
    }


def write_weights(model: Model, path: Path) -> None:
    """The weights file: sorted, one weight a line, so that a change reads as a change."""
    data = {name: getattr(model, name) for name in Model.__dataclass_fields__}
    path.write_text(json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
