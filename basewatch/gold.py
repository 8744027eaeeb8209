"""The labelled verdicts of a corpus in the place of the classifier's: what ``replay --gold`` and the tests run on."""

from __future__ import annotations

from collections.abc import Iterable

from basewatch.corpus import CorpusArticle
from core.values import Article, Label, Verdict
from storage.types import storable


class GoldClassifier:
    """Answers with the label of the line that has this address and these words; OTHER for an unlabelled one."""

    model = "gold"

    def __init__(self, corpus: Iterable[CorpusArticle]) -> None:
        self._verdicts = {_key(line.url, line.title, line.text): _verdict(line) for line in corpus}

    def classify(self, article: Article) -> Verdict:
        """The labelled verdict. Raises KeyError for an article that is not of this corpus."""
        return self._verdicts[_key(article.url or "", article.title, article.text)]


def _key(url: str, title: str, text: str) -> tuple[str, str, str]:
    return storable(url), storable(title), storable(text)


def _verdict(line: CorpusArticle) -> Verdict:
    label = line.label or Label.OTHER
    return Verdict(
        label=label,
        probability=0.0 if label is Label.OTHER else 1.0,
        lang=line.lang or "und",
        attacks=line.attacks,
        reasons=("for: labelled by hand",) if line.attacks else (),
        model=GoldClassifier.model,
    )
