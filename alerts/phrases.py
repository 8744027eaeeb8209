"""The facts of an incident in plain English words: shared by the first line and by the bodies of messages.

Everything here is a pure function of the document. A fact that no report states is None, and never becomes 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.documents import Casualties, IncidentPart
from core.text import one_line
from core.values import OTHER_NAMED, UNNAMED, Outcome, Status, Weapon

_WEAPONS: dict[Weapon, tuple[str, str]] = {
    Weapon.DRONE: ("drone", "drones"),
    Weapon.ROCKET: ("rocket", "rockets"),
    Weapon.BALLISTIC_MISSILE: ("ballistic missile", "ballistic missiles"),
    Weapon.MISSILE: ("missile", "missiles"),
    Weapon.MORTAR: ("mortar round", "mortar rounds"),
    Weapon.IED: ("roadside bomb", "roadside bombs"),
    Weapon.GUNFIRE: ("gunfire", "gunfire"),
    Weapon.SUICIDE_VEHICLE: ("car bomb", "car bombs"),
    Weapon.UNKNOWN: ("attack", "attacks"),
}
_FLYING = frozenset({Weapon.DRONE, Weapon.ROCKET, Weapon.BALLISTIC_MISSILE, Weapon.MISSILE, Weapon.MORTAR})

WHOSE = {
    "us": "US",
    "us_coalition": "US/coalition",
    "coalition": "coalition",
    "local_forces": "local forces",
    "civilians": "civilians",
    "others": "local",
}
_WHOSE_ORDER = tuple(WHOSE)
_HARM = {"killed": "killed", "injured": "hurt"}

#: a window of event times wider than this says the day, not the hour
WIDEST_HOUR = timedelta(hours=6)

STATUS_WORDS = {
    Status.CLAIMED: "claimed, nobody else reports it",
    Status.REPORTED: "reported",
    Status.CORROBORATED: "corroborated by independent sources",
    Status.CONFIRMED: "confirmed",
    Status.DENIED: "denied",
    Status.RETRACTED: "withdrawn",
}


def zone_of(incident: IncidentPart) -> ZoneInfo:
    """The place's time zone; UTC where the name is unknown here."""
    try:
        return ZoneInfo(incident.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def where(incident: IncidentPart) -> str:
    """The site as people call it: "Erbil air base", "US base near Hajin", "unnamed base in IQ"."""
    if incident.base_name:
        return one_line(incident.base_name)
    place = one_line(incident.place or "")
    if place:
        return place
    if incident.base not in (UNNAMED, OTHER_NAMED):
        return one_line(incident.base)
    return f"unnamed base in {one_line(incident.country)}" if incident.country else "unnamed base"


def number_range(low: int | None, high: int | None) -> str | None:
    """ "5", "2-5", "2+" (at least), "up to 5"; None where nothing is stated ("at least 0" states nothing)."""
    if low is None and high is None:
        return None
    if low is None:
        return "0" if high == 0 else f"up to {high}"
    if high is None:
        return f"{low}+" if low > 0 else None
    return str(low) if low >= high else f"{low}-{high}"


def weapon_and_count(incident: IncidentPart) -> str:
    """ "1 drone", "5-7 rockets", "drones", "3 drones/rockets", "attack" where the weapon is not stated."""
    weapons = [weapon for weapon in incident.weapons if weapon is not Weapon.UNKNOWN]
    count = number_range(incident.count_low, incident.count_high)
    if not weapons:
        return "attack"
    one = count == "1"
    names = "/".join(_WEAPONS[weapon][0 if one or (count is None and len(weapons) == 1) else 1] for weapon in weapons)
    if count is None:
        return names if weapons == [Weapon.GUNFIRE] else f"{names} attack"
    return names if weapons == [Weapon.GUNFIRE] else f"{count} {names}"


def outcome_words(incident: IncidentPart) -> str:
    """ "shot down", "hit", …; "" where the outcome is not stated."""
    flying = bool(incident.weapons) and all(weapon in _FLYING for weapon in incident.weapons)
    words = {
        Outcome.HIT: "hit",
        Outcome.INTERCEPTED: "shot down" if flying else "stopped",
        Outcome.PARTLY_INTERCEPTED: "partly shot down" if flying else "partly stopped",
        Outcome.MISSED: "missed",
        Outcome.FOILED: "foiled",
        Outcome.UNKNOWN: "",
    }
    return words[incident.outcome]


def _ordered(casualties: Iterable[Casualties]) -> list[Casualties]:
    def rank(entry: Casualties) -> tuple[int, int]:
        known = _WHOSE_ORDER.index(entry.whose) if entry.whose in _WHOSE_ORDER else len(_WHOSE_ORDER)
        return (0 if entry.kind == "killed" else 1, known)

    return sorted(casualties, key=rank)


def casualties_in_short(incident: IncidentPart) -> str | None:
    """For the first line: "3 US killed, 5 hurt", "0 hurt"; None where nothing is stated."""
    parts: list[str] = []
    zeros: list[str] = []
    for entry in _ordered(incident.casualties):
        amount = number_range(entry.low, entry.high)
        harm = _HARM.get(entry.kind, entry.kind)
        if amount is None:
            continue
        if amount == "0":
            zeros.append(harm)
        else:
            parts.append(f"{amount} {WHOSE.get(entry.whose, entry.whose)} {harm}")
    if parts:
        return ", ".join(parts)
    if not zeros:
        return None
    return "0 hurt" if "hurt" in zeros else "0 killed"


def casualties_by_whose(incident: IncidentPart) -> list[str]:
    """One line each: "US: 3 killed, 0 hurt"; empty where nothing is stated."""
    lines: dict[str, list[str]] = {}
    for entry in _ordered(incident.casualties):
        amount = number_range(entry.low, entry.high)
        if amount is not None:
            lines.setdefault(entry.whose, []).append(f"{amount} {_HARM.get(entry.kind, entry.kind)}")
    return [f"{WHOSE.get(whose, one_line(whose))}: {', '.join(amounts)}" for whose, amounts in lines.items()]


def hour_is_known(incident: IncidentPart) -> bool:
    """Whether the reports say the hour of the event, rather than its day."""
    if incident.event_from is None:
        return False
    return incident.event_to is None or incident.event_to - incident.event_from <= WIDEST_HOUR


def ago(then: datetime, now: datetime) -> str:
    """ "just now", "6 min ago", "3 h ago", "2 days ago"; "" for an instant more than ten minutes ahead."""
    seconds = (now - then).total_seconds()
    if seconds < -600:
        return ""
    minutes = int(seconds // 60)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min ago"
    if minutes < 48 * 60:
        return f"{minutes // 60} h ago"
    return f"{minutes // (24 * 60)} days ago"


def day(instant: datetime, now: datetime) -> str:
    """ "21 Apr", with the year where it is not this one."""
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")  # no locale decides
    text = f"{instant.day} {months[instant.month - 1]}"
    return text if instant.year == now.year else f"{text} {instant.year}"


def day_of_text(local_date: str, now: datetime) -> str:
    """``day`` of an ISO date; the text itself where it is none."""
    try:
        return day(datetime.fromisoformat(local_date).replace(tzinfo=UTC), now)
    except ValueError:
        return one_line(local_date)


def join_and(words: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""
