"""Who claims it, who is blamed for it, and whose word the report passes on."""

from __future__ import annotations

from collections.abc import Sequence

from alerts.classifier.frames import Sentence
from alerts.classifier.scan import Hit, Scan
from core.values import Origin, OriginKind

CLAIM_REACH = 90  #: characters between an actor and its claim
CITED = (
    ("official", OriginKind.OFFICIAL),
    ("unnamed", OriginKind.UNNAMED_OFFICIAL),
    ("source", OriginKind.SOURCE),
    ("media", OriginKind.MEDIA),
)


#: groups that reports speak of but that never speak themselves: no claim is theirs
NAMELESS = frozenset({"unknown-militia", "iranian-backed-militias-syria", "pmf", "assad-government-forces"})
SAYS_REACH = 40  #: characters between a speaker and its verb


def claimed_by(sentences: Sequence[Sentence]) -> tuple[str | None, Hit | None]:
    """The actor whose claim of responsibility is passed on, and where it is named.

    A claim that names nobody ("our fighters struck …") is that of the actor named just before.
    """
    before: Hit | None = None
    for sentence in sentences:
        actors = [a for a in sentence.actors if a.entry.actor not in NAMELESS and not _is_foe(sentence, a)]
        if not sentence.classes & {"noclaim", "deny"}:
            for actor in actors:
                if _claims(sentence, actor):
                    return actor.entry.actor, actor
            if not actors and before is not None and sentence.classes & {"boast"}:
                return before.entry.actor, before
        before = actors[0] if actors else before
    return None, None


def _claims(sentence: Sentence, actor: Hit) -> bool:
    """Whether the actor itself says in this sentence that it attacked."""
    if _blamed(sentence, actor) or not sentence.classes & {"attack", "attack_verb", "passive", "launch", "claim"}:
        return False
    threat = "threat" in sentence.classes and not any(t.day is not None for t in sentence.times)
    if threat:
        return False
    for hit in sentence.hits:
        if "claim" in hit.entry.classes and _gap(actor, hit) <= CLAIM_REACH:
            return True
        if "say" in hit.entry.classes and 0 <= hit.start - actor.word_end <= SAYS_REACH:
            return True
        if hit.entry.classes & {"attack_verb", "boast"} and 0 <= hit.start - actor.word_end <= SAYS_REACH // 4:
            return sentence.position == "title" or "boast" in hit.entry.classes
    return False


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


def origins_of(scan: Scan, sentences: Sequence[Sentence], claimant: str | None) -> tuple[Origin, ...]:
    """Whom the sentences cite, in order of appearance, each once."""
    found: dict[str, Origin] = {}
    if claimant is not None:
        origin = Origin(kind=OriginKind.ATTACKER, name=claimant)
        found[origin.key] = origin
    for sentence in sentences:
        if not sentence.classes & {"say", "claim"}:
            continue
        for hit in sentence.hits:
            for name, kind in CITED:
                if name in hit.entry.classes:
                    start, end = scan.plain.span(hit.start, hit.word_end)
                    origin = Origin(kind=kind, name=scan.raw[start:end])
                    found.setdefault(origin.key, origin)
                    break
    return tuple(found.values())
