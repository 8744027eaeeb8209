"""Who claims it and who is blamed for it."""

from __future__ import annotations

from collections.abc import Sequence

from alerts.classifier.scan import Hit, Scan
from alerts.classifier.sentences import NAMELESS, Sentence

CLAIM_REACH = 90  #: characters between an actor and its claim
#: states and armies of which reports mostly speak: their claim needs a word of claiming close by
SPOKEN_OF = frozenset({"iran", "isis", "al-qaeda", "lebanese-hezbollah", "turkish-armed-forces", "wagner"})
SAYS_REACH = 40  #: characters between a speaker and its verb


def claimed_by(scan: Scan, sentences: Sequence[Sentence]) -> tuple[str | None, Hit | None]:
    """The actor whose claim of responsibility is passed on, and where it is named.

    A claim that names nobody ("our fighters struck …") is that of the actor named just before.
    """
    before: Hit | None = None
    for sentence in sentences:
        actors = [a for a in sentence.actors if a.entry.actor not in NAMELESS and not _is_foe(sentence, a)]
        if not sentence.classes & {"noclaim", "deny"}:
            for actor in actors:
                if _claims(scan, sentence, actor):
                    return actor.entry.actor, actor
            if not actors and before is not None and "boast" in sentence.classes:
                return before.entry.actor, before
        before = actors[0] if actors else before
    return None, None


def _claims(scan: Scan, sentence: Sentence, actor: Hit) -> bool:
    """Whether the actor itself says in this sentence that it attacked."""
    if _blamed(sentence, actor) or not sentence.classes & {"attack", "attack_verb", "passive", "launch", "claim"}:
        return False
    if "threat" in sentence.classes and not any(t.day is not None for t in sentence.times):
        return False
    if sentence.position != "body" and _announces(scan, actor):
        return True
    far = SAYS_REACH if actor.entry.actor in SPOKEN_OF else CLAIM_REACH
    for hit in sentence.hits:
        classes = hit.entry.classes
        behind = hit.start - actor.word_end
        if "claim" in classes and _gap(actor, hit) <= far:
            return True
        if "say" in classes and 0 <= behind <= SAYS_REACH and sentence.position != "body":
            return actor.entry.actor not in SPOKEN_OF
        if "boast" in classes and 0 <= behind <= SAYS_REACH:
            return True
        if "attack_verb" in classes and "attack" not in classes and 0 <= behind <= 2:
            return sentence.position == "title" and actor.entry.actor not in SPOKEN_OF
    return False


def _announces(scan: Scan, actor: Hit) -> bool:
    """ "IRGC: we struck …": a colon right behind the name."""
    start, end = scan.plain.span(actor.start, actor.word_end)
    return ":" in scan.raw[end : end + 2] and end > start


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
