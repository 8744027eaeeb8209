"""The part that each noun group plays in its sentence: attacked, attacking, speaking, or only saying where."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

from alerts.classifier.patterns import Patterns
from alerts.classifier.scan import Hit, Scan
from alerts.classifier.targets import EVENT, JOINS, NOISE, OURS, WEAPONS, Target

NEAR_WORD = 10  #: a preposition this close before a group governs it
AGENT_REACH = 45  #: an active verb this close after a subject belongs to it
SPEAKER_REACH = 25
HOST_REACH = 90
OTHERS_REACH = 14
LODGED_REACH = 4
LANDMARK_REACH = 14
BESIDE = 2
LENT = frozenset({"base", "facility"})
OWN_REACH = 3  #: "CENTCOM: our forces …"
FACILITY_REACH = 24  #: "fuel tanks at Ali al-Salem": the facility is the site's


def assign_roles(scan: Scan, patterns: Patterns, hits: Sequence[Hit], targets: list[Target]) -> None:
    """Set the role of each target and the prepositions that govern it."""
    for target in targets:
        _govern(hits, target)
    _hosts(hits, targets)
    _landmarks(targets)
    _facilities(targets)
    for target in targets:
        if target.protected and target.role == "patient" and target.kind in ("side", "force"):
            target.role = _side_role(scan, patterns, hits, targets, target)
    for target in targets:
        if target.role == "patient" and target.protected and target.classes & {"mission", "diplomatic"}:
            target.role = _mission_role(scan, patterns, hits, target)
    known = {id(target) for target in targets if target.protected}
    _ours(patterns, hits, targets)
    for target in targets:
        if target.protected and id(target) not in known and target.role == "patient" and target.kind == "force":
            target.role = _side_role(scan, patterns, hits, targets, target)
    ours_act = any(target.role == "agent" and target.protected for target in targets)
    if ours_act and any(target.role == "patient" and _is_theirs(target) for target in targets):
        for target in targets:
            if target.kind == "site" and target.near:
                target.role = "host"  # "our jets bomb militants near the base"


def _is_theirs(target: Target) -> bool:
    return target.kind in ("hostile", "other") or (target.kind == "base" and not target.protected)


def _govern(hits: Sequence[Hit], target: Target) -> None:
    before = [hit for hit in hits if hit.word_end <= target.start]
    if not before or target.start - before[-1].word_end > NEAR_WORD:
        return
    last = min((hit for hit in before if hit.word_end == before[-1].word_end), key=lambda hit: hit.start)
    words = last.entry.classes  # of "close to" the whole
    target.to = target.to or "to" in words
    target.near = "near" in words
    event = next((hit for hit in reversed(before) if hit.entry.classes & (EVENT | NOISE)), None)
    target.to_noise = event is not None and bool(event.entry.classes & NOISE) and not event.entry.classes & WEAPONS
    if "from" in words and "to" not in words and not target.to_noise:
        target.role = "origin"
    if "by" in words and target.start - last.word_end <= 3:
        if target.kind == "site":
            target.near = True  # "a facility by the airport": no base attacks anybody
        else:
            target.role = "agent"


def _hosts(hits: Sequence[Hit], targets: list[Target]) -> None:
    """ "a base that hosts US troops": the base is protected, the troops only say why."""
    for hit in hits:
        if "host" not in hit.entry.classes:
            continue
        lodged = next((t for t in targets if t.kind == "base" and t.protected and t.site is None), None)
        hosts = any(t.kind == "nation" and t.end <= hit.start for t in targets)
        if lodged is not None and hosts and 0 <= lodged.start - hit.word_end <= LODGED_REACH:
            lodged.role = "host"  # "states that host our bases"
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
        if housed is not None and base is not None and housed.end <= base.start and base.end <= hit.start:
            housed = None  # "our forces hit their base with …": who stands first does not live there
        lent = next((t for t in reversed(targets) if t.kind == "other" and t.end <= hit.start), None)
        if lent is not None and lent.classes & LENT and any(_at(hit, t) for t in targets):
            lent.kind, lent.protected = "base", True  # "a port facility used by our navy"
            continue
        others = [t.start for t in targets if t.kind in ("nation", "hostile", "other") and not t.protected]
        others += [other.start for other in hits if other.entry.actor is not None]
        theirs = any(0 <= start - hit.word_end <= OTHERS_REACH for start in others)
        if theirs and base is not None and base.site is None and not base.classes & OURS:
            base.kind = "other"  # "a site used by Iran's guards"
        elif theirs and base is not None and base.site is not None and housed is None:
            base.classes.add("theirs")  # "Ain al-Asad, where the seventh division is stationed"
        elif housed is not None and base is not None:
            base.protected = True
            housed.role = "host"


def _at(hit: Hit, target: Target) -> bool:
    """Whether one of the protected side stands right behind a word that lodges it."""
    return (
        bool(target.classes & OURS) and target.kind in ("side", "force") and 0 <= target.start - hit.word_end <= BESIDE
    )


def _ours(patterns: Patterns, hits: Sequence[Hit], targets: list[Target]) -> None:
    """What a sentence leaves unsaid: whose force, whose base, whose mission.

    Hurt forces of whom a protected command speaks are its own ("the Pentagon names soldiers killed"), and so is what a
    protected speaker says was attacked ("CENTCOM: strike on our facility"). A mission with no nation beside it, where
    no other nation's target is named, is taken for a protected one.
    """
    hurt = any(hit.entry.classes & {"killed", "injured"} for hit in hits)
    command = any("command" in target.classes or (target.kind == "side" and target.protected) for target in targets)
    ends = [target.end for target in targets if target.role == "speaker" and target.protected]
    speaker, speaking = bool(ends), max(ends, default=0)
    attackers = {hit.start for hit in hits if hit.entry.actor is not None}
    foreign = any(
        target.kind == "ship" or (target.kind in ("nation", "other") and target.start not in attackers)
        for target in targets
    )
    own = any("ownstrike" in hit.entry.classes for hit in hits) or own_act(patterns, hits, targets)
    for first, second in pairwise(targets):
        abroad = second.kind == "other" and second.to and second.start - first.end <= JOINS
        if first.kind == "base" and first.site is None and abroad and not first.classes & {"protected", "coalition"}:
            first.kind, first.protected = "other", False  # "the enemy's base in Eilat"
    for target in targets:
        if target.protected or target.kind == "other" or target.classes & {"other_target", "hostile_target", "nation"}:
            continue
        if (
            (target.kind == "force" and hurt and command and not own)
            or (target.kind in ("force", "base") and speaker and not own and (target.to or _opens(target, speaking)))
            or (target.kind == "diplomatic" and not foreign)
        ):
            target.protected = True


def _opens(target: Target, speaking: int) -> bool:
    """Whether a target stands right behind the speaker, or opens a sentence that ends in its speaker."""
    return target.start <= speaking + OWN_REACH


def _landmarks(targets: list[Target]) -> None:
    """ "the base of Harir near the airport": the second site only says where the first is."""
    for first, second in pairwise(targets):
        if first.kind == second.kind == "site" and second.near and second.start - first.end <= LANDMARK_REACH:
            second.role = "host"


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
        if any(h.entry.classes & {"killed", "injured"} and 0 <= target.start - h.word_end <= BESIDE for h in hits) and (
            patterns.order == "vso"
        ):
            return "patient"  # "an American killed"
        return "patient" if target.to and not _beside_own_act(hits, target) else "agent"
    return "agent" if _acts(patterns, hits, targets, target, following) else "patient"


def _mission_role(scan: Scan, patterns: Patterns, hits: Sequence[Hit], target: Target) -> str:
    """speaker for an embassy that says something before any event is told, else patient."""
    before = [h for h in hits if h.word_end <= target.start]
    if target.to or target.near or any(h.entry.classes & EVENT for h in before):
        return "patient"
    last = before[-1] if before else None
    if patterns.order == "vso" and last and "say" in last.entry.classes and target.start - last.word_end <= BESIDE:
        return "speaker"
    following = next((h for h in hits if h.start >= target.end and h.entry.classes & (EVENT | {"say"})), None)
    return "speaker" if _speaks(scan, target, following) else "patient"


def _against(targets: Sequence[Target], attack: Hit) -> bool:
    """Whether what stands right behind a noun of attack is another's."""
    return any(
        t.to and t.kind in ("other", "hostile") and 0 <= t.start - attack.word_end <= OTHERS_REACH for t in targets
    )


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


def own_act(patterns: Patterns, hits: Sequence[Hit], targets: Sequence[Target]) -> bool:
    """Whether the protected side stands as the doer right beside a word of attack: "US strikes", "قصف أمريكي"."""
    for target in targets:
        if target.kind != "side" or not target.protected or target.role != "agent" or "command" in target.classes:
            continue
        for hit in hits:
            if not hit.entry.classes & {"attack", "attack_verb"} or "passive" in hit.entry.classes:
                continue
            if patterns.owner != "behind" and 0 <= hit.start - target.end <= BESIDE:
                return True
            if (
                patterns.owner != "before"
                and "attack" in hit.entry.classes
                and 0 <= target.start - hit.word_end <= BESIDE
            ):
                return True
    return False


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
        if "attack" in classes and "passive" not in classes and _against(targets, following):
            return True  # "our forces carried out strikes on theirs"
    if patterns.order == "vso":
        before = [hit for hit in hits if hit.word_end <= target.start]
        if before and target.start - before[-1].word_end <= 3:
            classes = before[-1].entry.classes
            return bool(classes & {"intercept", "ownstrike", "light"}) or ("attack_verb" in classes and behind)
        return False
    return patterns.order == "sov" and behind and not target.to
