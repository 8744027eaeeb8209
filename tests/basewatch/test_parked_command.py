"""Articles that failed three times: seen with their cause, tried again, given up."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from basewatch.commands.parked import drop, list_parked, retry
from config.settings import Settings
from core.errors import InputError
from storage import articles
from storage.engine import Database
from tests.storage.builders import NOW, store

CAUSE = "RecursionError at reading.py:88"


@pytest.fixture
def settings(sqlite_database: Database, sqlite_path: Path) -> Settings:
    """Two articles are parked, one waits."""
    with sqlite_database.write() as session:
        for number in (1, 2, 3):
            store(session, number, text=f"{number} tells this text from that of any other article.")
        for number in (1, 2):
            for tries in range(3):
                articles.record_failure(session, number, 1, CAUSE, NOW + timedelta(seconds=tries))
    return Settings.model_validate({"database": str(sqlite_path)})


def shown(settings: Settings, capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    list_parked(settings, as_json=True)
    found: list[dict[str, object]] = json.loads(capsys.readouterr().out)["parked"]
    return found


def test_each_is_shown_with_its_cause(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    found = shown(settings, capsys)
    assert {(row["id"], row["cause"], row["tries"]) for row in found} == {("1.1", CAUSE, 3), ("2.1", CAUSE, 3)}
    list_parked(settings)
    assert "RecursionError" in capsys.readouterr().out


def test_one_that_is_tried_again_waits_for_the_classifier(
    settings: Settings, sqlite_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    retry(settings, ["1.1"])
    assert "Article 1.1 is read again" in capsys.readouterr().out
    with sqlite_database.read() as session:
        assert {row.article_id for row in articles.unclassified(session, "m")} == {1, 3}
    assert [row["id"] for row in shown(settings, capsys)] == ["2.1"]


def test_one_that_is_dropped_is_never_classified_nor_shown_again(
    settings: Settings, sqlite_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    drop(settings, [], every=True)
    with sqlite_database.read() as session:
        assert [row.article_id for row in articles.unclassified(session, "m")] == [3]
        assert articles.article(session, 1) is not None
    capsys.readouterr()
    assert shown(settings, capsys) == []


@pytest.mark.parametrize(("ids", "word"), [([], "name the ids"), (["3.1"], "not parked"), (["1.1", "x"], "not parked")])
def test_a_wrong_id_changes_nothing(
    settings: Settings, capsys: pytest.CaptureFixture[str], ids: list[str], word: str
) -> None:
    with pytest.raises(InputError, match=word):
        retry(settings, ids)
    assert len(shown(settings, capsys)) == 2
