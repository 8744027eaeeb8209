"""Writes what the plan for a notice says, in the transaction that writes the notice: deliveries, holds, follow-ups."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from alerts.routes.facts import facts_of
from alerts.routes.holding import BURST_WITHIN, Around
from alerts.routes.planning import Plan, plan
from config.settings import Settings
from core.documents import NoticeDocument
from storage import attention, deliveries, held, silences


def dispatch(
    session: Session,
    notice_id: int,
    incident_id: int,
    document: NoticeDocument,
    settings: Settings,
    now: datetime,
    *,
    rang: bool,
) -> Plan:
    """Queue a notice of an incident for whoever is to get it; the plan that was followed.

    ``rang``: an earlier notice of the incident rang. Commits nothing.
    """
    family = attention.family(session, incident_id)
    facts = facts_of(document, rang=rang, incident_ids=frozenset(family))
    assert facts is not None  # notices of incidents alone are routed
    made = plan(facts, settings, around_of(session, incident_id, now), now)
    deliveries.queue(session, notice_id, made.seeds, now)
    for route in made.awaited:
        for kind, minutes in (("repeat", route.repeat_every_min), ("escalate", route.escalate_after_min)):
            if minutes is not None:
                attention.follow_up(
                    session,
                    incident_id=incident_id,
                    notice_id=notice_id,
                    route=route.name,
                    kind=kind,
                    next_at=now + timedelta(minutes=minutes),
                    now=now,
                )
    return made


def around_of(session: Session, incident_id: int | None, now: datetime) -> Around:
    """What the plan asks of the database."""
    return Around(
        told=held.channels_told(session, incident_id) if incident_id is not None else frozenset(),
        held=held.holds_of(session, incident_id) if incident_id is not None else {},
        silences=silences.holding(session, now),
        queued=held.queued_between(session, now - BURST_WITHIN, now),
        bursts=held.bursts(session),
    )
