"""Reports into attacks: a deterministic clustering whose result does not depend on the order of arrival.

::

    mentions | named sites among themselves | the unnamed among themselves | each unnamed group to the one site it fits
             | denials to the attack they deny

Within a step, pairs are taken strongest first (ties by what the reports say, never by when they came), and two groups
become one only if no pair across them is kept apart, and what weighs against it weighs less than what joins. Two
reports interact only through a chain of joining pairs, so clustering such a chain alone gives what clustering
everything would.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from alerts.comparison import EARLY_HOURS, Bond, Judgement, judge
from alerts.places import Places
from alerts.sights import Sight, sight
from core.values import Mention

Ref = tuple[int, int]  #: article id and index of the attack within its verdict

FACES = 8  #: reports by which a group is compared with another
CLEAR_MARGIN = 0.75  #: an unnamed report joins the best of several sites only with this much more in common


@dataclass(frozen=True, slots=True)
class Constraints:
    """What people decided: pairs of reports that are one attack, pairs that are not. Obeyed before any fact."""

    must_link: frozenset[frozenset[Ref]] = frozenset()
    cannot_link: frozenset[frozenset[Ref]] = frozenset()


@dataclass(frozen=True, slots=True)
class Link:
    """Why one mention is in its cluster."""

    reason: str  #: "first-report", a word of comparison.py, or "must-link"
    other: Ref | None = None  #: the report that it joined


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one mention did not join a cluster that it could have meant."""

    ref: Ref
    other: Ref
    reason: str


@dataclass(slots=True)
class Cluster:
    """One attack: its mentions in canonical order, with the reason for each."""

    sights: list[Sight]
    links: dict[Ref, Link] = field(default_factory=dict)

    @property
    def mentions(self) -> tuple[Mention, ...]:
        return tuple(s.mention for s in self.sights)

    @property
    def key(self) -> tuple[str, ...]:
        return self.sights[0].key

    @property
    def has_site(self) -> bool:
        return any(s.is_site for s in self.sights)


@dataclass(frozen=True, slots=True)
class Clustering:
    """The attacks found, in canonical order, and the refusals worth telling."""

    clusters: tuple[Cluster, ...]
    refusals: tuple[Refusal, ...]
    unplaced: tuple[Mention, ...] = ()  #: denials of nothing that is known


def cluster(mentions: Iterable[Mention], places: Places, constraints: Constraints | None = None) -> Clustering:
    """The attacks that these mentions tell of; the same for every order of ``mentions``.

    Only the newest version of an article speaks: give only that.
    """
    return _Work(mentions, places, constraints or Constraints()).run()


class _Work:
    """One clustering under way."""

    def __init__(self, mentions: Iterable[Mention], places: Places, constraints: Constraints) -> None:
        self._places, self._constraints = places, constraints
        self._sights = sorted((sight(mention, places) for mention in mentions), key=lambda s: s.key)
        self._judged: dict[tuple[int, int], Judgement] = {}
        self._number = {s.ref: number for number, s in enumerate(self._sights)}
        self._bound = _bound_together(self._constraints.must_link)
        self._home: dict[Ref, Cluster] = {}
        self._clusters: list[Cluster] = []
        self._refusals: list[Refusal] = []

    def run(self) -> Clustering:
        tellers = [s for s in self._sights if not s.attack.denied]
        for s in tellers:
            self._open(s)
        self._obey(tellers)
        self._agglomerate([s for s in tellers if s.is_site])
        self._agglomerate([s for s in tellers if not s.is_site])
        for group in [c for c in self._clusters if not c.has_site]:
            self._adopt(group)
        unplaced = tuple(self._denials())
        self._clusters.sort(key=lambda c: c.key)
        return Clustering(tuple(self._clusters), tuple(self._refusals), unplaced)

    def _open(self, s: Sight) -> Cluster:
        home = Cluster([s], {s.ref: Link("first-report")})
        self._home[s.ref] = home
        self._clusters.append(home)
        return home

    def _obey(self, sights: Sequence[Sight]) -> None:
        """Join what people said is one attack, whatever the facts say."""
        by_ref = {s.ref: s for s in sights}
        for pair in sorted(self._constraints.must_link, key=sorted):
            known = [by_ref[ref] for ref in sorted(pair) if ref in by_ref]
            if len(known) == 2 and self._home[known[0].ref] is not self._home[known[1].ref]:
                self._join(known[0], known[1], "must-link")

    def _agglomerate(self, sights: Sequence[Sight]) -> None:
        """Join the strongest pairs first, wherever nothing keeps their groups apart."""
        pairs = [
            (-judgement.score, a.key, b.key, a, b, judgement.reason)
            for a, b in self._could_join(sights)
            if (judgement := self._judge(a, b)).verdict is Bond.JOIN
        ]
        pairs.sort(key=lambda pair: pair[:3])
        for _, _, _, a, b, reason in pairs:
            if self._home[a.ref] is self._home[b.ref]:
                continue
            obstacle = self._obstacle(self._home[a.ref], self._home[b.ref])
            if obstacle is None:
                self._join(a, b, reason)
            else:
                self._refusals.append(obstacle)

    def _could_join(self, sights: Sequence[Sight]) -> Iterator[tuple[Sight, Sight]]:
        """Pairs of one site, of none, and those that people put together: no other pair joins."""
        by_base: defaultdict[str, list[Sight]] = defaultdict(list)
        for s in sights:
            by_base[s.attack.base if s.is_site else ""].append(s)
        for together in by_base.values():
            yield from _pairs(together)
        known = {s.ref: s for s in sights if s.is_site}
        for pair in self._constraints.must_link:
            a, b = (known.get(ref) for ref in sorted(pair))
            if a is not None and b is not None and a.attack.base != b.attack.base:
                yield a, b

    def _adopt(self, group: Cluster) -> None:
        """Join an unnamed group to the one site that it fits; several that fit alike leave it alone."""
        fits = []
        for home in [c for c in self._clusters if c.has_site]:
            best = self._best_pair(group, home)
            if best is None:
                continue
            obstacle = self._obstacle(group, home)
            if obstacle is None:
                fits.append((best[0], home.key, best))
            else:
                self._refusals.append(obstacle)
        fits.sort(key=lambda fit: (-fit[0], fit[1]))
        if not fits:
            return
        if len(fits) > 1 and fits[0][0] - fits[1][0] < CLEAR_MARGIN:
            _, a, b, _ = fits[0][2]
            self._refusals.append(Refusal(a.ref, b.ref, "ambiguous-site"))
            return
        _, a, b, reason = fits[0][2]
        self._join(a, b, reason)

    def _denials(self) -> Iterator[Mention]:
        """Give each denial to the attack it denies; yields those that deny nothing known."""
        for s in [s for s in self._sights if s.attack.denied]:
            fits = []
            for home in self._clusters:
                best = self._best_pair(Cluster([s]), home)
                if best is not None and _came_after(home, s):
                    self._refusals.append(Refusal(s.ref, best[2].ref, "denied-before-it-happened"))
                elif best is not None and self._obstacle(Cluster([s]), home) is None:
                    fits.append((best[0], home.key, best))
            if not fits:
                yield s.mention
                continue
            fits.sort(key=lambda fit: (-fit[0], fit[1]))
            _, a, b, reason = fits[0][2]
            self._home[s.ref] = Cluster([s], {s.ref: Link("denial")})
            self._clusters.append(self._home[s.ref])
            self._join(a, b, reason)

    def _best_pair(self, group: Cluster, home: Cluster) -> tuple[float, Sight, Sight, str] | None:
        """The strongest joining pair across, as (score, one of group, one of home, reason)."""
        joining = [
            (judgement.score, a, b, judgement.reason)
            for a in _faces(group)
            for b in _faces(home)
            if (judgement := self._judge(a, b)).verdict is Bond.JOIN
        ]
        return max(joining, key=lambda pair: pair[0], default=None)

    def _obstacle(self, left: Cluster, right: Cluster) -> Refusal | None:
        """The first pair across that is kept apart, or that weighs against where joining pairs weigh less; or None."""
        balance = 0.0
        against: Refusal | None = None
        for a in _faces(left):
            for b in _faces(right):
                judgement = self._judge(a, b)
                if judgement.verdict is Bond.APART:
                    if self._is_bridged(a, b, left, right, judgement.reason):
                        continue
                    return Refusal(a.ref, b.ref, judgement.reason)
                if judgement.verdict is not Bond.OPEN:
                    balance += judgement.score
                if judgement.verdict is Bond.AGAINST:
                    against = against or Refusal(a.ref, b.ref, judgement.reason)
        return against if balance < 0 else None

    def _is_bridged(self, a: Sight, b: Sight, left: Cluster, right: Cluster, reason: str) -> bool:
        """Whether both belong to what people put together: one attack, although the facts would forbid it.

        What people joined must not keep out the reports that belong to either half of it.
        """
        if not self._bound or reason in ("cannot-link", "same-article"):
            return False
        together = [s for home in (left, right) for s in home.sights if s.ref in self._bound]
        return any(
            self._bound[one.ref] is self._bound[two.ref] and self._belongs(a, one) and self._belongs(b, two)
            for one in together
            for two in together
        )

    def _belongs(self, s: Sight, bound: Sight) -> bool:
        return s is bound or self._judge(s, bound).verdict is Bond.JOIN

    def _judge(self, a: Sight, b: Sight) -> Judgement:
        left, right = self._number[a.ref], self._number[b.ref]
        pair = (left, right) if left < right else (right, left)
        known = self._judged.get(pair)
        if known is None:
            refs = frozenset((a.ref, b.ref))
            if refs in self._constraints.must_link:
                known = Judgement(Bond.JOIN, "must-link", 100.0)
            elif refs in self._constraints.cannot_link:
                known = Judgement(Bond.APART, "cannot-link")
            else:
                known = judge(self._sights[pair[0]], self._sights[pair[1]], self._places)
            self._judged[pair] = known
        return known

    def _join(self, a: Sight, b: Sight, reason: str) -> None:
        left, right = self._home[a.ref], self._home[b.ref]
        kept, gone = (left, right) if left.key <= right.key else (right, left)
        other = b if gone is self._home[a.ref] else a
        kept.links.update(gone.links)
        for s in gone.sights:
            if kept.links[s.ref].other is None:
                kept.links[s.ref] = Link(reason, other.ref)
            self._home[s.ref] = kept
        kept.sights = sorted([*kept.sights, *gone.sights], key=lambda s: s.key)
        self._clusters = [c for c in self._clusters if c is not gone]


def _came_after(home: Cluster, denial: Sight) -> bool:
    """Whether the attack came after the denial, which then denies another one.

    By its earliest stated hour; without one, by its first report: one that comes within EARLY_HOURS was on its way.
    """
    tellers = [s for s in home.sights if not s.attack.denied]
    hours = [s.at for s in tellers if s.at is not None]
    if hours:
        return min(hours) > denial.known_at
    return min(s.known_at for s in tellers) > denial.known_at + EARLY_HOURS


def _bound_together(pairs: Iterable[frozenset[Ref]]) -> dict[Ref, frozenset[Ref]]:
    """For each report that people put together with others: all that hang together with it."""
    groups: dict[Ref, frozenset[Ref]] = {}
    for pair in pairs:
        group = frozenset(pair).union(*(groups.get(ref, frozenset()) for ref in pair))
        groups |= dict.fromkeys(group, group)
    return groups


def _faces(group: Cluster) -> Sequence[Sight]:
    """The reports by which a group is compared: all of a small one, the first and the last of a large one.

    Thirty relays of one word say no more than eight do, and comparing all of two such groups takes long.
    """
    sights = group.sights
    return sights if len(sights) <= FACES else [*sights[: FACES // 2], *sights[-FACES // 2 :]]


def _pairs(sights: Sequence[Sight]) -> Iterator[tuple[Sight, Sight]]:
    for number, a in enumerate(sights):
        for b in sights[number + 1 :]:
            yield a, b


def chain(
    start: Iterable[Mention], others: Sequence[Mention], places: Places, constraints: Constraints | None = None
) -> tuple[Mention, ...]:
    """Of ``others``, those that ``start`` reaches through joining pairs: what must be clustered anew with it."""
    known = {(m.article_id, m.index): sight(m, places) for m in others}
    reached = chain_of_sights([sight(m, places) for m in start], known.values(), places, constraints)
    return tuple(s.mention for s in reached)


def chain_of_sights(
    start: Iterable[Sight], others: Iterable[Sight], places: Places, constraints: Constraints | None = None
) -> list[Sight]:
    """``chain`` for reports that were made ready for comparing before."""
    must = (constraints or Constraints()).must_link
    bound = {ref for pair in must for ref in pair}
    waiting = _Waiting(others)
    frontier = list(start)
    reached: list[Sight] = []
    while frontier:
        current = frontier.pop()
        near = [
            s
            for s in waiting.that_may_join(current, bound)
            if frozenset((current.ref, s.ref)) in must or judge(current, s, places).verdict is Bond.JOIN
        ]
        waiting.take(near)
        reached.extend(near)
        frontier.extend(near)
    return reached


class _Waiting:
    """Reports that a chain has not reached yet, by site: two reports of two sites never join."""

    def __init__(self, sights: Iterable[Sight]) -> None:
        self._by_base: dict[str, dict[Ref, Sight]] = {}
        for s in sights:
            self._by_base.setdefault(self._base(s), {})[s.ref] = s

    def that_may_join(self, current: Sight, bound: Collection[Ref]) -> list[Sight]:
        """Those of the same site and of none; all, where ``current`` names none or people put it together with some."""
        base = self._base(current)
        bases = (base, "") if base and current.ref not in bound else tuple(self._by_base)
        return [s for name in bases for s in self._by_base.get(name, {}).values()]

    def take(self, sights: Iterable[Sight]) -> None:
        for s in sights:
            del self._by_base[self._base(s)][s.ref]

    @staticmethod
    def _base(s: Sight) -> str:
        return s.attack.base if s.is_site else ""
