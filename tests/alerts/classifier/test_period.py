"""A month in the case that means "from" begins a period; it is no day of an attack."""

from __future__ import annotations

from datetime import date

from alerts.classifier.patterns import Entry
from alerts.classifier.scan import Hit
from alerts.classifier.times import time_mentions


def test_a_month_in_the_case_of_from_begins_a_period() -> None:
    hit = Hit(1, 6, 9, Entry(5, "ekim", month=10), "den")
    published = date(2026, 3, 12)
    assert [mention.since for mention in time_mentions([hit], " ekimden ", published, frozenset({"den"}))] == [True]
    assert [mention.since for mention in time_mentions([hit], " ekimden ", published)] == [False]
