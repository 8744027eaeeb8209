"""Silences: what they cover, what they hold, and how they end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core.errors import InputError
from storage import deliveries, held, silences
from storage.engine import Database
from storage.values import Hold, QueueSeed, SilenceSeed
from tests.storage.builders import NOW, new_incident, notice

END = NOW + timedelta(hours=2)


def seed(**changes: Any) -> SilenceSeed:
    return SilenceSeed(**{"from_at": NOW, "until_at": END, "reason": "exercise at the base"} | changes)


def test_a_silence_holds_within_its_time_alone(database: Database) -> None:
    with database.write() as session:
        silences.add(session, seed(base="erbil-air-base"), NOW)
        assert [found.base for found in silences.holding(session, NOW)] == ["erbil-air-base"]
        assert silences.holding(session, NOW - timedelta(seconds=1)) == []
        assert silences.holding(session, END) == []


@pytest.mark.parametrize(
    ("what", "covered"),
    [
        ({}, True),
        ({"base": "erbil-air-base"}, True),
        ({"base": "ain-al-asad"}, False),
        ({"country": "IQ"}, True),
        ({"country": "SY"}, False),
        ({"country": "IQ", "base": "ain-al-asad"}, False),
        ({"incident_id": 1}, True),
        ({"incident_id": 2}, False),
    ],
)
def test_what_it_names_must_all_fit_and_what_it_leaves_open_is_not_asked(
    sqlite_database: Database, what: dict[str, Any], covered: bool
) -> None:
    with sqlite_database.write() as session:
        for _ in range(2):
            new_incident(session)
        silences.add(session, seed(**what), NOW)
        [found] = silences.holding(session, NOW)
    ids = frozenset({1, 7})
    assert found.covers(base="erbil-air-base", country="IQ", incident_ids=ids, at=NOW) is covered


def test_ending_it_early_makes_what_it_held_due_at_once(database: Database) -> None:
    with database.write() as session:
        number = silences.add(session, seed(), NOW)
        hold = Hold(why="silence", until=END, note="silence 1", silence_id=number)
        reference = notice(session, new_incident(session))
        deliveries.queue(session, reference.id, [QueueSeed(channel="ops", hold=hold)], NOW)
        assert [(found.id, found.held) for found in silences.listed(session, NOW)] == [(1, 1)]
        sooner = NOW + timedelta(minutes=5)
        ended = silences.end(session, number, sooner)
        assert (ended.until_at, ended.ended_at, ended.held) == (sooner, sooner, 1)
        assert len(held.due(session, sooner)) == 1
        with pytest.raises(InputError, match="no silence 1 that still holds"):
            silences.end(session, number, sooner)
        assert silences.listed(session, sooner) == []
        assert len(silences.listed(session, sooner, ended_too=True)) == 1


def test_a_silence_that_would_hold_nothing_is_refused(sqlite_database: Database) -> None:
    with sqlite_database.write() as session, pytest.raises(InputError, match="must end after it begins"):
        silences.add(session, seed(until_at=NOW), NOW)
