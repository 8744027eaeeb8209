"""Frames: who did what to whom, when, and how the sentence vouches for it.

The hits of a sentence become noun groups (targets) and events; every protected target that an event may concern gives
a frame with its role, direction, time and the words that turn it (denied, threatened, drill …). Nothing here knows a
language: order of words and case endings come from the lexicon.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from alerts.classifier.patterns import Patterns
from alerts.classifier.scan import Hit, Scan
from alerts.classifier.times import TimeMention, time_mentions

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
        "ship",
        "hostile_target",
    ]
)
ATTACK = frozenset({"attack", "attack_verb", "passive"})
KINETIC = frozenset({"launch", "fall", "intercept", "foiled"})
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
TURNERS = frozenset(
    [
        "deny",
        "false",
        "recycled",
        "retract",
        "threat",
        "hypothetical",
        "drill",
        "tally",
        "since",
        "repeat",
        "earlier",
        "anniversary",
        "analysis",
        "court",
        "base_news",
        "diplomacy",
        "condemn",
        "response",
        "ownstrike",
        "noclaim",
        "unknown_cause",
        "nature",
        "signal",
        "question",
        "cause",
    ]
)
JOINS = 14  #: characters between the words of one noun group ("base", "of the", "coalition")
NEAR_WORD = 10  #: a preposition this close before a group governs it
AGENT_REACH = 45  #: an active verb this close after a subject belongs to it
SPEAKER_REACH = 25
HOST_REACH = 90


@dataclass(slots=True)
class Target:
    """A noun group that can be attacked or can attack."""

    start: int
    end: int
    kind: str  #: site, diplomatic, base, convoy, force, side, other, ship, hostile
    protected: bool
    site: str | None = None
    weak: bool = False  #: named by a word that also means something else
    role: str = "patient"  #: patient, agent, speaker, origin (attacked from there), host
    near: bool = False  #: "near", "close to"
    to: bool = False  #: "on", "at", "towards", or a case ending that says so
    classes: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Sentence:
    """One sentence with what was found in it."""

    index: int
    start: int
    end: int
    position: str  #: title, lead, body
    hits: list[Hit]
    classes: set[str]
    targets: list[Target]
    times: list[TimeMention]
    actors: list[Hit]
    places: list[Hit]


@dataclass(slots=True)
class Frame:
    """What a sentence says of one target."""

    sentence: Sentence
    target: Target
    kind: str  #: on_protected, on_other, on_ship, by_protected
    events: set[str]
    weapons: set[str]
    turners: set[str]
    rival: bool = False  #: another target stands closer to the event
    time: TimeMention | None = None

    @property
    def strong(self) -> bool:
        """Whether an attack is told, not merely a noise or a weapon."""
        if self.events & ATTACK:
            return True
        return bool(self.weapons) and bool(self.events & KINETIC or self.target.to or self.target.near)


def read_sentences(scan: Scan, patterns: Patterns, published: date, site_ok: bool) -> list[Sentence]:
    """The sentences that hold any hit, with targets and times."""
    scan.split()
    starts = [hit.start for hit in scan.hits]
    sentences: list[Sentence] = []
    body_seen = 0
    for index, (start, end) in enumerate(scan.sentences):
        in_title = scan.plain.offsets[start] < scan.title_end
        hits = scan.hits[bisect_left(starts, start) : bisect_left(starts, end)]
        if not in_title and (end - start >= 25 or hits):
            body_seen += 1
        position = "title" if in_title else "lead" if body_seen <= 2 else "body"
        if hits:
            sentences.append(_sentence(scan, patterns, index, start, end, position, hits, published))
    return sentences


def _sentence(
    scan: Scan,
    patterns: Patterns,
    index: int,
    start: int,
    end: int,
    position: str,
    hits: list[Hit],
    published: date,
) -> Sentence:
    classes: set[str] = set()
    for hit in hits:
        classes |= hit.entry.classes
    if (
        "؟" in scan.raw[scan.plain.offsets[start] : scan.plain.offsets[end - 1] + 2]
        or "?" in scan.raw[scan.plain.offsets[start] : scan.plain.offsets[end - 1] + 2]
    ):
        classes.add("question")
    targets = _targets(scan, patterns, hits, classes)
    _roles(scan, patterns, hits, targets)
    return Sentence(
        index=index,
        start=start,
        end=end,
        position=position,
        hits=hits,
        classes=classes,
        targets=targets,
        times=time_mentions(hits, scan.plain.text, published),
        actors=[hit for hit in hits if hit.entry.actor is not None],
        places=[hit for hit in hits if hit.entry.place is not None],
    )


def _targets(scan: Scan, patterns: Patterns, hits: Sequence[Hit], classes: set[str]) -> list[Target]:
    military = bool(classes & (WEAPONS | {"base", "force", "protected", "coalition", "intercept", "protected_base"}))
    garrisoned = bool(classes & {"base", "force", "protected", "coalition", "protected_base", "diplomatic"})
    groups: list[list[Hit]] = []
    last = -2
    for index, hit in enumerate(hits):
        entry = hit.entry
        if not (entry.classes & NOUN or entry.site):
            continue
        if entry.site and not entry.classes & NOUN:
            if (entry.weak_site and not military) or (entry.city_site and not garrisoned):
                continue
        if groups and hit.start - groups[-1][-1].word_end <= JOINS and _joinable(scan, hits, last, index):
            groups[-1].append(hit)
        else:
            groups.append([hit])
        last = index
    return [_target(group, hits, patterns) for group in groups]


def _joinable(scan: Scan, hits: Sequence[Hit], last: int, index: int) -> bool:
    """Whether nothing that parts two nouns stands between them."""
    for between in hits[last + 1 : index]:
        if between.entry.classes & (EVENT | {"to", "from", "by", "near", "say", "cause", "host", "claim"}):
            return False
    first, second = hits[last], hits[index]
    at = bisect_left(scan.clause_breaks, first.word_end)
    if at < len(scan.clause_breaks) and scan.clause_breaks[at] <= second.start:
        return False
    return not ("command" in first.entry.classes and first.word_end < second.start - 1)


def _target(group: list[Hit], hits: Sequence[Hit], patterns: Patterns) -> Target:
    classes: set[str] = set()
    site: str | None = None
    weak = True
    for hit in group:
        classes |= hit.entry.classes
        if hit.entry.site and (site is None or weak):
            site, weak = hit.entry.site, hit.entry.weak_site or hit.entry.city_site
    protected = bool(classes & {"protected", "coalition", "command", "protected_base"}) or site is not None
    if "ship" in classes:
        kind = "ship"
    elif "other_target" in classes and (site is None or weak):
        kind, site, protected = "other", None, False
    elif site is not None:
        kind = "site"
    elif "diplomatic" in classes:
        kind = "diplomatic"
    elif classes & {"base", "protected_base"}:
        kind = "base"
    elif "convoy" in classes:
        kind = "convoy"
    elif "force" in classes or "coalition" in classes:
        kind = "force"
    elif classes & {"protected", "command"}:
        kind = "side"
    else:
        kind = "hostile"
    target = Target(group[0].start, group[-1].word_end, kind, protected, site, weak and site is not None)
    target.classes = classes
    if group[-1].ending in patterns.from_suffixes:
        target.role = "origin"
    target.to = group[-1].ending in patterns.to_suffixes
    return target


def _roles(scan: Scan, patterns: Patterns, hits: Sequence[Hit], targets: list[Target]) -> None:
    for target in targets:
        before = _hit_before(hits, target.start)
        if before is not None and target.start - before.word_end <= NEAR_WORD:
            words = before.entry.classes
            target.to = target.to or "to" in words
            target.near = "near" in words
            if "from" in words and "to" not in words:
                target.role = "origin"
        if "by" in (before.entry.classes if before is not None and target.start - before.word_end <= 3 else ()):
            target.role = "agent"
    _hosts(hits, targets)
    for target in targets:
        if target.protected and target.role == "patient" and target.kind in ("side", "force"):
            target.role = _side_role(scan, patterns, hits, targets, target)


def _hit_before(hits: Sequence[Hit], position: int) -> Hit | None:
    found = None
    for hit in hits:
        if hit.word_end > position:
            break
        found = hit
    return found


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
        base = next(
            (t for t in reversed(targets) if t.kind in ("base", "site", "diplomatic") and t.end <= hit.start), None
        ) or next((t for t in targets if t.kind in ("base", "site") and t.start >= hit.word_end), None)
        if housed is not None and base is not None and base is not housed:
            base.protected = True
            housed.role = "host"


def _side_role(scan: Scan, patterns: Patterns, hits: Sequence[Hit], targets: list[Target], target: Target) -> str:
    """agent, speaker or patient for the protected side and its forces."""
    following = next((h for h in hits if h.start >= target.end and h.entry.classes & (EVENT | {"say"})), None)
    at = bisect_left(scan.clause_breaks, target.end)
    if at < len(scan.clause_breaks) and scan.clause_breaks[at] - target.end <= 1:
        start = scan.plain.offsets[scan.clause_breaks[at]]
        if scan.raw[start : start + 1] == ":":
            return "speaker"
    if following is not None and following.start - target.end <= SPEAKER_REACH and "say" in following.entry.classes:
        return "speaker"
    if _beside_own_event(hits, target):
        return "agent"
    others = [
        t for t in targets if t is not target and t.kind in ("other", "hostile", "ship", "base") and not t.protected
    ]
    if patterns.order == "svo" and following is not None and following.start - target.end <= AGENT_REACH:
        active = following.entry.classes & {"attack_verb", "launch", "intercept", "ownstrike"}
        if active and "passive" not in following.entry.classes and any(t.start > following.start for t in others):
            return "agent"
        if following.entry.classes & {"ownstrike", "intercept"}:
            return "agent"
    if patterns.order == "vso":
        before = _hit_before(hits, target.start)
        if before is not None and target.start - before.word_end <= 3:
            if before.entry.classes & {"intercept", "ownstrike"}:
                return "agent"
            if "attack_verb" in before.entry.classes and any(t.start > target.end for t in others):
                return "agent"
    if patterns.order == "sov" and any(t.start > target.end for t in others) and not target.to:
        return "agent"
    return "patient" if target.kind == "force" else "agent" if target.kind == "side" else "patient"


def _beside_own_event(hits: Sequence[Hit], target: Target) -> bool:
    """ "US strikes", "غارات أميركية": the side stands right beside the noun of the act."""
    if target.kind != "side":
        return False
    for hit in hits:
        if hit.entry.classes & {"attack", "ownstrike", "attack_verb"} and (
            0 <= hit.start - target.end <= 2 or 0 <= target.start - hit.word_end <= 2
        ):
            return True
    return False


def build_frames(sentences: Sequence[Sentence]) -> list[Frame]:
    """Frames of all sentences in order."""
    frames: list[Frame] = []
    for sentence in sentences:
        if sentence.classes & EVENT:
            frames.extend(_frames_of(sentence))
    return frames


def _frames_of(sentence: Sentence) -> list[Frame]:
    events = [hit for hit in sentence.hits if hit.entry.classes & (ATTACK | KINETIC | WEAPONS)]
    found: list[Frame] = []
    for target in sentence.targets:
        if target.role in ("speaker", "host", "origin"):
            continue
        if target.role == "agent":
            if target.protected:
                found.append(_frame(sentence, target, "by_protected", False))
            continue
        if target.kind == "ship":
            kind = "on_ship"
        elif target.kind in ("other", "hostile"):
            kind = "on_other"
        elif target.protected:
            kind = "on_protected"
        else:
            kind = "on_base"
        found.append(_frame(sentence, target, kind, _rivalled(sentence, target, events)))
    return found


def _frame(sentence: Sentence, target: Target, kind: str, rival: bool) -> Frame:
    times = sentence.times
    time = min(times, key=lambda t: (t.day is None, abs(t.start - target.start)), default=None)
    return Frame(
        sentence=sentence,
        target=target,
        kind=kind,
        events=sentence.classes & (ATTACK | KINETIC | {"explosion", "hit", "missed", "ownstrike"}),
        weapons=sentence.classes & WEAPONS,
        turners=sentence.classes & TURNERS,
        rival=rival,
        time=time,
    )


def _rivalled(sentence: Sentence, target: Target, events: Sequence[Hit]) -> bool:
    """Whether another nation's target stands closer to every event than this one."""
    rivals = [t for t in sentence.targets if t.kind in ("other", "ship") and t.role == "patient" and t is not target]
    if not rivals or not events:
        return False
    mine = min(_gap(target, hit) for hit in events)
    return min(_gap(rival, hit) for rival in rivals for hit in events) < mine


def _gap(target: Target, hit: Hit) -> int:
    return max(hit.start - target.end, target.start - hit.word_end, 0)
