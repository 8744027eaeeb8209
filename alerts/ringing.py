"""Whether a notice may wake people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from config.settings import AlertSettings
from core.values import NoticeKind, Severity


@dataclass(frozen=True, slots=True)
class Ringing:
    """Whether to ring, whether the notice is late, and the stable word of the rule that decided."""

    ring: bool
    late: bool
    reason: str


def ringing(
    *,
    kind: NoticeKind,
    severity: Severity,
    age: timedelta,
    recent_rings: int,
    settings: AlertSettings,
    first_of_site: bool = False,
    graver: bool = False,
) -> Ringing:
    """The rules in order: late, budget, first of its site, severity.

    ``age`` is the time since the event, at its latest possible instant; ``recent_rings`` those of this incident within
    ``ring_window_hours``. An update rings only when it makes the incident ``graver``; a correction only when the
    incident rang within that window, for people acted on it.
    """
    late = age >= timedelta(hours=settings.fresh_hours)
    if late:
        return Ringing(False, True, "late")
    if recent_rings >= settings.max_rings_per_incident:
        return Ringing(False, False, "rings-used-up")
    if kind is NoticeKind.CORRECTION:
        return Ringing(recent_rings > 0, False, "rang-before" if recent_rings > 0 else "never-rang")
    if kind is NoticeKind.UPDATE and not graver:
        return Ringing(False, False, "not-graver")
    if kind is NoticeKind.NEW and first_of_site and settings.ring_first_of_site:
        return Ringing(True, False, "first-of-site")
    if severity >= settings.ring_min_severity:
        return Ringing(True, False, "grave-enough")
    return Ringing(False, False, "below-severity")
