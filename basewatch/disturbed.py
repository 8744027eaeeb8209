"""A corpus as real life would have sent it: shuffled within hours, doubled by syndication, edited after publication.

For ``replay --shuffle``, ``--syndicate`` and ``--edit``: the labelled incidents stay the same, so the same must be
found, and nobody may be told more.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from basewatch.corpus import CorpusArticle

SHUFFLED_WITHIN = timedelta(hours=3)
MIRROR_AFTER = timedelta(hours=1)
EDIT_AFTER = timedelta(minutes=30)
EDITED_SHARE = 10  #: one article in so many is edited


def disturbed(
    corpus: Sequence[CorpusArticle], *, shuffle: int | None = None, syndicate: bool = False, edit: bool = False
) -> list[CorpusArticle]:
    """The corpus with these disturbances, in order of publication, ties by id. ``shuffle`` is the seed of chance."""
    lines = list(corpus)
    if shuffle is not None:
        lines = shuffled(lines, shuffle)
    if syndicate:
        lines = syndicated(lines)
    if edit:
        lines = edited(lines)
    return sorted(lines, key=lambda line: (line.at, line.id))


def shuffled(corpus: Iterable[CorpusArticle], seed: int) -> list[CorpusArticle]:
    """Each article up to three hours later than it was; those of a day without an hour stay where they are."""
    chance = random.Random(seed)  # noqa: S311 - chance that can be repeated, no secret
    longest = int(SHUFFLED_WITHIN / timedelta(minutes=1))
    return [
        line
        if line.date_only
        else replace(line, published_at=line.published_at + timedelta(minutes=chance.randint(0, longest)))
        for line in corpus
    ]


def syndicated(corpus: Iterable[CorpusArticle]) -> list[CorpusArticle]:
    """Each article, and an hour later the same words under another masthead."""
    made = []
    for line in corpus:
        made.append(line)
        mirror = replace(line, id=f"{line.id}-copy", url=f"{line.url}-copy", outlet=f"{line.outlet} mirror")
        made.append(replace(mirror, published_at=line.published_at + MIRROR_AFTER))
    return made


def edited(corpus: Iterable[CorpusArticle]) -> list[CorpusArticle]:
    """One article in ten gets another headline and a sentence more half an hour later, at the same address."""
    made = []
    for number, line in enumerate(corpus):
        made.append(line)
        if number % EDITED_SHARE == 0:
            newer = replace(
                line, id=f"{line.id}-edit", title=f"{line.title} (updated)", text=f"{line.text}\n\nMore follows."
            )
            made.append(replace(newer, published_at=line.published_at + EDIT_AFTER))
    return made
