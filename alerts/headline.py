"""The first line of every message: at most 100 characters that say it all on a lock screen.

::

    S3 CONFIRMED Erbil air base: 1 drone shot down, 0 hurt - CTG - 21:07 (6 min ago)
    UPDATE S4 REPORTED Tower 22: 1 drone hit, 3 US killed - Reuters - 28 Jan 05:30 (2 days ago)
    SYSTEM Channel "ops" is paused: answered 410

It holds no probability, no coordinates and no link. Where it does not fit, what matters least goes first.
"""

from __future__ import annotations

import re
from datetime import datetime

from alerts.phrases import (
    ago,
    casualties_in_short,
    day,
    day_of_text,
    hour_is_known,
    outcome_words,
    weapon_and_count,
    where,
    zone_of,
)
from core.documents import IncidentPart, NoticeDocument
from core.text import cut, one_line
from core.values import NoticeKind, Status

LIMIT = 100
_NOT_STATED = "casualties not stated"
_MIN_PLACE = 16  #: a place is not cut below this many characters while anything else can go

_ASIDE = re.compile(r"\s*\([^()]*\)")

_PREFIX = {
    NoticeKind.NEW: "",
    NoticeKind.UPDATE: "UPDATE ",
    NoticeKind.CORRECTION: "CORRECTION ",
    NoticeKind.DIGEST: "DIGEST ",
    NoticeKind.SYSTEM: "SYSTEM ",
    NoticeKind.TEST: "TEST ",
}


def first_line(document: NoticeDocument, *, now: datetime) -> str:
    """The designed first line, at most 100 characters, on one line, without control or bidi characters."""
    if document.incident is None:
        text = one_line(document.notice.text or document.notice.reason)
        return cut(prefix(document) + text, LIMIT)
    incident = document.incident
    head = f"{prefix(document)}{incident.severity} {incident.status.upper()}"
    place, what = _short(where(incident)), _what(incident)
    by = one_line(incident.status_by or (incident.claimed_by_name if incident.status is Status.CLAIMED else "") or "")
    when = when_in_short(document, incident, now)
    known = casualties_in_short(incident)
    hour = when.partition(" (")[0]
    for harm, who, at in (
        (known or _NOT_STATED, by, when),
        (known, by, when),
        (known, cut(by, 16), when),
        (known, "", when),
        (known, "", hour),
    ):
        line = _compose(head, place, what, harm, who, at)
        if len(line) <= LIMIT:
            return line
    shorter = cut(place, max(_MIN_PLACE, len(place) - (len(line) - LIMIT)))
    return cut(_compose(head, shorter, what, known, "", hour), LIMIT)


def prefix(document: NoticeDocument) -> str:
    """ "", or one of UPDATE, REMINDER, CORRECTION, WITHDRAWN, DIGEST, SYSTEM, TEST with a space behind."""
    kind, incident = document.notice.kind, document.incident
    if document.notice.reason == "not-acknowledged":
        return "REMINDER "
    if incident is not None and incident.status is Status.RETRACTED and kind is not NoticeKind.TEST:
        return "WITHDRAWN "
    return _PREFIX[kind]


def when_in_short(document: NoticeDocument, incident: IncidentPart, now: datetime) -> str:
    """ "21:07 (6 min ago)" in the place's own time; with its day where that is not today's or the event is late.

    Where no report tells the hour: the day. Where none tells the day: when it was first reported.
    """
    zone = zone_of(incident)
    here = now.astimezone(zone)
    if incident.event_from is None and incident.local_date:
        return day_of_text(incident.local_date, here)
    if incident.event_from is not None and not hour_is_known(incident):
        return day(incident.event_from.astimezone(zone), here)
    instant = incident.event_from or incident.first_reported_at or incident.first_seen_at
    local = instant.astimezone(zone)
    text = f"{local:%H:%M}"
    if document.notice.late or local.date() != here.date():
        text = f"{day(local, here)} {text}"
    if incident.event_from is None:
        text = f"reported {text}"
    since = ago(instant, now)
    return f"{text} ({since})" if since else text


def _short(place: str) -> str:
    """The name of a place without what stands in brackets: the message's body has it whole."""
    return _ASIDE.sub("", place).strip() or place


def _what(incident: IncidentPart) -> str:
    return f"{weapon_and_count(incident)} {outcome_words(incident)}".strip()


def _compose(head: str, place: str, what: str, harm: str | None, by: str, when: str) -> str:
    facts = f"{what}, {harm}" if harm else what
    return " - ".join(part for part in (f"{head} {place}: {facts}", by, when) if part)
