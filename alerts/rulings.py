"""What people decided of one incident, over what its reports say: their word wins, and is marked as theirs.

Pure. A ruling is a status (withdrawn, confirmed), or fields of the incident with the value that people gave them; the
latest ruling of a field counts, and reports that come later do not change it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from alerts.incidents import IncidentState
from alerts.places import Places
from alerts.status import Certainty
from config.watch import Watch
from core.documents import Casualties
from core.errors import InputError
from core.values import OTHER_NAMED, UNNAMED, Attack, Kind, Mention, Outcome, Severity, Status, Weapon
from storage.values import DecisionView

DESK = "our desk"  #: who says so, in what leaves the machine; `incidents show` names the person
MERGE, SPLIT, RETRACT, CONFIRM, EDIT = "merge", "split", "retract", "confirm", "edit"
FALSE_ALARM, MISSED, UNDO = "false-alarm", "missed", "undo"

#: decision -> the status that it gives, and the stable word of the reason
_STATUS = {
    RETRACT: (Status.RETRACTED, "withdrawn-by-people"),
    FALSE_ALARM: (Status.RETRACTED, "false-alarm"),
    CONFIRM: (Status.CONFIRMED, "confirmed-by-people"),
}
_NONE = frozenset({"", "none", "-", "not stated"})
_HARM = {
    "killed": ("us_coalition", "killed"),
    "injured": ("us_coalition", "injured"),
    "killed_others": ("others", "killed"),
    "injured_others": ("others", "injured"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulings:
    """What people decided of one incident, as it stands."""

    status: Status | None = None
    status_reason: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)  #: JSON values; None means "not stated"

    @property
    def severity(self) -> Severity | None:
        """The severity that people set, if they did."""
        value = self.fields.get("severity")
        return Severity(value) if value is not None else None


NOTHING = Rulings()


def gather(decisions: Iterable[DecisionView], incident_id: int) -> Rulings:
    """The rulings that stand: the incident's own status, and the fields set for it or for one merged into it."""
    status, reason = None, ""
    fields: dict[str, Any] = {}
    for decision in sorted(decisions, key=lambda d: d.id):
        if decision.undone_by is not None:
            continue
        if decision.kind == EDIT:
            fields.update(decision.detail["fields"])
        elif decision.kind in _STATUS and decision.incident_id == incident_id:
            status, reason = _STATUS[decision.kind]
    return Rulings(status=status, status_reason=reason, fields=fields)


def overrule(state: IncidentState, rulings: Rulings, places: Places) -> IncidentState:
    """The incident as people say it is, where they said something."""
    if rulings.status is not None:
        state = replace(
            state,
            certainty=Certainty(rulings.status, DESK, rulings.status_reason, state.certainty.voices),
        )
    for name, value in rulings.fields.items():
        if name in _HARM:
            state = replace(state, casualties=_with_harm(state.casualties, *_HARM[name], value))
        elif name == "count":
            low, high = value if value is not None else (None, None)
            state = replace(state, count_low=low, count_high=high)
        elif name == "base":
            site = places.site(value)
            state = replace(state, base=value)
            if site is not None:
                state = replace(state, country=site.country, kind=site.kind)
        elif name != "severity":
            state = replace(state, **{name: _typed(name, value)})
    return state


def as_people_say(mention: Mention, rulings: Rulings) -> Mention:
    """The report with the place and day that people gave its incident: what the matcher compares."""
    known = {name: rulings.fields[name] for name in ("base", "place", "country") if name in rulings.fields}
    changes: dict[str, Any] = {name: value for name, value in known.items() if value is not None}
    if rulings.fields.get("local_date") is not None:
        changes |= {"date": date.fromisoformat(rulings.fields["local_date"]), "date_inferred": False}
        changes |= {"event_from": None, "event_to": None}
    return replace(mention, attack=replace(mention.attack, **changes)) if changes else mention


def value_of(state: IncidentState, severity: Severity, name: str) -> Any:
    """The field of an incident as a JSON value, in the shape that ``parse_edit`` gives."""
    if name == "severity":
        return severity.value
    if name in _HARM:
        found = state.harm(*_HARM[name])
        return None if found is None or found.high is None else [found.low, found.high]
    if name == "count":
        return None if state.count_high is None else [state.count_low, state.count_high]
    value = getattr(state, name)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _with_harm(
    casualties: tuple[Casualties, ...], whose: str, kind: str, value: list[int] | None
) -> tuple[Casualties, ...]:
    others = tuple(entry for entry in casualties if (entry.whose, entry.kind) != (whose, kind))
    if value is None:
        return others
    return (*others, Casualties(whose=whose, kind=kind, low=value[0], high=value[1]))


def _typed(name: str, value: Any) -> Any:
    """A JSON value as ``IncidentState`` keeps that field."""
    if name == "weapons":
        return tuple(Weapon(word) for word in value or ())
    if name == "outcome":
        return Outcome(value or Outcome.UNKNOWN)
    if value is None:
        return None
    if name == "kind":
        return Kind(value)
    if name in ("event_from", "event_to"):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if name == "local_date" else value


# -- what people write -----------------------------------------------------------------------------------------------


def parse_edit(text: str, watch: Watch) -> tuple[str, Any]:
    """The field and its value (a JSON value) of "FIELD=VALUE". Raises InputError saying what may stand there."""
    name, equals, raw = text.partition("=")
    name, raw = name.strip().lower().replace("-", "_"), raw.strip()
    if not equals or name not in _PARSERS:
        raise InputError(f"{text!r} is no edit: write FIELD=VALUE; the fields are {', '.join(sorted(_PARSERS))}.")
    if raw.lower() in _NONE:
        if name in ("base", "severity"):
            raise InputError(f"{name} cannot be left open; a base that nobody names is `unnamed`.")
        return name, None
    try:
        return name, _PARSERS[name](raw, watch)
    except ValueError as error:
        raise InputError(f"{name}={raw} cannot be: {error}.") from error


def attack_from(edits: Mapping[str, Any], watch: Watch) -> Attack:
    """The attack that these fields tell of: for an article whose attack the classifier did not find."""
    site = watch.sites.get(edits.get("base") or UNNAMED)
    numbers = {name: value[1] for name in (*_HARM, "count") if (value := edits.get(name)) is not None}
    return Attack(
        base=edits.get("base") or (OTHER_NAMED if edits.get("place") else UNNAMED),
        place=edits.get("place"),
        country=site.country if site is not None else edits.get("country"),
        kind=site.kind if site is not None else _typed("kind", edits.get("kind")),
        event_from=_typed("event_from", edits.get("event_from")),
        event_to=_typed("event_to", edits.get("event_to")),
        date=_typed("local_date", edits.get("local_date")),
        weapons=tuple(sorted(_typed("weapons", edits.get("weapons")))),
        outcome=_typed("outcome", edits.get("outcome")),
        claimed_by=edits.get("claimed_by"),
        attributed_to=edits.get("attributed_to"),
        **numbers,
    )


def _base(raw: str, watch: Watch) -> str:
    if raw in watch.sites or raw in (UNNAMED, OTHER_NAMED):
        return raw
    raise ValueError(f"the watch lists no site {raw!r}; give its id, {OTHER_NAMED} or {UNNAMED}")


def _actor(raw: str, watch: Watch) -> str:
    if raw in watch.actors:
        return raw
    raise ValueError(f"the watch lists no actor {raw!r}; give its id")


def _country(raw: str, _: Watch) -> str:
    if re.fullmatch(r"[A-Za-z]{2}", raw) is None:
        raise ValueError("a country has two letters, such as IQ")
    return raw.upper()


def _range(raw: str, _: Watch) -> list[int]:
    found = re.fullmatch(r"(\d{1,6})(?:\s*-\s*(\d{1,6}))?", raw, re.ASCII)
    if found is None:
        raise ValueError("give a number, or a range such as 2-5")
    low, high = int(found[1]), int(found[2] or found[1])
    if low > high:
        raise ValueError("a range starts with the smaller number")
    return [low, high]


def _instant(raw: str, _: Watch) -> str:
    instant = datetime.fromisoformat(raw)
    if instant.tzinfo is None:
        raise ValueError("an instant needs its zone, such as 2026-03-10T18:30Z")
    return instant.astimezone(UTC).isoformat()


def _day(raw: str, _: Watch) -> str:
    return date.fromisoformat(raw).isoformat()


def _word(choices: Iterable[str]) -> Callable[[str, Watch], str]:
    allowed = [str(choice) for choice in choices]

    def parse(raw: str, _: Watch) -> str:
        for choice in allowed:
            if raw.casefold() == choice.casefold():
                return choice
        raise ValueError(f"choose one of {', '.join(allowed)}")

    return parse


def _weapons(raw: str, watch: Watch) -> list[str]:
    one = _word(Weapon)
    return sorted({one(part.strip(), watch) for part in raw.split(",") if part.strip()})


def _text(raw: str, _: Watch) -> str:
    if len(raw) > 120 or not raw.isprintable():
        raise ValueError("give at most 120 characters on one line")
    return raw


_PARSERS: dict[str, Callable[[str, Watch], Any]] = {
    "base": _base, "place": _text, "country": _country, "kind": _word(Kind), "event_from": _instant,
    "event_to": _instant, "local_date": _day, "weapons": _weapons, "count": _range, "outcome": _word(Outcome),
    "killed": _range, "injured": _range, "killed_others": _range, "injured_others": _range, "claimed_by": _actor,
    "attributed_to": _actor, "severity": _word(Severity),
}  # fmt: skip
EDITABLE = tuple(sorted(_PARSERS))
