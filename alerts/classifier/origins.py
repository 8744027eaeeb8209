"""Whose word a report passes on: a named body with authority, an official without a name, a source, another outlet."""

from __future__ import annotations

from collections.abc import Sequence

from alerts.classifier.patterns import ARTICLE
from alerts.classifier.scan import Hit, Scan
from alerts.classifier.sentences import Sentence
from core.values import Origin, OriginKind

OTHERS = (
    ("unnamed", OriginKind.UNNAMED_OFFICIAL),
    ("source", OriginKind.SOURCE),
    ("media", OriginKind.MEDIA),
    ("official", OriginKind.UNNAMED_OFFICIAL),
)
SPEAKS = frozenset({"say", "claim", "deny", "intercept", "condemn"})  #: what a body that is cited does
SPEAKS_REACH = 60  #: characters between a body and its verb ("the Ministry of Defence in Kuwait City said")
OF_REACH = 5  #: "Kuwaiti army", "وزارة الدفاع الكويتية", "army of Kuwait": characters between body and country
PERSON_BEFORE, PERSON_AFTER = 12, 2  #: "a source in the Pentagon", "US military official"
GROUP_REACH = 30  #: "the spokesman of <group>": that spokesman is no official


def origins_of(
    scan: Scan, sentences: Sequence[Sentence], claimant: str | None, country: str | None = None
) -> tuple[Origin, ...]:
    """Whom the sentences cite, in order of appearance, each once. ``country``: where the attack was.

    Only a body that is named makes an OFFICIAL: the protected side's own command, or one of the country of the attack.
    """
    found: dict[str, Origin] = {}

    def add(kind: OriginKind, name: str) -> None:
        origin = Origin(kind=kind, name=" ".join(name.split()))
        found.setdefault(origin.key, origin)

    if claimant is not None:
        add(OriginKind.ATTACKER, claimant)
    for sentence in sentences:
        for hit in sentence.hits:
            body = _body(scan, sentence, hit, country)
            if body is not None:
                if _speaks(scan, sentence, hit) and not _of_a_person(sentence, hit):
                    add(OriginKind.OFFICIAL, _name(scan, *body))
                continue
            kind = _other(sentence, hit)
            if kind is not None and sentence.classes & {"say", "claim"}:
                add(kind, _name(scan, hit.start, hit.word_end))
    return tuple(found.values())


def _name(scan: Scan, start: int, end: int) -> str:
    """The words as the report has them, with the article that a pattern does without."""
    if scan.plain.text[max(0, start - len(ARTICLE)) : start] == ARTICLE:
        start -= len(ARTICLE)
    begin, stop = scan.plain.span(start, end)
    return scan.raw[begin:stop]


def _body(scan: Scan, sentence: Sentence, hit: Hit, country: str | None) -> tuple[int, int] | None:
    """Span of the name of a body with authority of which the hit is part: by itself, or with the country beside it."""
    classes = hit.entry.classes
    if not classes & {"command", "authority", "body"}:
        return None
    beside = [other for other in sentence.hits if other is not hit and _adjoins(scan, hit, other)]
    ours = [other for other in beside if "protected" in other.entry.classes]
    if classes & {"command", "authority"}:
        return _span(hit, *ours)
    if "body" not in classes:
        return None
    theirs = [other for other in beside if _is_of(other, country)]
    return _span(hit, *(theirs or ours)[:1]) if theirs or ours else None


def _adjoins(scan: Scan, hit: Hit, other: Hit) -> bool:
    """Whether two words stand beside each other with no comma or colon between."""
    low, high = sorted((hit.start, other.start))
    return _gap(hit, other) <= OF_REACH and not any(low < clause <= high for clause in scan.clause_breaks)


def _is_of(hit: Hit, country: str | None) -> bool:
    place = (hit.entry.place or "").partition("/")[0]
    return bool(place) and place == country


def _span(*hits: Hit) -> tuple[int, int]:
    return min(hit.start for hit in hits), max(hit.word_end for hit in hits)


def _speaks(scan: Scan, sentence: Sentence, hit: Hit) -> bool:
    """Whether a body says something here, rather than being named or hit."""
    end = scan.plain.span(hit.start, hit.word_end)[1]
    if ":" in scan.raw[end : end + 2]:
        return True
    return any(other.entry.classes & SPEAKS and _gap(hit, other) <= SPEAKS_REACH for other in sentence.hits)


def _of_a_person(sentence: Sentence, hit: Hit) -> bool:
    """ "a source in the Pentagon", "a US military official who was not named": nobody's name stands for the word."""
    for other in sentence.hits:
        if not other.entry.classes & {"unnamed", "source"} or "command" in other.entry.classes:
            continue
        if 0 <= hit.start - other.word_end <= PERSON_BEFORE or 0 <= other.start - hit.word_end <= PERSON_AFTER:
            return True
        if other.start < hit.word_end and hit.start < other.word_end:
            return True
    return False


def _other(sentence: Sentence, hit: Hit) -> OriginKind | None:
    classes = hit.entry.classes
    kind = next((kind for name, kind in OTHERS if name in classes), None)
    generic = kind is OriginKind.UNNAMED_OFFICIAL and "unnamed" not in classes
    if generic and (classes & {"body", "force"} or any(_gap(hit, actor) <= GROUP_REACH for actor in sentence.actors)):
        return None
    return kind


def _gap(first: Hit, second: Hit) -> int:
    return max(second.start - first.word_end, first.start - second.word_end, 0)
