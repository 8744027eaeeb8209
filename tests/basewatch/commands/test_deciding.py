"""The commands by which people decide, as they are called; and what went wrong handed on as labelled articles."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from basewatch.commands import decided, feedback
from basewatch.commands.evaluate import evaluate
from basewatch.commands.incidents import show_incident
from basewatch.corpus import read_corpus
from config.outlets import load_outlets
from config.settings import Settings
from core.clock import utc_now
from core.errors import InputError
from core.values import Label
from storage import pages
from storage.engine import open_database
from tests.alerts.making import HIT, T0, attack
from tests.alerts.test_intake import Room

WHO = decided.Who("ali", "two videos")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A database with two attacks, and an article that the classifier did not take for one."""
    path = tmp_path / "basewatch.db"
    with open_database(path) as database:
        room = Room(database)
        room.tell("Drone at Erbil", attack(outcome=HIT))
        room.tell("Harir attacked", attack("harir"), outlet="k24")
        room.tell("Blasts heard", outlet="shafaq", url="https://shafaq.example/1", probability=0.3)
    return Settings(database=str(path))


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    return " ".join(capsys.readouterr().out.split())


def test_each_command_says_what_it_did_whom_it_told_and_how_to_take_it_back(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    decided.merge(settings, "BW-2", "BW-1", WHO, as_json=False)
    said = printed(capsys)
    assert "BW-2 is part of BW-1 now" in said
    assert "Told: correction" in said
    assert "incidents undo 1" in said
    decided.split(settings, "BW-1", ["2"], WHO, as_json=True)
    made = json.loads(capsys.readouterr().out)
    assert made == {"decision": 2, "incident": "BW-1", "made": "BW-3", "notices": ["correction"]}


def test_the_record_names_who_and_why_and_what_was_taken_back(
    settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    decided.edit(settings, "BW-1", ["killed=2-3"], WHO, as_json=False)
    decided.undo(settings, 1, WHO, as_json=False)
    decided.confirm(settings, "BW-2", WHO, as_json=False)
    capsys.readouterr()
    decided.list_decisions(settings, limit=50, as_json=True)
    edit, undo, confirm = json.loads(capsys.readouterr().out)
    assert (edit["kind"], edit["by"], edit["reason"], edit["undone_by"]) == ("edit", "ali", "two videos", 2)
    assert (undo["undoes"], confirm["incident"]) == (1, "BW-2")
    decided.list_decisions(settings, limit=50, as_json=False)
    said = printed(capsys)
    assert "killed=2-3" in said
    assert "taken back by 2" in said


def test_the_id_of_a_merged_incident_leads_on(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    decided.merge(settings, "BW-2", "BW-1", WHO, as_json=False)
    capsys.readouterr()
    show_incident(settings, "bw-2")
    said = printed(capsys)
    assert said.startswith("BW-2 turned out to be BW-1")
    assert "merged BW-2 into BW-1" in said
    show_incident(settings, "2", as_json=True)
    shown = json.loads(capsys.readouterr().out)
    assert (shown["asked_for"], shown["incident"]["id"], shown["decisions"][0]["by"]) == ("BW-2", "BW-1", "ali")


def test_a_report_is_named_by_address_too(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    decided.merge(settings, "BW-2", "BW-1", WHO, as_json=False)
    decided.split(settings, "BW-1", ["https://k24.example/Harir-attacked"], WHO, as_json=False)
    assert "are BW-3 now" in printed(capsys)
    with pytest.raises(InputError, match="No article is known"):
        decided.split(settings, "BW-1", ["https://k24.example/none"], WHO, as_json=False)


def test_a_decision_needs_a_reason_and_takes_the_machines_user_for_its_author() -> None:
    with pytest.raises(InputError, match="--reason"):
        decided.who(None, "  ")
    with pytest.raises(InputError, match="300"):
        decided.who(None, "x" * 301)
    assert decided.who(None, "because").by


def test_feedback_becomes_lines_that_evaluate_and_train_read(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    feedback.false_alarm(settings, "BW-1", WHO, as_json=False)
    feedback.missed(settings, "https://shafaq.example/1", ["base=harir", "weapons=drone,rocket"], WHO, as_json=False)
    out = tmp_path / "feedback.jsonl"
    feedback.export(settings, out)
    capsys.readouterr()
    wrong, missed = read_corpus([out])
    assert (wrong.label, wrong.title, wrong.attacks) == (Label.OTHER, "Drone at Erbil", ())
    assert (missed.label, missed.attacks[0].base, missed.published_at) == (Label.ATTACK, "harir", T0)
    assert evaluate([out], as_json=True, errors=False, settings=settings) == 0
    assert json.loads(capsys.readouterr().out)["n"] == 2
    decided.undo(settings, 1, WHO, as_json=False)
    capsys.readouterr()
    feedback.export(settings, None)
    assert capsys.readouterr().out.count("\n") == 1
    feedback.list_feedback(settings, as_json=False)
    assert "missed: https://shafaq.example/1" in printed(capsys)


def test_a_missed_page_of_a_known_outlet_is_fetched_and_another_is_kept(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    outlet = next(one for one in load_outlets().values() if one.enabled and one.home)
    url = f"{outlet.home}/basewatch-test-page-1"
    feedback.missed(settings, url, [], WHO, as_json=False)
    assert "The page is wanted" in printed(capsys)
    feedback.missed(settings, url, [], WHO, as_json=False)
    assert "already" in printed(capsys)
    feedback.missed(settings, "https://unheard-of.example/1", [], WHO, as_json=False)
    assert "Add the outlet" in printed(capsys)
    with open_database(settings.database_address) as database, database.read() as session:
        (page,) = pages.wanted(session, utc_now(), 10)
    assert (page.outlet, page.first_poll) == (outlet.slug, False)
    with pytest.raises(InputError, match="no address"):
        feedback.missed(settings, "ftp://x", [], WHO, as_json=False)
