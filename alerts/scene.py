"""What one article changes among the incidents around it: a value, computed before anything is written.

::

    stored reports nearby + what the article tells now
      | the chain of reports that belong together | clustered anew | compared with what stands
      | incidents made, joined, changed, split, merged
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from alerts.clusters import Constraints, Ref, Refusal, chain_of_sights
from alerts.comparison import TOLD, judge
from alerts.incidents import Plan, PlannedIncident, place
from alerts.places import Places
from alerts.sights import sight
from core.values import Mention


@dataclass(frozen=True, slots=True)
class Change:
    """One incident that changes: its reports before and after."""

    planned: PlannedIncident
    before: tuple[Mention, ...]

    @property
    def incident_id(self) -> int | None:
        """None for an incident to be made."""
        return self.planned.incident_id

    @property
    def after(self) -> tuple[Mention, ...]:
        return self.planned.mentions


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that one article changes."""

    changes: tuple[Change, ...]
    merges: dict[int, int]  #: an incident that ends -> the one that has its reports now
    before: dict[int, tuple[Mention, ...]]  #: the reports of every incident nearby, as they stood
    refusals: tuple[Refusal, ...]
    unplaced: tuple[Mention, ...]

    def splits(self) -> dict[int, list[Change]]:
        """For each incident that loses reports to new ones: those new ones."""
        parts: defaultdict[int, list[Change]] = defaultdict(list)
        for change in self.changes:
            if change.planned.split_from is not None and change.planned.split_from not in self.merges:
                parts[change.planned.split_from].append(change)
        return parts


def arrange(
    stored: Sequence[Mention],
    arrivals: Sequence[Mention],
    places: Places,
    *,
    replaced: frozenset[int] = frozenset(),
    constraints: Constraints | None = None,
) -> Scene:
    """What changes when ``arrivals`` come to the reports that are ``stored`` nearby.

    ``replaced``: articles whose stored reports no longer speak, because an edit replaces them. Every stored mention
    carries its incident, and so does an arrival that replaces one; reports that were taken back are left out.
    """
    before: defaultdict[int, list[Mention]] = defaultdict(list)
    for mention in stored:
        if mention.incident_id is not None:
            before[mention.incident_id].append(mention)
    speaking = [mention for mention in stored if mention.article_id not in replaced]
    around = _around(arrivals, speaking, before, replaced, places, constraints)
    plan = place([*around, *arrivals], places, constraints)
    changes = tuple(
        Change(planned, tuple(before.get(planned.incident_id, ())) if planned.incident_id is not None else ())
        for planned in plan.incidents
        if _differs(planned, before)
    )
    refusals = [*plan.refusals, *_kept_apart(arrivals, speaking, plan, places, constraints or Constraints())]
    return Scene(
        changes=changes,
        merges=plan.merges,
        before={incident_id: tuple(mentions) for incident_id, mentions in before.items()},
        refusals=tuple(refusals),
        unplaced=plan.unplaced,
    )


def _around(
    arrivals: Sequence[Mention],
    speaking: Sequence[Mention],
    before: dict[int, list[Mention]],
    replaced: frozenset[int],
    places: Places,
    constraints: Constraints | None,
) -> list[Mention]:
    """The stored mentions to cluster anew: the chain of the arrivals, whole incidents at a time."""
    touched = {m.incident_id for mentions in before.values() for m in mentions if m.article_id in replaced}
    known = [sight(m, places) for m in speaking]
    start = [sight(m, places) for m in arrivals] + [s for s in known if s.mention.incident_id in touched]
    taken: set[Ref] = {s.ref for s in start[len(arrivals) :]}
    while True:
        others = [s for s in known if s.ref not in taken]
        reached = chain_of_sights(start, others, places, constraints)
        incidents = {s.mention.incident_id for s in (*reached, *start)} - {None}
        whole = [s for s in others if s.mention.incident_id in incidents]
        start = list({s.ref: s for s in (*reached, *whole)}.values())
        if not start:
            return [s.mention for s in known if s.ref in taken]
        taken |= {s.ref for s in start}


def _kept_apart(
    arrivals: Sequence[Mention], speaking: Sequence[Mention], plan: Plan, places: Places, constraints: Constraints
) -> Iterator[Refusal]:
    """For each arrival, why it is not in the incidents nearby that it could have meant: one reason for each of them."""
    others = [(m.incident_id, sight(m, places)) for m in speaking if m.incident_id is not None]
    for arrival in arrivals:
        mine = sight(arrival, places)
        home = plan.home_of(mine.ref)
        together = {(m.article_id, m.index) for m in home.mentions} if home is not None else set()
        told: set[int | None] = {home.incident_id} if home is not None else set()
        for incident_id, other in others:
            if incident_id in told or other.ref in together:
                continue
            if frozenset((mine.ref, other.ref)) in constraints.cannot_link:
                reason = "cannot-link"
            else:
                reason = judge(mine, other, places).reason
            if reason in TOLD:
                told.add(incident_id)
                yield Refusal(mine.ref, other.ref, reason)


def _differs(planned: PlannedIncident, before: dict[int, list[Mention]]) -> bool:
    """Whether the planned incident holds other reports, or other versions of them, than the stored one."""
    if planned.incident_id is None:
        return True
    return _shape(planned.mentions) != _shape(before.get(planned.incident_id, ()))


def _shape(mentions: Iterable[Mention]) -> set[tuple[int, int, int]]:
    return {(m.article_id, m.version, m.index) for m in mentions}
