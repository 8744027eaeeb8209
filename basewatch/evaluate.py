"""How good a classifier is on labelled articles: pure functions from rows and verdicts to figures.

The rules are those of docs/classifier.md, "How it is measured": an article is positive if it is an attack or an update;
within a true positive, labelled and found attacks are paired one to one, and a field's score is the share of pairs in
which both say the same. A figure whose denominator is zero is None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from basewatch.corpus import CorpusArticle
from basewatch.pairing import pair_attacks, scored_base
from core.values import Article, Attack, Label, Verdict

FLASH_WORDS = 40  #: title and text together
ECE_BINS = 10  #: equal widths; the usual number (Naeini et al. 2015)
FIELDS = ("base", "date", "weapons", "count", "outcome", "claimed_by")
#: ids that tests/corpus/SCHEMA.md lists; any other site counts as other-named
SCHEMA_SITES = frozenset(
    {
        "ain-al-asad", "erbil-airbase", "harir", "victoria-base-baghdad", "camp-taji", "k1-kirkuk", "qayyarah-west",
        "balad", "us-embassy-baghdad", "us-consulate-erbil", "al-tanf", "green-village-al-omar", "conoco",
        "al-shaddadi", "rumaylan-kharab-al-jir", "tell-baydar", "qasrak", "himo", "tower-22", "muwaffaq-salti",
        "al-udeid", "al-dhafra", "camp-arifjan", "ali-al-salem", "camp-buehring", "nsa-bahrain", "prince-sultan",
        "incirlik", "camp-lemonnier", "manda-bay", "other-named",
    }
)  # fmt: skip

Figures = dict[str, float | int | None]


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled article and the verdict on it."""

    row: CorpusArticle
    verdict: Verdict

    @property
    def is_positive(self) -> bool:
        return self.row.label is not Label.OTHER

    @property
    def is_right(self) -> bool:
        return self.is_positive == self.verdict.positive

    @property
    def is_flash(self) -> bool:
        return len(f"{self.row.title} {self.row.text}".split()) <= FLASH_WORDS


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationReport:
    """The figures of one evaluation; ``as_json`` is the shape that other programs hold on to."""

    n: int
    articles: Figures
    labels: Figures
    fields: Figures
    attacks: Figures
    calibration: Figures
    by_lang: dict[str, Figures]
    by_trap: dict[str, Figures]
    by_length: dict[str, Figures]
    judged: tuple[Judged, ...]

    @property
    def errors(self) -> tuple[Judged, ...]:
        """False alarms and misses, the surest first."""
        wrong = (item for item in self.judged if not item.is_right)
        return tuple(sorted(wrong, key=lambda item: -abs(item.verdict.probability - 0.5)))

    def as_json(self) -> dict[str, object]:
        """The stable document of ``evaluate --json``."""
        return {
            "n": self.n,
            "articles": self.articles,
            "labels": self.labels,
            "fields": self.fields,
            "attacks": self.attacks,
            "calibration": self.calibration,
            "by_lang": self.by_lang,
            "by_trap": self.by_trap,
            "by_length": self.by_length,
        }


def evaluate(rows: Sequence[CorpusArticle], classify: Callable[[Article], Verdict]) -> EvaluationReport:
    """The report on a classifier over labelled articles; rows without a label are left out."""
    return report_on([Judged(row, classify(row.article)) for row in rows if row.label is not None])


def report_on(judged: Sequence[Judged]) -> EvaluationReport:
    """The report on verdicts already given, such as those of cross-validation."""
    pairs = [pair for item in judged if item.is_positive and item.is_right for pair in _paired(item)]
    return EvaluationReport(
        n=len(judged),
        articles=precision_recall(judged),
        labels={"accuracy": _share(sum(i.row.label == i.verdict.label for i in judged), len(judged))},
        fields={name: _share(sum(_same(name, *pair) for pair in pairs), len(pairs)) for name in FIELDS},
        attacks=_listings(judged, pairs),
        calibration={"ece": expected_calibration_error(judged)},
        by_lang=_grouped(judged, lambda item: item.row.lang or "und"),
        by_trap=_grouped(judged, lambda item: item.row.trap or "none"),
        by_length=_grouped(judged, lambda item: "flash" if item.is_flash else "article"),
        judged=tuple(judged),
    )


def precision_recall(judged: Iterable[Judged]) -> Figures:
    """n, precision, recall and F1 of the positive class."""
    items = list(judged)
    right = sum(item.is_positive and item.verdict.positive for item in items)
    found = sum(item.verdict.positive for item in items)
    true = sum(item.is_positive for item in items)
    f1 = _share(2 * right, found + true)
    return {"n": len(items), "precision": _share(right, found), "recall": _share(right, true), "f1": f1}


def expected_calibration_error(judged: Sequence[Judged]) -> float | None:
    """Mean gap between probability and share of positives over ten equal bins, weighted by their size."""
    bins: dict[int, list[Judged]] = {}
    for item in judged:
        bins.setdefault(min(int(item.verdict.probability * ECE_BINS), ECE_BINS - 1), []).append(item)
    gaps = [
        abs(sum(item.verdict.probability for item in items) - sum(item.is_positive for item in items))
        for items in bins.values()
    ]
    return _share(sum(gaps), len(judged))


def _grouped(judged: Sequence[Judged], key: Callable[[Judged], str]) -> dict[str, Figures]:
    groups: dict[str, list[Judged]] = {}
    for item in judged:
        groups.setdefault(key(item), []).append(item)
    return {name: precision_recall(groups[name]) | _errors_of(groups[name]) for name in sorted(groups)}


def _errors_of(items: Sequence[Judged]) -> Figures:
    return {
        "missed": sum(item.is_positive and not item.is_right for item in items),
        "false": sum(not item.is_positive and not item.is_right for item in items),
    }


def _paired(item: Judged) -> list[tuple[Attack, Attack]]:
    labelled, found = item.row.attacks, item.verdict.attacks
    return [(labelled[i], found[j]) for i, j in pair_attacks(labelled, found, SCHEMA_SITES)]


def _same(name: str, labelled: Attack, found: Attack) -> bool:
    if name == "base":
        return scored_base(labelled.base, SCHEMA_SITES) == scored_base(found.base, SCHEMA_SITES)
    if name == "weapons":
        return set(labelled.weapons) == set(found.weapons)
    same: bool = getattr(labelled, name) == getattr(found, name)
    return same


def _listings(judged: Sequence[Judged], pairs: Sequence[tuple[Attack, Attack]]) -> Figures:
    right = sum(_same("base", *pair) and _same("date", *pair) for pair in pairs)
    hits = [item for item in judged if item.is_positive and item.is_right]
    return {
        "precision": _share(right, sum(len(item.verdict.attacks) for item in hits)),
        "recall": _share(right, sum(len(item.row.attacks) for item in hits)),
    }


def _share(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None
