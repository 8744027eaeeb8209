"""Whether two reports tell of one attack: named vetoes first, then the facts that join, each with a stable word.

Facts have no language, so an Arabic flash and an English wire story meet here without a translation. The words in
``VETOES``, ``JOINS`` and ``OPEN`` are shown by ``incidents show`` and explained in docs/incidents.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from alerts.places import Places, Relation
from alerts.sights import Sight
from core.values import Label, Outcome

APART_TIMES = timedelta(hours=12)  #: event times further apart than this are two attacks, but for a shared claim
WAVE_PAUSE = timedelta(minutes=60)  #: after this pause, other weapons or a cue such as "second" make another wave
SAME_NIGHT = timedelta(hours=18)  #: a report without a day of its own may tell of the evening before, for this long
DAY_AND_NIGHT = timedelta(hours=36)  #: the same for an article that gives no hour of publication
MIDNIGHT = timedelta(minutes=60)  #: an attack this near to midnight is dated to either day
UPDATE_REACH_DAYS = 3  #: an update that states no day may tell of an attack this many days back
EARLY_HOURS = timedelta(hours=3)  #: first reports confuse drones and rockets; two this close together are one attack


class Bond(Enum):
    """What two reports are to each other."""

    JOIN = "join"
    OPEN = "open"  #: nothing joins them, nothing keeps them apart
    AGAINST = "against"  #: speaks against one attack; outweighed where their groups have more in common
    APART = "apart"  #: never one attack


@dataclass(frozen=True, slots=True)
class Judgement:
    """What two reports are to each other, why, and how strongly they belong together."""

    verdict: Bond
    reason: str
    score: float = 0.0


# -- vetoes: the first that holds keeps two reports apart ------------------------------------------------------------


def _same_article(a: Sight, b: Sight, _: Places) -> bool:
    return a.mention.article_id == b.mention.article_id


def _different_country(a: Sight, b: Sight, _: Places) -> bool:
    return a.country is not None and b.country is not None and a.country != b.country


def _different_site(a: Sight, b: Sight, _: Places) -> bool:
    return a.is_site and b.is_site and a.attack.base != b.attack.base


def _different_place(a: Sight, b: Sight, places: Places) -> bool:
    if a.is_site and b.is_site:
        return False
    return places.relation(a.attack, b.attack) is Relation.DIFFERENT


def _different_day(a: Sight, b: Sight, places: Places) -> bool:
    if a.day == b.day:
        return False
    return not (_around_midnight(a, b, places) or _one_night(a, b) or _evening_before(a, b) or _older_attack(a, b))


def _event_times_apart(a: Sight, b: Sight, _: Places) -> bool:
    if a.at is None or b.at is None:
        return False
    return abs(a.at - b.at) > APART_TIMES and not _same_claim(a, b)


def _another_attack(a: Sight, b: Sight, _: Places) -> bool:
    """One says "second attack today"; the other was told well before that one can have happened.

    Outlets write "another attack" of the first of a day, too: without hours, only a report of the same day counts.
    """
    if a.attack.another == b.attack.another:
        return False
    later, earlier = (a, b) if a.attack.another else (b, a)
    if later.at is not None:
        return later.at - (earlier.at or earlier.known_at) > WAVE_PAUSE
    return later.is_of_today and later.known_at - earlier.known_at > EARLY_HOURS


def _another_wave(a: Sight, b: Sight, _: Places) -> bool:
    """Two stated hours with a pause between, and weapons that cannot be one."""
    if a.at is None or b.at is None or abs(a.at - b.at) <= WAVE_PAUSE:
        return False
    return _weapons_conflict(a, b)


def _pause_between(a: Sight, b: Sight, _: Places) -> bool:
    """Two stated hours with a pause between, from the end of a stated window: the next wave, if nothing outweighs it.

    Outlets round hours and mistake them, so that one such pair alone does not part reports that agree in all else.
    """
    if a.at is None or b.at is None or _same_claim(a, b):
        return False
    early, late = (a, b) if a.at <= b.at else (b, a)
    return late.at is not None and late.at - (early.attack.event_to or early.at or late.at) > WAVE_PAUSE


def _weapons_differ(a: Sight, b: Sight, _: Places) -> bool:
    """Drones here and rockets there, in reports too far apart to be the confusion of the first hours."""
    return _weapons_conflict(a, b) and abs(a.known_at - b.known_at) > EARLY_HOURS


def _neighbouring_day(a: Sight, b: Sight, _: Places) -> bool:
    """One day apart: reports of a night are dated to either, so a group's other reports may outweigh it."""
    return abs((a.day - b.day).days) == 1


#: in the order in which they are asked; the word of the first that holds is the stated reason of a refusal
VETOES: tuple[tuple[str, Callable[[Sight, Sight, Places], bool]], ...] = (
    ("same-article", _same_article),
    ("different-country", _different_country),
    ("different-site", _different_site),
    ("neighbouring-day", lambda a, b, places: _different_day(a, b, places) and _neighbouring_day(a, b, places)),
    ("different-day", _different_day),
    ("different-place", _different_place),
    ("event-times-apart", _event_times_apart),
    ("another-attack", _another_attack),
    ("another-wave", _another_wave),
    ("pause-between", _pause_between),
    ("weapons-differ", _weapons_differ),
)
#: those that two reports of one day can meet; the same answers, sooner
_VETOES_OF_A_DAY = tuple(veto for veto in VETOES if veto[0] not in ("neighbouring-day", "different-day"))
SAME_DAY = 4.0  #: what a pair of one site and day weighs before its facts are compared
OTHER_DAY = 1.5  #: of one site and two days: too little to bind two attacks together through an update of either
SOFT = frozenset(
    {"neighbouring-day", "weapons-differ", "another-attack", "pause-between"}
)  #: these weigh against, the others forbid
#: refusals that say something: what keeps apart reports that could have been one attack
TOLD = SOFT | {"event-times-apart", "another-wave", "different-place", "counts-differ", "cannot-link"}
WEIGHT_AGAINST = -5.0  #: a pair that joins weighs 4 to 9 (tuned on tests/corpus)
UNSURE_DAY = 0.5  #: share of it that a day weighs which is only assumed, or counted back ("yesterday")


# -- when two different days can be one attack -----------------------------------------------------------------------


def _around_midnight(a: Sight, b: Sight, places: Places) -> bool:
    """Neighbouring days, and a stated hour near the midnight between them."""
    early, late = (a, b) if a.day < b.day else (b, a)
    if (late.day - early.day).days != 1:
        return False
    _, midnight = places.day_bounds(early.attack, early.day)
    near = [s.at is not None and abs(s.at - midnight) <= MIDNIGHT for s in (a, b)]
    if all(near):
        return True
    other = b if near[0] else a
    return any(near) and other.at is None and abs(a.known_at - b.known_at) <= SAME_NIGHT


def _one_night(a: Sight, b: Sight) -> bool:
    """ "Late on Monday" and "early on Tuesday", of one weapon: the midnight between them is a matter of wording."""
    early, late = (a, b) if a.day < b.day else (b, a)
    if (late.day - early.day).days != 1 or not (early.until_midnight and late.from_midnight):
        return False
    close = abs(a.known_at - b.known_at) <= DAY_AND_NIGHT
    return close and bool(a.families & b.families) and not _told_otherwise(a, b)


def _evening_before(a: Sight, b: Sight) -> bool:
    """A report that states no day, hours after one dated to the day before, with the same weapon."""
    early, late = (a, b) if a.day < b.day else (b, a)
    if late.day_stated or (late.day - early.day).days != 1 or not late.is_of_morning:
        return False
    close = abs(a.known_at - b.known_at) <= (DAY_AND_NIGHT if late.is_date_only else SAME_NIGHT)
    return close and not _weapons_conflict(a, b) and not _told_otherwise(a, b)


def _told_otherwise(a: Sight, b: Sight) -> bool:
    """Whether the counts differ by more than "a drone" and "drones" do, or the outcomes as well.

    One outlet's hit is another's near miss, and first reports count badly: either alone parts nothing.
    """
    several = (a.attack.count or 0) > 1 and (b.attack.count or 0) > 1
    return _counts_conflict(a, b) and (several or _outcomes_conflict(a, b))


def _older_attack(a: Sight, b: Sight) -> bool:
    """An update of an attack up to three days back; of the day before, where it states a day.

    The day that an update states is often that of the answer or the statement it tells of.
    """
    early, late = (a, b) if a.day < b.day else (b, a)
    if late.mention.label is not Label.UPDATE or _weapons_conflict(a, b):
        return False
    if late.day_relative and not late.is_date_only:
        return False  # "yesterday's attack", at a known hour
    return (late.day - early.day).days <= (1 if late.day_stated else UPDATE_REACH_DAYS)


# -- what speaks for one attack --------------------------------------------------------------------------------------


def judge(a: Sight, b: Sight, places: Places) -> Judgement:
    """What two reports are to each other; the same whichever comes first."""
    for word, holds in _VETOES_OF_A_DAY if a.day == b.day else VETOES:
        if holds(a, b, places):
            soft = word in SOFT
            return Judgement(Bond.AGAINST if soft else Bond.APART, word, _against(word, a, b) if soft else 0.0)
    if a.is_site and b.is_site:
        base = SAME_DAY if a.day == b.day else OTHER_DAY
        return Judgement(Bond.JOIN, _joined_by(a, b), base + _agreement(a, b))
    return _judge_unnamed(a, b, places)


def _against(reason: str, a: Sight, b: Sight) -> float:
    """What a pair weighs that speaks against one attack: days differ less where one of them is not surely known."""
    if reason != "neighbouring-day":
        return WEIGHT_AGAINST
    late = max((a, b), key=lambda s: s.day)
    unsure = late.is_of_daytime if not late.day_stated else a.day_relative or b.day_relative
    return WEIGHT_AGAINST * (UNSURE_DAY if unsure else 1.0)


def _judge_unnamed(a: Sight, b: Sight, places: Places) -> Judgement:
    """At least one names no listed site: place, or country, day, weapon and count must carry it."""
    score = _agreement(a, b)
    if places.relation(a.attack, b.attack) is Relation.SAME:
        return Judgement(Bond.JOIN, "same-place-and-day", 3.0 + score)
    if a.country is None or b.country is None:
        return _judge_without_country(a, b, score)
    if _counts_conflict(a, b):
        return Judgement(Bond.OPEN, "counts-differ")
    if a.families & b.families:
        return Judgement(Bond.JOIN, "same-country-day-weapon", 1.0 + score)
    if _same_claim(a, b):
        return Judgement(Bond.JOIN, "shared-claim", 1.0 + score)
    if not a.families and not b.families and not (a.is_site or b.is_site):
        return Judgement(Bond.JOIN, "same-country-and-day", 0.5 + score)
    return Judgement(Bond.OPEN, "too-little-in-common")


def _judge_without_country(a: Sight, b: Sight, score: float) -> Judgement:
    """A flash that names neither base nor country is one with the attack of its hours that it agrees with."""
    soon = a.day == b.day and abs(a.known_at - b.known_at) <= EARLY_HOURS
    if soon and a.families & b.families and not _counts_conflict(a, b) and not _outcomes_conflict(a, b):
        return Judgement(Bond.JOIN, "same-day-and-weapon", 0.5 + score)
    return Judgement(Bond.OPEN, "country-not-stated")


def _joined_by(a: Sight, b: Sight) -> str:
    if a.at is not None and b.at is not None and abs(a.at - b.at) <= WAVE_PAUSE:
        return "same-site-and-time"
    if a.day == b.day:
        return "same-site-and-day"
    later = max((a, b), key=lambda s: s.day)
    return "update-of-earlier-attack" if later.mention.label is Label.UPDATE else "same-site-and-night"


def _agreement(a: Sight, b: Sight) -> float:
    """How well the facts agree: decides between several incidents that a report could join."""
    score = 2.0 - 0.5 * abs((a.day - b.day).days)
    score += 0.5 * (a.day == b.day and a.day_stated and b.day_stated)
    score += 0.5 * bool(a.families & b.families) + 0.5 * bool(a.weapons & b.weapons) - 1.0 * _weapons_conflict(a, b)
    if a.attack.count is not None and b.attack.count is not None:
        score += 1.0 if a.attack.count == b.attack.count else -0.25
    if a.attack.claimed_by and b.attack.claimed_by:
        score += 0.75 if _same_claim(a, b) else -0.5
    if a.at is not None and b.at is not None:
        score += max(0.0, 2.0 - abs(a.at - b.at) / timedelta(hours=1))
    score += 0.25 * (a.attack.outcome == b.attack.outcome is not Outcome.UNKNOWN)
    score += 0.5 * (a.attack.another and b.attack.another)
    gap_h = abs(a.known_at - b.known_at) / timedelta(hours=1)
    return score + 1.0 / (1.0 + gap_h / 6.0)


def _weapons_conflict(a: Sight, b: Sight) -> bool:
    return bool(a.families) and bool(b.families) and not a.families & b.families


def _counts_conflict(a: Sight, b: Sight) -> bool:
    return a.attack.count is not None and b.attack.count is not None and a.attack.count != b.attack.count


def _outcomes_conflict(a: Sight, b: Sight) -> bool:
    stopped = {Outcome.INTERCEPTED, Outcome.FOILED, Outcome.MISSED}
    pair = (a.attack.outcome, b.attack.outcome)
    return Outcome.HIT in pair and any(outcome in stopped for outcome in pair)


def _same_claim(a: Sight, b: Sight) -> bool:
    return a.attack.claimed_by is not None and a.attack.claimed_by == b.attack.claimed_by
