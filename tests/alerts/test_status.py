"""An incident is as certain as the independent voices that tell of it, and no more."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from alerts.status import Certainty, certainty, voices
from core.values import Mention, OriginKind, Status
from tests.alerts.making import attack, mention, origin

ATTACKER = origin(OriginKind.ATTACKER, "islamic-resistance-in-iraq")
CTG = origin(OriginKind.OFFICIAL, "Kurdistan CTG")
US_OFFICIAL = origin(OriginKind.UNNAMED_OFFICIAL, "a US official")
REUTERS = origin(OriginKind.MEDIA, "Reuters")


def one_outlet() -> list[Mention]:
    return [mention(1)]


def two_outlets() -> list[Mention]:
    return [mention(1), mention(2)]


def two_outlets_of_one_family() -> list[Mention]:
    return [mention(1, family="shafaq"), mention(2, family="shafaq")]


def one_wire_text_under_ten_mastheads() -> list[Mention]:
    return [mention(number, fingerprint="same") for number in range(1, 11)]


def two_outlets_citing_one_source() -> list[Mention]:
    return [mention(number, attack(origins=(REUTERS,))) for number in (1, 2)]


def an_outlet_and_one_that_cites_it() -> list[Mention]:
    return [mention(1, outlet="reuters"), mention(2, attack(origins=(REUTERS,)))]


def an_unnamed_official() -> list[Mention]:
    return [mention(1, attack(origins=(US_OFFICIAL,)))]


def a_named_official() -> list[Mention]:
    return [mention(1), mention(2, attack(origins=(CTG,)))]


def a_claim_relayed_by_five() -> list[Mention]:
    return [mention(number, attack(origins=(ATTACKER,))) for number in range(1, 6)]


def a_claim_and_a_source() -> list[Mention]:
    return [mention(1, attack(origins=(ATTACKER,))), mention(2, attack(origins=(origin(OriginKind.SOURCE),)))]


def a_claim_denied_by_a_source() -> list[Mention]:
    denial = attack(origins=(origin(OriginKind.SOURCE),), denied=True)
    return [mention(1, attack(origins=(ATTACKER,))), mention(2, denial, minutes=30)]


def an_official_denial_of_a_report() -> list[Mention]:
    return [mention(1), mention(2, attack(origins=(CTG,), denied=True), minutes=30)]


def an_outlet_denying_what_another_reports() -> list[Mention]:
    return [mention(1), mention(2, attack(denied=True), minutes=30)]


def an_outlet_denying_its_own_report() -> list[Mention]:
    return [mention(1, outlet="rudaw"), mention(2, attack(denied=True), outlet="rudaw", minutes=30)]


def confirmed_after_an_official_denial() -> list[Mention]:
    early = mention(1, attack(origins=(CTG,), denied=True))
    return [early, mention(2, attack(origins=(origin(OriginKind.OFFICIAL, "CENTCOM"),)), minutes=60)]


@pytest.mark.parametrize(
    ("told", "status"),
    [
        (one_outlet, Status.REPORTED),
        (two_outlets, Status.CORROBORATED),
        (two_outlets_of_one_family, Status.REPORTED),
        (one_wire_text_under_ten_mastheads, Status.REPORTED),
        (two_outlets_citing_one_source, Status.REPORTED),
        (an_outlet_and_one_that_cites_it, Status.REPORTED),
        (an_unnamed_official, Status.REPORTED),
        (a_named_official, Status.CONFIRMED),
        (a_claim_relayed_by_five, Status.CLAIMED),
        (a_claim_and_a_source, Status.CORROBORATED),
        (a_claim_denied_by_a_source, Status.DENIED),
        (an_official_denial_of_a_report, Status.DENIED),
        (an_outlet_denying_what_another_reports, Status.REPORTED),
        (an_outlet_denying_its_own_report, Status.DENIED),
        (confirmed_after_an_official_denial, Status.CONFIRMED),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_who_says_it_decides_how_certain_it_is(told: Callable[[], list[Mention]], status: Status) -> None:
    forwards, backwards = certainty(told()), certainty(told()[::-1])
    assert forwards == backwards
    assert forwards.status is status


def test_the_certainty_names_whose_word_it_is() -> None:
    assert certainty(a_named_official()).by == "Kurdistan CTG"
    assert certainty(two_outlets()).by == "2 independent sources"
    assert certainty(an_unnamed_official()).by == "a US official"
    assert certainty(a_claim_relayed_by_five()) == Certainty(
        Status.CLAIMED, "islamic-resistance-in-iraq", "attacker-only", 1
    )


def test_an_incident_is_retracted_only_when_every_report_was_taken_back() -> None:
    told = two_outlets()
    assert certainty(told, frozenset({1})).status is Status.REPORTED
    assert certainty(told, frozenset({1, 2})).status is Status.RETRACTED


def test_an_outlet_is_known_by_its_name_as_well_as_by_its_family() -> None:
    citing = mention(2, attack(origins=(origin(OriginKind.MEDIA, "Shafaq News"),)))
    told = [mention(1, outlet="shafaq", family="shafaq"), citing]
    assert len(voices(told)) == 2
    assert len(voices(told, {"shafaq news": "shafaq"})) == 1
