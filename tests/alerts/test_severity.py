"""Severity follows from facts; what nobody states counts as nothing."""

from __future__ import annotations

from typing import Any

import pytest

from alerts.severity import gravity
from core.documents import Casualties
from core.values import Kind, Outcome, Severity, Status, Weapon

NOTHING: dict[str, Any] = {
    "status": Status.REPORTED,
    "weapons": (Weapon.DRONE,),
    "outcome": Outcome.UNKNOWN,
    "casualties": (),
    "kind": Kind.AIRBASE,
}


def harm(kind: str, high: int | None, whose: str = "us_coalition") -> tuple[Casualties, ...]:
    return (Casualties(whose=whose, kind=kind, low=high, high=high),)


@pytest.mark.parametrize(
    ("facts", "severity", "reason"),
    [
        ({}, Severity.S2, "no-harm-known"),
        ({"outcome": Outcome.INTERCEPTED}, Severity.S2, "no-harm-known"),
        ({"casualties": harm("killed", 0) + harm("injured", 0)}, Severity.S2, "no-harm-known"),
        ({"casualties": harm("killed", None)}, Severity.S2, "no-harm-known"),
        ({"kind": Kind.DIPLOMATIC}, Severity.S3, "diplomatic-site"),
        ({"casualties": harm("injured", 1)}, Severity.S3, "injured"),
        ({"outcome": Outcome.HIT}, Severity.S3, "hit"),
        ({"outcome": Outcome.PARTLY_INTERCEPTED}, Severity.S2, "no-harm-known"),
        ({"sites_within_6h": 2}, Severity.S2, "no-harm-known"),
        ({"sites_within_6h": 3}, Severity.S4, "three-sites-within-6h"),
        ({"weapons": (Weapon.BALLISTIC_MISSILE, Weapon.DRONE)}, Severity.S4, "ballistic-missile"),
        ({"casualties": harm("killed", 1, "others")}, Severity.S4, "killed"),
        ({"status": Status.CLAIMED, "casualties": harm("killed", 20)}, Severity.S1, "attacker-only"),
    ],
)
def test_the_gravest_fact_decides_and_is_named(facts: dict[str, Any], severity: Severity, reason: str) -> None:
    found = gravity(**{**NOTHING, **facts})
    assert (found.severity, found.reason) == (severity, reason)
