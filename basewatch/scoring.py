"""How well the incidents found match the labelled ones: B-cubed, missed, false, alerts an incident; and each mistake.

B-cubed (Bagga and Baldwin 1998): for each mention, the share of its found cluster that belongs with it (precision) and
the share of its true cluster that it is found with (recall), averaged over mentions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from basewatch.pairing import pair_attacks
from core.values import Attack


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One article with what is labelled and what was found in it."""

    article: str
    title: str
    labelled: tuple[Attack, ...]
    incident_ids: tuple[str, ...]  #: of ``labelled``
    found: tuple[Attack, ...]
    incidents: tuple[str | None, ...]  #: public id of each found attack's incident; None where it made none


@dataclass(frozen=True, slots=True)
class Item:
    """One mention: an attack as one article tells it, labelled, found or both."""

    article: str
    truth: str | None  #: labelled incident
    found: str | None  #: incident that Basewatch made


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The figures of ``replay`` about incidents."""

    true: int
    found: int
    missed: int
    false: int
    alerts_per_incident: float
    bcubed_precision: float
    bcubed_recall: float
    bcubed_f1: float
    detail: tuple[dict[str, Any], ...] = field(default=())


def items(told: Iterable[Told], sites: Collection[str]) -> list[Item]:
    """The mentions of these articles: pairs, then labelled attacks not found, then found ones not labelled."""
    made: list[Item] = []
    for one in told:
        pairs = pair_attacks(one.labelled, one.found, sites)
        left, right = {i for i, _ in pairs}, {j for _, j in pairs}
        made.extend(Item(one.article, one.incident_ids[i], one.incidents[j]) for i, j in pairs)
        made.extend(Item(one.article, one.incident_ids[i], None) for i in range(len(one.labelled)) if i not in left)
        made.extend(Item(one.article, None, one.incidents[j]) for j in range(len(one.found)) if j not in right)
    return made


def bcubed(made: Sequence[Item]) -> tuple[float, float, float]:
    """Precision, recall and F1; an unpaired mention is a cluster of its own. 1.0 for no mentions."""
    if not made:
        return 1.0, 1.0, 1.0
    found: dict[Hashable, set[int]] = defaultdict(set)
    truth: dict[Hashable, set[int]] = defaultdict(set)
    for number, item in enumerate(made):
        found[item.found if item.found is not None else number].add(number)
        truth[item.truth if item.truth is not None else number].add(number)
    precision = recall = 0.0
    for number, item in enumerate(made):
        in_found = found[item.found if item.found is not None else number]
        in_truth = truth[item.truth if item.truth is not None else number]
        shared = len(in_found & in_truth)
        precision += shared / len(in_found)
        recall += shared / len(in_truth)
    precision, recall = precision / len(made), recall / len(made)
    return precision, recall, 2 * precision * recall / (precision + recall)


def score(told: Sequence[Told], alerts: Mapping[str, int], sites: Collection[str]) -> Score:
    """The figures; ``alerts`` holds the notices of kind new for each public id, merged ids counted with their winner.

    A labelled incident is missed when no new notice told it; a new notice is false when its incident holds no labelled
    attack. ``alerts_per_incident``: new notices of the incidents that hold a labelled one, averaged over those told.
    """
    made = items(told, sites)
    homes: dict[str, set[str]] = defaultdict(set)
    held: dict[str, set[str]] = defaultdict(set)
    for item in made:
        if item.truth is not None:
            homes[item.truth] |= {item.found} if item.found is not None else set()
        if item.truth is not None and item.found is not None:
            held[item.found].add(item.truth)
    alerted = {truth: sum(alerts.get(home, 0) for home in there) for truth, there in homes.items()}
    heard = [count for count in alerted.values() if count]
    precision, recall, f1 = bcubed(made)
    return Score(
        true=len(homes),
        found=len({item.found for item in made if item.found is not None}),
        missed=len(homes) - len(heard),
        false=sum(count for home, count in alerts.items() if home not in held),
        alerts_per_incident=sum(heard) / len(heard) if heard else 0.0,
        bcubed_precision=precision,
        bcubed_recall=recall,
        bcubed_f1=f1,
        detail=tuple(_mistakes(made, homes, held, alerted, alerts)),
    )


def _mistakes(
    made: Sequence[Item],
    homes: Mapping[str, set[str]],
    held: Mapping[str, set[str]],
    alerted: Mapping[str, int],
    alerts: Mapping[str, int],
) -> Iterable[dict[str, Any]]:
    """Every merge error, split, miss and false alert, with the articles that show it."""
    for truth in sorted(homes):
        articles = sorted({item.article for item in made if item.truth == truth})
        if not alerted[truth]:
            why = "no incident" if not homes[truth] else "no new notice"
            yield {"error": "missed", "incident": truth, "why": why, "articles": articles}
        if len(homes[truth]) > 1:
            parts = {home: sorted(_articles(made, home, truth)) for home in sorted(homes[truth])}
            yield {"error": "split", "incident": truth, "parts": parts}
        if alerted[truth] > 1:
            yield {"error": "alerted-twice", "incident": truth, "alerts": alerted[truth]}
    for home in sorted(held):
        if len(held[home]) > 1:
            parts = {truth: sorted(_articles(made, home, truth)) for truth in sorted(held[home])}
            yield {"error": "merged", "found": home, "parts": parts}
    for home, count in sorted(alerts.items()):
        if home not in held and count:
            yield {"error": "false", "found": home, "articles": sorted({i.article for i in made if i.found == home})}
    lost = sorted({item.article for item in made if item.truth is not None and item.found is None})
    for article in lost:
        unpaired = sorted(item.truth for item in made if item.article == article and item.found is None and item.truth)
        yield {"error": "attack-not-found", "article": article, "incidents": unpaired}


def _articles(made: Sequence[Item], home: str, truth: str) -> set[str]:
    return {item.article for item in made if item.found == home and item.truth == truth}
