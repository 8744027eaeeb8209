"""How certain an incident is: claimed, reported, corroborated, confirmed, denied, retracted; and whose word decides.

The rules, first that holds:

1. ``retracted``: every report of it was taken back by its outlet;
2. ``denied``: the latest official word is a denial; or somebody denies it and only the attacker says otherwise;
3. ``confirmed``: a named official or body with authority says it;
4. ``corroborated``: two voices that do not depend on each other say it, one of them not the attacker;
5. ``reported``: one voice beside the attacker's says it (an unnamed official is one);
6. ``claimed``: only the attacker says it, however many outlets relay it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.values import Mention, Origin, OriginKind, Status

#: the weight of whose word it is, where two reports disagree about a fact
AUTHORITY = {
    OriginKind.OFFICIAL: 4,
    OriginKind.UNNAMED_OFFICIAL: 3,
    OriginKind.SOURCE: 2,
    OriginKind.MEDIA: 2,
    OriginKind.OUTLET: 2,
    OriginKind.ATTACKER: 1,
}


@dataclass(frozen=True, slots=True)
class Certainty:
    """The status, whose word decides it, and the rule that did."""

    status: Status
    by: str | None  #: "Kurdistan CTG", "2 independent sources"; None where nobody is named
    reason: str  #: a stable word
    voices: int  #: that say it, the attacker's included


@dataclass(frozen=True, slots=True)
class Voice:
    """Reports that are one voice: one family, one wire text, one cited source, or one attacker."""

    mentions: tuple[Mention, ...]

    @property
    def is_attacker(self) -> bool:
        return all(only_the_attacker(mention) for mention in self.mentions)


def authority(mention: Mention) -> int:
    """The weight of the strongest word that a report passes on."""
    kinds = [origin.kind for origin in mention.attack.origins] or [OriginKind.OUTLET]
    return max(AUTHORITY[kind] for kind in kinds)


def only_the_attacker(mention: Mention) -> bool:
    """Whether a report passes on nothing but the attacker's claim."""
    origins = mention.attack.origins
    return bool(origins) and all(origin.kind is OriginKind.ATTACKER for origin in origins)


def official(mention: Mention) -> Origin | None:
    """The first named official that a report cites."""
    return next((origin for origin in mention.attack.origins if origin.kind is OriginKind.OFFICIAL), None)


def certainty(
    mentions: Sequence[Mention],
    retracted: frozenset[int] = frozenset(),
    families: Mapping[str, str] | None = None,
) -> Certainty:
    """The status that these reports give an incident.

    ``retracted`` holds the ids of articles taken back; ``families`` the family of each outlet by its
    name in lower case.
    """
    standing = [mention for mention in mentions if mention.article_id not in retracted]
    saying = [mention for mention in standing if not mention.attack.denied]
    denying = [mention for mention in standing if mention.attack.denied]
    if not saying and not denying:
        return Certainty(Status.RETRACTED, None, "every-report-taken-back", 0)
    told = voices(saying, families)
    denied_by = _denied_by(saying, denying)
    if denied_by is not None:
        return Certainty(Status.DENIED, _name(denied_by), "denied", len(told))
    return _standing(saying, told)


def _standing(saying: Sequence[Mention], told: Sequence[Voice]) -> Certainty:
    named = [origin.name for mention in _by_time(saying) if (origin := official(mention)) is not None]
    if named:
        return Certainty(Status.CONFIRMED, named[0], "named-official", len(told))
    beside = [voice for voice in told if not voice.is_attacker]
    if len(told) >= 2 and beside:
        return Certainty(Status.CORROBORATED, f"{len(told)} independent sources", "independent-voices", len(told))
    if beside:
        return Certainty(Status.REPORTED, _name(_by_time(beside[0].mentions)[0]), "one-voice", len(told))
    attacker = _by_time(saying)[0].attack
    return Certainty(Status.CLAIMED, attacker.origins[0].name, "attacker-only", len(told))


def _denied_by(saying: Sequence[Mention], denying: Sequence[Mention]) -> Mention | None:
    """The report whose denial stands, if one does."""
    if not denying:
        return None
    last = max(denying, key=lambda mention: (authority(mention), mention.known_at))
    if not saying or all(only_the_attacker(mention) for mention in saying):
        return last
    if official(last) is None:
        own = [mention for mention in saying if mention.family != last.family]
        return last if not own else None
    confirmed_at = max((m.known_at for m in saying if official(m) is not None), default=None)
    return last if confirmed_at is None or last.known_at > confirmed_at else None


def _name(mention: Mention) -> str:
    origins = sorted(mention.attack.origins, key=lambda origin: -AUTHORITY[origin.kind])
    return origins[0].name if origins else mention.extra.get("outlet_name", mention.outlet)


def _by_time(mentions: Iterable[Mention]) -> list[Mention]:
    return sorted(mentions, key=lambda mention: (mention.known_at, mention.outlet))


# -- voices ----------------------------------------------------------------------------------------------------------


def voices(mentions: Sequence[Mention], families: Mapping[str, str] | None = None) -> tuple[Voice, ...]:
    """The independent voices among these reports, the earliest first.

    Reports of one family, copies of one wire text, reports that cite one source or one another's outlet, and all relays
    of an attacker's word are one voice.
    """
    ordered = _by_time(mentions)
    groups: list[tuple[set[str], list[Mention]]] = []
    for mention in ordered:
        marks = _marks(mention, families or {})
        touching = [group for group in groups if group[0] & marks]
        merged_marks = marks.union(*(group[0] for group in touching))
        merged = [other for group in touching for other in group[1]] + [mention]
        groups = [group for group in groups if not any(group is other for other in touching)]
        groups.append((merged_marks, merged))
    found = [Voice(tuple(_by_time(group[1]))) for group in groups]
    return tuple(sorted(found, key=lambda voice: voice.mentions[0].known_at))


def _marks(mention: Mention, families: Mapping[str, str]) -> set[str]:
    """What makes a report the same voice as another that shares one of these."""
    if only_the_attacker(mention):
        return {"attacker"}
    marks = {f"family:{mention.family.casefold()}"}
    if mention.fingerprint:
        marks.add(f"text:{mention.fingerprint}")
    for origin in mention.attack.origins:
        if origin.kind is OriginKind.MEDIA:
            name = origin.name.casefold()
            marks.add(f"family:{families.get(name, name)}")
        elif origin.kind is not OriginKind.ATTACKER and origin.kind is not OriginKind.OUTLET:
            marks.add(origin.key)
    return marks


__all__ = ["AUTHORITY", "Certainty", "Voice", "authority", "certainty", "official", "only_the_attacker", "voices"]
