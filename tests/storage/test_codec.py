"""Attacks and verdicts through JSON and back, field by field."""

from __future__ import annotations

import dataclasses
import json
from datetime import date, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from core.values import Attack, Evidence, Kind, Label, Origin, OriginKind, Outcome, Verdict, Weapon
from storage.codec import attack_from_json, attack_to_json, verdict_from_json, verdict_to_json

# Fixed offsets: Python calls an hour that a change of clocks skips or doubles unequal to every instant of another zone.
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
instants = st.none() | st.datetimes(
    min_value=datetime(1970, 1, 1),  # noqa: DTZ001 - Hypothesis adds the zone
    timezones=zones,
)
counts = st.none() | st.integers(0, 10_000)
names = st.none() | st.text(max_size=20)
origins = st.builds(Origin, kind=st.sampled_from(OriginKind), name=st.text(max_size=20))
evidence = st.builds(
    Evidence, field=st.text(max_size=9), text=st.text(), start=st.integers(0), end=st.integers(0)
)  # fmt: skip
attacks = st.builds(
    Attack,
    base=st.text(min_size=1, max_size=20), place=names, country=names, kind=st.none() | st.sampled_from(Kind),
    event_from=instants, event_to=instants, date=st.none() | st.dates(min_value=date(1970, 1, 1)),
    date_inferred=st.booleans(), date_relative=st.booleans(), count=counts,
    weapons=st.lists(st.sampled_from(Weapon), unique=True).map(tuple),
    outcome=st.sampled_from(Outcome), killed=counts, injured=counts, killed_others=counts, injured_others=counts,
    claimed_by=names, attributed_to=names, denied=st.booleans(), another=st.booleans(),
    origins=st.lists(origins, max_size=3).map(tuple), evidence=st.lists(evidence, max_size=3).map(tuple),
)  # fmt: skip
verdicts = st.builds(
    Verdict, label=st.sampled_from(Label), probability=st.floats(0, 1), lang=st.text(max_size=3),
    attacks=st.lists(attacks, max_size=3).map(tuple), reasons=st.lists(st.text(), max_size=3).map(tuple),
    model=st.text(max_size=9),
)  # fmt: skip


@given(attacks)
def test_an_attack_comes_back_equal(attack: Attack) -> None:
    assert attack_from_json(json.loads(json.dumps(attack_to_json(attack)))) == attack


@given(verdicts)
def test_a_verdict_comes_back_equal(verdict: Verdict) -> None:
    assert verdict_from_json(json.loads(json.dumps(verdict_to_json(verdict)))) == verdict


def test_every_field_is_written_so_that_a_changed_default_changes_no_old_row() -> None:
    assert set(attack_to_json(Attack())) == {field.name for field in dataclasses.fields(Attack)}
    verdict = Verdict(label=Label.OTHER, probability=0.0, lang="en")
    assert set(verdict_to_json(verdict)) == {field.name for field in dataclasses.fields(Verdict)}


def test_a_row_of_a_later_release_is_read_without_the_fields_that_this_one_does_not_know() -> None:
    assert attack_from_json(attack_to_json(Attack(base="x")) | {"altitude_m": 12}) == Attack(base="x")
