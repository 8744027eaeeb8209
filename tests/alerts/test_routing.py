"""Which channels take which notice."""

from __future__ import annotations

from alerts.routing import accepting
from config.channels import ConsoleSettings
from core.values import NoticeKind, Severity

CHANNELS = {
    "all": ConsoleSettings(),
    "off": ConsoleSettings(enabled=False),
    "grave": ConsoleSettings(min_severity=Severity.S4),
    "ringing": ConsoleSettings(ring_only=True),
    "new": ConsoleSettings(notices=(NoticeKind.NEW,)),
}


def taken(kind: NoticeKind, severity: Severity | None, *, rings: bool = False, rang: bool = False) -> set[str]:
    return set(accepting(CHANNELS, kind=kind, severity=severity, rings=rings, rang=rang))


def test_each_setting_narrows_what_a_channel_gets() -> None:
    assert taken(NoticeKind.NEW, Severity.S2) == {"all", "new"}
    assert taken(NoticeKind.NEW, Severity.S4, rings=True) == {"all", "grave", "ringing", "new"}
    assert taken(NoticeKind.UPDATE, Severity.S3) == {"all"}


def test_a_ringing_channel_gets_what_follows_a_ring() -> None:
    assert taken(NoticeKind.CORRECTION, Severity.S3, rang=True) == {"all", "ringing"}


def test_what_concerns_no_incident_passes_both_bars_and_a_test_passes_all() -> None:
    assert taken(NoticeKind.SYSTEM, None) == {"all", "grave", "ringing"}
    assert taken(NoticeKind.TEST, None) == {"all", "grave", "ringing", "new"}
