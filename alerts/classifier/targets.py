"""Noun groups that can be attacked or can attack, and the part each plays in its sentence."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

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
#: words that may follow the name of their owner even where owners stand behind
OWNED = OURS | {"nation", "other_target"}
PARTING = EVENT | {"to", "from", "by", "near", "say", "cause", "host", "claim"}

JOINS = 14  #: characters between the words of one noun group ("base", "of the", "coalition")


@dataclass(slots=True)
class Target:
    """A noun group that can be attacked or can attack."""

    start: int
    end: int
    kind: str  #: site, diplomatic, base, convoy, force, side, facility, other, ship, hostile
    protected: bool
    site: str | None = None
    weak: bool = False  #: named by a word that also means something else
    city: bool = False  #: named by the town at which it lies
    role: str = "patient"  #: patient, agent, speaker, origin (attacked from there), host
    near: bool = False  #: "near", "close to"
    to: bool = False  #: "on", "at", "towards", or a case ending that says so
    to_noise: bool = False  #: what was "at" the target is a noise, not a weapon ("sirens at")
    classes: set[str] = field(default_factory=set)


def gap(target: Target, hit: Hit) -> int:
    """Characters between a target and a hit."""
    return max(hit.start - target.end, target.start - hit.word_end, 0)


def find_targets(
    scan: Scan, patterns: Patterns, hits: Sequence[Hit], classes: set[str], around: set[str]
) -> list[Target]:
    """The noun groups of a sentence, in order; ``classes``: words around it that may vouch for a doubtful name.

    ``around``: words of the sentence behind as well, which may say that the protected side is a guest of a place.
    """
    military = bool(classes & MILITARY) or any(hit.entry.actor is not None for hit in hits)
    garrisoned = bool(classes & GARRISON)
    named_here = any(hit.entry.site and not (hit.entry.city_site or hit.entry.town_site) for hit in hits)
    ours = bool(classes & OURS or around & OURS)
    shot_down = "intercept" in classes and bool(classes & WEAPONS) and "other_target" not in classes
    if any(hit.entry.classes & {"own_aircraft", "ownstrike"} for hit in hits):
        shot_down = False  # "our drone kills a commander in the city"
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
            or (entry.city_site and (named_here or not shot_down))
        ):
            continue
        before = groups[-1][-1] if groups else None
        if before is not None and before.entry.site and entry.site and hit.start < before.end:
            continue  # "Harir base near Erbil airport" holds no "base near Erbil airport"
        near = bool(groups) and hit.start - groups[-1][-1].word_end <= JOINS
        if near and patterns.owner == "behind" and _is_owner(groups[-1]) and not entry.classes & OWNED:
            near = False  # "America a base …": where the owner stands behind, it owns nothing that follows
        if near and _joinable(scan, patterns, hits, last, index) and not _of_two(scan, patterns, groups[-1], hit):
            groups[-1].append(hit)
        else:
            groups.append([hit])
        last = index
    return [_target(group, patterns, ours=ours) for group in groups]


def _is_owner(group: Sequence[Hit]) -> bool:
    """Whether a noun group names the protected side alone."""
    return all("protected" in hit.entry.classes and not hit.entry.classes & {"base", "force"} for hit in group)


def _joinable(scan: Scan, patterns: Patterns, hits: Sequence[Hit], last: int, index: int) -> bool:
    """Whether nothing that parts two nouns stands between them."""
    if any(between.entry.classes & PARTING or _is_time(between) for between in hits[last + 1 : index]):
        return False
    first, second = hits[last], hits[index]
    at = bisect_left(scan.clause_breaks, first.word_end)
    if at < len(scan.clause_breaks) and scan.clause_breaks[at] <= second.start:
        return False
    if first.entry.site and second.entry.site and first.entry.site != second.entry.site:
        return False
    return not ("command" in first.entry.classes and first.word_end < second.start - 1)


def _whose(hit: Hit) -> int:
    """1 for a word of the protected side or one of its sites, -1 for one of others, 0 for neither."""
    if hit.entry.classes & {"other_target", "hostile_target", "nation"}:
        return -1
    return 1 if hit.entry.classes & OURS or hit.entry.site else 0


def _of_two(scan: Scan, patterns: Patterns, group: Sequence[Hit], hit: Hit) -> bool:
    """ "bases of ours and Israel": two nations' things, joined by "and"."""
    owner = _whose(hit)
    return any(_whose(other) * owner < 0 for other in group) and _anded(scan, patterns, group[-1], hit)


def _anded(scan: Scan, patterns: Patterns, first: Hit, second: Hit) -> bool:
    between = scan.plain.text[first.word_end : second.start].split(" ")
    if any(word in patterns.joiners for word in between[1:]):
        return True
    return patterns.glues and between[-1][:1] in patterns.joiners


def _is_time(hit: Hit) -> bool:
    entry = hit.entry
    return entry.weekday is not None or entry.month is not None or any(name.startswith("t_") for name in entry.classes)


def _target(group: list[Hit], patterns: Patterns, *, ours: bool) -> Target:
    classes: set[str] = set()
    site: str | None = None
    weak = city = True
    for hit in group:
        classes |= hit.entry.classes
        if hit.entry.guest_site and not ours:
            classes.add("other_target")
        elif hit.entry.site and (site is None or weak):
            city = hit.entry.city_site or hit.entry.town_site
            site, weak = hit.entry.site, hit.entry.weak_site or hit.entry.city_site
    kind = _kind(classes, site, weak)
    if kind in ("ship", "other"):
        site = None
    protected = (bool(classes & OURS) or site is not None) and kind != "other"
    target = Target(group[0].start, group[-1].word_end, kind, protected, site, weak and site is not None)
    target.classes = classes
    target.city = city and site is not None
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
        ("hostile", {"hostile_target"}),
        ("nation", {"nation"}),
    ):
        if classes & marks:
            return kind
    return "hostile"
