"""``routes explain``, ``routes try``, ``silence`` and ``ack``, as a person at the desk runs them."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from alerts.dispatch import dispatch
from basewatch.cli import app
from basewatch.commands.spans import instant_of, span_of
from config.settings import load_settings
from core.clock import utc_now
from core.errors import InputError
from core.values import NoticeKind, Severity, Status
from storage import deliveries, incidents
from storage.engine import open_database
from storage.values import IncidentSeed
from tests.alerts.channels.messages import NOW, document, incident, notice

CONFIG = """
database = "desk.db"
[[routes]]
name = "Syria"
countries = ["SY"]
channels = ["phone"]
[[routes]]
name = "the rest"
channels = ["desk"]
repeat_every_min = 10
[channels.desk]
kind = "console"
[channels.phone]
kind = "console"
"""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a configuration and a database of one incident; it is the working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    path = tmp_path / "basewatch.toml"
    path.write_text(CONFIG, encoding="utf-8")
    settings, now = load_settings(path, environ={}), utc_now()
    seed = IncidentSeed(status=Status.REPORTED, severity=Severity.S3, base="erbil-air-base", first_seen_at=now)
    with open_database(settings.database_address) as database, database.write() as session:
        number = incidents.create_incident(session, seed, now)
        made = document(notice=notice(), incident=incident(id="BW-1"))
        ref = incidents.add_notice(session, number, NoticeKind.NEW, "new", True, False, made.to_json(), now)
        dispatch(session, ref.id, number, made, settings, now, rang=False)
    return path


def run(*words: str, fails: bool = False) -> str:
    result = CliRunner().invoke(app, list(words))
    if fails:
        assert isinstance(result.exception, InputError)
        return str(result.exception)
    assert result.exit_code == 0, result.output
    return result.output


def told(*words: str) -> Any:
    return json.loads(run(*words, "--json"))


@pytest.mark.usefixtures("desk")
def test_explain_says_which_rule_fits_which_not_and_why() -> None:
    text = run("routes", "explain", "BW-1")
    assert "Rule 1 (Syria): does not fit: country is IQ, not SY" in text
    assert "Rule 2 (the rest): fits, to desk" in text
    assert "Channel desk, by rule the rest: now, ringing" in text
    assert "Waits to be acknowledged (rule the rest): repeated at" in text
    document = told("routes", "explain", "BW-1")
    assert [rule["fits"] for rule in document["rules"]] == [False, True]
    assert document["channels"][0]["channel"] == "desk"


@pytest.mark.usefixtures("desk")
def test_try_counts_who_would_have_got_what() -> None:
    assert [one["channels"][0]["rule"] for one in told("routes", "try", "--since", "24h")["notices"]] == ["the rest"]
    assert "1 notice since" in run("routes", "try")
    assert "is no span of time" in run("routes", "try", "--since", "soon", fails=True)


@pytest.mark.usefixtures("desk")
def test_a_silence_begins_shows_in_explain_and_ends() -> None:
    said = run("silence", "add", "--incident", "BW-1", "--for", "2h", "--reason", "known at the desk")
    assert "Silence 1: BW-1 until" in said
    assert "held back, silence 1 until" in run("routes", "explain", "BW-1")
    [listed] = told("silence", "list")["silences"]
    assert (listed["incident"], listed["reason"], listed["held"]) == ("BW-1", "known at the desk", 0)
    assert "Silence 1 is over." in run("silence", "end", "1")
    assert "no silence 1" in run("silence", "end", "1", fails=True)
    assert run("silence", "list").strip() == "Nothing is silenced."


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--for", "2h"], "say what to silence"),
        (["--base", "erbil-airbase", "--everything", "--for", "2h"], "say what to silence"),
        (["--everything"], "say how long"),
        (["--everything", "--for", "2h", "--until", "18:00"], "say how long"),
        (["--base", "erbill", "--for", "2h"], "has no site 'erbill'"),
        (["--country", "Iraq", "--for", "2h"], "is no country"),
        (["--everything", "--until", "2020-01-01T00:00"], "must end after it begins"),
        (["--incident", "BW-9", "--for", "2h"], "no incident BW-9"),
    ],
)
def test_a_silence_that_is_not_clear_is_refused(words: list[str], why: str) -> None:
    assert why in run("silence", "add", "--reason", "x", *words, fails=True)


@pytest.mark.usefixtures("desk")
def test_ack_ends_what_waits_and_shows_in_explain() -> None:
    assert "BW-1 is acknowledged by Nadia. It is not repeated" in run(
        "ack", "BW-1", "--by", "Nadia", "--note", "calling"
    )
    text = run("routes", "explain", "BW-1")
    assert "Acknowledged by Nadia" in text
    assert "Waits" not in text
    assert told("ack", "BW-1", "--by", "Omar")["ended"] == 0


def test_an_acknowledgement_that_names_nobody_is_of_the_user_of_the_machine(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "nadia")
    assert told("ack", "BW-1")["by"] == "nadia"


def test_deliveries_show_tells_every_attempt(desk: Path) -> None:
    settings, now = load_settings(desk, environ={}), utc_now()
    with open_database(settings.database_address) as database, database.write() as session:
        [one] = deliveries.claim_due(session, now, "me", 60)
        later = now + timedelta(seconds=30)
        deliveries.record_retry(
            session, one.id, "me", now, next_attempt_at=later, error="answered 503", http_status=503, started_at=now
        )
        [one] = deliveries.claim_due(session, later, "me", 60)
        deliveries.record_sent(session, one.id, "me", later, http_status=200, answer="thanks", started_at=later)
    text = run("deliveries", "show", "1")
    assert "Delivery 1: BW-1.1 (new, rings) to desk, by rule the rest" in text
    assert "answered 503" in text
    assert "thanks" in text
    [first, second] = told("deliveries", "show", "1")["deliveries"][0]["ledger"]
    assert (first["http_status"], first["next_attempt_at"], second["answer"]) == (503, later.isoformat(), "thanks")
    assert "no delivery 9" in run("deliveries", "show", "9", fails=True)


def test_spans_and_instants_are_read_as_people_write_them() -> None:
    assert [span_of(text) for text in ("90m", "2h", "7d", "2w")] == [
        timedelta(minutes=90), timedelta(hours=2), timedelta(days=7), timedelta(weeks=2),
    ]  # fmt: skip
    assert instant_of("22:00", "Asia/Baghdad", NOW).isoformat() == "2024-04-21T19:00:00+00:00"
    assert instant_of("2024-04-22T06:00+03:00", "UTC", NOW).isoformat() == "2024-04-22T03:00:00+00:00"
    for wrong in ("25:00", "tomorrow"):
        with pytest.raises(InputError):
            instant_of(wrong, "UTC", NOW)
