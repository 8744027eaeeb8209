"""Which rules fit a notice, and why the others do not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from alerts.routes.facts import NoticeFacts
from config.routes import RouteSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Considered:
    """One rule, and what became of it."""

    number: int  #: counted from 1, as in the configuration
    route: RouteSettings
    reached: bool  #: False: a rule above has decided already
    why_not: tuple[str, ...] = ()  #: what does not fit, in words

    @property
    def fits(self) -> bool:
        return self.reached and not self.why_not


def consider(routes: Sequence[RouteSettings], facts: NoticeFacts) -> tuple[Considered, ...]:
    """Each rule in its turn: the first that fits decides, unless it says ``continue``."""
    found, decided = [], False
    for number, route in enumerate(routes, 1):
        why_not = () if decided else tuple(misfits(route, facts))
        one = Considered(number=number, route=route, reached=not decided, why_not=why_not)
        found.append(one)
        decided = decided or (one.fits and not route.continue_)
    return tuple(found)


def misfits(route: RouteSettings, facts: NoticeFacts) -> Iterator[str]:
    """What the rule asks and the notice is not, one sentence each; nothing where it fits."""
    if route.countries and facts.country not in route.countries:
        yield f"country is {facts.country or 'not known'}, not {_or(route.countries)}"
    if route.bases and facts.base not in route.bases:
        yield f"base is {facts.base}, not {_or(route.bases)}"
    if route.kinds and facts.place_kind not in route.kinds:
        yield f"kind is {facts.place_kind or 'not known'}, not {_or(route.kinds)}"
    if facts.severity < route.min_severity:
        yield f"severity is {facts.severity}, below {route.min_severity}"
    if route.certainty and facts.status not in route.certainty:
        yield f"certainty is {facts.status}, not {_or(route.certainty)}"
    if route.languages and not facts.languages & set(route.languages):
        yield f"told in {_or(sorted(facts.languages)) or 'no language'}, not in {_or(route.languages)}"
    if route.notices and facts.kind not in route.notices:
        yield f"it is a notice of kind {facts.kind}, not {_or(route.notices)}"
    if route.ring is not None and facts.ring is not route.ring:
        yield "it does not ring" if route.ring else "it rings"


def _or(values: Sequence[object]) -> str:
    return " or ".join(str(value) for value in values)
