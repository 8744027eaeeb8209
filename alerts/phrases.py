"""The facts of an incident in plain words of a channel's language: for the first line and for the bodies of messages.

Everything here is a pure function of the document. A fact that no report states is None, and never becomes 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from alerts.language import Language, english
from core.documents import Casualties, IncidentPart
from core.text import one_line
from core.values import OTHER_NAMED, UNNAMED, Outcome, Weapon

_FLYING = frozenset({Weapon.DRONE, Weapon.ROCKET, Weapon.BALLISTIC_MISSILE, Weapon.MISSILE, Weapon.MORTAR})
_WHOSE_ORDER = ("us", "us_coalition", "coalition", "local_forces", "civilians", "others")

#: a window of event times wider than this says the day, not the hour
WIDEST_HOUR = timedelta(hours=6)


def zone_of(incident: IncidentPart) -> ZoneInfo:
    """The place's time zone; UTC where the name is unknown here."""
    try:
        return ZoneInfo(incident.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def where(incident: IncidentPart, language: Language | None = None) -> str:
    """The site as people call it: "Erbil air base", "US base near Hajin", "unnamed base in IQ"."""
    words = language or english()
    if incident.base_name:
        return words.name("site", incident.base, one_line(incident.base_name))
    place = one_line(incident.place or "")
    if place:
        return words.apart(place)
    if incident.base not in (UNNAMED, OTHER_NAMED):
        return words.apart(one_line(incident.base))
    if incident.country:
        return words.say("unnamed_base_in", country=country(incident.country, words))
    return words.say("unnamed_base")


def country(code: str, language: Language) -> str:
    """The country's name; its code where there is none."""
    return language.word("country", code) or language.apart(one_line(code))


def actor(actor_id: str | None, name: str | None, language: Language) -> str:
    """An actor's name; "" where there is none."""
    shown = one_line(name or actor_id or "")
    return language.name("actor", actor_id, shown) if shown else ""


def number_range(low: int | None, high: int | None, language: Language | None = None) -> str | None:
    """ "5", "2-5", "2+" (at least), "up to 5"; None where nothing is stated ("at least 0" states nothing)."""
    return (language or english()).amount(None, low, high)


def weapon_and_count(incident: IncidentPart, language: Language | None = None) -> str:
    """ "1 drone", "5-7 rockets", "drone attack", "3 drones/rockets", "attack" where the weapon is not stated."""
    return _weapon(incident, language or english())[0]


def outcome_words(incident: IncidentPart, language: Language | None = None) -> str:
    """ "shot down", "hit", …; "" where the outcome is not stated."""
    words = language or english()
    return words.fill(words.word(_outcome_table(incident, counted=True), incident.outcome), w="")


def what(incident: IncidentPart, language: Language) -> str:
    """Weapon, count and outcome: "1 drone shot down"."""
    weapon, counted = _weapon(incident, language)
    return language.fill(language.word(_outcome_table(incident, counted=counted), incident.outcome), w=weapon)


def what_at_length(incident: IncidentPart, language: Language) -> str:
    """The same for a line of its own: "1 drone, shot down", "drone attack, outcome not stated"."""
    unknown = incident.outcome is Outcome.UNKNOWN
    outcome = language.say("outcome_unknown") if unknown else outcome_words(incident, language)
    weapon, whole = _weapon(incident, language)[0], what(incident, language)
    return language.say("what_unknown" if unknown else "what_known", weapon=weapon, outcome=outcome, what=whole)


def _weapon(incident: IncidentPart, words: Language) -> tuple[str, bool]:
    """Weapon and count, and whether a number is among them."""
    weapons = [weapon for weapon in incident.weapons if weapon is not Weapon.UNKNOWN]
    if not weapons:
        return words.say("attack"), False
    if weapons == [Weapon.GUNFIRE]:
        return words.word("weapon_attack", Weapon.GUNFIRE), False
    names = words.word("text", "slash").join(words.word("weapon_names", weapon) for weapon in weapons)
    if len(weapons) == 1 and weapons[0] is not Weapon.GUNFIRE:
        counted = words.amount(weapons[0].value, incident.count_low, incident.count_high)
        return (counted, True) if counted else (words.word("weapon_attack", weapons[0]), False)
    counted = words.amount("several", incident.count_low, incident.count_high, names=names)
    return (counted, True) if counted else (words.say("attack_with", names=names), False)


def _outcome_table(incident: IncidentPart, *, counted: bool) -> str:
    flying = bool(incident.weapons) and all(weapon in _FLYING for weapon in incident.weapons)
    return f"outcome.{'flying' if flying else 'ground'}{'' if counted else '_attack'}"


def _ordered(casualties: Iterable[Casualties]) -> list[Casualties]:
    def rank(entry: Casualties) -> tuple[int, int]:
        known = _WHOSE_ORDER.index(entry.whose) if entry.whose in _WHOSE_ORDER else len(_WHOSE_ORDER)
        return (0 if entry.kind == "killed" else 1, known)

    return sorted(casualties, key=rank)


def _harm(entry: Casualties) -> str:
    return entry.kind if entry.kind in ("killed", "injured") else "injured"


def casualties_in_short(
    incident: IncidentPart, language: Language | None = None, *, most: int | None = None
) -> str | None:
    """For the first line: "3 US killed, 5 US hurt", "0 hurt"; None where nothing is stated. Only the
    ``most`` worst where that is given."""
    words = language or english()
    parts: list[str] = []
    zeros: set[str] = set()
    for entry in _ordered(incident.casualties):
        whose = words.word("whose", entry.whose, one_line(entry.whose))
        amount = words.amount(_harm(entry), entry.low, entry.high, whose=whose)
        if amount is None:
            continue
        if entry.high == 0 or (entry.high is None and entry.low == 0):
            zeros.add(_harm(entry))
        else:
            parts.append(amount)
    if parts:
        return words.join(parts[:most])
    if not zeros:
        return None
    return words.word("nobody", "injured" if "injured" in zeros else "killed")


def casualties_by_whose(incident: IncidentPart, language: Language | None = None) -> list[str]:
    """One line each: "US: 3 killed, 0 hurt"; empty where nothing is stated."""
    words = language or english()
    lines: dict[str, list[str]] = {}
    for entry in _ordered(incident.casualties):
        amount = words.amount(_harm(entry), entry.low, entry.high, whose="")
        if amount is None:
            continue
        if entry.high == 0:
            amount = words.word("nobody", _harm(entry))
        lines.setdefault(entry.whose, []).append(amount)
    return [
        words.say("label", label=words.word("whose_label", whose, one_line(whose)), value=words.join(amounts))
        for whose, amounts in lines.items()
    ]


def hour_is_known(incident: IncidentPart) -> bool:
    """Whether the reports say the hour of the event, rather than its day."""
    if incident.event_from is None:
        return False
    return incident.event_to is None or incident.event_to - incident.event_from <= WIDEST_HOUR


def ago(then: datetime, now: datetime, language: Language | None = None) -> str:
    """ "just now", "6 min ago", "3 h ago", "2 days ago"; "" for an instant more than ten minutes ahead."""
    words = language or english()
    seconds = (now - then).total_seconds()
    if seconds < -600:
        return ""
    minutes = int(seconds // 60)
    if minutes < 1:
        return words.say("just_now")
    if minutes < 60:
        return words.form("minutes_ago", minutes)
    if minutes < 48 * 60:
        return words.form("hours_ago", minutes // 60)
    return words.form("days_ago", minutes // (24 * 60))


def day(instant: datetime, now: datetime, language: Language | None = None) -> str:
    """ "21 Apr", with the year where it is not this one."""
    words = language or english()
    key = "day" if instant.year == now.year else "day_of_year"
    return words.say(key, day=instant.day, month=words.word("month", str(instant.month)), year=instant.year)


def day_of_text(local_date: str, now: datetime, language: Language | None = None) -> str:
    """``day`` of an ISO date; the text itself where it is none."""
    try:
        return day(datetime.fromisoformat(local_date).replace(tzinfo=UTC), now, language)
    except ValueError:
        return one_line(local_date)


def clock(instant: datetime, incident: IncidentPart, now: datetime, words: Language) -> str:
    """ "21 Apr 21:07 local": an instant at the incident's place."""
    zone = zone_of(incident)
    local = instant.astimezone(zone)
    return words.say("local", day=day(local, now.astimezone(zone), words), hour=f"{local:%H:%M}")


def join_and(words: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""
