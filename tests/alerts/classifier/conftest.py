from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from alerts.classifier import Classifier
from config.watch import load_watch
from core.values import Article, Verdict

NOON = datetime(2026, 3, 12, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def classifier() -> Classifier:
    return Classifier.load(load_watch())


@pytest.fixture(scope="session")
def verdict_on(classifier: Classifier) -> Callable[..., Verdict]:
    def verdict_on(title: str, text: str = "", *, published: datetime | None = NOON) -> Verdict:
        return classifier.classify(Article(title=title, text=text, published_at=published, first_seen_at=NOON))

    return verdict_on
