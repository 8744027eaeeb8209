"""What an incident is, given its reports; and which incident each report belongs to, given those that exist.

Pure: mentions in, values out. ``summarise`` folds the reports of one incident into its facts. ``place`` clusters new
mentions with their neighbourhood and says which incidents are made, joined, merged and split, and why.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date as Date
from datetime import datetime, timedelta
from typing import TypeVar

from alerts.clusters import Cluster, Constraints, Link, Ref, Refusal, cluster
from alerts.places import Places
from alerts.status import AUTHORITY, Certainty, authority, certainty
from core.documents import Casualties
from core.values import OTHER_NAMED, UNNAMED, Attack, Kind, Mention, OriginKind, Outcome, Weapon

LUMP = timedelta(hours=30)  #: a claim over more time than this tells of many attacks: a claim batch, never an incident

T = TypeVar("T")

#: fields of Attack by whose casualties they count
_HARM = (
    ("killed", "us_coalition", "killed"),
    ("injured", "us_coalition", "injured"),
    ("killed_others", "others", "killed"),
    ("injured_others", "others", "injured"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentState:
    """The facts of one incident, folded from its reports."""

    certainty: Certainty
    base: str = UNNAMED
    place: str | None = None
    country: str | None = None
    kind: Kind | None = None
    event_from: datetime | None = None
    event_to: datetime | None = None
    local_date: Date | None = None
    weapons: tuple[Weapon, ...] = ()
    count_low: int | None = None
    count_high: int | None = None
    outcome: Outcome = Outcome.UNKNOWN
    casualties: tuple[Casualties, ...] = ()
    claimed_by: str | None = None
    attributed_to: str | None = None
    first_reported_at: datetime
    first_seen_at: datetime
    report_count: int = 1
    outlet_count: int = 1

    def harm(self, whose: str, kind: str) -> Casualties | None:
        """The range for those people, or None where nothing is stated."""
        return next((entry for entry in self.casualties if (entry.whose, entry.kind) == (whose, kind)), None)


def is_claim_batch(attack: Attack) -> bool:
    """Whether the attack is a lump claim ("29 operations in 24 hours"): no site and more than a day of time."""
    if attack.base != UNNAMED or attack.event_from is None or attack.event_to is None:
        return False
    return attack.event_to - attack.event_from > LUMP


def summarise(
    mentions: Iterable[Mention],
    places: Places,
    *,
    retracted: frozenset[int] = frozenset(),
    families: Mapping[str, str] | None = None,
) -> IncidentState:
    """The incident that these reports make. Raises ValueError for no reports.

    Where reports disagree, the word with most authority counts, then what most families say, then what was said first;
    casualties and counts are kept as ranges.
    """
    ordered = sorted(mentions, key=lambda m: (m.known_at, m.outlet, m.article_id, m.index))
    if not ordered:
        raise ValueError("an incident has at least one report")
    saying = [m for m in ordered if not m.attack.denied and m.article_id not in retracted] or ordered
    base = _choose(saying, lambda a: a.base if places.is_site(a.base) else None)
    base = base or (OTHER_NAMED if any(m.attack.base == OTHER_NAMED for m in saying) else UNNAMED)
    on_base = [m for m in saying if m.attack.base == base]
    site = places.site(base)
    timed = min((m for m in saying if m.attack.event_from is not None), key=_window, default=None)
    counts = [m.attack.count for m in saying if m.attack.count is not None]
    return IncidentState(
        certainty=certainty(ordered, retracted, families),
        base=base,
        place=_choose(on_base, lambda a: a.place) or _choose(saying, lambda a: a.place),
        country=site.country if site is not None else _choose(saying, lambda a: a.country),
        kind=site.kind if site is not None else _choose(saying, lambda a: a.kind),
        event_from=timed.attack.event_from if timed else None,
        event_to=timed.attack.event_to if timed else None,
        local_date=_choose([m for m in saying if not m.attack.date_inferred], lambda a: a.date)
        or _choose(saying, lambda a: a.date),
        weapons=_weapons(saying),
        count_low=min(counts, default=None),
        count_high=max(counts, default=None),
        outcome=_choose(saying, lambda a: None if a.outcome is Outcome.UNKNOWN else a.outcome) or Outcome.UNKNOWN,
        casualties=_casualties(saying),
        claimed_by=_choose(saying, lambda a: a.claimed_by),
        attributed_to=_choose(saying, lambda a: a.attributed_to),
        first_reported_at=ordered[0].known_at,
        first_seen_at=min(m.first_seen_at for m in ordered),
        report_count=len({m.article_id for m in ordered}),
        outlet_count=len({m.outlet for m in ordered}),
    )


def _choose(mentions: Sequence[Mention], value: Callable[[Attack], T | None]) -> T | None:
    """The value with most authority behind it, then most families, then said first; None where nobody states one."""
    heard: dict[T, set[str]] = defaultdict(set)
    weight: Counter[T] = Counter()
    for mention in mentions:
        said = value(mention.attack)
        if said is None:
            continue
        if mention.family not in heard[said]:
            heard[said].add(mention.family)
            weight[said] += _VOTE[authority(mention)]
    return max(heard, key=lambda said: weight[said], default=None)  # max keeps the first of equals: said first


#: an official outvotes two others, not three; the attacker's word counts least
_VOTE = {
    AUTHORITY[OriginKind.OFFICIAL]: 5,
    AUTHORITY[OriginKind.UNNAMED_OFFICIAL]: 3,
    AUTHORITY[OriginKind.OUTLET]: 2,
    AUTHORITY[OriginKind.ATTACKER]: 1,
}


def _window(mention: Mention) -> tuple[timedelta, int, datetime]:
    """Orders stated times: the narrowest first, then by authority."""
    start, end = mention.attack.event_from, mention.attack.event_to
    assert start is not None
    return (end - start if end is not None else timedelta(0), -authority(mention), start)


def _weapons(mentions: Sequence[Mention]) -> tuple[Weapon, ...]:
    """Every weapon that a report names; "rocket" and "missile" beside "ballistic missile" say less, and give way."""
    named = {weapon for mention in mentions for weapon in mention.attack.weapons}
    known = named - {Weapon.UNKNOWN}
    if Weapon.BALLISTIC_MISSILE in known:
        known -= {Weapon.MISSILE}
    return tuple(sorted(known or named))


def _casualties(mentions: Sequence[Mention]) -> tuple[Casualties, ...]:
    """A range for each kind of people: over the latest word of each family, from the latest official word upwards."""
    found = []
    for name, whose, kind in _HARM:
        latest: dict[str, int] = {}
        official: int | None = None
        for mention in mentions:
            number: int | None = getattr(mention.attack, name)
            if number is None:
                continue
            latest[mention.family] = number
            if authority(mention) == AUTHORITY[OriginKind.OFFICIAL]:
                official = number
        if latest:
            low = official if official is not None else min(latest.values())
            found.append(Casualties(whose=whose, kind=kind, low=low, high=max(low, *latest.values())))
    return tuple(found)


# -- which incident a report belongs to ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Decision:
    """Why a report stands where it stands."""

    incident: int | None  #: None for an incident that is made now
    reason: str  #: a stable word
    other: Ref | None = None  #: the report that it joined


@dataclass(frozen=True, slots=True)
class PlannedIncident:
    """One incident as it should be: ``incident_id`` is None where it must be made."""

    incident_id: int | None
    mentions: tuple[Mention, ...]
    decisions: dict[Ref, Decision]
    split_from: int | None = None  #: the incident whose reports it takes with it

    @property
    def arrivals(self) -> tuple[Mention, ...]:
        """Mentions that stand elsewhere, or nowhere, until now."""
        return tuple(m for m in self.mentions if m.incident_id is None or m.incident_id != self.incident_id)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to write so that the stored incidents are those that the reports make."""

    incidents: tuple[PlannedIncident, ...]
    merges: dict[int, int] = field(default_factory=dict)  #: an incident that ends -> the one that has its reports now
    refusals: tuple[Refusal, ...] = ()
    unplaced: tuple[Mention, ...] = ()  #: denials of nothing that is known

    def home_of(self, ref: Ref) -> PlannedIncident | None:
        """The incident that holds this report."""
        return next((planned for planned in self.incidents if ref in planned.decisions), None)


def place(mentions: Iterable[Mention], places: Places, constraints: Constraints | None = None) -> Plan:
    """The incidents that these mentions make; stored ones keep their ids.

    A stored incident goes on in the cluster that holds most of its reports, the oldest id first where several claim one
    cluster; it ends, merged, where no cluster is left for it.
    """
    clustering = cluster(mentions, places, constraints)
    clusters = clustering.clusters
    owner = _owners(clusters)
    incidents = []
    merges: dict[int, int] = {}
    for number, group in enumerate(clusters):
        incident_id = owner.get(number)
        past = Counter(m.incident_id for m in group.mentions if m.incident_id is not None)
        split_from = None
        if incident_id is None and past:
            split_from = min(past, key=lambda i: (-past[i], i))
        decisions = {ref: Decision(incident_id, link.reason, link.other) for ref, link in _links(group)}
        incidents.append(PlannedIncident(incident_id, group.mentions, decisions, split_from))
    kept = set(owner.values())
    for planned in incidents:
        for mention in planned.mentions:
            lost = mention.incident_id
            if lost is not None and lost not in kept and planned.incident_id is not None:
                merges.setdefault(lost, planned.incident_id)
    return Plan(tuple(incidents), merges, clustering.refusals, clustering.unplaced)


def _links(group: Cluster) -> Iterable[tuple[Ref, Link]]:
    return group.links.items()


def _owners(clusters: Sequence[Cluster]) -> dict[int, int]:
    """Which cluster each stored incident goes on in, by number of the cluster."""
    shares: list[tuple[int, int, int]] = []
    for number, group in enumerate(clusters):
        for incident_id, count in Counter(m.incident_id for m in group.mentions if m.incident_id is not None).items():
            shares.append((-count, incident_id, number))
    owner: dict[int, int] = {}
    taken: set[int] = set()
    for _, incident_id, number in sorted(shares):
        if number not in owner and incident_id not in taken:
            owner[number] = incident_id
            taken.add(incident_id)
    return owner
