"""Verdicts and attacks as JSON values and back, exactly. Every field is written, defaults too: a default that changes
in a later release must not change what an old row says. Fields that a release does not know are ignored."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from core.values import Attack, Evidence, Kind, Label, Origin, OriginKind, Outcome, Verdict, Weapon

_PLAIN = (
    "base", "place", "country", "date_inferred", "date_relative", "count", "killed", "injured", "killed_others",
    "injured_others", "claimed_by", "attributed_to", "denied", "another",
)  # fmt: skip


def attack_to_json(attack: Attack) -> dict[str, Any]:
    """Plain JSON values; instants as ISO 8601 in UTC, days as YYYY-MM-DD."""
    return {name: getattr(attack, name) for name in _PLAIN} | {
        "kind": attack.kind.value if attack.kind else None,
        "event_from": attack.event_from.astimezone(UTC).isoformat() if attack.event_from else None,
        "event_to": attack.event_to.astimezone(UTC).isoformat() if attack.event_to else None,
        "date": attack.date.isoformat() if attack.date else None,
        "weapons": [weapon.value for weapon in attack.weapons],
        "outcome": attack.outcome.value,
        "origins": [origin_to_json(origin) for origin in attack.origins],
        "evidence": [
            {"field": item.field, "text": item.text, "start": item.start, "end": item.end} for item in attack.evidence
        ],
    }


def attack_from_json(value: dict[str, Any]) -> Attack:
    """The attack that ``attack_to_json`` wrote, equal in every field."""
    known = {name: value[name] for name in _PLAIN if name in value}
    return Attack(
        **known,
        kind=Kind(value["kind"]) if value.get("kind") else None,
        event_from=_instant(value.get("event_from")),
        event_to=_instant(value.get("event_to")),
        date=date.fromisoformat(value["date"]) if value.get("date") else None,
        weapons=tuple(Weapon(word) for word in value.get("weapons", ())),
        outcome=Outcome(value.get("outcome", Outcome.UNKNOWN)),
        origins=tuple(origin_from_json(item) for item in value.get("origins", ())),
        evidence=tuple(
            Evidence(field=item["field"], text=item["text"], start=item["start"], end=item["end"])
            for item in value.get("evidence", ())
        ),
    )


def origin_to_json(origin: Origin) -> dict[str, str]:
    return {"kind": origin.kind.value, "name": origin.name}


def origin_from_json(value: dict[str, str]) -> Origin:
    return Origin(kind=OriginKind(value["kind"]), name=value["name"])


def verdict_to_json(verdict: Verdict) -> dict[str, Any]:
    """Plain JSON values; see ``attack_to_json``."""
    return {
        "label": verdict.label.value,
        "probability": verdict.probability,
        "lang": verdict.lang,
        "attacks": [attack_to_json(attack) for attack in verdict.attacks],
        "reasons": list(verdict.reasons),
        "model": verdict.model,
    }


def verdict_from_json(value: dict[str, Any]) -> Verdict:
    """The verdict that ``verdict_to_json`` wrote, equal in every field."""
    return Verdict(
        label=Label(value["label"]),
        probability=value["probability"],
        lang=value["lang"],
        attacks=tuple(attack_from_json(item) for item in value.get("attacks", ())),
        reasons=tuple(value.get("reasons", ())),
        model=value.get("model", ""),
    )


def _instant(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None
