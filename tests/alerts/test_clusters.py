"""Reports of one attack become one cluster, whatever their language and order; two attacks stay two."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.clusters import Clustering, Constraints, chain, cluster
from alerts.comparison import SOFT, VETOES, Bond, Judgement, judge
from alerts.incidents import place
from alerts.places import Places
from alerts.sights import DATE_ONLY, Sight, sight
from core.values import OTHER_NAMED, UNNAMED, Label, Mention, Outcome, Weapon
from tests.alerts.making import DAY, DRONE, HIT, INTERCEPTED, ROCKET, attack, local, mention, the_places

NEXT_DAY = DAY + timedelta(days=1)


def grouping(mentions: Sequence[Mention], constraints: Constraints | None = None) -> set[frozenset[int]]:
    """The clusters as sets of article ids."""
    found = cluster(mentions, the_places(), constraints)
    return {frozenset(m.article_id for m in group.mentions) for group in found.clusters}


def groups(*ids: Sequence[int]) -> set[frozenset[int]]:
    return {frozenset(group) for group in ids}


def refusals(found: Clustering) -> set[str]:
    return {refusal.reason for refusal in found.refusals}


def why(a: Mention, b: Mention) -> tuple[Bond, str]:
    places = the_places()
    there, back = (judge(sight(x, places), sight(y, places), places) for x, y in ((a, b), (b, a)))
    assert there == back, "the answer must not depend on which report comes first"
    return there.verdict, there.reason


def test_reports_of_one_site_and_day_are_one_attack_even_with_contradicting_counts() -> None:
    one = mention(1, attack(count=5, weapons=[ROCKET], outcome=HIT))
    two = mention(2, attack(count=2, weapons=[ROCKET], outcome=Outcome.MISSED), minutes=200)
    assert why(one, two) == (Bond.JOIN, "same-site-and-day")
    assert grouping([one, two]) == groups([1, 2])


@pytest.mark.parametrize(
    ("left", "right", "reason"),
    [
        (mention(1), mention(1, index=1), "same-article"),
        (mention(1), mention(2, attack("harir")), "different-site"),
        (mention(1), mention(2, attack("al-tanf")), "different-country"),
        (mention(1), mention(2, attack(date=NEXT_DAY)), "neighbouring-day"),
        (mention(1), mention(2, attack(date=DAY + timedelta(days=2))), "different-day"),
        (
            mention(1, attack(OTHER_NAMED, country="BH", place="Isa Air Base")),
            mention(2, attack(OTHER_NAMED, country="BH", place="Muharraq barracks")),
            "different-place",
        ),
        (
            mention(1, attack(event_from=local(DAY, 2))),
            mention(2, attack(event_from=local(DAY, 21))),
            "event-times-apart",
        ),
        (mention(1, minutes=-240), mention(2, attack(another=True)), "another-attack"),
        (
            mention(1, attack(event_from=local(DAY, 18), weapons=[DRONE])),
            mention(2, attack(event_from=local(DAY, 20), weapons=[ROCKET])),
            "another-wave",
        ),
        (
            mention(1, attack(event_from=local(DAY, 18), event_to=local(DAY, 19))),
            mention(2, attack(event_from=local(DAY, 20, 1))),
            "pause-between",
        ),
        (mention(1, attack(weapons=[DRONE])), mention(2, attack(weapons=[ROCKET]), minutes=600), "weapons-differ"),
    ],
)
def test_each_veto_keeps_two_reports_apart_and_says_so(left: Mention, right: Mention, reason: str) -> None:
    assert why(left, right) == (Bond.AGAINST if reason in SOFT else Bond.APART, reason)


def test_every_veto_has_its_case_above() -> None:
    cases = test_each_veto_keeps_two_reports_apart_and_says_so.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert {case[2] for case in cases} == {word for word, _ in VETOES}


def test_event_times_far_apart_are_one_attack_under_a_shared_claim() -> None:
    early = mention(1, attack(event_from=local(DAY, 2), claimed_by="islamic-resistance-in-iraq"))
    late = mention(2, attack(event_from=local(DAY, 21), claimed_by="islamic-resistance-in-iraq"))
    assert why(early, late)[0] is Bond.JOIN


def test_first_reports_that_confuse_drones_and_rockets_are_one_attack() -> None:
    assert grouping([mention(1, attack(weapons=[DRONE])), mention(2, attack(weapons=[ROCKET]), minutes=20)]) == groups(
        [1, 2]
    )


def test_an_attack_at_ten_to_midnight_is_one_with_the_report_dated_to_the_next_day() -> None:
    before = mention(1, attack(event_from=local(DAY, 23, 50)), minutes=150)
    after = mention(2, attack(date=NEXT_DAY), minutes=330)
    assert why(before, after) == (Bond.JOIN, "same-site-and-night")


def test_a_report_without_a_day_of_its_own_joins_the_evening_before() -> None:
    evening = mention(1, attack(outcome=INTERCEPTED))
    morning = mention(2, attack(date=NEXT_DAY, date_inferred=True), minutes=9 * 60)
    noon = mention(2, attack(date=NEXT_DAY, date_inferred=True), minutes=15 * 60)
    assert grouping([evening, morning]) == groups([1, 2])
    assert grouping([evening, noon]) == groups([1], [2])


def test_an_assumed_day_is_not_parted_by_what_first_reports_count_badly() -> None:
    evening = mention(1, attack(outcome=INTERCEPTED, count=2))
    flash = attack(date=NEXT_DAY, date_inferred=True, outcome=INTERCEPTED, count=1)
    assert grouping([evening, mention(2, flash, minutes=9 * 60)]) == groups([1, 2])
    hit = mention(2, replace(flash, outcome=HIT), minutes=9 * 60)
    five = mention(2, replace(flash, count=5), minutes=9 * 60)
    assert grouping([evening, hit]) == grouping([evening, five]) == groups([1], [2])


def test_an_article_without_an_hour_reaches_back_further_than_one_with_an_hour() -> None:
    evening, told = mention(1), attack(date=NEXT_DAY, date_inferred=True)
    page = mention(2, told, minutes=26 * 60)
    dated = replace(page, extra={**page.extra, DATE_ONLY: "yes"})
    assert grouping([evening, page]) == groups([1], [2])
    assert grouping([evening, dated]) == groups([1, 2])


def test_a_day_counted_back_weighs_less_than_one_that_is_named() -> None:
    """Two flashes of the night agree with either side; what the text calls "yesterday" is outweighed, a date is not."""
    night = [mention(n, attack(date_inferred=True), minutes=-18 * 60 + n) for n in (1, 2)]
    named = [mention(n, attack(), minutes=-16 * 60 + n) for n in (3, 4, 5)]
    off = attack(date=DAY - timedelta(days=1))
    told = mention(6, replace(off, date_relative=True), minutes=-17 * 60)
    assert grouping([*night, *named, told]) == groups([1, 2, 3, 4, 5, 6])
    assert grouping([*night, *named, mention(6, off, minutes=-17 * 60)]) == groups([1, 2, 3, 4, 5], [6])


def test_yesterday_in_an_update_is_the_day_of_its_attack_where_its_hour_is_known() -> None:
    yesterday = attack(date=NEXT_DAY, date_relative=True)
    update = mention(2, yesterday, minutes=40 * 60, label=Label.UPDATE)
    assert grouping([mention(1), update]) == groups([1], [2])
    dated = replace(update, extra={**update.extra, DATE_ONLY: "yes"})
    assert grouping([mention(1), dated]) == groups([1, 2])


def test_late_on_one_day_and_early_on_the_next_are_one_night_for_one_weapon() -> None:
    evening = attack(event_from=local(DAY, 17), event_to=local(NEXT_DAY, 0), weapons=[ROCKET])
    dawn = attack(date=NEXT_DAY, event_from=local(NEXT_DAY, 0), event_to=local(NEXT_DAY, 9), weapons=[ROCKET])
    assert why(mention(1, evening), mention(2, dawn, minutes=700)) == (Bond.JOIN, "same-site-and-night")
    noon = replace(dawn, event_to=local(NEXT_DAY, 14))
    drones = replace(dawn, weapons=(DRONE,))
    for other in (noon, drones):
        assert why(mention(1, evening), mention(2, other, minutes=700)) == (Bond.AGAINST, "neighbouring-day")


def test_a_flash_without_a_country_joins_the_one_attack_of_its_hours_with_that_weapon() -> None:
    flash = replace(attack(UNNAMED, weapons=[ROCKET]), country=None)
    rockets, drones = attack("al-tanf", weapons=[ROCKET]), attack(weapons=[DRONE])
    three = [mention(1, rockets), mention(2, drones, minutes=5), mention(3, flash, minutes=60)]
    assert grouping(three) == groups([1, 3], [2])
    assert grouping([mention(1, rockets), mention(3, flash, minutes=300)]) == groups([1], [3])
    assert grouping([*three, mention(4, attack("harir", weapons=[ROCKET]))]) == groups([1], [2], [3], [4])


def test_one_report_dated_a_day_off_is_outweighed_by_the_others_of_its_attack() -> None:
    """A night attack: one outlet dates it to the day before, the others agree with both sides in all else."""
    plain = [mention(n, attack(date_inferred=True), minutes=-18 * 60 + n) for n in (1, 2)]
    off = mention(3, attack(date=DAY - timedelta(days=1)), minutes=-17 * 60)
    stated = mention(4, attack(), minutes=-16 * 60)
    assert grouping([*plain, off, stated]) == groups([1, 2, 3, 4])
    assert grouping([off, stated]) == groups([3], [4])


def test_a_town_is_one_in_two_languages_and_two_bases_by_name_are_two() -> None:
    arabic = mention(1, attack(UNNAMED, place="أربيل"))
    kurdish = mention(2, attack(UNNAMED, place="هەولێر"), minutes=5)
    assert grouping([arabic, kurdish]) == groups([1, 2])
    named = [mention(n, attack(OTHER_NAMED, place=place)) for n, place in ((1, "قاعدة الحياة"), (2, "قاعدة السلام"))]
    assert grouping(named) == groups([1], [2])


def test_a_report_that_states_its_day_does_not_join_the_evening_before() -> None:
    assert grouping([mention(1), mention(2, attack(date=NEXT_DAY), minutes=840)]) == groups([1], [2])


def test_an_update_without_a_day_joins_the_nearest_earlier_attack_of_the_site() -> None:
    first = mention(1)
    second = mention(2, attack(date=NEXT_DAY), minutes=24 * 60)
    update = mention(3, attack(date=DAY + timedelta(days=3), date_inferred=True), minutes=72 * 60, label=Label.UPDATE)
    assert grouping([first, second, update]) == groups([1], [2, 3])


def test_an_unnamed_base_joins_the_one_site_that_fits_country_day_weapon_and_count() -> None:
    named = mention(1, attack(count=2))
    unnamed = mention(2, attack(UNNAMED, count=2))
    assert grouping([named, unnamed]) == groups([1, 2])
    assert grouping([named, mention(2, attack(UNNAMED, count=9))]) == groups([1], [2])


def test_an_unnamed_base_that_fits_two_sites_alike_stays_alone() -> None:
    found = cluster([mention(1), mention(2, attack("harir")), mention(3, attack(UNNAMED))], the_places())
    assert len(found.clusters) == 3
    assert "ambiguous-site" in refusals(found)


def test_two_reports_of_an_unnamed_base_are_one_attack() -> None:
    assert grouping([mention(1, attack(UNNAMED, count=1)), mention(2, attack(UNNAMED))]) == groups([1, 2])


def test_an_unnamed_base_in_a_town_joins_only_a_site_near_that_town() -> None:
    erbil, asad = mention(1), mention(2, attack("ain-al-asad"))
    flash = mention(3, attack(UNNAMED, place="Erbil"))
    assert grouping([erbil, asad, flash]) == groups([1, 3], [2])


def test_a_place_is_one_in_two_spellings() -> None:
    one = mention(1, attack(OTHER_NAMED, country="SY", place="Rubarya"))
    two = mention(2, attack(OTHER_NAMED, country="SY", place="the base at Rubariya"))
    assert grouping([one, two]) == groups([1, 2])


def test_an_article_that_tells_of_two_attacks_on_one_base_gives_two_clusters() -> None:
    first = mention(1, attack(weapons=[ROCKET]))
    second = mention(1, attack(weapons=[Weapon.MISSILE], count=3), index=1)
    other = mention(2, attack(weapons=[Weapon.MISSILE], count=4), minutes=30)
    found = cluster([first, second, other], the_places())
    assert sorted(len(group.mentions) for group in found.clusters) == [1, 2]
    assert found.clusters[0].mentions != (first, other)


def test_a_second_attack_of_the_day_is_its_own_and_gathers_its_own_reports() -> None:
    morning = mention(1, minutes=-600)
    second = mention(2, attack(another=True))
    relay = mention(3, attack(another=True), minutes=40)
    assert grouping([morning, second, relay]) == groups([1], [2, 3])


def test_people_decide_before_facts() -> None:
    a, b, c = mention(1), mention(2), mention(3, attack("harir"))
    apart = Constraints(cannot_link=frozenset({frozenset({(1, 0), (2, 0)})}))
    together = Constraints(must_link=frozenset({frozenset({(1, 0), (3, 0)})}))
    assert grouping([a, b, c], apart) == groups([1], [2], [3])
    assert frozenset({1, 3}) in {g & {1, 3} for g in grouping([a, b, c], together)}


def test_a_denial_goes_to_the_attack_it_denies_and_opens_none() -> None:
    denial = mention(2, attack(denied=True, weapons=()), minutes=60)
    assert grouping([mention(1), denial]) == groups([1, 2])
    alone = cluster([denial], the_places())
    assert alone.clusters == ()
    assert alone.unplaced == (denial,)


SITES = st.sampled_from(["erbil-airbase", "harir", "ain-al-asad", "al-tanf", UNNAMED, OTHER_NAMED])


@st.composite
def some_mentions(draw: st.DrawFn) -> list[Mention]:
    count = draw(st.integers(2, 9))
    made = []
    for number in range(1, count + 1):
        day = DAY + timedelta(days=draw(st.integers(0, 2)))
        told = attack(
            draw(SITES),
            weapons=draw(st.sampled_from([(DRONE,), (ROCKET,), (Weapon.UNKNOWN,), (DRONE, ROCKET)])),
            date=day,
            date_inferred=draw(st.booleans()),
            date_relative=draw(st.booleans()),
            count=draw(st.sampled_from([None, None, 1, 2])),
            event_from=draw(st.sampled_from([None, None, local(day, 3), local(day, 23, 40)])),
            another=draw(st.sampled_from([False, False, False, True])),
            place=draw(st.sampled_from([None, None, "Erbil", "Hajin"])),
            claimed_by=draw(st.sampled_from([None, None, "houthis"])),
        )
        minutes = draw(st.integers(0, 3 * 24 * 60))
        made.append(mention(number, told, minutes=minutes, label=draw(st.sampled_from(list(Label)[:2]))))
    return made


@given(some_mentions(), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_any_order_of_arrival_gives_the_same_partition(mentions: list[Mention], random: Random) -> None:
    """Each arrival re-clusters only the chain it touches, as intake does; the end is what clustering all gives."""
    want = grouping(mentions)
    arriving = list(mentions)
    random.shuffle(arriving)
    stored: list[Mention] = []
    fresh = itertools.count(1)
    for new in arriving:
        near = chain([new], stored, the_places())
        plan = place([*near, new], the_places())
        touched = {(m.article_id, m.index) for m in [*near, new]}
        stored = [m for m in stored if (m.article_id, m.index) not in touched]
        for planned in plan.incidents:
            incident_id = planned.incident_id or next(fresh)
            stored.extend(replace(m, incident_id=incident_id) for m in planned.mentions)
    by_id: dict[int | None, set[int]] = {}
    for m in stored:
        by_id.setdefault(m.incident_id, set()).add(m.article_id)
    assert {frozenset(ids) for ids in by_id.values()} == want


@given(some_mentions())
@settings(max_examples=60, deadline=None)
def test_no_cluster_holds_two_reports_that_are_kept_apart(mentions: list[Mention]) -> None:
    places = the_places()
    for group in cluster(mentions, places).clusters:
        for a, b in itertools.combinations(group.sights, 2):
            assert judge(a, b, places).verdict is not Bond.APART


def test_an_update_that_states_the_day_of_its_own_news_joins_the_attack_of_the_day_before() -> None:
    update = mention(2, attack(date=NEXT_DAY), minutes=20 * 60, label=Label.UPDATE)
    assert why(mention(1), update) == (Bond.JOIN, "update-of-earlier-attack")
    two_days_on = mention(3, attack(date=DAY + timedelta(days=2)), minutes=44 * 60, label=Label.UPDATE)
    assert grouping([mention(1), two_days_on]) == groups([1], [3])


def test_work_grows_with_the_reports_of_each_site_not_with_their_square(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports of unnamed bases beside many attacked sites: the pairs compared, for as much news again."""

    def compared(copies: int) -> int:
        asked = []

        def counting(a: Sight, b: Sight, places: Places) -> Judgement:
            asked.append(1)
            return judge(a, b, places)

        monkeypatch.setattr("alerts.clusters.judge", counting)
        sites = ("erbil-airbase", "harir", "ain-al-asad", "k1-kirkuk")
        told = [attack(site) for site in sites] + [attack(UNNAMED)]
        mentions = [mention(1 + 5 * n + k, one, minutes=n) for n in range(copies) for k, one in enumerate(told)]
        cluster(mentions, the_places())
        return len(asked)

    few, many = compared(20), compared(40)
    assert few < (5 * 20) ** 2 / 5
    assert many < 4.2 * few  # within a site each pair is compared; across sites a bounded number of each
