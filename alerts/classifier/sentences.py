"""A text as sentences: where each stands, what was found in it, and the counts and years that turn it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from alerts.classifier.dateline import without_dateline
from alerts.classifier.patterns import Patterns
from alerts.classifier.roles import assign_roles, own_act
from alerts.classifier.scan import Hit, Scan
from alerts.classifier.targets import ATTACK, EVENT, OURS, WEAPONS, Target, find_targets
from alerts.classifier.times import TimeMention, time_mentions

#: beside these "no explosion" says how little came of an attack, not that there was none
REAL = frozenset({"fall", "intercept", "hit", "struck", "passive", "attack_verb", "missed", "foiled"})
DENIER_REACH = 2  #: characters between an attacker and its denial
#: actors that are spoken of and never speak
NAMELESS = frozenset({"unknown-militia", "iranian-backed-militias-syria", "pmf", "assad-government-forces"})
BULLETS = ("- ", "* ", "– ", "— ", "• ", "▪", "🔹", "🔸", "◾", "◽", "▫", "➖", "🔺", "🔻")
MISSIONS = frozenset({"diplomatic", "mission"})
HARM = frozenset({"killed", "injured"})
#: words that an attack is told by
TOLD = EVENT - {"launch"}
ASKING = ("?", "؟")
ROCKET = "\N{ROCKET}"  #: channels write it for a missile
COUNT_REACH = 3  #: words between a number and "attacks"
MANY = 4  #: from so many on, a number before "attacks" counts a campaign rather than tells an attack
FLASH_WORDS = 40  #: title and text together
SHORT = 25  #: characters; a shorter sentence without any hit is a dateline or a byline
_YEAR = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")


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
    breaks: Sequence[int] = ()  #: where its clauses begin
    bullet: bool = False  #: it begins a point of a list
    in_title: bool = False  #: it stands in the title itself; in a flash every sentence counts as one


def read_sentences(scan: Scan, patterns: Patterns, published: date) -> list[Sentence]:
    """The sentences that hold any hit, with targets and times."""
    scan.split()
    scan.hits = without_dateline(scan)
    starts = [hit.start for hit in scan.hits]
    around: set[str] = set()
    if scan.raw.count(" ") <= FLASH_WORDS:
        around.update(*(hit.entry.classes for hit in scan.hits))
    sentences: list[Sentence] = []
    body_seen = 0
    headless = not scan.raw[: scan.title_end].strip()  # a flash of a channel has no title: its first line is one
    for index, (start, end) in enumerate(scan.sentences):
        in_title = scan.plain.offsets[start] < scan.title_end
        hits = scan.hits[bisect_left(starts, start) : bisect_left(starts, end)]
        if headless and hits:
            in_title, headless = True, False
        if not in_title and (end - start >= SHORT or hits):
            body_seen += 1
        position = "title" if in_title or around else "lead" if body_seen <= 2 else "body"
        if hits:
            behind = scan.sentences[index + 1][1] if index + 1 < len(scan.sentences) else end
            following = scan.hits[bisect_left(starts, end) : bisect_left(starts, behind)]
            beyond = {name for hit in following for name in hit.entry.classes}
            place = (index, start, end, position)
            sentence = _sentence(scan, patterns, place, hits, (published, around, beyond))
            sentence.in_title = in_title
            sentences.append(sentence)
    _same_missions(sentences)
    return sentences


def _same_missions(sentences: Sequence[Sentence]) -> None:
    """ "The consulate" is the one that was named last: where that was another nation's, so is this one."""
    theirs = False
    for target in (target for sentence in sentences for target in sentence.targets if target.classes & MISSIONS):
        if target.classes & OURS or target.site:
            theirs = False
        elif target.kind == "other" or target.classes & {"nation", "mission"}:
            theirs = True
        elif theirs and target.kind == "diplomatic":
            target.kind, target.protected = "other", False


def _sentence(
    scan: Scan,
    patterns: Patterns,
    place: tuple[int, int, int, str],
    hits: list[Hit],
    context: tuple[date, set[str], set[str]],
) -> Sentence:
    index, start, end, position = place
    published, around, beyond = context
    classes: set[str] = set()
    for hit in hits:
        classes |= hit.entry.classes
    raw = scan.raw[scan.plain.offsets[start] : scan.plain.offsets[end - 1] + 2]
    if "؟" in raw or "?" in raw:
        classes.add("question")
        if raw.rstrip().endswith(ASKING):
            classes.add("asked")
    if _counts_attacks(scan, hits, patterns.joiners) or _counts_times(scan, hits, classes):
        classes.add("tally")
    if _names_a_past_year(scan.plain.text[start:end], hits, published):
        classes.add("earlier")
    if "no_blast" in classes and not (classes | around) & REAL:
        classes.add("false")
    if "deny" in classes and "false" not in classes and ("role" in classes or _attacker_denies(hits)):
        classes.discard("deny")  # who denies that it was he does not deny the attack
        classes.add("disowned")
    if "deny" in classes and "false" not in classes and _denies_harm(hits):
        classes.discard("deny")  # who denies casualties does not deny the attack
        classes.add("harm_denied")
    if ROCKET in raw:
        classes.add("w_unknown")
    targets = find_targets(scan, patterns, hits, classes | around, beyond)
    assign_roles(scan, patterns, hits, targets)
    if own_act(patterns, hits, targets):
        classes.add("own_act")
    return Sentence(
        bullet=raw.lstrip().startswith(BULLETS),
        index=index,
        start=start,
        end=end,
        position=position,
        hits=hits,
        classes=classes,
        targets=targets,
        times=time_mentions(hits, scan.plain.text, published, patterns.from_suffixes),
        actors=[hit for hit in hits if hit.entry.actor is not None],
        places=[hit for hit in hits if hit.entry.place is not None],
        breaks=scan.clause_breaks[bisect_left(scan.clause_breaks, start) : bisect_left(scan.clause_breaks, end)],
    )


def _denies_harm(hits: Sequence[Hit]) -> bool:
    """Whether what is denied is that people were hurt: a word of harm stands nearer to the denial than any attack."""
    for denial in (hit for hit in hits if "deny" in hit.entry.classes):
        harm = [abs(hit.start - denial.start) for hit in hits if hit.entry.classes & HARM]
        told = [abs(hit.start - denial.start) for hit in hits if hit.entry.classes & TOLD]
        if not harm or not told or min(harm) >= min(told):
            return False
    return True


def _attacker_denies(hits: Sequence[Hit]) -> bool:
    """Whether an attacker stands right beside the word that denies: it says that it was not he."""
    denying = [hit for hit in hits if "deny" in hit.entry.classes]
    return any(
        -1 <= hit.start - actor.word_end <= DENIER_REACH or -1 <= actor.start - hit.word_end <= DENIER_REACH
        for hit in denying
        for actor in hits
        if actor.entry.actor is not None and actor.entry.actor not in NAMELESS
    )


def _counting_word(text: str, start: int, armed: Collection[int], joiners: Collection[str]) -> tuple[int, int]:
    """The word before a noun of attack, weapons and "and" between them left out ("38 drone and rocket attacks")."""
    end = start - 1
    begin = text.rfind(" ", 0, end) + 1
    for _ in range(COUNT_REACH):
        if begin not in armed and text[begin:end] not in joiners:
            break
        end = begin - 1
        begin = text.rfind(" ", 0, end) + 1
    return begin, end


def _counts_attacks(scan: Scan, hits: Sequence[Hit], joiners: Collection[str]) -> bool:
    """Whether a number stands right before a noun of attack ("27 attacks"), not as part of a date or an hour."""
    text = scan.plain.text
    dated = [hit.word_end for hit in hits if hit.entry.month is not None]
    named = [(hit.start, hit.word_end) for hit in hits if hit.entry.site is not None]  # "Tower 22 attack"
    armed = {hit.start for hit in hits if hit.entry.classes & WEAPONS}
    for hit in hits:
        if "attack" not in hit.entry.classes:
            continue
        begin, end = _counting_word(text, hit.start, armed, joiners)
        number = text[begin:end].lstrip("لب")  # "to 92", glued in Arabic
        if not (number.isdigit() and len(number) <= 3 and int(number) >= MANY):
            continue
        if any(start <= begin < end for start, end in named):
            continue
        before = scan.raw[max(0, scan.plain.offsets[begin] - 1)]
        if before not in ":.-/" and not any(0 <= begin - end <= 2 for end in dated):
            return True
    return False


def _counts_times(scan: Scan, hits: Sequence[Hit], classes: set[str]) -> bool:
    """ "targeted 13 times": a number of four or more right before a word for "times"."""
    if not classes & ATTACK:
        return False
    text = scan.plain.text
    for hit in hits:
        if "times" in hit.entry.classes:
            number = text[text.rfind(" ", 0, hit.start - 1) + 1 : hit.start - 1]
            if number.isdigit() and int(number) >= MANY:
                return True
    return False


def _names_a_past_year(text: str, hits: Sequence[Hit], published: date) -> bool:
    """Whether a year gone by stands in a sentence without any month ("in 2020"); months are read as dates."""
    if any(hit.entry.month is not None or hit.entry.jalali is not None for hit in hits):
        return False
    return any(1990 <= int(year) < published.year for year in _YEAR.findall(text))
