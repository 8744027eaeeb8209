"""Late incidents are told together: few one by one, a backlog in one digest, none of them ringing.

A late incident waits in the database from the transaction that made it, so that a crash loses none; ``gather_late``
(notices.py) says when and how they are told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from alerts.channels import load_language
from alerts.digests import split
from alerts.dispatch import around_of
from alerts.document import incident_part
from alerts.headline import first_line
from alerts.language import Language
from alerts.links import safe_link
from alerts.notices import Assessed, Gathering, NoticeDecision, gather_late, latest_event, told_late
from alerts.routes.facts import facts_of
from alerts.routes.planning import plan
from alerts.system import write_notice
from alerts.telling import House, Telling, Turn
from core.documents import NoticeDocument, NoticePart
from core.values import Attack, Mention, NoticeKind, TextReason
from storage import incidents, lifecycle


@dataclass(frozen=True, slots=True)
class _Due:
    """A late incident whose time to be told has come."""

    incident_id: int
    assessed: Assessed
    decision: NoticeDecision
    mentions: tuple[Mention, ...]
    happened_at: datetime  #: at the latest


def tell_late(session: Session, house: House, now: datetime, *, at_once: bool = False) -> list[NoticeKind]:
    """Tell the late incidents that waited, in the caller's transaction; the kinds of the notices written."""
    settings = house.settings.alerts
    waiting = lifecycle.held(session)
    gathering, _ = gather_late([since for _, since in waiting], now=now, settings=settings, at_once=at_once)
    if gathering is Gathering.WAIT:
        return []
    turn = Turn(session, now)
    telling = Telling(house, turn)
    due = [one for incident_id, _ in waiting if (one := _due(turn, telling, house, incident_id)) is not None]
    lifecycle.release_all(session)
    if len(due) >= settings.digest_from:
        return _write_digests(session, house, due, now)
    for one in due:
        telling.write(one.incident_id, one.decision, one.assessed, one.mentions)
    return [kind for kind, _ in turn.notices]


def _due(turn: Turn, telling: Telling, house: House, incident_id: int) -> _Due | None:
    """The incident as it stands now; None where it needs no telling any more."""
    mentions = tuple(incidents.mentions_of(turn.session, incident_id))
    if not mentions:
        return None
    assessed = telling.assess(mentions, incident_id=incident_id)
    zone = house.places.zone(Attack(base=assessed.facts.base, country=assessed.facts.country))
    decision = told_late(assessed, telling.told(incident_id), now=turn.now, zone=zone, settings=house.settings.alerts)
    if decision.kind is None:
        return None
    return _Due(incident_id, assessed, decision, mentions, latest_event(assessed.facts, zone))


def _write_digests(session: Session, house: House, due: Sequence[_Due], now: datetime) -> list[NoticeKind]:
    """One digest for all channels of one language that would have got the same of these incidents: as a rule one."""
    ordered = sorted(due, key=lambda one: (one.assessed.severity, one.happened_at), reverse=True)
    wanted: defaultdict[str, list[_Due]] = defaultdict(list)
    for one in ordered:
        for channel in _channels(session, house, one, now):
            wanted[channel].append(one)
    groups: defaultdict[tuple[str, tuple[int, ...]], list[str]] = defaultdict(list)
    for channel, members in wanted.items():
        code = house.settings.channels[channel].language
        groups[code, tuple(one.incident_id for one in members)].append(channel)
    by_id = {one.incident_id: one for one in ordered}
    for (language_code, ids), channels in (groups or {("en", tuple(by_id)): []}).items():
        language = load_language(language_code, house.settings)
        text = _text(house, [by_id[number] for number in ids], now, language)
        notice_id = write_notice(session, NoticeKind.DIGEST, TextReason.BACKLOG, text, channels, now)
        lifecycle.told_in_digest(session, notice_id, ids)
    return [NoticeKind.DIGEST] * max(1, len(groups))


def _channels(session: Session, house: House, one: _Due, now: datetime) -> list[str]:
    """The channels that would get this incident's own notice."""
    facts = facts_of(_document(house, one, now), incident_ids=frozenset({one.incident_id}))
    assert facts is not None  # it concerns an incident
    planned = plan(facts, house.settings, around_of(session, one.incident_id, now), now)
    return [seed.channel for seed in planned.seeds]


def _text(house: House, ordered: Sequence[_Due], now: datetime, language: Language) -> str:
    """What the digest says: how many, then a line each, with its link where all have room; of very many, how to see the
    rest."""
    count, hours = len(ordered), language.form("hours", round(house.settings.alerts.fresh_hours))
    first = language.say("backlog", late=language.form("late_attacks", count, hours=hours))
    show = language.apart(f"basewatch incidents list --limit {count}")
    numbered = [(one.incident_id, _entry(house, one, now, language, linked=True)) for one in ordered]
    parts = list(split(numbered, first))
    if len(parts) > 1:
        numbered = [(one.incident_id, _entry(house, one, now, language)) for one in ordered]
        parts = list(split(numbered, first + language.say("more_late", n=count, show=show)))
    left = count - len(parts[0].ids)
    more = [language.say("more_late", n=left, show=show)] if left else []
    return "\n".join([first, *parts[0].lines, *more])


def _entry(house: House, one: _Due, now: datetime, language: Language, *, linked: bool = False) -> str:
    said = first_line(_document(house, one, now), now=now, language=language)
    line = language.say("entry", id=language.apart(incidents.public_id(one.incident_id)), line=said)
    link = safe_link(one.mentions[0].extra.get("url", "")) if linked else None
    return f"{line}\n{link[0]}" if link is not None else line


def _document(house: House, one: _Due, now: datetime) -> NoticeDocument:
    """What the incident's own notice would say first."""
    public = incidents.public_id(one.incident_id)
    part = incident_part(one.assessed, watch=house.watch, places=house.places, incident_id=public)
    notice = NoticePart(
        id=public, number=0, kind=NoticeKind.NEW, reason=one.decision.reason, ring=False, late=True, created_at=now
    )
    return NoticeDocument(notice=notice, incident=part)
