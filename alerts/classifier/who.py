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


def claimed_by(sentences: Sequence[Sentence]) -> tuple[str | None, Hit | None]:
    """The actor whose claim of responsibility is passed on, and where it is named."""
    for sentence in sentences:
        if not sentence.actors or "claim" not in sentence.classes or "noclaim" in sentence.classes:
            continue
        if sentence.classes & {"threat"} and not sentence.classes & {"attack", "attack_verb"}:
            continue
        claims = [hit for hit in sentence.hits if "claim" in hit.entry.classes]
        for actor in sentence.actors:
            if any(_gap(actor, claim) <= CLAIM_REACH for claim in claims) and not _blamed(sentence, actor):
                return actor.entry.actor, actor
    return None, None


def attributed_to(sentences: Sequence[Sentence]) -> tuple[str | None, Hit | None]:
    """The actor that is blamed for the attack."""
    for sentence in sentences:
        for actor in sentence.actors:
            if _blamed(sentence, actor):
                return actor.entry.actor, actor
    return None, None


def _blamed(sentence: Sentence, actor: Hit) -> bool:
    return any("blame" in hit.entry.classes and _gap(actor, hit) <= 40 for hit in sentence.hits)


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
