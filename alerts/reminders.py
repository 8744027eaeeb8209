"""Repeats what nobody has acknowledged, and passes it on to the next channel, when its time has come.

What is due stands in the database with the number of steps done; each step is taken once, by a conditional UPDATE in
the transaction that writes its notice. A step that is late, since the daemon was away, is taken once and not made up.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from alerts.dispatch import around_of
from alerts.routes.facts import NoticeFacts, facts_of
from alerts.routes.holding import hold_of
from config.routes import RouteSettings
from config.settings import Settings
from core.documents import NoticeDocument, Param
from core.values import NoticeKind, Status, TextReason
from storage import attention, deliveries, held, incidents
from storage.values import FollowUpView, IncidentView, NoticeView, QueueSeed

REPEAT_FOR = timedelta(hours=24)  #: after a day without an answer, a phone that rings every ten minutes is noise
_GONE = (Status.DENIED, Status.RETRACTED)


def remind(session: Session, settings: Settings, now: datetime) -> int:
    """Take every step that is due; how many notices were written. Safe to call late, twice, or at any time."""
    routes = {route.name: route for route in settings.routes}
    return sum(_step(session, one, routes.get(one.route), settings, now) for one in attention.due(session, now))


def _step(session: Session, one: FollowUpView, route: RouteSettings | None, settings: Settings, now: datetime) -> bool:
    incident = incidents.resolve(session, one.incident_id)
    end = _reason_to_end(one, route, incident, now) or _settled(session, one, incident)
    if end is not None or route is None:
        attention.finish(session, one.id, end or "route-gone", now)
        return False
    later, last = next_step(one, route, now)
    channels = route.channels if one.kind == "repeat" else (route.escalate_to[one.step],)
    if later is not None and one.kind == "escalate" and not _is_reachable(session, channels[0], settings):
        later = now  # nobody hears it there: the next in the row is told at once, and not in N minutes
    if not attention.take_step(session, one, later, now, last=last):
        return False
    attention.rebase(session, one.id, now)
    return _tell(session, one, route, incident, channels, settings, now)


def _reason_to_end(one: FollowUpView, route: RouteSettings | None, incident: IncidentView, now: datetime) -> str | None:
    """Why nothing is to be repeated or passed on any more; None where it is."""
    if incident.status in _GONE:
        return "withdrawn"
    if route is None or (one.kind == "repeat" and route.repeat_every_min is None):
        return "route-gone"
    if one.kind == "escalate" and (route.escalate_after_min is None or one.step >= len(route.escalate_to)):
        return "route-gone"
    return "unanswered" if one.kind == "repeat" and now - one.created_at >= REPEAT_FOR else None


def _settled(session: Session, one: FollowUpView, incident: IncidentView) -> str | None:
    """What a merge has settled: the incident that remains was answered meanwhile, or is repeated by itself already."""
    if len(attention.family(session, incident.id)) == 1:
        return None
    if attention.is_answered(session, incident.id, one.created_at):
        return "acknowledged"
    return "merged" if attention.waits_twice(session, one, incident.id) else None


def _is_reachable(session: Session, name: str, settings: Settings) -> bool:
    """Whether a channel is there, enabled and not paused."""
    channel = settings.channels.get(name)
    paused = {one.channel for one in deliveries.paused_channels(session)}
    return channel is not None and channel.enabled and name not in paused


def next_step(one: FollowUpView, route: RouteSettings, now: datetime) -> tuple[datetime | None, str]:
    """When the step after this one is due, or None and why there is none.

    Steps count from the notice's creation; one whose time has passed meanwhile is a whole interval from now.
    """
    minutes = route.repeat_every_min if one.kind == "repeat" else route.escalate_after_min
    assert minutes is not None
    if one.kind == "escalate" and one.step + 1 >= len(route.escalate_to):
        return None, "unanswered"
    every = timedelta(minutes=minutes)
    planned = one.created_at + every * (one.step + 2)
    return (planned if now < planned <= now + every else now + every), ""


def _tell(
    session: Session,
    one: FollowUpView,
    route: RouteSettings,
    incident: IncidentView,
    channels: Iterable[str],
    settings: Settings,
    now: datetime,
) -> bool:
    """Write the reminder and queue it; False where nobody is to get it now."""
    newest = _newest(session, incident.id) or _newest(session, one.incident_id)
    if newest is None:
        return False
    document = reminder_of(NoticeDocument.model_validate(newest.document), one, route, now)
    facts = facts_of(document, rang=True, incident_ids=frozenset(attention.family(session, incident.id)))
    assert facts is not None
    seeds = list(_seeds(session, one, route, facts, incident, channels, settings, now))
    if not seeds:
        return False
    ref = incidents.add_notice(
        session, incident.id, NoticeKind.UPDATE, attention.NOT_ACKNOWLEDGED, True, False, document.to_json(), now
    )
    deliveries.queue(session, ref.id, seeds, now)
    return True


def _seeds(
    session: Session,
    one: FollowUpView,
    route: RouteSettings,
    facts: NoticeFacts,
    incident: IncidentView,
    channels: Iterable[str],
    settings: Settings,
    now: datetime,
) -> Iterable[QueueSeed]:
    """Who gets it: a reminder is not gathered for a digest, and not piled up before a channel that is down."""
    around = around_of(session, incident.id, now)
    for name in channels:
        channel = settings.channels.get(name)
        if channel is None or not channel.enabled:
            continue
        hold = hold_of(name, channel, None if one.kind == "escalate" else route, facts, settings.delivery, around, now)
        if one.kind == "repeat" and (hold is not None or held.waits(session, incident.id, name)):
            continue
        yield QueueSeed(channel=name, ring=True, route=route.name, hold=hold)


def reminder_of(document: NoticeDocument, one: FollowUpView, route: RouteSettings, now: datetime) -> NoticeDocument:
    """The incident's newest document as a reminder: what it says, and how to answer."""
    assert document.incident is not None
    since = f"{one.created_at.astimezone(UTC):%H:%M} UTC"
    params: dict[str, Param] = {"since": one.created_at.isoformat(), "incident": document.incident.id}
    if one.kind == "repeat":
        what = f"Nobody has acknowledged this since {since} (reminder {one.step + 1})."
        params |= {"say": "reminder", "reminder": one.step + 1}
    else:
        names = ", ".join(route.channels)
        what = f"Nobody has acknowledged this since {since} on {names}: it is passed on to you."
        params |= {"say": "passed-on", "channels": names}
    text = f"{what} If you take care of it: basewatch ack {document.incident.id} --by NAME"
    part = document.notice.model_copy(
        update={"reason": TextReason.NOT_ACKNOWLEDGED, "kind": NoticeKind.UPDATE, "ring": True, "text": text,
                "params": params, "created_at": now, "late": False}
    )  # fmt: skip
    return document.model_copy(update={"notice": part, "changes": ()})


def _newest(session: Session, incident_id: int) -> NoticeView | None:
    told = incidents.notices_of(session, incident_id)
    return told[-1] if told else None
