"""Frames as numbers: language-free features for the small model. Every name reads as what it counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from alerts.classifier.frames import Frame
from alerts.classifier.sentences import FLASH_WORDS, Sentence
from alerts.classifier.targets import ATTACK, KINETIC, WEAPONS
from alerts.classifier.times import RECENT_DAYS

#: words that make a frame something other than a fresh, asserted attack
DIRTY = frozenset(
    [
        "deny", "false", "recycled", "retract", "threat", "drill", "anniversary", "since", "repeat", "earlier", "court",
        "analysis", "tally", "theirs", "asked", "column",
    ]
)  # fmt: skip
SOFT = frozenset({"nature", "hypothetical", "question", "base_news", "diplomacy", "unknown_cause"})
TITLE_CLASSES = (
    "deny", "false", "recycled", "retract", "threat", "hypothetical", "drill", "tally", "since", "repeat", "earlier",
    "anniversary", "analysis", "court", "base_news", "diplomacy", "condemn", "response", "ownstrike", "noclaim",
    "unknown_cause", "nature", "signal", "question", "claim", "cause", "intercept", "attack", "attack_verb", "passive",
    "launch", "fall", "explosion", "another", "killed", "injured", "none_hurt", "hit", "breaking", "toll", "arrest",
    "disowned", "own_act", "theirs", "harm_denied", "asked", "column",
)  # fmt: skip
#: findings about fresh attacks, told apart by whether one stands in the headline or opening
CLEAN = ("clean_any", "clean_dated_any", "clean_count", "clean_site_any", "clean_plain_any", "clean_single_any")
#: words that mean one thing beside a fresh attack and another without
NOISY = (
    "signal", "explosion", "question", "launch", "fall", "attack", "attack_verb", "passive", "killed", "injured",
    "claim", "cause", "response", "weapon", "hit", "intercept", "noclaim", "unknown_cause", "nature",
)  # fmt: skip
#: words beside which no sentence comes back to one attack of the last days
NEVER_UPDATED = frozenset({"tally", "drill", "anniversary", "since", "false", "recycled", "analysis"})
#: words of news that comes later than the attack itself
LATER = frozenset(
    {"harm_denied", "toll", "killed", "injured", "arrest", "disowned", "noclaim", "claim", "blame", "condemn"}
)
#: words of a title that make what follows talk about attacks rather than news of one
TURNED = DIRTY - {"asked"} | {"base_news", "diplomacy", "nature"}
KINDS = ("site", "base", "force", "diplomatic", "convoy", "other", "facility", "ship", "hostile")


def is_fresh(frame: Frame, published: date, days: int = 3) -> bool:
    """Whether the frame's own words put the event within ``days`` before publication; no words count as fresh."""
    time = frame.time
    if time is None or (time.day is None and not time.old):
        return True
    if time.old or time.since:
        return False
    return time.day is not None and -1 <= (published - time.day).days <= days


def is_dated(frame: Frame, published: date) -> bool:
    """Whether the frame's own words name a day within three days before publication."""
    return frame.time is not None and frame.time.day is not None and is_fresh(frame, published)


def is_clean(frame: Frame, published: date) -> bool:
    """Whether a frame tells an attack on the protected side, asserted and fresh, with nothing that turns it."""
    return (
        frame.kind == "on_protected"
        and frame.strong
        and not frame.turners & DIRTY
        and not frame.rival
        and is_fresh(frame, published)
    )


def features(sentences: Sequence[Sentence], frames: Sequence[Frame], published: date, words: int) -> dict[str, float]:
    """Named numbers, mostly 0 or 1; absent means 0."""
    found: dict[str, float] = {"flash": float(words <= FLASH_WORDS)}
    _from_sentences(found, sentences)
    for position in ("title", "lead", "body"):
        _from_frames(found, position, [f for f in frames if f.sentence.position == position], published)
    clean = [f for f in frames if is_clean(f, published)]
    found["clean_any"] = float(bool(clean))
    found["clean_dated_any"] = float(any(is_dated(f, published) for f in clean))
    found["clean_count"] = min(len(clean), 4) / 4
    found["clean_site_any"] = float(any(f.target.kind == "site" for f in clean))
    found["clean_plain_any"] = float(any(not f.turners & SOFT and not f.carried for f in clean))
    single = [f for f in clean if "plural" not in f.classes or f.target.kind == "site"]
    found["clean_single_any"] = float(bool(single))
    topic = _topic(sentences, frames, clean)
    found[f"topic_{topic}"] = 1.0
    for name in ("clean_any", "clean_dated_any", "clean_plain_any", "clean_count"):
        if found[name]:
            found[f"{topic}_{name}"] = found[name]
    for frame in clean:
        where = frame.sentence.position
        found[f"{topic}_clean_in_{where}"] = 1.0
        if is_dated(frame, published):
            found[f"{topic}_dated_in_{where}"] = 1.0
    _from_updates(found, topic, frames, published)
    sites_on = {f.target.site for f in frames if f.kind == "on_protected" and f.target.site}
    found["many_sites"] = float(len(sites_on) >= 4)
    found["no_target"] = float(not any(f.kind == "on_protected" for f in frames))
    if words <= FLASH_WORDS:
        for name in ("clean_any", "no_target", "clean_plain_any"):
            found[f"flash_{name}"] = found[name]
    _by_place(found, ahead=any(f.sentence.position != "body" for f in clean))
    return {name: value for name, value in found.items() if value}


def _by_place(found: dict[str, float], *, ahead: bool) -> None:
    """Let the model weigh words and findings apart for texts whose headline or opening tells a fresh attack.

    A siren in the headline says little beside such an attack and much without one; an attack told in the body alone
    is often an older one retold.
    """
    suffix = "_beside" if ahead else "_alone"
    for position in ("title", "lead"):
        for name in NOISY:
            if f"{position}_{name}" in found:
                found[f"{position}_{name}{suffix}"] = 1.0
    if not ahead:
        for name in CLEAN:
            if name in found:
                found[f"buried_{name}"] = found.pop(name)


def _from_updates(found: dict[str, float], topic: str, frames: Sequence[Frame], published: date) -> None:
    """An attack of the last week that the text comes back to: its toll, its claim, an arrest, an attacker's denial."""
    for frame in frames:
        if frame.kind != "on_protected" or not frame.strong or frame.rival or frame.turners & NEVER_UPDATED:
            continue
        if frame.time is not None and frame.time.day is not None and is_fresh(frame, published, RECENT_DAYS):
            where = frame.sentence.position
            found[f"{topic}_of_these_days"] = found[f"{where}_of_these_days"] = 1.0
            if frame.classes & {"killed", "injured", "toll"}:
                found[f"{where}_toll_of_these_days"] = 1.0
            if where != "body" and frame.classes & LATER and not frame.turners & {"threat", "retract", "recycled"}:
                found["later_any"] = 1.0
        elif "toll" in frame.classes and "plural" not in frame.classes:
            found[f"{frame.sentence.position}_toll"] = 1.0


def _topic(sentences: Sequence[Sentence], frames: Sequence[Frame], clean: Sequence[Frame]) -> str:
    """What the title is about: an attack, something that turns attacks, our own strike, others, or none of these."""
    if any(f.sentence.position == "title" for f in clean):
        return "attack"
    classes = {name for s in sentences if s.position == "title" for name in s.classes}
    if classes & TURNED:
        return "turned"
    kinds = {f.kind for f in frames if f.sentence.position == "title" and f.strong}
    if "by_protected" in kinds:
        return "answer"
    return "others" if kinds & {"on_other", "on_ship"} else "unsaid"


def _from_sentences(found: dict[str, float], sentences: Sequence[Sentence]) -> None:
    for position in ("title", "lead"):
        classes: set[str] = set()
        kinds: set[str] = set()
        for sentence in sentences:
            if sentence.position == position:
                classes |= sentence.classes
                kinds.update(t.kind for t in sentence.targets if t.role == "patient")
        if any(s.position == position and s.actors and "deny" in s.classes for s in sentences):
            found[f"{position}_disowned"] = 1.0  # an attacker denies that it was he
        for name in TITLE_CLASSES:
            if name in classes:
                found[f"{position}_{name}"] = 1.0
        if classes & WEAPONS:
            found[f"{position}_weapon"] = 1.0
        for kind in KINDS:
            if kind in kinds:
                found[f"{position}_has_{kind}"] = 1.0


def _from_frames(found: dict[str, float], position: str, frames: Sequence[Frame], published: date) -> None:
    for frame in frames:
        name = f"{position}_{frame.kind}" + ("_carried" if frame.carried else "")
        for state in _states(frame, published):
            found[f"{name}_{state}"] = 1.0
        if frame.kind == "on_protected" and frame.strong and not frame.carried:
            for turner in frame.turners:
                found[f"{position}_on_{turner}"] = 1.0


def _hint(frame: Frame) -> str:
    """How much a frame hints at that tells no attack for want of a known verb."""
    if frame.weapons and not ("overflight" in frame.classes and not frame.events):
        return "weak_armed"
    return "weak_stirred" if frame.events & (KINETIC | {"hit"}) else "weak_heard"


def _states(frame: Frame, published: date) -> Iterator[str]:
    """What can be said of one frame; only a strong one that nothing turns is "clean"."""
    if not frame.strong:
        yield "weak"
        if not (frame.turners & DIRTY or frame.rival) and is_fresh(frame, published):
            yield _hint(frame)
    elif frame.rival:
        yield "rival"
    elif frame.turners & DIRTY:
        yield "dirty"
    elif not is_fresh(frame, published):
        yield "recent" if is_fresh(frame, published, RECENT_DAYS) else "old"
    else:
        yield "clean"
        if is_dated(frame, published):
            yield "dated"
        if not frame.turners & SOFT:
            yield "plain"
        if frame.events & KINETIC and frame.weapons:
            yield "kinetic"
        if not frame.events & ATTACK:
            yield "noverb"
        if "plural" in frame.classes and frame.target.kind != "site":
            yield "plural"
