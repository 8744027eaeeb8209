"""The plan for one notice: which channels get it, now or later, which do not, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from alerts.routes.facts import NoticeFacts
from alerts.routes.holding import Around, hold_of
from alerts.routes.matching import Considered, consider
from config.channels import ChannelBase
from config.routes import RouteSettings
from config.settings import Settings
from core.values import NoticeKind
from storage.values import Hold, QueueSeed


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One channel's part."""

    channel: str
    route: str | None  #: the rule; None where there are no rules, or where the channel was told before
    ring: bool
    refused: str | None = None  #: why the channel's own settings do not take it
    hold: Hold | None = None  #: why it waits

    @property
    def goes_now(self) -> bool:
        return self.refused is None and self.hold is None

    @property
    def rings_soon(self) -> bool:
        """Whether what rings does so now, or within a minute: the digest of a burst rings, no other does."""
        return self.goes_now or (self.refused is None and self.hold is not None and self.hold.why == "burst")

    @property
    def seed(self) -> QueueSeed:
        return QueueSeed(channel=self.channel, ring=self.ring, route=self.route, hold=self.hold)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What becomes of a notice."""

    considered: tuple[Considered, ...]
    channels: tuple[Planned, ...]

    @property
    def seeds(self) -> tuple[QueueSeed, ...]:
        return tuple(one.seed for one in self.channels if one.refused is None)

    @property
    def awaited(self) -> tuple[RouteSettings, ...]:
        """The rules whose ringing notice goes out now, or in the digest of a burst, and waits to be acknowledged."""
        ringing = {one.route for one in self.channels if one.ring and one.rings_soon}
        return tuple(one.route for one in self.considered if one.fits and one.route.name in ringing)


def plan(facts: NoticeFacts, settings: Settings, around: Around, now: datetime) -> Plan:
    """Who gets this notice. Without rules: every channel whose own settings take it.

    A channel that two rules name gets it once, by the one that sends it soonest. A correction also goes to each channel
    that was told of the incident, whatever the rules say now; where all that it would correct is still held back there,
    it waits with that and stands in the same digest.
    """
    considered = consider(settings.routes, facts)
    found: dict[str, Planned] = {}
    for name, route in _named(settings, considered, facts, around):
        channel = settings.channels.get(name)
        if channel is None or not channel.enabled:
            continue
        one = _for_channel(name, channel, route, facts, settings, around, now)
        if name not in found or _sooner(one, found[name]):
            found[name] = one
    return Plan(considered=considered, channels=tuple(found.values()))


def _named(
    settings: Settings, considered: tuple[Considered, ...], facts: NoticeFacts, around: Around
) -> Iterator[tuple[str, RouteSettings | None]]:
    if not settings.routes:
        for name in settings.channels:
            yield name, None
    for one in considered:
        if one.fits:
            for name in one.route.channels:
                yield name, one.route
    if facts.kind is NoticeKind.CORRECTION:
        for name in sorted(around.told | set(around.held)):
            yield name, None


def _for_channel(
    name: str,
    channel: ChannelBase,
    route: RouteSettings | None,
    facts: NoticeFacts,
    settings: Settings,
    around: Around,
    now: datetime,
) -> Planned:
    by = route.name if route is not None else None
    corrects = facts.kind is NoticeKind.CORRECTION
    told_before = corrects and (name in around.told or name in around.held)
    why = refusal(channel, facts, told_before=told_before)
    if why is not None:
        return Planned(channel=name, route=by, ring=False, refused=why)
    if corrects and name in around.held and name not in around.told:
        return Planned(channel=name, route=by, ring=facts.ring, hold=around.held[name])
    hold = hold_of(name, channel, route, facts, settings.delivery, around, now)
    # What was to ring and was held back rings when a later fact brings it through.
    brings_through = facts.rang and name not in around.told and _has_quiet_hours(channel, route)
    return Planned(channel=name, route=by, ring=facts.ring or (hold is None and brings_through), hold=hold)


def _has_quiet_hours(channel: ChannelBase, route: RouteSettings | None) -> bool:
    return channel.quiet_hours is not None or (route is not None and route.quiet_hours is not None)


def refusal(channel: ChannelBase, facts: NoticeFacts, *, told_before: bool = False) -> str | None:
    """Why the channel's own settings do not take the notice; None where they do.

    A channel that takes only ringing notices takes what follows them, too; one that was told takes its correction.
    """
    if facts.kind not in channel.notices:
        return f"it takes no notices of kind {facts.kind}"
    if told_before:
        return None
    if facts.severity < channel.min_severity:
        return f"it takes {channel.min_severity} and above, this is {facts.severity}"
    if channel.ring_only and not (facts.ring or facts.rang):
        return "it takes only what rings"
    return None


def _sooner(one: Planned, other: Planned) -> bool:
    def rank(planned: Planned) -> tuple[int, float]:
        if planned.refused is not None:
            return 2, 0.0
        return (1, planned.hold.until.timestamp()) if planned.hold is not None else (0, 0.0)

    return rank(one) < rank(other)
