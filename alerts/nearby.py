"""The stored reports that one article's attacks could belong with: read step by step along the chain.

A report of a named site can only join reports of that site and of unnamed ones; an unnamed one can join any site of its
country, and whether it fits one alone depends on all of them. So the reading goes on from what it finds until nothing
new is found, and clustering what was read gives what clustering everything would.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy.orm import Session

from alerts.clusters import Constraints, Ref, chain_of_sights
from alerts.comparison import UPDATE_REACH_DAYS
from alerts.places import Places
from alerts.sights import Sight, sight
from core.values import Mention
from storage import people
from storage.neighbours import neighbours

REPORTED_WITHIN = timedelta(days=8)  #: an update is at most seven days younger than its attack
_DAYS = timedelta(days=UPDATE_REACH_DAYS + 1)  #: an incident's day may differ by one from that of a report in it

_Key = tuple[str | None, str | None, date]  #: base (None: any), country, day


def read_nearby(
    session: Session, arrivals: Iterable[Mention], places: Places
) -> tuple[tuple[Mention, ...], Constraints]:
    """Every stored report that the arrivals reach through joining pairs, and what else was read on the way.

    Beside it what people decided of those reports: pairs that are one attack, pairs that are not. What they put
    together is read together, however far apart the facts are.
    """
    found: dict[Ref, Mention] = {}
    asked: set[_Key] = set()
    frontier = [sight(mention, places) for mention in arrivals]
    reached: set[Ref] = {s.ref for s in frontier}
    waiting: dict[Ref, Sight] = {}  #: read, and not reached
    constraints = Constraints()
    while frontier:
        before = len(found)
        for s in frontier:
            _ask(session, s, asked, found)
        if len(found) > before or not waiting:
            constraints = _decided(session, {ref[0] for ref in (*found, *reached)}, found)
            waiting |= {ref: sight(m, places) for ref, m in found.items() if ref not in waiting and ref not in reached}
        frontier = chain_of_sights(frontier, waiting.values(), places, constraints)
        for s in frontier:
            reached.add(s.ref)
            del waiting[s.ref]
    return tuple(found.values()), constraints


def _decided(session: Session, article_ids: set[int], found: dict[Ref, Mention]) -> Constraints:
    """What people decided of these articles' reports; reads the other halves of what they put together.

    Where two decisions disagree about a pair, the later one holds.
    """
    bonds: dict[frozenset[Ref], str] = {}
    missing = set(article_ids)
    while missing:
        links = people.links_touching(session, missing)
        bonds |= {frozenset((link.left, link.right)): link.bond for link in links}
        others = {ref[0] for link in links if link.bond == "must" for ref in (link.left, link.right)}
        missing = others - article_ids
        article_ids |= missing
        for mention in people.mentions_of_articles(session, missing):
            found.setdefault((mention.article_id, mention.index), mention)
    return Constraints(
        must_link=frozenset(pair for pair, bond in bonds.items() if bond == "must"),
        cannot_link=frozenset(pair for pair, bond in bonds.items() if bond == "cannot"),
    )


def _ask(session: Session, s: Sight, asked: set[_Key], found: dict[Ref, Mention]) -> None:
    """Read what this report could join, unless it was read before."""
    base = s.attack.base if s.is_site else None
    key = (base, s.country, s.day)
    if not asked.isdisjoint((key, (None, s.country, s.day), (None, None, s.day))):
        return  # what was asked for any site of the country, or of the world, held this site's too
    asked.add(key)
    noon = datetime.combine(s.day, time(12), tzinfo=UTC)
    for mention in neighbours(
        session,
        days=(s.day - _DAYS, s.day + _DAYS),
        known=(noon - timedelta(days=2), noon + _DAYS + REPORTED_WITHIN),
        country=s.country,
        bases=None if base is None else (base,),
    ):
        found.setdefault((mention.article_id, mention.index), mention)
