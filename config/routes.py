"""Routes: who is told of what. One table a rule, read from the first to the last; each reads like a sentence.

A condition that a rule leaves out asks nothing. A rule that cannot ever be reached, a channel or a site that is not
there: each is an error at the start, since a slip of the pen here silences an alert.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, model_validator

from config.countries import COUNTRIES
from config.fields import Line, Section, Words, setting, split_text
from config.hours import WAKE_ANYWAY, WakeAnyway, Window, ZoneName
from config.watch import Watch
from core.errors import ConfigError
from core.values import OTHER_NAMED, UNNAMED, Kind, NoticeKind, Severity, Status


def _check_countries(codes: tuple[str, ...]) -> tuple[str, ...]:
    for code in codes:
        if code.upper() not in COUNTRIES:
            raise ValueError(f"{code!r} is no country: write two letters, such as IQ")
    return tuple(code.upper() for code in codes)


def _check_notices(kinds: tuple[NoticeKind, ...]) -> tuple[NoticeKind, ...]:
    for kind in kinds:
        if kind not in ROUTED:
            raise ValueError(f"{kind.value!r} is not routed: choose from {', '.join(ROUTED)}")
    return kinds


ROUTED = (NoticeKind.NEW, NoticeKind.UPDATE, NoticeKind.CORRECTION)  #: what concerns an incident
Countries = Annotated[tuple[str, ...], split_text, AfterValidator(_check_countries)]
Routed = Annotated[tuple[NoticeKind, ...], split_text, AfterValidator(_check_notices)]


class RouteSettings(Section):
    """One rule: notices that fit all of its conditions go to its channels."""

    name: Line = setting(..., "What the rule is called, in `routes explain` and in the ledger.", min_length=1)
    countries: Countries = setting((), "Only attacks in these countries (two letters).")
    bases: Words = setting((), "Only attacks on these sites (ids of the watch).")
    kinds: Annotated[tuple[Kind, ...], split_text] = setting((), "Only attacks on such places.")
    min_severity: Severity = setting(Severity.S1, "Only incidents of this severity or above.")
    certainty: Annotated[tuple[Status, ...], split_text] = setting((), "Only incidents of such a status.")
    languages: Words = setting((), "Only what an outlet in one of these languages tells.")
    notices: Routed = setting((), "Only notices of these kinds; corrections also reach all who were told.")
    ring: bool | None = setting(None, "true: only notices that may wake people; false: only the others.")
    channels: Words = setting(..., "Where it goes; an empty list: to nobody.")
    continue_: bool = setting(False, "Go on to the rules below; else the first that fits decides.", alias="continue")
    send: Literal["now", "digest"] = setting("now", "`digest`: gathered, and sent at delivery.digest_at.")
    quiet_hours: Window | None = setting(
        None, "Time of the day in which notices are held back until it ends.", unit="22:00-06:00"
    )
    time_zone: ZoneName | None = setting(None, "Zone of quiet_hours and of the digest; unset: delivery.time_zone.")
    wake_anyway: WakeAnyway = setting(WAKE_ANYWAY, "What may ring in quiet hours all the same.")
    repeat_every_min: float | None = setting(
        None, "Repeat a ringing notice until somebody acknowledges it.", unit="min", ge=1
    )
    escalate_after_min: float | None = setting(
        None, "Nobody acknowledges a ringing notice for so long: the next of escalate_to.", unit="min", ge=1
    )
    escalate_to: Words = setting((), "Channels told one after the other while nobody acknowledges.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.escalate_after_min is None) != (not self.escalate_to):
            raise ValueError("escalate_after_min and escalate_to belong together: give both or neither")
        if not self.channels and (self.repeat_every_min or self.escalate_to):
            raise ValueError("a rule that sends to nobody has nothing to repeat or to pass on")
        return self


def problems(routes: Sequence[RouteSettings], operator: Sequence[str], channels: Collection[str]) -> Iterator[str]:
    """What is wrong with the routes together, each as a key and a reason."""
    known = f"choose from {', '.join(channels)}"
    for name in operator:
        if name not in channels:
            yield f"operator: there is no channel {name!r}: {known}"
    for number, route in enumerate(routes, 1):
        for key, names in (("channels", route.channels), ("escalate_to", route.escalate_to)):
            for name in names:
                if name not in channels:
                    yield f"routes.{number} ({route.name}): {key}: there is no channel {name!r}: {known}"
        for above, earlier in enumerate(routes[: number - 1], 1):
            if earlier.name == route.name:
                yield f"routes.{number} ({route.name}): routes.{above} has this name, too: give each its own"
            elif not earlier.continue_ and covers(earlier, route):
                yield (
                    f"routes.{number} ({route.name}): can never be reached: routes.{above} ({earlier.name}) takes "
                    "all that it would: put it above, or set continue = true there"
                )


def covers(earlier: RouteSettings, later: RouteSettings) -> bool:
    """Whether every notice that fits ``later`` fits ``earlier``, too."""
    pairs = (
        (earlier.countries, later.countries),
        (earlier.bases, later.bases),
        (earlier.kinds, later.kinds),
        (earlier.certainty, later.certainty),
        (earlier.languages, later.languages),
        (earlier.notices or ROUTED, later.notices or ROUTED),
        (() if earlier.ring is None else (earlier.ring,), () if later.ring is None else (later.ring,)),
    )
    within = all(not wide or (bool(narrow) and set(narrow) <= set(wide)) for wide, narrow in pairs)
    return within and earlier.min_severity <= later.min_severity


def check_sites(routes: Sequence[RouteSettings], watch: Watch) -> None:
    """Raise ConfigError for a rule that names a site which the watch does not hold."""
    known = {*watch.sites, UNNAMED, OTHER_NAMED}
    for number, route in enumerate(routes, 1):
        for base in route.bases:
            if base not in known:
                reason = (
                    f"the watch {watch.name} has no site {base!r}: choose one of its ids, {UNNAMED} or {OTHER_NAMED}"
                )
                raise ConfigError(reason, key=f"routes.{number} ({route.name}): bases")


def takes_all(routes: Sequence[RouteSettings]) -> bool:
    """Whether every notice finds a rule: the last one asks nothing. True where there are no rules at all."""
    blank = RouteSettings(name="anything", channels=())
    return not routes or any(covers(route, blank) for route in routes)
