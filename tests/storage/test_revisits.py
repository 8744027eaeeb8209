"""Pages behind incidents, read again."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from storage import incidents, pages, sources
from storage.engine import Database
from storage.revisits import due_revisits, want_again
from storage.tables import Incident
from tests.storage.builders import (
    NOW,
    entry,
    incident_seed,
    mention,
    polled,
    registered,
    stored_article,
)


@pytest.fixture
def told(database: Database) -> Database:
    """Three pages were read; an incident stands on the first alone."""
    with database.write() as session:
        registered(session)
        sources.record_poll(session, "shafaq-en", polled(entry(1), entry(2), entry(3)), NOW)
        for number in (1, 2, 3):
            article = stored_article(session, number, page_id=number)
            if number == 1:
                incident_id = incidents.create_incident(session, incident_seed(), NOW)
                incidents.attach_report(session, incident_id, article, mention(article), NOW)
    return database


def visits(database: Database, *minutes: float) -> list[list[int]]:
    """What is due at each of these minutes, where each due page is read at once."""
    found = []
    for minute in minutes:
        now = NOW + timedelta(minutes=minute)
        with database.write() as session:
            due = due_revisits(session, now)
            want_again(session, due, now)
            assert [page.id for page in pages.wanted(session, now)] == due
            for page_id in due:
                pages.page_done(session, page_id, now)
        found.append(due)
    return found


def test_a_page_behind_an_incident_is_read_after_half_an_hour_three_hours_and_a_day(told: Database) -> None:
    assert visits(told, 29, 30, 31, 179, 180, 181, 1439, 1440, 1441) == [[], [1], [], [], [1], [], [], [1], []]


def test_after_a_night_without_power_it_is_read_once(told: Database) -> None:
    assert visits(told, 500, 501, 1440, 1441) == [[1], [], [1], []]


def test_nothing_is_read_again_days_later_or_for_a_closed_incident(told: Database) -> None:
    assert visits(told, 4 * 24 * 60) == [[]]
    with told.write() as session:
        session.execute(update(Incident).values(closed_at=NOW))
    assert visits(told, 30) == [[]]


def test_a_page_that_waits_already_or_was_given_up_is_left_alone(told: Database, now: datetime) -> None:
    with told.write() as session:
        pages.page_failed(session, 1, "http_410", None, NOW)
    assert visits(told, 30, 180) == [[], []]
