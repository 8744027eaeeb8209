"""The tally counts what somebody reported, and shows beside it what only an attacker claims or somebody took back."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from io import StringIO
from typing import Any

from rich.console import Console

from basewatch.commands.tally import _table
from basewatch.tally import By, Period, Row, Tally, day_of, tally
from core.documents import IncidentPart
from core.values import Severity, Status, Weapon

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))


def part(day: str | None = "2026-03-10", status: Status = Status.REPORTED, **fields: Any) -> IncidentPart:
    fields.setdefault("base", "harir")
    fields.setdefault("base_name", "Harir air base")
    seen = datetime(2026, 3, 10, 22, 30, tzinfo=UTC)
    return IncidentPart(id="BW-1", status=status, severity=Severity.S2, local_date=day, first_seen_at=seen, **fields)


def test_claimed_denied_and_withdrawn_stand_beside_the_total() -> None:
    found = tally([part(status=status) for status in Status], By.BASE, MARCH)
    (row,) = found.rows
    assert (row.key, row.total, row.counts[Status.CLAIMED]) == ("Harir air base", 3, 1)
    assert found.whole.total == 3


def test_days_without_an_attack_have_a_line_and_days_outside_have_none() -> None:
    found = tally([part("2026-03-02"), part("2026-04-01")], By.DAY, Period(date(2026, 3, 1), date(2026, 3, 3)))
    assert [(row.key, row.total) for row in found.rows] == [("2026-03-01", 0), ("2026-03-02", 1), ("2026-03-03", 0)]


def test_weeks_and_months_without_an_attack_have_a_line() -> None:
    quarter = Period(date(2026, 1, 30), date(2026, 3, 2))
    rows = tally([part("2026-03-01")], By.MONTH, quarter).rows
    assert [(row.key, row.total) for row in rows] == [("2026-01", 0), ("2026-02", 0), ("2026-03", 1)]
    assert [row.total for row in tally([part("2026-03-01")], By.WEEK, quarter).rows] == [0, 0, 0, 0, 1, 0]


def test_lines_come_by_number_except_those_of_time() -> None:
    parts = [part(country="SY"), part(country="IQ"), part(country="IQ"), part(country=None)]
    assert [row.key for row in tally(parts, By.COUNTRY, MARCH).rows] == ["IQ", "SY", "not stated"]
    parts = [part("2026-03-20"), part("2026-03-20"), part("2026-03-03")]
    assert [row.key for row in tally(parts, By.WEEK, MARCH).rows if row.total] == ["2026-W10", "2026-W12"]


def test_an_attack_with_two_weapons_counts_under_each_but_once_in_the_whole() -> None:
    found = tally([part(weapons=(Weapon.DRONE, Weapon.ROCKET)), part()], By.WEAPON, MARCH)
    assert {row.key: row.total for row in found.rows} == {"drone": 1, "rocket": 1, "not stated": 1}
    assert found.whole.total == 2


def test_another_period_is_compared_line_by_line_even_where_nothing_is_left_of_it() -> None:
    parts = [part(country="IQ"), part("2026-02-10", country="IQ"), part("2026-02-11", country="JO")]
    found = tally(parts, By.COUNTRY, MARCH, MARCH.before())
    assert [(row.key, row.total, row.before) for row in found.rows] == [("IQ", 1, 1), ("JO", 0, 1)]
    assert (found.whole.total, found.whole.before) == (1, 2)
    assert str(found.versus) == "2026-01-29 to 2026-02-28"


def test_without_a_day_the_local_day_of_the_first_report_counts() -> None:
    assert day_of(part(None, time_zone="Asia/Baghdad")) == date(2026, 3, 11)


def test_in_80_columns_the_table_shows_every_status_that_occurs_and_cuts_none() -> None:
    counts = Counter({Status.CONFIRMED: 3, Status.CORROBORATED: 4, Status.REPORTED: 1, Status.CLAIMED: 2})
    row = Row(key="Erbil International Airport (Erbil air base)", counts=counts, before=2)
    period = Period(date(2026, 2, 1), date(2026, 2, 28))
    found = Tally(by=By.BASE, period=period, versus=period.before(), rows=(row,), whole=replace(row, key="all"))
    out = StringIO()
    Console(width=80, file=out).print(_table(found))
    printed = out.getvalue()
    assert "…" not in printed
    assert "borated" in printed
    assert "denied" not in printed, "nothing was denied"
