"""The small model: a logistic regression whose weights are readable data, and its calibration."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import ConfigError

WEIGHTS = Path(__file__).parent / "weights.json"


@dataclass(frozen=True, slots=True)
class Model:
    """P(positive) = sigmoid(slope * (bias + sum of weight x value) + shift)."""

    bias: float = 0.0
    weights: Mapping[str, float] = field(default_factory=dict)
    slope: float = 1.0  #: calibration (Platt), fitted on held-out folds
    shift: float = 0.0
    threshold: float = 0.5
    update_bias: float = 0.0
    update_weights: Mapping[str, float] = field(default_factory=dict)
    trained_on: Mapping[str, object] = field(default_factory=dict)

    def score(self, values: Mapping[str, float]) -> float:
        weights = self.weights
        return self.bias + sum(weights.get(name, 0.0) * value for name, value in values.items())

    def probability(self, values: Mapping[str, float]) -> float:
        """Calibrated P(attack or update)."""
        return sigmoid(self.slope * self.score(values) + self.shift)

    def is_update(self, values: Mapping[str, float]) -> bool:
        """Of a positive article: whether its subject is an attack already told."""
        weights = self.update_weights
        return self.update_bias + sum(weights.get(name, 0.0) * value for name, value in values.items()) > 0

    def parts(self, values: Mapping[str, float]) -> list[tuple[str, float]]:
        """Features with what each adds to the score, strongest first."""
        found = [(name, self.weights.get(name, 0.0) * value) for name, value in values.items()]
        return sorted((part for part in found if part[1]), key=lambda part: (-abs(part[1]), part[0]))


def sigmoid(x: float) -> float:
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-min(x, 700.0)))
    return math.exp(max(x, -700.0)) / (1.0 + math.exp(max(x, -700.0)))


def load_model(path: Path = WEIGHTS) -> Model:
    """The model in a weights file. Raises ConfigError."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Model(**data)
    except (OSError, ValueError, TypeError) as error:
        raise ConfigError(f"is no weights file: {error}; make one with 'basewatch train'", file=path) from error
