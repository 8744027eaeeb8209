"""Noun groups that can be attacked or can attack, and the part each plays in its sentence."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from alerts.classifier.patterns import Patterns
from alerts.classifier.scan import Hit, Scan

NOUN = frozenset(
    [
        "base",
        "force",
        "convoy",
        "diplomatic",
        "protected",
        "coalition",
        "command",
        "protected_base",
        "other_target",
        "facility",
        "ship",
        "hostile_target",
        "nation",
    ]
)
ATTACK = frozenset({"attack", "attack_verb", "passive", "boast"})
KINETIC = frozenset({"launch", "fall", "intercept", "foiled", "defence"})
WEAPONS = frozenset(
    [
        "w_drone",
        "w_rocket",
        "w_missile",
        "w_either",
        "w_ballistic",
        "w_mortar",
        "w_ied",
        "w_gunfire",
        "w_vehicle",
        "w_unknown",
    ]
)
EVENT = ATTACK | KINETIC | WEAPONS | {"explosion", "ownstrike"}
NOISE = frozenset({"explosion", "signal"})
OURS = frozenset({"protected", "coalition", "command", "protected_base"})
#: beside one of these a name that also means something else is taken for the site
MILITARY = WEAPONS | OURS | KINETIC | {"base", "force", "attack", "explosion", "passive", "hit"}
#: beside one of these the name of a town stands for its base
GARRISON = OURS | {"base"}
PARTING = EVENT | {"to", "from", "by", "near", "say", "cause", "host", "claim"}

JOINS = 14  #: characters between the words of one noun group ("base", "of the", "coalition")
NEAR_WORD = 10  #: a preposition this close before a group governs it
AGENT_REACH = 45  #: an active verb this close after a subject belongs to it
SPEAKER_REACH = 25
HOST_REACH = 90
OWN_REACH = 3  #: "CENTCOM: our forces …"
FACILITY_REACH = 24  #: "fuel tanks at Ali al-Salem": the facility is the site's


@dataclass(slots=True)
class Target:
    """A noun group that can be attacked or can attack."""

    start: int
    end: int
    kind: str  #: site, diplomatic, base, convoy, force, side, facility, other, ship, hostile
    protected: bool
    site: str | None = None
    weak: bool = False  #: named by a word that also means something else
    role: str = "patient"  #: patient, agent, speaker, origin (attacked from there), host
    near: bool = False  #: "near", "close to"
    to: bool = False  #: "on", "at", "towards", or a case ending that says so
    to_noise: bool = False  #: what was "at" the target is a noise, not a weapon ("sirens at")
    classes: set[str] = field(default_factory=set)


def gap(target: Target, hit: Hit) -> int:
    """Characters between a target and a hit."""
    return max(hit.start - target.end, target.start - hit.word_end, 0)


def find_targets(scan: Scan, patterns: Patterns, hits: Sequence[Hit], classes: set[str]) -> list[Target]:
    """The noun groups of a sentence, in order; ``classes``: words around it that may vouch for a doubtful name."""
    military = bool(classes & MILITARY) or any(hit.entry.actor is not None for hit in hits)
    garrisoned = bool(classes & GARRISON)
    shot_down = "intercept" in classes and bool(classes & WEAPONS) and "other_target" not in classes
    groups: list[list[Hit]] = []
    last = -2
    for index, hit in enumerate(hits):
        entry = hit.entry
        if not (entry.classes & NOUN or entry.site):
            continue
        named = entry.site is not None and not entry.classes & NOUN
        if named and (
            (entry.weak_site and not military)
            or (entry.town_site and not garrisoned)
            or (entry.city_site and not shot_down)
        ):
            continue
        if groups and hit.start - groups[-1][-1].word_end <= JOINS and _joinable(scan, hits, last, index):
            groups[-1].append(hit)
        else:
            groups.append([hit])
        last = index
    return [_target(group, patterns) for group in groups]


def _joinable(scan: Scan, hits: Sequence[Hit], last: int, index: int) -> bool:
    """Whether nothing that parts two nouns stands between them."""
    if any(between.entry.classes & PARTING for between in hits[last + 1 : index]):
        return False
    first, second = hits[last], hits[index]
    at = bisect_left(scan.clause_breaks, first.word_end)
    if at < len(scan.clause_breaks) and scan.clause_breaks[at] <= second.start:
        return False
    if first.entry.site and second.entry.site and first.entry.site != second.entry.site:
        return False
    return not ("command" in first.entry.classes and first.word_end < second.start - 1)


def _target(group: list[Hit], patterns: Patterns) -> Target:
    classes: set[str] = set()
    site: str | None = None
    weak = True
    for hit in group:
        classes |= hit.entry.classes
        if hit.entry.site and (site is None or weak):
            site, weak = hit.entry.site, hit.entry.weak_site or hit.entry.city_site
    kind = _kind(classes, site, weak)
    if kind in ("ship", "other"):
        site = None
    protected = (bool(classes & OURS) or site is not None) and kind != "other"
    target = Target(group[0].start, group[-1].word_end, kind, protected, site, weak and site is not None)
    target.classes = classes
    if group[-1].ending in patterns.from_suffixes:
        target.role = "origin"
    target.to = group[-1].ending in patterns.to_suffixes
    return target


def _kind(classes: set[str], site: str | None, weak: bool) -> str:
    if "ship" in classes:
        return "ship"
    if "nation" in classes and "diplomatic" in classes and not classes & OURS:
        return "other"
    if "other_target" in classes and (site is None or weak or not classes & OURS):
        return "other"
    if site is not None:
        return "site"
    for kind, marks in (
        ("diplomatic", {"diplomatic"}),
        ("base", {"protected_base"}),
        ("facility", {"facility"}),
        ("base", {"base"}),
        ("convoy", {"convoy"}),
        ("force", {"force", "coalition"}),
        ("side", {"protected", "command"}),
        ("nation", {"nation"}),
    ):
        if classes & marks:
            return kind
    return "hostile"


def assign_roles(scan: Scan, patterns: Patterns, hits: Sequence[Hit], targets: list[Target]) -> None:
    """Set the role of each target and the prepositions that govern it."""
    for target in targets:
        _govern(hits, target)
    _hosts(hits, targets)
    _facilities(targets)
    for target in targets:
        if target.protected and target.role == "patient" and target.kind in ("side", "force"):
            target.role = _side_role(scan, patterns, hits, targets, target)
    known = {id(target) for target in targets if target.protected}
    _ours(hits, targets)
    for target in targets:
        if target.protected and id(target) not in known and target.role == "patient" and target.kind == "force":
            target.role = _side_role(scan, patterns, hits, targets, target)
    if any(target.role == "agent" and target.protected for target in targets) and any(
        target.kind in ("hostile", "other") and target.role == "patient" for target in targets
    ):
        for target in targets:
            if target.kind == "site" and target.near:
                target.role = "host"  # "our jets bomb militants near the base"


def _govern(hits: Sequence[Hit], target: Target) -> None:
    before = [hit for hit in hits if hit.word_end <= target.start]
    if not before or target.start - before[-1].word_end > NEAR_WORD:
        return
    words = before[-1].entry.classes
    target.to = target.to or "to" in words
    target.near = "near" in words
    event = next((hit for hit in reversed(before) if hit.entry.classes & (EVENT | NOISE)), None)
    target.to_noise = event is not None and bool(event.entry.classes & NOISE) and not event.entry.classes & WEAPONS
    if "from" in words and "to" not in words and not target.to_noise:
        target.role = "origin"
    if "by" in words and target.start - before[-1].word_end <= 3:
        target.role = "agent"


def _hosts(hits: Sequence[Hit], targets: list[Target]) -> None:
    """ "a base that hosts US troops": the base is protected, the troops only say why."""
    for hit in hits:
        if "host" not in hit.entry.classes:
            continue
        housed = next(
            (
                t
                for t in targets
                if t.protected and t.kind in ("force", "side") and abs(t.start - hit.word_end) < HOST_REACH
            ),
            None,
        )
        places = [t for t in targets if t.kind in ("base", "site", "diplomatic", "facility")]
        base = next((t for t in reversed(places) if t.end <= hit.start), None)
        base = base or next((t for t in places if t.start >= hit.word_end), None)
        if housed is not None and base is not None:
            base.protected = True
            housed.role = "host"


def _ours(hits: Sequence[Hit], targets: list[Target]) -> None:
    """What a sentence leaves unsaid: whose force, whose base, whose mission.

    Hurt forces of whom a protected command speaks are its own ("the Pentagon names soldiers killed"), and so is what a
    protected speaker says was attacked ("CENTCOM: strike on our facility"). A mission with no nation beside it, where
    no other nation's target is named, is taken for a protected one.
    """
    hurt = any(hit.entry.classes & {"killed", "injured"} for hit in hits)
    command = any("command" in target.classes or (target.kind == "side" and target.protected) for target in targets)
    ends = [target.end for target in targets if target.role == "speaker" and target.protected]
    speaker, speaking = bool(ends), max(ends, default=0)
    foreign = any(target.kind in ("other", "ship") for target in targets)
    for first, second in pairwise(targets):
        abroad = second.kind == "other" and second.to and second.start - first.end <= JOINS
        if first.kind == "base" and first.site is None and abroad and not first.classes & {"protected", "coalition"}:
            first.kind, first.protected = "other", False  # "the enemy's base in Eilat"
    for target in targets:
        if target.protected or target.classes & {"other_target", "hostile_target", "nation"}:
            continue
        if (
            (target.kind == "force" and hurt and command)
            or (target.kind in ("force", "base") and speaker and (target.to or target.start <= speaking + OWN_REACH))
            or (target.kind == "diplomatic" and not foreign)
        ):
            target.protected = True


def _facilities(targets: list[Target]) -> None:
    """Tanks, terminals and hotels at a site are the site's."""
    for first, second in pairwise(targets):
        if first.kind == "facility" and second.protected and second.kind == "site":
            if second.to and second.start - first.end <= FACILITY_REACH:
                first.role = "host"
        elif first.kind == "other" and second.kind == "site" and second.near and not first.classes & OURS:
            if second.start - first.end <= FACILITY_REACH:
                second.role = "host"  # "an outpost of others near the field": the site only says where
        elif second.kind == "facility" and first.kind == "site" and second.start - first.end <= NEAR_WORD:
            second.role = "host"


def _side_role(scan: Scan, patterns: Patterns, hits: Sequence[Hit], targets: list[Target], target: Target) -> str:
    """agent, speaker or patient for the protected side and its forces."""
    following = next((h for h in hits if h.start >= target.end and h.entry.classes & (EVENT | {"say"})), None)
    if _speaks(scan, target, following):
        return "speaker"
    if target.kind == "side":
        return "patient" if target.to and not _beside_own_act(hits, target) else "agent"
    return "agent" if _acts(patterns, hits, targets, target, following) else "patient"


def _speaks(scan: Scan, target: Target, following: Hit | None) -> bool:
    at = bisect_left(scan.clause_breaks, target.end)
    if at < len(scan.clause_breaks) and scan.clause_breaks[at] - target.end <= 1:
        start = scan.plain.offsets[scan.clause_breaks[at]]
        if scan.raw[start : start + 1] == ":":
            return True
    if following is None or target.to or following.start - target.end > SPEAKER_REACH:
        return False
    return "say" in following.entry.classes


def _beside_own_act(hits: Sequence[Hit], target: Target) -> bool:
    """ "US strikes", "غارات أميركية": the side stands right beside the noun of the act."""
    return any(
        hit.entry.classes & {"attack", "attack_verb", "ownstrike"}
        and (0 <= hit.start - target.end <= 2 or 0 <= target.start - hit.word_end <= 2)
        for hit in hits
    )


def _acts(
    patterns: Patterns, hits: Sequence[Hit], targets: list[Target], target: Target, following: Hit | None
) -> bool:
    """Whether a protected force is the one that strikes, shoots down or fires."""
    if target.to or any(h.entry.classes & {"killed", "injured"} and h.word_end <= target.start for h in hits):
        return False
    others = [
        t
        for t in targets
        if t is not target and t.kind in ("other", "hostile", "ship", "base", "facility") and not t.protected
    ]
    behind = any(t.start > target.end for t in others)
    if patterns.order != "sov" and following is not None and following.start - target.end <= AGENT_REACH:
        classes = following.entry.classes
        active = classes & {"attack_verb", "launch", "intercept", "ownstrike"} and "passive" not in classes
        if classes & {"ownstrike", "intercept"} or (active and behind):
            return True
    if patterns.order == "vso":
        before = [hit for hit in hits if hit.word_end <= target.start]
        if before and target.start - before[-1].word_end <= 3:
            classes = before[-1].entry.classes
            return bool(classes & {"intercept", "ownstrike"}) or ("attack_verb" in classes and behind)
        return False
    return patterns.order == "sov" and behind and not target.to
