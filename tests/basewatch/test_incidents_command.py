"""``incidents list`` and ``show`` tell people and machines the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from basewatch.commands import incidents as command
from config.settings import Settings
from core.documents import IncidentPart
from core.errors import InputError, StorageError
from core.values import Label
from storage.engine import open_database
from tests.alerts.making import HIT, attack
from tests.alerts.test_intake import Room


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A database with one attack told by two outlets and updated, and another that was denied."""
    path = tmp_path / "basewatch.db"
    with open_database(path) as database:
        room = Room(database)
        room.tell("Drone [bold]at[/bold] Erbil", attack(outcome=HIT, count=1))
        room.later(minutes=9)
        room.tell("Three hurt at Erbil", attack(injured=3), outlet="shafaq", label=Label.UPDATE)
        room.tell("Harir attacked", attack("harir"), outlet="k24")
    return Settings(database=str(path))


def test_the_list_shows_each_incident_with_its_toll(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.list_incidents(settings) == 0
    shown = capsys.readouterr().out
    assert "BW-1" in shown
    assert "BW-2" in shown


def test_the_list_for_machines_has_the_shape_of_a_notices_incident(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    command.list_incidents(settings, as_json=True)
    parts = [IncidentPart.model_validate(line) for line in json.loads(capsys.readouterr().out)]
    assert [(part.id, part.base, part.report_count) for part in parts] == [
        ("BW-2", "harir", 1),
        ("BW-1", "erbil-airbase", 2),
    ]
    command.list_incidents(settings, base="harir", as_json=True)
    assert len(json.loads(capsys.readouterr().out)) == 1


def test_one_incident_is_shown_with_who_said_what_and_why_each_report_is_there(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.show_incident(settings, "BW-1", as_json=True) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [report["joined_by"] for report in shown["reports"]] == ["first-report", "same-site-and-day"]
    assert shown["reports"][1]["joined"] == shown["reports"][0]["url"]
    assert ("injured", 3) in [(fact["field"], fact["value"]) for fact in shown["facts"]]
    assert [notice["reason"] for notice in shown["notices"]] == ["new-incident", "toll-changed"]
    assert {delivery["channel"] for delivery in shown["deliveries"]} == {"ops"}
    assert shown["incident"]["status"] == "corroborated"


def test_a_headline_cannot_use_our_markup(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.show_incident(settings, "1") == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "why the reports stand here" in shown
    assert "[bold]" in shown


def test_an_unknown_incident_or_database_is_said_in_a_sentence(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="BW-99"):
        command.show_incident(settings, "BW-99")
    with pytest.raises(StorageError):
        command.list_incidents(Settings(database=str(tmp_path / "none.db")))


def test_a_list_that_nothing_fits_does_not_say_that_nothing_is_known(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    command.list_incidents(settings, base="nowhere")
    assert capsys.readouterr().out == "No incident fits what you asked for.\n"


def test_in_80_columns_the_list_cuts_neither_id_nor_status_nor_day(
    settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    command.list_incidents(settings)
    shown = capsys.readouterr().out
    (row,) = (line for line in shown.splitlines() if "BW-1" in line)
    assert "corroborated" in row
    assert "Erbil Air Base" in row
    assert "…" not in shown
    assert max(len(line) for line in shown.splitlines()) <= 80


def test_what_several_say_stands_once_with_all_who_say_it(
    settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    command.show_incident(settings, "BW-1")
    shown = capsys.readouterr().out
    assert sum("erbil-airbase" in line for line in shown.splitlines()) == 1
    (joined,) = (line for line in shown.splitlines() if "same-site-and-day" in line)
    assert joined.split() == ["2", "placed", "same-site-and-day", "1"]
