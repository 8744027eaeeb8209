"""The ledger of an incident: who said what, and why each report stands where it stands. Facts are only added."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from alerts.clusters import Refusal
from alerts.incidents import Decision
from alerts.status import AUTHORITY
from core.values import UNNAMED, Mention, Outcome, Weapon
from storage.values import FactSeed

PLACED = "placed"  #: field of the fact that says why a report is in this incident
REFUSED = "refused"  #: field of the fact that says what it did not join, and why
TAKEN_BACK = "taken_back"  #: field of the fact that says that an edit no longer tells of the attack
MOVED = "moved"  #: field of the fact that says where a report went

#: fields of Attack that are facts as they stand
_PLAIN = ("place", "country", "count", "killed", "injured", "killed_others", "injured_others", "claimed_by")


def facts_of(mention: Mention) -> Iterator[FactSeed]:
    """Each field that the report states, with the strongest word it passes on as the one who says it."""
    origin = max(mention.attack.origins, key=lambda o: AUTHORITY[o.kind], default=None)
    for name, value in stated(mention).items():
        yield FactSeed(
            field=name,
            value=value,
            article_id=mention.article_id,
            version=mention.version,
            said_by=origin.name if origin is not None else mention.extra.get("outlet_name", mention.outlet),
            origin_kind=origin.kind.value if origin is not None else None,
            said_at=mention.known_at,
        )


def stated(mention: Mention) -> dict[str, Any]:
    """What the report states, by field, as JSON values; nothing for what it leaves open."""
    attack = mention.attack
    found: dict[str, Any] = {name: value for name in _PLAIN if (value := getattr(attack, name)) is not None}
    if attack.base != UNNAMED:
        found["base"] = attack.base
    if attack.attributed_to is not None:
        found["attributed_to"] = attack.attributed_to
    if attack.date is not None:
        found["local_date"] = attack.date.isoformat()
    if attack.event_from is not None:
        found["event_from"] = attack.event_from.isoformat()
    if any(weapon is not Weapon.UNKNOWN for weapon in attack.weapons):
        found["weapons"] = [weapon.value for weapon in attack.weapons]
    if attack.outcome is not Outcome.UNKNOWN:
        found["outcome"] = attack.outcome.value
    if attack.denied:
        found["denied"] = True
    return found


def placement(mention: Mention, decision: Decision, titles: dict[int, str]) -> FactSeed:
    """Why this report is in this incident; ``titles`` names articles by their public address."""
    other = decision.other
    value: dict[str, Any] = {"reason": decision.reason, "url": mention.extra.get("url")}
    if other is not None:
        value["other"] = titles.get(other[0], f"article {other[0]}")
    return FactSeed(field=PLACED, value=value, article_id=mention.article_id, version=mention.version)


def refusals_of(mention: Mention, refusals: Iterable[Refusal], titles: dict[int, str]) -> Iterator[FactSeed]:
    """What this report could have joined and did not, each once, with the reason."""
    ref = (mention.article_id, mention.index)
    told: set[tuple[int, str]] = set()
    for refusal in refusals:
        if ref not in (refusal.ref, refusal.other):
            continue
        other = refusal.other if refusal.ref == ref else refusal.ref
        if (other[0], refusal.reason) in told:
            continue
        told.add((other[0], refusal.reason))
        value = {"reason": refusal.reason, "other": titles.get(other[0], f"article {other[0]}")}
        yield FactSeed(field=REFUSED, value=value, article_id=mention.article_id, version=mention.version)


def moved_to(mention: Mention, incident: str) -> FactSeed:
    """That this report now stands in another incident."""
    return FactSeed(field=MOVED, value={"to": incident}, article_id=mention.article_id, version=mention.version)
