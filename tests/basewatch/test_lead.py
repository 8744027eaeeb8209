"""Who breaks news: minutes after the event and after the first report."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from basewatch.commands.lead import show_leads
from basewatch.lead import leads, percentile, words
from config.settings import Settings
from core.clock import utc_now
from storage import incidents
from storage.engine import open_database
from storage.leads import FirstWord
from tests.storage.builders import incident_seed, mention, stored_article

NIGHT = datetime(2026, 3, 1, 21, 0, tzinfo=UTC)


def word(incident: str, outlet: str, minutes: float, **changes) -> FirstWord:
    told = NIGHT + timedelta(minutes=minutes)
    values = {"event_from": NIGHT, "event_to": NIGHT, "told_at": told, "seen_at": told} | changes
    return FirstWord(incident=incident, outlet=outlet, **values)


def test_each_report_is_measured_from_the_event_and_from_the_first_report() -> None:
    found = words([word("BW-1", "fast", 4), word("BW-1", "slow", 30), word("BW-2", "slow", 10)])
    assert [(one.outlet, one.after_event, one.after_first) for one in found] == [
        ("fast", 4, 0), ("slow", 30, 26), ("slow", 10, 0),
    ]  # fmt: skip


def test_an_event_without_a_known_hour_gives_no_minutes() -> None:
    vague = word("BW-1", "a", 600, event_to=NIGHT + timedelta(hours=12))
    unknown = word("BW-1", "b", 600, event_from=None, event_to=None)
    before = word("BW-1", "c", -5)
    assert [one.after_event for one in words([vague, unknown, before])] == [None, None, None]


def test_the_outlet_that_is_first_most_often_stands_first() -> None:
    told = words(
        [word(f"BW-{n}", "agency", 5 + n) for n in range(20)]
        + [word(f"BW-{n}", "paper", 20 + 3 * n) for n in range(20)]
        + [word("BW-30", "paper", 9)]
    )
    first, second = leads(told)
    assert (first.outlet, first.incidents, first.first) == ("agency", 20, 20)
    assert first.after_event == (14, 23)
    assert (second.outlet, second.incidents, second.first) == ("paper", 21, 1)
    assert second.after_first[0] < second.after_first[1]


@pytest.mark.parametrize(("share", "value"), [(0.5, 2), (0.95, 4), (0.25, 1), (1.0, 4)])
def test_percentiles_are_values_that_were_there(share: float, value: float) -> None:
    assert percentile([4, 2, 1, 3], share) == value


def test_the_command_reads_the_reports_of_the_database(tmp_path, capsys) -> None:
    settings = Settings.model_validate({"data_dir": tmp_path})
    now = utc_now()
    with open_database(settings.database_address) as database, database.write() as session:
        seed = incident_seed(first_seen_at=now, event_from=now - timedelta(hours=1), event_to=now - timedelta(hours=1))
        key = incidents.create_incident(session, seed, now)
        for number, (outlet, minutes) in enumerate({"shafaq": 50, "ina": 41}.items()):
            article = stored_article(session, number)
            told = mention(article, outlet=outlet, published_at=now - timedelta(minutes=minutes))
            incidents.attach_report(session, key, article, told, now)
    show_leads(settings, days=30, as_json=True)
    document = json.loads(capsys.readouterr().out)
    assert document["outlets"] == [
        {"outlet": "shafaq", "incidents": 1, "first": 1, "minutes_after_event": {"p50": 10, "p95": 10},
         "minutes_after_first_report": {"p50": 0, "p95": 0}},
        {"outlet": "ina", "incidents": 1, "first": 0, "minutes_after_event": {"p50": 19, "p95": 19},
         "minutes_after_first_report": {"p50": 9, "p95": 9}},
    ]  # fmt: skip
    assert len(document["reports"]) == 2
    console = Console(file=io.StringIO(), width=80)
    show_leads(settings, days=30, console=console)
    assert isinstance(console.file, io.StringIO)
    assert "shafaq" in console.file.getvalue()
    assert "1 incidents of the last 30 days, 2 first reports." in console.file.getvalue()
