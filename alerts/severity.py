"""How grave an incident is, from its facts alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from core.documents import Casualties
from core.values import Kind, Outcome, Severity, Status, Weapon

MANY_SITES = 3  #: so many sites attacked within ``MANY_SITES_WITHIN`` are one grave wave
MANY_SITES_WITHIN = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Gravity:
    """A severity and the stable word of the fact that gave it."""

    severity: Severity
    reason: str


def gravity(
    *,
    status: Status,
    weapons: Sequence[Weapon],
    outcome: Outcome,
    casualties: Sequence[Casualties],
    kind: Kind | None,
    sites_within_6h: int = 1,
) -> Gravity:
    """S1 for the attacker's word alone; S4, S3 or S2 for what others report. "Not stated" counts as nothing."""
    if status is Status.CLAIMED:
        return Gravity(Severity.S1, "attacker-only")
    if _any(casualties, "killed"):
        return Gravity(Severity.S4, "killed")
    if Weapon.BALLISTIC_MISSILE in weapons:
        return Gravity(Severity.S4, "ballistic-missile")
    if sites_within_6h >= MANY_SITES:
        return Gravity(Severity.S4, "three-sites-within-6h")
    if outcome is Outcome.HIT:
        return Gravity(Severity.S3, "hit")
    if _any(casualties, "injured"):
        return Gravity(Severity.S3, "injured")
    if kind is Kind.DIPLOMATIC:
        return Gravity(Severity.S3, "diplomatic-site")
    return Gravity(Severity.S2, "no-harm-known")


def _any(casualties: Sequence[Casualties], kind: str) -> bool:
    return any(entry.kind == kind and (entry.high or 0) > 0 for entry in casualties)
