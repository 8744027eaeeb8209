"""``replay --compare`` and ``--stored``: what other settings would have sent, on any corpus or on what is stored."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from basewatch.commands.replay import Wanted, compare, replay
from basewatch.kept import kept_corpus
from config.settings import Settings
from core.errors import InputError
from storage.engine import open_database
from tests.alerts.making import HIT, INTERCEPTED, T0, attack
from tests.alerts.test_intake import Room

HARIR = "Drone hits Harir air base hosting US troops in Erbil province"
TANF = "Two rockets fired at al-Tanf base intercepted, US official says"


@pytest.fixture
def stored(tmp_path: Path) -> Settings:
    """A database with two attacks, a piece of news and an edit, as the daemon would have stored them."""
    path = tmp_path / "basewatch.db"
    with open_database(path) as database:
        room = Room(database)
        room.tell(HARIR, attack("harir", outcome=HIT))
        room.later(hours=1)
        room.tell("Parliament adopts the budget in Baghdad")
        room.tell(TANF, attack("al-tanf", outcome=INTERCEPTED), outlet="npa")
        room.later(minutes=5)
        room.tell(TANF, attack("al-tanf", outcome=INTERCEPTED), outlet="npa", text="One more sentence came later.")
    return Settings(database=str(path))


def config(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text)
    return path


def test_what_is_stored_comes_again_in_the_order_in_which_it_came(stored: Settings) -> None:
    with open_database(stored.database_address) as database, database.read() as session:
        lines = kept_corpus(session, None, None)
        assert [line.id for line in lines] == ["1.1", "2.1", "3.1", "3.2"]
        assert [line.at - T0 for line in lines] == [timedelta(0), *[timedelta(hours=1)] * 2, timedelta(minutes=65)]
        assert [line.id for line in kept_corpus(session, T0 + timedelta(minutes=1), None)] == ["2.1", "3.1", "3.2"]
        with pytest.raises(InputError, match="no stored article"):
            kept_corpus(session, None, T0)


def test_stored_articles_are_replayed_by_the_classifier(stored: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay(Wanted(stored=True), stored, as_json=True) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["articles"], figures["notices"]["new"]) == (4, 2)
    assert any("Harir" in line["line"] for line in figures["detail"])


def test_stored_articles_without_labels_are_counted_and_not_scored(
    stored: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    replay(Wanted(stored=True), stored, as_json=False)
    told = capsys.readouterr().out
    assert "rings" in told
    assert "bcubed" not in told
    assert "false" not in told


def differences(stored: Settings, a: Path, b: Path, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    compare(Wanted(stored=True), stored, a, b, as_json=True)
    document = json.loads(capsys.readouterr().out)
    found: list[dict[str, Any]] = document["differences"]
    return found


def test_two_configurations_that_tell_the_same_differ_in_nothing(
    stored: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = config(tmp_path, "plain", "")
    assert differences(stored, plain, plain, capsys) == []
    compare(Wanted(stored=True), stored, plain, plain, as_json=False)
    assert "Both tell the same." in capsys.readouterr().out


def test_a_ring_that_one_configuration_would_not_send_is_named(
    stored: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quiet = config(tmp_path, "quiet", '[alerts]\nring_min_severity = "S4"\nring_first_of_site = false\n')
    found = differences(stored, config(tmp_path, "plain", ""), quiet, capsys)
    assert [line["change"] for line in found] == ["rings", "rings"]
    assert found[0]["rings"] == "1 -> 0"


def test_an_alert_that_one_configuration_would_not_send_is_named(
    stored: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deaf = config(tmp_path, "deaf", "[alerts]\nthreshold = 0.999999\n")
    found = differences(stored, config(tmp_path, "plain", ""), deaf, capsys)
    assert [line["change"] for line in found] == ["only-a", "only-a"]
    assert "Harir" in found[0]["line"]


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Wanted(), "say --stored"),
        (Wanted(paths=[Path("x.jsonl")], stored=True), "say --stored"),
        (Wanted(stored=True, gold=True), "leave --gold out"),
    ],
)
def test_a_choice_that_is_none_is_refused_in_a_sentence(stored: Settings, wanted: Wanted, words: str) -> None:
    with pytest.raises(InputError, match=words):
        replay(wanted, stored, as_json=True)
