"""What goes into the database comes out as it was, or is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import StatementError

from storage import incidents
from storage.engine import Database
from storage.meta import get_meta, set_meta
from storage.tables import Incident, Page
from storage.types import storable, url_key
from tests.storage.builders import NOW, incident_seed, new_incident

REUSED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
instants = st.datetimes(
    min_value=datetime(1, 1, 2),  # noqa: DTZ001 - Hypothesis adds the zone
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001
    timezones=st.timezones(),
)


def test_an_instant_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="without a time zone"), database.write() as session:
        session.execute(select(Page).where(Page.first_seen_at == datetime(2026, 1, 1)))  # noqa: DTZ001


@REUSED
@given(instant=instants)
def test_an_instant_comes_back_to_the_microsecond_in_utc(database: Database, instant: datetime) -> None:
    with database.write() as session:
        incident_id = incidents.create_incident(session, incident_seed(event_from=instant), NOW)
    with database.read() as session:
        found = incidents.incident(session, incident_id)
    assert found is not None
    assert found.event_from == instant.astimezone(UTC)
    assert found.event_from.tzinfo is UTC or found.event_from.utcoffset() == timedelta(0)


def test_instants_are_compared_as_instants_whatever_their_zone(database: Database) -> None:
    with database.write() as session:
        new_incident(session)
    tehran = timezone(timedelta(hours=3, minutes=30))
    with database.read() as session:
        same = session.scalar(select(Incident.id).where(Incident.first_seen_at == NOW.astimezone(tehran)))
        later = session.scalar(select(Incident.id).where(Incident.first_seen_at > NOW.astimezone(tehran)))
    assert (same, later) == (1, None)


def test_an_instant_reads_as_a_time_in_a_sqlite_shell(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        new_incident(session)
    with sqlite_database.read() as session:
        assert session.scalar(text("SELECT first_seen_at FROM incidents")) == "2026-11-23T18:00:00.123456Z"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@REUSED
@given(value=st.dictionaries(st.text(), json_values))
def test_json_comes_back_exactly_even_with_characters_that_no_database_holds(
    database: Database, value: dict[str, object]
) -> None:
    with database.write() as session:
        incident_id = incidents.create_incident(session, incident_seed(facts=value), NOW)
    with database.read() as session:
        found = incidents.incident(session, incident_id)
    assert found is not None
    assert found.facts == value
    assert list(found.facts) == list(value)


@REUSED
@given(written=st.text(st.characters(exclude_categories=[]), max_size=50))
def test_text_comes_back_in_the_same_length_with_only_unstorable_characters_replaced(
    database: Database, written: str
) -> None:
    with database.write() as session:
        set_meta(session, "words", written)
    with database.read() as session:
        found = get_meta(session, "words")
    assert found == storable(written)
    assert len(found) == len(written)
    assert all(
        new == old or (new == "\ufffd" and (old == "\0" or "\ud800" <= old <= "\udfff"))
        for new, old in zip(found, written, strict=True)
    )


def test_the_key_of_a_url_is_the_same_for_ever() -> None:
    assert url_key("https://example.org/عين-الأسد") == "2ba9a1525a2d59d7b95fb0c4418f648f"
