"""Labelled attacks against found ones: which of one article's belong together. Used by ``evaluate`` and ``replay``.

The rule (docs/incidents.md): within an article, labelled and found attacks are paired one to one; the same base
decides, then the same date, then the weapons in common, then the order in which they stand. Before that, site ids
outside the corpus's list count as other-named, and no base, an unnamed one and a place that is no site are one value.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from core.values import OTHER_NAMED, UNNAMED, Attack

Pair = tuple[int, int]  #: number of the labelled attack, number of the found one


class Kinship(NamedTuple):
    """How much two attacks have in common; compares field by field."""

    base: bool
    date: bool
    weapons: float  #: share of the weapons named by either that both name


def scored_base(base: str | None, sites: Collection[str]) -> str | None:
    """The base as it is scored: a listed site id, ``other-named``, or None for no base that is named."""
    if base is None or base == UNNAMED:
        return None
    return base if base in sites else OTHER_NAMED


def kinship(labelled: Attack, found: Attack, sites: Collection[str]) -> Kinship:
    """What decides a pair, strongest first."""
    either = set(labelled.weapons) | set(found.weapons)
    both = set(labelled.weapons) & set(found.weapons)
    return Kinship(
        base=scored_base(labelled.base, sites) == scored_base(found.base, sites),
        date=labelled.date == found.date,
        weapons=len(both) / len(either) if either else 1.0,
    )


def pair_attacks(labelled: Sequence[Attack], found: Sequence[Attack], sites: Collection[str]) -> list[Pair]:
    """One-to-one pairs, as many as the shorter side has, in order of the labelled attacks.

    Greedy, the closest kin first; equal kin in the order in which they stand.
    """
    ranked = sorted(
        ((kinship(a, b, sites), -i, -j) for i, a in enumerate(labelled) for j, b in enumerate(found)), reverse=True
    )
    pairs: list[Pair] = []
    for _, i, j in ranked:
        if all(-i != left and -j != right for left, right in pairs):
            pairs.append((-i, -j))
    return sorted(pairs)
