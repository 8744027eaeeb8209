"""What holds a notice back from a channel: a silence, quiet hours, a digest, a burst; until when, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from alerts.routes.facts import NoticeFacts
from alerts.routes.hours import next_at, quiet_until
from config.channels import ChannelBase
from config.hours import Waking
from config.routes import RouteSettings
from config.settings import DeliverySettings
from core.values import NoticeKind, Severity, Status
from storage.values import Hold, SilenceView

BURST_WITHIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What is known of the channels and of people's wishes when a notice is written."""

    told: frozenset[str] = frozenset()  #: channels that an earlier notice of the incident went to
    held: Mapping[str, Hold] = field(default_factory=dict)  #: what holds back an earlier notice of the incident
    silences: Sequence[SilenceView] = ()  #: in force, the one that lasts longest first
    queued: Mapping[str, int] = field(default_factory=dict)  #: notices for each channel in the last minute
    bursts: Mapping[str, datetime] = field(default_factory=dict)  #: when the burst of a channel ends


def hold_of(
    name: str,
    channel: ChannelBase,
    route: RouteSettings | None,
    facts: NoticeFacts,
    delivery: DeliverySettings,
    around: Around,
    now: datetime,
) -> Hold | None:
    """Why this channel does not get the notice now; None where it does. A silence counts before all else."""
    still = held_still(name, channel, route, facts, delivery, around, now)
    if still is not None:
        return still
    if route is not None and route.send == "digest":
        zone = route.time_zone or delivery.time_zone
        note = f"gathered for the digest at {delivery.digest_at} ({zone})"
        return Hold(why="digest", until=next_at(delivery.digest_at, zone, now), note=note)
    if name in around.bursts or around.queued.get(name, 0) >= delivery.burst_per_minute:
        note = f"more than {delivery.burst_per_minute} notices within a minute"
        return Hold(why="burst", until=around.bursts.get(name, now + BURST_WITHIN), note=note)
    return None


def held_still(
    name: str,
    channel: ChannelBase,
    route: RouteSettings | None,
    facts: NoticeFacts,
    delivery: DeliverySettings,
    around: Around,
    now: datetime,
) -> Hold | None:
    """The silence or the quiet hours that hold the notice back, also when what held it first has ended."""
    for silence in around.silences:
        if silence.covers(base=facts.base, country=facts.country, incident_ids=facts.incident_ids, at=now):
            note = f"silence {silence.id} until {_utc(silence.until_at)}: {silence.reason}"
            return Hold(why="silence", until=silence.until_at, note=note, silence_id=silence.id)
    return max(_quiet(name, channel, route, facts, delivery, around, now), key=lambda hold: hold.until, default=None)


def _quiet(
    name: str,
    channel: ChannelBase,
    route: RouteSettings | None,
    facts: NoticeFacts,
    delivery: DeliverySettings,
    around: Around,
    now: datetime,
) -> Iterator[Hold]:
    """The quiet hours, of the rule and of the channel, that hold it back."""
    for rule in (route, channel):
        if rule is None or rule.quiet_hours is None or _wakes(name, rule.wake_anyway, facts, around):
            continue
        zone = rule.time_zone or delivery.time_zone
        until = quiet_until(rule.quiet_hours, zone, now)
        if until is not None:
            note = f"quiet hours until {until.astimezone(ZoneInfo(zone)):%H:%M} ({zone})"
            yield Hold(why="quiet", until=until, note=note)


def wakes(wake_anyway: Sequence[Waking], facts: NoticeFacts) -> bool:
    """Whether the incident is one for which people want to be woken in quiet hours."""
    true = {
        "killed": facts.killed,
        "injured": facts.injured,
        "confirmed": facts.status is Status.CONFIRMED,
        "S4": facts.severity >= Severity.S4,
    }
    return any(true[word] for word in wake_anyway)


def _wakes(name: str, wake_anyway: Sequence[Waking], facts: NoticeFacts, around: Around) -> bool:
    """Whether this notice passes the quiet hours of a channel.

    It rings, or one that rang was held back here; and it is grave enough. A correction of what woke people passes too.
    """
    was_told = name in around.told
    if facts.kind is NoticeKind.CORRECTION:
        return facts.ring and was_told
    return (facts.ring or (facts.rang and not was_told)) and wakes(wake_anyway, facts)


def _utc(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%d %b %H:%M} UTC"
