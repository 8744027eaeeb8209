"""What came of an attack: hit, intercepted in whole or part, missed, foiled; read sentence by sentence."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date

from alerts.classifier.scan import Hit, Scan
from alerts.classifier.sentences import Sentence
from alerts.classifier.targets import WEAPONS
from core.values import Outcome

INDIRECT = frozenset({"w_rocket", "w_mortar", "w_either"})
FLYING = frozenset({"w_drone", "w_rocket", "w_missile", "w_either", "w_ballistic", "w_mortar"})
HARM = frozenset({"hit", "struck", "injured", "killed", "explosion"})
#: what comes down in "the surroundings of the base" missed it; an attack "in the surroundings" may be any
LANDS = HARM | {"fall", "launch", "no_damage", "foiled", "none_hurt"}
NOT_REACH = 24  #: characters between a negation and the word that it negates
DOWNED_REACH = 30  #: characters between a number and the word for shooting down
PLACES = ("site", "base", "diplomatic", "convoy", "facility")


def outcome_of(scan: Scan, sentences: Sequence[Sentence], day: date | None, count: int | None = None) -> Outcome:
    """What became of the attack: told by the title and lead if they tell it, else by the rest.

    A hit in the headline and an interception further on are one attack of which a part got through.
    """
    told = [(s, _effects(scan, s)) for s in sorted(sentences, key=_place) if not _of_another(s, day)]
    downed = max((_downed(scan, s) for s, classes in told if "intercept" in classes), default=0)
    some = downed > 0 and count is not None and downed < count
    first = [(s, classes) for s, classes in told if s.position != "body"]
    outcome = _outcome(first, count, some=some)
    if outcome is Outcome.HIT and (count != 1 or any(_downs_another(classes) for _, classes in told)):
        classes: set[str] = set().union(*(classes for _, classes in told))
        if "intercept" in classes and (some or count is None or count > 1 or classes & {"half", "hit"}):
            whole = "all_down" in classes and "half" not in classes
            return Outcome.INTERCEPTED if whole else Outcome.PARTLY_INTERCEPTED
    everything: set[str] = set().union(*(classes for _, classes in told)) if told else set()
    harmless = everything & INDIRECT and everything >= {"no_damage", "none_hurt"}
    if outcome is Outcome.HIT and harmless and not any(classes & {"hit", "injured", "killed"} for _, classes in first):
        return Outcome.MISSED  # "base hit by rockets", and nothing was harmed
    for end in range(len(first) + 1, len(told) + 1):
        if outcome is not Outcome.UNKNOWN:
            break  # what comes later in a story is older
        outcome = _outcome(told[:end], count, some=some)
    return outcome


def _place(sentence: Sentence) -> tuple[bool, int]:
    return sentence.position == "body", sentence.index


def _of_another(sentence: Sentence, day: date | None) -> bool:
    """Whether a sentence below the headline tells of another day, or of the answer of the protected side."""
    if sentence.position == "title":
        return False
    days = {mention.day for mention in sentence.times if mention.day is not None and not mention.since}
    if day is not None and days and all(abs((other - day).days) > 1 for other in days):
        return True
    return "ownstrike" in sentence.classes and not any(
        t.protected and t.role == "patient" and t.kind in PLACES for t in sentence.targets
    )


def _effects(scan: Scan, sentence: Sentence) -> set[str]:
    """The classes of a sentence once negations are taken at their word, and debris is told from the weapon."""
    found: set[str] = set()
    for hit in sentence.hits:
        classes = set(hit.entry.classes)
        if classes & (HARM | {"intercept"}) and _negated(scan, sentence.hits, hit):
            if classes & {"injured", "killed"}:
                found.add("none_hurt")
            elif "intercept" in classes:
                found.add("pierced")
            elif classes & {"hit", "struck"}:
                found.add("no_damage")
            classes -= HARM | {"intercept"}
        found |= classes
    if "pierced" in found:
        found.discard("intercept")
    if "debris" in found:
        found -= {"hit", "fall", "injured"}
    return found | (sentence.classes & {"tally"})


def _negated(scan: Scan, hits: Sequence[Hit], hit: Hit) -> bool:
    """Whether a word for "not" stands before the word, or behind it where the language puts it there."""
    for other in hits:
        classes = other.entry.classes
        if "not" in classes and 0 <= hit.start - other.word_end <= NOT_REACH:
            low, high = other.word_end, hit.start
        elif "not_behind" in classes and 0 <= other.start - hit.word_end <= NOT_REACH:
            low, high = hit.word_end, other.start
        else:
            continue
        at = bisect_left(scan.clause_breaks, low)
        if at >= len(scan.clause_breaks) or scan.clause_breaks[at] >= high:
            return True
    return False


def _downed(scan: Scan, sentence: Sentence) -> int:
    """How many were shot down: the number closest to a word that says so; 0 where none stands close."""
    best: tuple[int, int] | None = None
    for hit in sentence.hits:
        if "intercept" not in hit.entry.classes:
            continue
        begin = max(sentence.start, hit.start - DOWNED_REACH)
        found = [(at, int(word)) for at, word in _numbers(scan.plain.text, begin, hit.word_end + DOWNED_REACH)]
        found += [(o.start, o.entry.number) for o in sentence.hits if o.entry.number]
        for at, number in found:
            far = at - hit.word_end if at > hit.start else hit.start - at
            if number > 0 and far <= DOWNED_REACH and (best is None or far < best[0]):
                best = (far, number)
    return best[1] if best is not None else 0


def _numbers(text: str, start: int, end: int) -> list[tuple[int, str]]:
    found = []
    for word in text[start:end].split(" "):
        if word.isdigit() and len(word) <= 3:
            found.append((start, word))
        start += len(word) + 1
    return found


def _outcome(told: Sequence[tuple[Sentence, set[str]]], count: int | None, *, some: bool) -> Outcome:
    classes: set[str] = set().union(*(classes for _, classes in told)) if told else set()
    impact = bool(classes & {"hit", "struck"})
    if "intercept" in classes:
        several = count != 1 or any(_downs_another(effects) for _, effects in told)
        through = several and any(effects & {"hit", "struck"} and "missed" not in effects for _, effects in told)
        if (some or "half" in classes or through) and "all_down" not in classes:
            return Outcome.PARTLY_INTERCEPTED
        return Outcome.INTERCEPTED
    if _landed_wide(told, classes) and not ("hit" in classes and "no_damage" not in classes):
        return Outcome.MISSED
    if impact and not (classes & INDIRECT and classes >= {"no_damage", "none_hurt"}):
        return Outcome.HIT
    if classes & INDIRECT and classes >= {"no_damage", "none_hurt"}:
        return Outcome.MISSED  # fire that harmed nothing fell short
    if "foiled" in classes:
        return Outcome.FOILED
    if "w_ied" in classes and "w_drone" not in classes and "none_hurt" in classes:
        return Outcome.MISSED
    if any(_falls(sentence, effects, near=False) for sentence, effects in told):
        return Outcome.HIT
    if any(_falls(sentence, effects, near=True) for sentence, effects in told):
        return Outcome.MISSED
    if "pierced" in classes:
        return Outcome.HIT
    hurt = "none_hurt" not in classes and "hypothetical" not in classes
    return Outcome.HIT if hurt and any(_hurts_ours(*one) for one in told) else Outcome.UNKNOWN


def _hurts_ours(sentence: Sentence, effects: set[str]) -> bool:
    if not effects & {"killed", "injured"}:
        return False
    return any(t.protected and t.role == "patient" for t in sentence.targets)


def _downs_another(effects: set[str]) -> bool:
    """ "a second drone was shot down", "the rest was stopped": beside the one that got through."""
    another = "half" in effects or ("another" in effects and effects & WEAPONS)
    return "intercept" in effects and bool(another) and not effects & {"since", "repeat"}


def _landed_wide(told: Sequence[tuple[Sentence, set[str]]], classes: set[str]) -> bool:
    """Whether something came down, and beside its target; the sentences of a flash are read as one."""
    if all(sentence.position == "title" for sentence, _ in told):
        return "missed" in classes and bool(classes & LANDS)
    return any("missed" in effects and effects & LANDS for _, effects in told)


def _falls(sentence: Sentence, effects: set[str], *, near: bool) -> bool:
    """ "a rocket landed on the base": something falls or goes off at a protected place, or only near it."""
    if "fall" not in effects or not (sentence.classes & WEAPONS or sentence.position == "title"):
        return False
    found = [t for t in sentence.targets if t.protected and t.kind in PLACES and t.role == "patient"]
    return any(t.near for t in found) if near else any(not t.near for t in found) and "near" not in sentence.classes
