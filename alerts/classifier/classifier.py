"""Text to verdict: the one door of the classifier.

::

    article | language | plain spelling | one pass over lexicon and names | sentences | frames
            | language-free features | calibrated probability | label | attacks with fields and evidence | reasons
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from alerts.classifier.attacks import attacks_of, denials_of
from alerts.classifier.model import WEIGHTS, Model, load_model
from alerts.classifier.reading import Reader, Reading
from alerts.classifier.reasons import reasons_of
from config.lexicon import lexicon_files
from config.watch import Watch
from core.values import Article, Attack, Label, Verdict

NOTHING = 0.001  #: probability of a text without any place, force, weapon or attack in it


class Classifier:
    """Says of an article whether it tells a new attack on the watch, and tells what it found."""

    def __init__(self, reader: Reader, weights: Model, model: str, threshold: float | None = None) -> None:
        self.reader = reader
        self.weights = weights
        self.threshold = weights.threshold if threshold is None else threshold
        self.model = model  #: hash of lexicons, watch, code and weights: verdicts of another model may differ

    @classmethod
    def load(
        cls,
        watch: Watch,
        config_dir: Path | None = None,
        weights: Path = WEIGHTS,
        *,
        threshold: float | None = None,
    ) -> Classifier:
        """The classifier for a watch; ``threshold`` None takes the model's own.

        Raises ConfigError for a lexicon or weights file that cannot be used.
        """
        model = load_model(weights)
        return cls(Reader(watch, config_dir), model, _model_hash(watch, config_dir, weights), threshold)

    def classify(self, article: Article) -> Verdict:
        """The verdict on one article version; never raises on any text."""
        return self.verdict(self.reader.read(article))

    def verdict(self, reading: Reading) -> Verdict:
        """The verdict that a reading leads to. A negative one lists the attacks that the article denies."""
        if not reading.values:
            return Verdict(label=Label.OTHER, probability=NOTHING, lang=reading.lang, model=self.model)
        probability = self.weights.probability(reading.values)
        label = Label.OTHER
        attacks: tuple[Attack, ...] = ()
        if probability >= self.threshold:
            label = Label.UPDATE if self.weights.is_update(reading.values) else Label.ATTACK
            attacks = attacks_of(reading, self.reader.watch, self.reader.default_sites)
        else:
            attacks = denials_of(reading, self.reader.watch, self.reader.default_sites)
        return Verdict(
            label=label,
            probability=probability,
            lang=reading.lang,
            attacks=attacks,
            reasons=reasons_of(self.weights, reading),
            model=self.model,
        )


def _model_hash(watch: Watch, config_dir: Path | None, weights: Path) -> str:
    digest = hashlib.sha256(watch.digest.encode())
    files = [*lexicon_files(config_dir).values(), weights, *sorted(Path(__file__).parent.glob("*.py"))]
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
