"""The classifier reads the demo's stories as they are meant, at every time of day: midnight may pass between them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from alerts.classifier import Classifier
from basewatch.demo.stories import Moment, Story, load_script
from config.watch import load_watch
from core.values import Article, Verdict

SCRIPT = load_script()
HOURS = (0, 4, 9, 13, 18, 21)  #: UTC; at 21:05 it is past midnight in Baghdad and Amman, and was not when it happened


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier.load(load_watch())


def read(classifier: Classifier, story: Story, hour: int) -> Verdict:
    now = datetime(2026, 11, 23, hour, 5, tzinfo=UTC)
    piece = SCRIPT.tell(story, Moment(started_at=now, now=now))
    return classifier.classify(
        Article(
            title=piece.title,
            text="\n\n".join(piece.paragraphs),
            published_at=piece.published_at,
            first_seen_at=now,
            outlet=story.outlet,
            lang=story.lang,
        )
    )


@pytest.mark.parametrize("story", [s for s in SCRIPT.story if s.incident is None], ids=lambda story: story.id)
def test_what_is_no_new_attack_on_a_us_base_is_not_read_as_one(classifier: Classifier, story: Story) -> None:
    assert [hour for hour in HOURS if read(classifier, story, hour).positive] == []


@pytest.mark.parametrize("story", [s for s in SCRIPT.story if s.incident and not s.denies], ids=lambda story: story.id)
def test_a_report_is_read_as_one_attack_on_its_base(classifier: Classifier, story: Story) -> None:
    base = SCRIPT.incidents[story.incident or ""].base
    for hour in HOURS:
        verdict = read(classifier, story, hour)
        assert (verdict.positive, [attack.base for attack in verdict.attacks]) == (True, [base]), f"{hour} h"
        assert not verdict.attacks[0].denied


@pytest.mark.parametrize("story", [s for s in SCRIPT.story if s.denies], ids=lambda story: story.id)
def test_a_denial_names_the_attack_that_did_not_happen(classifier: Classifier, story: Story) -> None:
    base = SCRIPT.incidents[story.incident or ""].base
    for hour in HOURS:
        attacks = read(classifier, story, hour).attacks
        assert [(attack.base, attack.denied) for attack in attacks] == [(base, True)], f"{hour} h"
