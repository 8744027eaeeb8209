"""Frames: who did what to whom, when, and how the sentence vouches for it.

The hits of a sentence become noun groups (targets, see ``targets``) with roles; every group that an event may concern
gives a frame with its direction, its time and the words that turn it (denied, threatened, drill …). Nothing here knows
a language: order of words and case endings come from the lexicon.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from alerts.classifier.passing import pass_on
from alerts.classifier.scan import Hit, Scan
from alerts.classifier.sentences import Sentence
from alerts.classifier.targets import ATTACK, EVENT, KINETIC, WEAPONS, Target, gap
from alerts.classifier.times import TimeMention

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
        "arrest",
        "disowned",
        "asked",
        "column",
        "own_act",
        "theirs",
    ]
)
#: words that turn a whole flash, wherever they stand in it
EVERYWHERE = frozenset(
    {"tally", "false", "recycled", "retract", "drill", "anniversary", "deny", "nature", "unknown_cause", "column"}
)
#: beside these what flew over a base was an attack
ENDED = frozenset({"fall", "intercept", "hit", "explosion", "foiled", "defence", "struck"})
#: signs that something did happen, whatever is supposed beside it
REAL = KINETIC | {"explosion", "hit", "struck", "passive", "killed", "injured", "no_damage", "none_hurt"}
#: words that say nothing of an attack told in a clause of its own
ASIDE = frozenset({"threat"})
ITEM_LENGTH = 60  #: characters of a line of a list
#: what a sentence says of attacks in general goes for the next one too
PASSED_ON = frozenset({"since", "tally", "threat", "anniversary", "drill", "recycled", "false", "nature"})
TELLING = EVENT | {"signal", "hit", "struck"}


@dataclass(slots=True)
class Frame:
    """What a sentence says of one target."""

    sentence: Sentence
    target: Target
    kind: str  #: on_protected, on_other, on_ship, on_mission or on_base (nobody's), by_protected
    events: set[str]
    weapons: set[str]
    turners: set[str]
    rival: bool = False  #: another nation's target stands closer to the event
    carried: bool = False  #: the target was named in the sentence before
    idle: bool = False  #: it was named there without any event, and no weapon is named here
    time: TimeMention | None = None
    classes: set[str] = field(default_factory=set)

    @property
    def strong(self) -> bool:
        """Whether an attack is told, not merely a noise or a weapon."""
        own = "own_aircraft" in self.classes and self.kind == "on_protected" and "intercept" in self.events
        if own or self.idle:
            return False  # a drone of ours was shot down, or the sentence before named the place alone
        if self._is_metaphor():
            return False
        return bool(self.events & ATTACK) or self._told_without_a_verb()

    def _is_metaphor(self) -> bool:
        """A match, a market or an accident told in words of war: nobody hurt, nothing fired, nothing fallen."""
        told = self.weapons or self.events - {"attack", "attack_verb", "explosion", "hit", "ownstrike"}
        return "nature" in self.classes and not told and not self.classes & {"killed", "injured", "claim"}

    def _told_without_a_verb(self) -> bool:
        if "overflight" in self.classes and not self.classes & ENDED:
            return False
        if not self.events and self.classes & {"nature", "diplomacy"}:
            return False  # a race or a show of drones in a town, a law on them
        if self.kind == "by_protected":
            return bool(self.weapons) and bool(self.events or "killed" in self.classes)
        harmed = (
            self.classes & {"killed", "injured"}
            and "response" not in self.classes
            and self.target.kind in ("force", "convoy", "side")
        )
        if self.weapons and (harmed or (self.target.kind in ("convoy", "site", "base") and "w_ied" in self.weapons)):
            return True
        if self.weapons and self.sentence.actors and self.target.kind in ("site", "base", "diplomatic"):
            return True  # who shows or boasts of a weapon beside a base has used it, unless a word turns it
        told_cause = not self.target.to_noise or "cause" in self.classes or "signal" not in self.classes
        noisy = self.weapons and "explosion" in self.events and told_cause
        if noisy and self.target.kind in ("site", "base", "convoy", "diplomatic"):
            return True
        if self.weapons and "hit" in self.events and self.target.kind in ("site", "base", "diplomatic"):
            return True
        if self.target.kind in ("site", "base", "diplomatic"):
            brought = "base_news" in self.classes and not self.weapons
            if "defence" in self.events and self.events & {"hit", "fall", "intercept"} and not brought:
                return True  # "interceptor missed, direct impact"
            if "intercept" in self.events or {"explosion", "fall", "hit"} <= self.events:
                return True  # what was shot down, or fell with a blast, needs no name
        aimed = (self.target.to or self.target.near) and not self.target.to_noise
        return bool(self.weapons) and bool(self.events & KINETIC or aimed or self.carried)


def build_frames(sentences: Sequence[Sentence], *, flash: bool) -> list[Frame]:
    """Frames of all sentences in order. A sentence with an event and no target speaks of the one before it.

    In a flash a word such as "archive", "false" or "drill" anywhere turns every frame.
    """
    frames = _frames_in_order(sentences)
    if flash:
        said = {name for sentence in sentences for name in sentence.classes}
        turned = said & EVERYWHERE
        if said & {"noclaim", "disowned"}:
            turned -= {"deny"}  # who did not do it denies no attack
        for frame in frames:
            if "latest" not in frame.classes:
                frame.turners |= turned
    pass_on(frames, sentences)
    return frames


def _frames_in_order(sentences: Sequence[Sentence]) -> list[Frame]:
    frames: list[Frame] = []
    carried: list[Target] = []
    origin: Sentence | None = None
    last = armed = -2
    weapons: set[str] = set()
    for sentence in sentences:
        own = [t for t in sentence.targets if t.kind not in ("side", "hostile") and t.role != "speaker"]
        if sentence.bullet and sentence.classes & EVENT:
            carried, origin, armed = [], None, -2  # a point of a list tells a story of its own
        if sentence.classes & EVENT:
            found = _frames_of(sentence)
            if sentence.index - armed <= 1 and not sentence.classes & WEAPONS:
                for frame in found:  # "One of them came down inside the base"
                    if frame.events & (KINETIC | {"hit"}) and not frame.events & ATTACK:
                        frame.weapons = weapons
            frames.extend(found)
            named_here = any(t.role != "agent" and (t.protected or t.kind in ("other", "ship")) for t in own)
            if origin is not None and not named_here and sentence.index - last <= 2:
                frames.extend(_carried(sentence, t, origin) for t in carried[:2])
        else:
            frames.extend(_list_items(frames, sentence, own))
        if sentence.classes & WEAPONS:
            weapons, armed = sentence.classes & WEAPONS, sentence.index
        named = [t for t in own if t.protected and t.kind in ("site", "base", "diplomatic") and t.role != "origin"]
        if not named and not carried:
            named = [t for t in own if t.protected and t.kind == "force" and t.role == "patient"]
        if named:
            carried, last, origin = named, sentence.index, sentence
    return frames


def _carried(sentence: Sentence, target: Target, origin: Sentence) -> Frame:
    """A frame for a target that the sentence before names.

    Where that one tells of no event, or of threats and counts, this one must name a weapon that does something: a
    "strike" or a "hit" alone may be a walk-out or a goal.
    """
    frame = _frame(sentence, target, "on_protected", False, carried=True)
    if not frame.weapons and frame.events & {"fall", "hit", "intercept"}:
        frame.weapons = origin.classes & WEAPONS  # "Udeid, Dhafra, three missiles" and then "Impacts confirmed"
    armed = sentence.classes & WEAPONS - {"w_unknown"} and frame.events & (ATTACK | KINETIC | {"explosion", "hit"})
    if not armed:
        frame.turners = frame.turners | (origin.classes & PASSED_ON)
        dueled = {"defence", "hit"} <= frame.events  # "interceptor missed, direct impact"
        frame.idle = not (origin.classes & TELLING or dueled or (origin.in_title and sentence.in_title))
    return frame


def _list_items(frames: Sequence[Frame], sentence: Sentence, own: Sequence[Target]) -> list[Frame]:
    """ "Four bases were struck:" and a line for each: a short line that only names a site goes on with the list."""
    sites = [target for target in own if target.site]
    alone = len(sites) == 1 and all(target.site or target.kind == "nation" for target in own)
    if not frames or not alone or sentence.end - sentence.start > ITEM_LENGTH:
        return []
    before = frames[-1]
    if (
        before.kind not in ("on_protected", "on_base")
        or not before.strong
        or sentence.index - before.sentence.index > 1
    ):
        return []
    return [replace(before, kind="on_protected", sentence=sentence, target=sites[0], rival=False, carried=False)]


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
        elif target.kind in ("other", "hostile", "facility") and not target.protected:
            kind = "on_other"
        elif target.protected:
            kind = "on_protected"
        elif target.kind == "diplomatic":
            kind = "on_mission"
        else:
            kind = "on_base"
        found.append(_frame(sentence, target, kind, _rivalled(sentence, target, events)))
    return found


def _frame(sentence: Sentence, target: Target, kind: str, rival: bool, *, carried: bool = False) -> Frame:
    turners = sentence.classes & TURNERS
    if {"toll", "plural"} <= sentence.classes:
        turners |= {"tally"}  # "attacks rise to 38"
    supposed = "hypothetical" in turners and not sentence.classes & (WEAPONS | REAL)
    if supposed and not any(mention.day is not None for mention in sentence.times):
        turners |= {"threat"}  # "would be attacked if …", with nothing that came of it
    if any(mention.since for mention in sentence.times):
        turners |= {"since"}
    if turners & ASIDE and not turners & {"hypothetical", "earlier", "since"} and not carried:
        turners -= _said_aside(sentence, target)
    if any(_negated(sentence, other) for other in (sentence.targets if carried else (target,))):
        turners |= {"false"}  # "no base was hit"
    dated = any(mention.day is not None for mention in sentence.times)
    if "plural" in sentence.classes and not (sentence.in_title or dated or sentence.classes & {"killed", "injured"}):
        turners |= {"repeat"}  # "the region has seen attacks on the airport": what stands below speaks of many
    if "theirs" in target.classes:
        turners |= {"theirs"}
    if "latest" in sentence.classes and sentence.classes & ATTACK:
        turners -= {"tally", "repeat", "since", "earlier"}  # "50 attacks since May, the latest of them on Friday"
    if kind == "on_protected" and {"response", "ownstrike"} <= turners and not sentence.classes & WEAPONS:
        rival = rival or not any(mention.day is not None for mention in sentence.times)  # what our own strike answers
    if kind == "on_protected" and "own_act" in turners and not sentence.classes & (WEAPONS | {"passive"}):
        rival = rival or not any(mention.day is not None for mention in sentence.times)  # what we struck ourselves
    return Frame(
        sentence=sentence,
        target=target,
        kind=kind,
        events=sentence.classes & (ATTACK | KINETIC | {"explosion", "hit", "missed", "ownstrike"}),
        weapons=sentence.classes & WEAPONS,
        turners=turners,
        rival=rival,
        carried=carried,
        time=_time_for(sentence, target),
        classes=sentence.classes,
    )


def _negated(sentence: Sentence, target: Target) -> bool:
    """Whether "no" stands right before a target that a passive speaks of."""
    if "passive" not in sentence.classes or target.site is not None:
        return False
    return any("not" in hit.entry.classes and 0 <= target.start - hit.word_end <= 2 for hit in sentence.hits)


def _said_aside(sentence: Sentence, target: Target) -> set[str]:
    """The turners that stand in other clauses than an attack told whole: "base hit by two drones, troops on alert"."""
    clause = bisect_right(sentence.breaks, target.start)
    mine: set[str] = set()
    for hit in sentence.hits:
        if bisect_right(sentence.breaks, hit.start) == clause:
            mine |= hit.entry.classes
    done = mine & WEAPONS and mine & {"passive", "struck", "fall", "intercept"}
    return set(ASIDE - mine) if done else set()


def _time_for(sentence: Sentence, target: Target) -> TimeMention | None:
    """The time that governs a target: a day or a long-gone period, the nearest; a mere part of the day last."""

    def rank(mention: TimeMention) -> tuple[bool, bool, bool, int]:
        telling = mention.day is not None or mention.old
        return (not telling, mention.since, mention.spoken, abs(mention.start - target.start))

    return min(sentence.times, key=rank, default=None)


def _rivalled(sentence: Sentence, target: Target, events: Sequence[Hit]) -> bool:
    """Whether another nation's target stands closer to every event than this one."""
    rivals = [t for t in sentence.targets if t.kind in ("other", "ship") and t.role == "patient" and t is not target]
    if not rivals or not events:
        return False
    mine = min(gap(target, hit) for hit in events)
    return min(gap(rival, hit) for rival in rivals for hit in events) < mine


def window_of(scan: Scan, position: int) -> tuple[int, int]:
    """The clause around a position: from the clause break before it to the one behind it."""
    at = bisect_right(scan.clause_breaks, position)
    start = scan.clause_breaks[at - 1] if at else 0
    end = scan.clause_breaks[at] if at < len(scan.clause_breaks) else len(scan.plain.text)
    return start, end
