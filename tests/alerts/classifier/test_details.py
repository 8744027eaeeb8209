"""Times of the clock, numbers, casualties and the second attack of a day, as single texts tell them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time

import pytest

from alerts.classifier.clocks import clock_in
from core.values import Outcome, Verdict

Ask = Callable[..., Verdict]


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("at 23:57 local time", time(23, 57)),
        ("around 3 a.m. on Monday", time(3)),
        ("at 8:52 p.m., the directorate said", time(20, 52)),
        ("at 12:30 a.m.", time(0, 30)),
        ("عند الساعة ٢٣:٥٧ بالتوقيت المحلي", time(23, 57)),
        ("الساعة 3 فجراً", time(3)),
        ("ساعت ۲۳:۵۷ به وقت محلی", time(23, 57)),
        ("کاتژمێر 23:57 درۆنێک", time(23, 57)),
        ("Saet 21:00ê vê êvarê", time(21)),
        ("yerel saatle 23:57 sularında", time(23, 57)),
        ("בשעה 23:57", time(23, 57)),
        ("в 3 часа ночи", time(3)),
        ("à 21h30", time(21, 30)),
    ],
)
def test_a_time_of_the_clock_is_read_in_every_language(text: str, clock: time) -> None:
    found = clock_in(text)
    assert found is not None
    assert found.at == clock


@pytest.mark.parametrize(
    "text", ["12 km from the base", "107 mm rockets", "Tower 22 at 12 h", "on March 9", "24 hours", "5 of 12 rockets"]
)
def test_distances_calibres_dates_and_counts_are_no_time_of_the_clock(text: str) -> None:
    assert clock_in(text) is None


def test_the_clock_of_the_place_becomes_the_instant_in_utc(verdict_on: Ask) -> None:
    text = "A drone hit the US base at Erbil airport at 07:20 local time on Thursday, a security source said."
    (attack,) = verdict_on("Drone hits US base at Erbil airport", text).attacks
    assert attack.event_from == attack.event_to == datetime(2026, 3, 12, 4, 20, tzinfo=UTC)
    assert attack.count == 1, "the hour counts no drones"


def test_a_clock_before_midnight_told_after_it_is_of_the_day_before(verdict_on: Ask) -> None:
    after_midnight = datetime(2026, 3, 12, 21, 5, tzinfo=UTC)  # 00:05 in Erbil
    text = "A drone hit the US base at Erbil airport at 23:57, a security source said."
    (attack,) = verdict_on("Drone hits US base at Erbil airport", text, published=after_midnight).attacks
    assert (attack.date, attack.event_from) == (date(2026, 3, 12), datetime(2026, 3, 12, 20, 57, tzinfo=UTC))


def test_casualties_of_others_and_of_the_protected_side_are_told_apart(verdict_on: Ask) -> None:
    text = (
        "Three US soldiers were wounded in the drone attack on Harir base on Thursday. Two Peshmerga were killed there."
    )
    (attack,) = verdict_on("Drone attack on US base Harir: three US soldiers wounded", text).attacks
    assert (attack.injured, attack.killed) == (3, None)


def test_the_wounded_are_counted_before_the_grave_ones_among_them(verdict_on: Ask) -> None:
    (attack,) = verdict_on("Pentagon: three US troops wounded, one critically, in drone attack in Erbil").attacks
    assert attack.injured == 3


def test_the_dead_of_an_older_attack_are_not_those_of_this_one(verdict_on: Ask) -> None:
    text = (
        "Two rockets hit Ain al-Asad base on Thursday, a security source said.\n\n"
        "In January 2024 three US soldiers were killed in a drone attack on Tower 22."
    )
    verdict = verdict_on("Two rockets hit US base Ain al-Asad", text)
    assert [(attack.base, attack.killed) for attack in verdict.attacks] == [("ain-al-asad", None)]


@pytest.mark.parametrize(
    ("title", "another"),
    [
        ("Second attack today on US base Victoria in Baghdad: two drones shot down", True),
        ("Another attack on US base Victoria in Baghdad today", True),
        ("New drone attack on US base Victoria in Baghdad, another official says", False),
        ("Drone attack on US base Victoria in Baghdad as second round of talks begins today", False),
    ],
)
def test_only_a_second_attack_of_the_day_is_another(title: str, another: bool, verdict_on: Ask) -> None:
    (attack,) = verdict_on(title).attacks
    assert attack.another is another


def test_a_hit_told_first_and_an_interception_told_later_are_a_part_intercepted(verdict_on: Ask) -> None:
    text = (
        "Two drones attacked the US base at Harir on Thursday, a security source said. "
        "One of them was shot down and the other hit a hangar inside the base."
    )
    (attack,) = verdict_on("Drone hits US base at Harir", text).attacks
    assert attack.outcome is Outcome.PARTLY_INTERCEPTED


@pytest.mark.parametrize(
    "title",
    [
        "Kamikaze drone intercepted near US consulate in Erbil",
        "One-way attack drone slams into US base at Harir",
        "Tel Beyder'deki ABD üssü kamikaze dronla hedef alındı",
    ],
)
def test_a_single_weapon_counts_as_one(title: str, verdict_on: Ask) -> None:
    (attack,) = verdict_on(title).attacks
    assert attack.count == 1


def test_the_day_of_the_answer_is_not_the_day_of_the_attack(verdict_on: Ask) -> None:
    text = (
        "Three US soldiers were wounded on Tuesday in a drone attack on the US base in Erbil, the Pentagon said.\n\n"
        "US warplanes carried out airstrikes on Thursday in response to the attack on the base in Erbil."
    )
    title = "US airstrikes on Thursday answer drone attack on US base in Erbil that wounded three soldiers"
    attacks = verdict_on(title, text).attacks
    assert [(attack.base, attack.date) for attack in attacks] == [("erbil-airbase", date(2026, 3, 10))]


def test_the_country_of_launch_is_not_that_of_the_base(verdict_on: Ask) -> None:
    text = "Five rockets were fired from Iraq towards a US military base in Syria on Wednesday, a security source said."
    (attack,) = verdict_on("Rockets launched from Iraq at US base in Syria", text).attacks
    assert attack.country == "SY"


def test_the_small_hours_of_a_night_belong_to_the_next_day(verdict_on: Ask) -> None:
    text = "Two rockets hit Victoria base on Tuesday night at 00:20 local time, a security source said."
    (attack,) = verdict_on("Rockets hit US base Victoria in Baghdad", text).attacks
    assert (attack.date, attack.event_from) == (date(2026, 3, 11), datetime(2026, 3, 10, 21, 20, tzinfo=UTC))


@pytest.mark.parametrize(
    ("title", "count"),
    [
        ("14 Katyusha rockets hit US base Ain al-Asad", 14),
        ("Missiles hit US base Ain al-Asad, AC-130 drones in the air", None),
        ("Rockets hit US base Ain al-Asad 5 km from the town at 23:57", None),
    ],
)
def test_names_dates_hours_and_distances_count_no_munitions(title: str, count: int | None, verdict_on: Ask) -> None:
    assert [attack.count for attack in verdict_on(title).attacks][:1] == [count]


@pytest.mark.parametrize(
    "text",
    [
        "A drone was shot down over the US base at Erbil airport in the evening, a security source said.",
        "أسقطت الدفاعات الجوية مسيّرة فوق القاعدة الأمريكية في مطار أربيل مساء اليوم الخميس، بحسب مصدر أمني.",
    ],
)
def test_an_evening_told_after_midnight_is_of_the_day_before(text: str, verdict_on: Ask) -> None:
    after_midnight = datetime(2026, 3, 12, 21, 30, tzinfo=UTC)  # Friday, 00:30 in Erbil
    (attack,) = verdict_on(text.split(",")[0].split("،")[0], text, published=after_midnight).attacks
    assert attack.date == date(2026, 3, 12)


def test_a_line_of_a_flash_that_holds_a_time_alone_tells_when_it_was(verdict_on: Ask) -> None:
    midnight = datetime(2026, 3, 12, 21, 0, tzinfo=UTC)
    (attack,) = verdict_on("Drone shot down over US base at Erbil airport", "At 23:40", published=midnight).attacks
    assert (attack.date, attack.event_from) == (date(2026, 3, 12), datetime(2026, 3, 12, 20, 40, tzinfo=UTC))


def test_a_day_given_below_the_opening_is_that_of_the_attack(verdict_on: Ask) -> None:
    text = (
        "Three Katyusha rockets hit Victoria base in Baghdad, used by US forces, a security source told reporters.\n\n"
        "Nobody was hurt.\n\nThe rockets were fired on Tuesday from a district west of the capital, police said."
    )
    (attack,) = verdict_on("Rockets hit US base Victoria in Baghdad", text).attacks
    assert attack.date == date(2026, 3, 10)


def test_a_nameless_place_beside_the_only_site_of_its_sentence_is_that_site(verdict_on: Ask) -> None:
    title = "سپاه: پایگاه هوایی آمریکا در شیخ عیسی بحرین با ۲۰ پهپاد هدف قرار گرفت"
    assert [attack.base for attack in verdict_on(title).attacks] == ["isa-air-base"]


def test_what_follows_a_sentence_of_the_background_is_not_told_of_its_sites(verdict_on: Ask) -> None:
    text = (
        "A drone was shot down close to Erbil airport, which hosts US forces, on Thursday, a security source said.\n\n"
        "No side has claimed it. Erbil International Airport and Harir air base have come under drone attack "
        "time and again.\n\nThree drones crashed earlier today in a far district and nobody was hurt."
    )
    attacks = verdict_on("Drone brought down over US base in Erbil", text).attacks
    assert [attack.base for attack in attacks] == ["erbil-airbase"]


def test_a_second_weapon_that_was_downed_makes_the_attack_a_part_intercepted(verdict_on: Ask) -> None:
    text = (
        "A drone crashed into a warehouse inside the US base at Harir on Thursday, a security source said.\n\n"
        "A second drone was shot down over the plain before it came near."
    )
    (attack,) = verdict_on("Drone hits warehouse at US base in Harir", text).attacks
    assert attack.outcome is Outcome.PARTLY_INTERCEPTED


def test_an_attack_in_the_surroundings_missed_only_where_something_came_down(verdict_on: Ask) -> None:
    (said,) = verdict_on("الميادين: استهداف القاعدة الأميركية بمحيط مطار بغداد بمسيّرة").attacks
    (fell,) = verdict_on("سقوط صاروخ في محيط القاعدة الأميركية بمطار بغداد").attacks
    assert (said.outcome, fell.outcome) == (Outcome.UNKNOWN, Outcome.MISSED)


@pytest.mark.parametrize(
    "title",
    [
        "Iranian missiles strike Al Udeid base in Qatar, ministry confirms",
        "حرس الثورة: صواريخنا دكت قاعدة الظفرة الأمريكية",
        "Les Gardiens de la Révolution affirment avoir frappé la base américaine d'Al-Udeid",
    ],
)
def test_verbs_of_impact_tell_a_hit(title: str, verdict_on: Ask) -> None:
    (attack,) = verdict_on(title).attacks
    assert attack.outcome is Outcome.HIT


@pytest.mark.parametrize(
    ("title", "killed", "injured"),
    [
        ("One American service member was killed and three were injured in a drone attack on Tower 22", 1, 3),
        ("Three US soldiers were killed and 34 wounded in the drone attack on Tower 22", 3, 34),
    ],
)
def test_each_number_of_people_goes_to_its_own_word_and_none_to_a_name(
    verdict_on: Ask, title: str, killed: int, injured: int
) -> None:
    (attack,) = verdict_on(title).attacks
    assert (attack.killed, attack.injured) == (killed, injured)
