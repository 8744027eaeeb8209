"""Who claims it and who is blamed for it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from alerts.classifier.days import BACKGROUND
from alerts.classifier.scan import Hit, Scan
from alerts.classifier.sentences import NAMELESS, Sentence
from alerts.classifier.targets import WEAPONS

CLAIM_REACH = 90  #: characters between an actor and its claim
#: states and armies of which reports mostly speak: their claim needs a word of claiming close by
SPOKEN_OF = frozenset({"iran", "isis", "al-qaeda", "lebanese-hezbollah", "turkish-armed-forces", "wagner"})
SAYS_REACH = 40  #: characters between a speaker and its verb
APART_REACH = 160  #: the same where the verb ends the sentence
STRUCK_REACH = 12  #: the same for a claim, where the sentence tells of strikes on the actor
STATEMENT_REACH = 24  #: characters between a name and the colon behind "statement No. 61"
VERB_REACH = 10  #: characters between a verb and its subject ("struck the fighters of …")
TOLD = frozenset({"boast", "attack", "attack_verb", "passive", "launch", "claim"})


def claimed_by(scan: Scan, sentences: Sequence[Sentence], *, several: bool = False) -> tuple[str | None, Hit | None]:
    """The actor whose claim of responsibility is passed on, and where it is named.

    ``several``: the article tells several attacks, so that a claim of "the attacks" is of them.
    A claim that names nobody ("our fighters struck …") is that of the actor named just before.
    """
    before: Hit | None = None
    innocent = {a.entry.actor for s in sentences if s.classes & {"noclaim", "disowned"} for a in s.actors}
    for sentence in sentences:
        actors = [a for a in sentence.actors if a.entry.actor not in NAMELESS and not _is_foe(sentence, a)]
        actors = [a for a in actors if a.entry.actor not in innocent]
        if not sentence.classes & {"noclaim", "deny"}:
            for actor in actors:
                if _claims(scan, sentence, actor, several=several):
                    return actor.entry.actor, actor
            if not actors and before is not None and "boast" in sentence.classes:
                return before.entry.actor, before
        before = actors[0] if actors else before
    return None, None


def _claims(scan: Scan, sentence: Sentence, actor: Hit, *, several: bool) -> bool:
    """Whether the actor itself says in this sentence that it attacked."""
    if not sentence.classes & (TOLD | WEAPONS):
        return False
    near = [h for h in sentence.hits if "claim" in h.entry.classes and _gap(actor, h) <= STRUCK_REACH]
    if _blamed(sentence, actor) and not near:
        return False
    if "threat" in sentence.classes and not any(t.day is not None for t in sentence.times):
        return False
    if sentence.position != "body" and (_announces(scan, sentence, actor) or _signs(scan, sentence, actor)):
        return True
    if not sentence.classes & TOLD:
        return False
    spoken_of = actor.entry.actor in SPOKEN_OF
    if _tells_own(scan, sentence, actor) and not spoken_of:
        return True
    far = SAYS_REACH if spoken_of else APART_REACH if scan.order == "sov" else CLAIM_REACH
    if "ownstrike" in sentence.classes:
        far = min(far, STRUCK_REACH)  # "strikes on the group after an attack that …"
    says = CLAIM_REACH if _is_described(scan, actor) else SAYS_REACH
    if spoken_of or (sentence.position == "body" and not _plain(sentence, several=several)):
        says = -1
    return any(_is_word_of(scan, sentence, actor, hit, (far, says)) for hit in sentence.hits)


def _is_word_of(scan: Scan, sentence: Sentence, actor: Hit, hit: Hit, reach: tuple[int, int]) -> bool:
    """Whether a word claims for the actor; ``reach``: how far off a word of claiming and one of saying may stand."""
    classes = hit.entry.classes
    far, says = reach
    behind = hit.start - actor.word_end
    if "claim" in classes and "say" in classes:
        far = far if actor.entry.actor not in SPOKEN_OF else min(far, STRUCK_REACH)
        if _gap(actor, hit) <= far and _is_subject(scan, sentence, actor, hit):
            return True
    elif "claim" in classes and _gap(actor, hit) <= far:
        return True
    if "say" in classes and 0 <= behind <= says:
        return True
    return "boast" in classes and (0 <= behind <= SAYS_REACH or -STRUCK_REACH <= behind < 0)


def _is_subject(scan: Scan, sentence: Sentence, actor: Hit, verb: Hit) -> bool:
    """Whether a verb that announces ("أعلنت", "duyurdu") is the actor's rather than somebody else's."""
    if any(t.protected and t.role == "speaker" for t in sentence.targets):
        return False
    if scan.order != "vso" or verb.word_end <= actor.start:
        return True
    at = bisect_left(scan.clause_breaks, actor.word_end)
    return at >= len(scan.clause_breaks) or scan.clause_breaks[at] >= verb.start


def _is_described(scan: Scan, actor: Hit) -> bool:
    """Whether a clause that describes the actor parts it from its verb ("the group, which …, said")."""
    _, end = scan.plain.span(actor.start, actor.word_end)
    return any(mark in scan.raw[end : end + 3] for mark in ",،")


def _plain(sentence: Sentence, *, several: bool) -> bool:
    """Whether a sentence of the body may tell the attack of the article, and nothing of others or of other days."""
    others = any(t.kind in ("other", "ship") for t in sentence.targets)
    aside = BACKGROUND | {"response", "ownstrike", "threat", "condemn"}
    return not others and not sentence.classes & (aside if several else aside | {"plural"})


def _tells_own(scan: Scan, sentence: Sentence, actor: Hit) -> bool:
    """Whether the headline tells of the actor as of one that struck: by its verb, where the language puts it."""
    if sentence.position != "title":
        return False
    verbs = [h for h in sentence.hits if "attack_verb" in h.entry.classes and "attack" not in h.entry.classes]
    if scan.order == "sov":
        first = next((h for h in sentence.hits if h.entry.classes or h.entry.site or h.entry.actor), None)
        aimed = any(t.protected and t.role == "patient" and t.start > actor.word_end for t in sentence.targets)
        return first is actor and aimed and any(h.start > actor.word_end for h in verbs)
    if scan.order == "vso" and any(0 <= actor.start - h.word_end <= VERB_REACH for h in verbs):
        return not sentence.classes & {"passive", "ownstrike"}
    return any(0 <= h.start - actor.word_end <= 2 for h in verbs)


def _announces(scan: Scan, sentence: Sentence, actor: Hit) -> bool:
    """ "IRGC: we struck …", "IRGC statement No. 61: …": a colon right behind the name, or behind its statement."""
    _, end = scan.plain.span(actor.start, actor.word_end)
    if ":" in scan.raw[end : end + 2]:
        return True
    colon = scan.raw.find(":", end, end + STATEMENT_REACH)
    stated = any("say" in h.entry.classes and 0 <= h.start - actor.word_end <= 2 for h in sentence.hits)
    return colon > 0 and stated and "\n" not in scan.raw[end:colon]


def _signs(scan: Scan, sentence: Sentence, actor: Hit) -> bool:
    """Whether a flash bears the name of the actor as its tag, and names no source."""
    start, _ = scan.plain.span(actor.start, actor.word_end)
    tagged = sentence.position == "title" and scan.raw[start - 1 : start] == "#"
    cited = sentence.classes & {"source", "official", "authority", "media", "say"}
    return tagged and actor.entry.actor not in SPOKEN_OF and not cited


def _is_foe(sentence: Sentence, actor: Hit) -> bool:
    """ "the coalition against ISIS": named as whom others fight."""
    return any(
        "coalition" in hit.entry.classes and 0 <= actor.start - hit.word_end <= SAYS_REACH for hit in sentence.hits
    )


def attributed_to(sentences: Sequence[Sentence]) -> tuple[str | None, Hit | None]:
    """The actor that is blamed for the attack."""
    for sentence in sentences:
        for actor in sentence.actors:
            if _blamed(sentence, actor):
                return actor.entry.actor, actor
    return None, None


def _blamed(sentence: Sentence, actor: Hit) -> bool:
    return any("blame" in hit.entry.classes and _gap(actor, hit) <= SAYS_REACH for hit in sentence.hits)


def _gap(first: Hit, second: Hit) -> int:
    return max(second.start - first.word_end, first.start - second.word_end, 0)
