"""What one article version tells becomes mentions; what an edit no longer tells is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from alerts.mentions import Teller, follow, is_positive, mentions_of, taken_back
from config.settings import AlertSettings
from core.values import Attack, Kind, Label, Verdict
from tests.alerts.making import DAY, T0, attack, local, mention

POSITIVE = Verdict(label=Label.ATTACK, probability=0.9, lang="en", attacks=(attack(), attack("harir")))


def teller(**changes: Any) -> Teller:
    values: dict[str, Any] = {
        "article_id": 1, "version": 1, "url": "https://a.example/1", "outlet": "rudaw", "family": "rudaw",
        "outlet_name": "Rudaw", "country_of_outlet": "IQ", "published_at": T0, "date_only": False,
        "first_seen_at": T0, "fingerprint": None,
    }  # fmt: skip
    return Teller(**{**values, **changes})


def told(verdict: Verdict, **changes: Any) -> list[str]:
    return [m.attack.base for m in mentions_of(verdict, teller(), AlertSettings(**changes))]


def test_each_attack_of_a_positive_verdict_is_a_mention() -> None:
    assert told(POSITIVE) == ["erbil-airbase", "harir"]


def test_a_positive_label_without_an_attack_opens_nothing() -> None:
    assert not is_positive(Verdict(label=Label.ATTACK, probability=0.9, lang="en"), None)


def test_a_lump_claim_is_no_mention() -> None:
    lump = Attack(country="IQ", event_from=local(DAY, 0), event_to=local(DAY + timedelta(days=7), 0))
    assert told(Verdict(label=Label.ATTACK, probability=0.9, lang="ar", attacks=(lump, attack()))) == ["erbil-airbase"]


def test_diplomatic_sites_count_unless_turned_off() -> None:
    embassy = attack("us-embassy-baghdad", kind=Kind.DIPLOMATIC)
    verdict = Verdict(label=Label.ATTACK, probability=0.9, lang="en", attacks=(embassy,))
    assert told(verdict) == ["us-embassy-baghdad"]
    assert told(verdict, diplomatic=False) == []


def test_a_day_without_an_hour_counts_from_the_latest_instant_that_it_can_mean() -> None:
    midnight = datetime(2026, 3, 10, tzinfo=UTC)
    seen_same_day, seen_next_day = midnight + timedelta(hours=15), midnight + timedelta(hours=30)
    for seen, want in ((seen_same_day, seen_same_day), (seen_next_day, midnight + timedelta(days=1))):
        made = mentions_of(POSITIVE, teller(published_at=midnight, date_only=True, first_seen_at=seen), AlertSettings())
        assert made[0].published_at == want


def test_an_edited_attack_follows_the_one_of_its_base_then_of_its_position() -> None:
    past = [mention(1, incident_id=7), mention(1, attack("harir"), index=1, incident_id=8)]
    newer = [mention(1, attack("harir"), version=2), mention(1, attack("unnamed"), version=2, index=1)]
    followed, left = follow(newer, past)
    assert [m.incident_id for m in followed] == [8, None]
    assert [m.incident_id for m in left] == [7]


def test_only_a_clear_verdict_takes_a_report_back() -> None:
    assert taken_back(Verdict(label=Label.OTHER, probability=0.05, lang="en"))
    assert not taken_back(Verdict(label=Label.OTHER, probability=0.4, lang="en"))
    assert not taken_back(POSITIVE)
