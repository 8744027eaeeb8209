"""What may wake people: fresh, grave enough or the first of its site, and not too often."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from alerts.ringing import ringing
from config.settings import AlertSettings
from core.values import NoticeKind, Severity

FRESH_AND_GRAVE: dict[str, Any] = {
    "kind": NoticeKind.NEW,
    "severity": Severity.S3,
    "age": timedelta(minutes=5),
    "recent_rings": 0,
    "settings": AlertSettings(),
}
UPDATE, CORRECTION = {"kind": NoticeKind.UPDATE}, {"kind": NoticeKind.CORRECTION}


@pytest.mark.parametrize(
    ("case", "ring", "late", "reason"),
    [
        ({}, True, False, "grave-enough"),
        ({"severity": Severity.S2}, False, False, "below-severity"),
        ({"severity": Severity.S1, "first_of_site": True}, True, False, "first-of-site"),
        ({"age": timedelta(hours=5, minutes=59)}, True, False, "grave-enough"),
        ({"age": timedelta(hours=6), "severity": Severity.S4}, False, True, "late"),
        ({"recent_rings": 2}, True, False, "grave-enough"),
        ({"recent_rings": 3, "severity": Severity.S4}, False, False, "rings-used-up"),
        ({**UPDATE}, False, False, "not-graver"),
        ({**UPDATE, "graver": True}, True, False, "grave-enough"),
        ({**UPDATE, "graver": True, "severity": Severity.S2, "first_of_site": True}, False, False, "below-severity"),
        ({**CORRECTION}, False, False, "never-rang"),
        ({**CORRECTION, "recent_rings": 1}, True, False, "rang-before"),
        ({"settings": AlertSettings(ring_min_severity=Severity.S4)}, False, False, "below-severity"),
        (
            {"settings": AlertSettings(ring_first_of_site=False), "first_of_site": True, "severity": Severity.S2},
            False,
            False,
            "below-severity",
        ),
        ({"settings": AlertSettings(fresh_hours=0.05)}, False, True, "late"),
    ],
)
def test_each_rule_decides_and_is_named(case: dict[str, Any], ring: bool, late: bool, reason: str) -> None:
    sound = ringing(**{**FRESH_AND_GRAVE, **case})
    assert (sound.ring, sound.late, sound.reason) == (ring, late, reason)
