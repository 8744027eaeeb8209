"""A mention made ready for comparing: day, hour, weapons and place worked out once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime, timedelta

from alerts.places import Places
from core.values import Attack, Label, Mention, Weapon

DATE_ONLY = "date_only"  #: key of ``Mention.extra``: the article gives no hour of publication
MORNING = 8  #: local hour until which a report without a day of its own may tell of the evening before
EVENING = 18  #: local hour from which a report without a day of its own surely tells of that day
NOON, AFTERNOON = timedelta(hours=12), timedelta(hours=16)  #: of the local day
PRECISE = timedelta(hours=2)  #: a window of event times up to this wide is a time, a wider one is a part of the day

#: weapons that outlets call by each other's names
_FAMILY = {
    Weapon.ROCKET: "projectile",
    Weapon.MISSILE: "projectile",
    Weapon.BALLISTIC_MISSILE: "projectile",
    Weapon.MORTAR: "projectile",
    Weapon.UNKNOWN: "",
}


@dataclass(frozen=True, slots=True)
class Sight:
    """A mention, with what comparing it needs computed once."""

    mention: Mention
    attack: Attack
    ref: tuple[int, int]  #: article, and index of the attack in its verdict
    key: tuple[str, ...]  #: orders mentions by what they say, never by when they came
    is_site: bool
    country: str | None
    day: Date
    day_stated: bool
    day_relative: bool  #: stated as "yesterday": outlets that copy one another shift it by a day
    at: datetime | None  #: time of the event where it is known to about an hour
    until_midnight: bool  #: of the evening or night of its day, at no stated hour
    from_midnight: bool  #: of the night or morning of its day, at no stated hour
    known_at: datetime
    weapons: frozenset[Weapon]  #: those that are known
    families: frozenset[str]
    is_of_today: bool  #: it was known on the very day of the attack, local time
    is_of_morning: bool  #: it was known before MORNING, local time: it may tell of the night
    is_of_daytime: bool  #: it was known before EVENING, or at an unknown hour: what gives no day may tell of last night
    is_date_only: bool  #: the article gives no hour of publication


def sight(mention: Mention, places: Places) -> Sight:
    """The mention made ready for comparing."""
    attack = mention.attack
    day, stated = _day(mention, places)
    known = mention.known_at.astimezone(places.zone(attack))
    until, since = _beside_midnight(attack, day, places)
    return Sight(
        mention=mention,
        attack=attack,
        ref=(mention.article_id, mention.index),
        key=_key(mention),
        is_site=places.is_site(attack.base),
        country=places.country(attack),
        day=day,
        day_stated=stated,
        day_relative=stated and attack.date_relative,
        at=_precise_time(attack),
        until_midnight=until,
        from_midnight=since,
        known_at=mention.known_at,
        weapons=frozenset(attack.weapons) - {Weapon.UNKNOWN},
        families=frozenset(_FAMILY.get(weapon, weapon.value) for weapon in attack.weapons) - {""},
        is_of_today=known.date() == day,
        is_of_morning=known.hour < MORNING or mention.label is Label.UPDATE or DATE_ONLY in mention.extra,
        is_of_daytime=known.hour < EVENING or DATE_ONLY in mention.extra,
        is_date_only=DATE_ONLY in mention.extra,
    )


def _key(mention: Mention) -> tuple[str, ...]:
    attack = mention.attack
    return (
        mention.known_at.isoformat(),
        mention.outlet,
        mention.extra.get("url", ""),
        f"{mention.index:03}",
        attack.base,
        str(attack.date),
        ",".join(attack.weapons),
        str(attack.count),
        f"{mention.article_id:012}",
    )


def _day(mention: Mention, places: Places) -> tuple[Date, bool]:
    """The local day of the attack, and whether the report itself states it."""
    attack = mention.attack
    if attack.date is not None:
        return attack.date, not attack.date_inferred
    if attack.event_from is not None:
        return places.local_day(attack, attack.event_from), True
    return places.local_day(attack, mention.known_at), False


def _beside_midnight(attack: Attack, day: Date, places: Places) -> tuple[bool, bool]:
    """Whether the window of the event is the end of its local day, and whether it is the beginning of it."""
    start, end = attack.event_from, attack.event_to
    if start is None or end is None or end - start <= PRECISE:
        return False, False
    begin, midnight = places.day_bounds(attack, day)
    return end == midnight and start - begin >= AFTERNOON, start == begin and end - begin <= NOON


def _precise_time(attack: Attack) -> datetime | None:
    start, end = attack.event_from, attack.event_to
    if start is None:
        return None
    if end is None or end - start <= PRECISE:
        return start
    return None
