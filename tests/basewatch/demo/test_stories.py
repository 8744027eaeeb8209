"""The demo's script: playable, covering what it promises to cover, and news on whatever day it is played."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from basewatch.demo.stories import STORIES, Moment, Script, load_script
from config.watch import load_watch
from core.errors import ConfigError
from core.values import NoticeKind

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MIDNIGHT_IN_BAGHDAD = datetime(2026, 11, 23, 21, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def script() -> Script:
    return load_script()


def test_the_newsroom_has_at_least_six_outlets_in_four_languages_and_one_habit_each(script: Script) -> None:
    assert len(script.outlets) >= 6
    assert len({story.lang for story in script.story}) >= 4
    assert len({outlet.shape for outlet in script.outlet}) == len(script.outlet)


@pytest.mark.parametrize(
    "topic", ["ordinary", "US strike", "threat", "drill", "tally", "denial", "someone else's base", "casualties"]
)
def test_every_kind_of_story_is_told(script: Script, topic: str) -> None:
    assert any(story.topic == topic for story in script.story)


def test_each_attack_is_told_by_three_outlets_in_english_and_arabic(script: Script) -> None:
    for key in script.incidents:
        telling = [s for s in script.story if s.incident == key and s.topic == "attack"]
        assert len({story.outlet for story in telling}) >= 3
        assert {"en", "ar"} <= {story.lang for story in telling}


def test_two_new_notices_an_update_and_a_correction_are_expected(script: Script) -> None:
    kinds = [notice.kind for notice in script.expected]
    assert kinds.count(NoticeKind.NEW) == 2
    assert kinds.count(NoticeKind.UPDATE) >= 1
    assert kinds.count(NoticeKind.CORRECTION) == 1


def test_the_sites_that_are_attacked_are_sites_of_the_watch(script: Script) -> None:
    assert {incident.base for incident in script.incident} <= load_watch().sites.keys()


def test_no_placeholder_is_left_in_any_story(script: Script) -> None:
    moment = Moment(started_at=NOON, now=NOON)
    for story in script.story:
        piece = script.tell(story, moment)
        assert not re.search(r"[{}]", " ".join((piece.title, *piece.paragraphs))), story.id


def test_reports_of_one_attack_name_the_same_day_and_hour_though_midnight_passes_between_them(script: Script) -> None:
    first, later = (next(s for s in script.story if s.id == name) for name in ("erbil-shanidar", "erbil-levant"))
    before = script.tell(first, Moment(started_at=MIDNIGHT_IN_BAGHDAD, now=MIDNIGHT_IN_BAGHDAD))
    after = script.tell(later, Moment(started_at=MIDNIGHT_IN_BAGHDAD, now=MIDNIGHT_IN_BAGHDAD + timedelta(minutes=20)))
    for piece in (before, after):
        assert "Monday" in piece.paragraphs[0]  # 23:38 in Baghdad, though it is Tuesday there when it is told
        assert "23:38" in " ".join(piece.paragraphs)


def test_a_story_is_published_before_it_appears_and_after_its_attack(script: Script) -> None:
    moment = Moment(started_at=NOON, now=NOON)
    for story in script.story:
        published_at = script.tell(story, moment).published_at
        assert published_at < NOON
        if story.incident:
            assert published_at > NOON - timedelta(minutes=script.incidents[story.incident].minutes_ago)


def test_an_edit_keeps_the_number_that_stands_in_the_address(script: Script) -> None:
    edit = next(story for story in script.story if story.edits)
    before = next(story for story in script.story if story.id == edit.edits)
    moment = Moment(started_at=NOON, now=NOON)
    assert script.tell(edit, moment).number == script.tell(before, moment).number
    assert script.tell(edit, moment).paragraphs != script.tell(before, moment).paragraphs


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('step = "erbil-first"', 'step = "nowhere"', "unknown step"),
        ('incident = "tower"\ntitle', 'incident = "nothing"\ntitle', "unknown incident"),
        ('edits = "erbil-shanidar"', 'edits = "dollar"', "same title"),
        ('id = "snow"', 'id = "dollar"', "stands there twice"),
        ('shape = "wordpress"', 'shape = "blog"', "no_dates"),
        ('topic = "threat"', 'topic = "threat"\nmood = "grim"', "Extra inputs"),
        ("[[outlet]]", "[[outlet", "not valid TOML"),
    ],
)
def test_a_script_that_cannot_be_played_is_named_with_its_reason(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    broken = tmp_path / "stories.toml"
    text = STORIES.read_text(encoding="utf-8")
    assert old in text
    broken.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError, match=reason) as failure:
        load_script(broken)
    assert failure.value.file == broken
