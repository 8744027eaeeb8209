"""The first line of every message: at most 100 characters that say it all on a lock screen.

::

    S3 CONFIRMED Erbil air base: 1 drone shot down, 0 hurt - CTG - 21:07 (6 min ago)
    UPDATE S4 REPORTED Tower 22: 1 drone hit, 3 US killed - Reuters - 28 Jan 05:30 (2 days ago)
    SYSTEM Channel "ops" is paused: answered 410

It holds no probability, no coordinates and no link. Where it does not fit, what matters least goes first.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from alerts.language import FSI, PDI, Language, closed, english, is_rtl
from alerts.phrases import (
    actor,
    ago,
    casualties_in_short,
    day,
    day_of_text,
    hour_is_known,
    what,
    where,
    zone_of,
)
from alerts.told import told
from core.documents import IncidentPart, NoticeDocument
from core.text import cut, one_line
from core.values import NoticeKind, Status, TextReason

LIMIT = 100
TEXT_LIMIT = 5_000  #: characters of a system, test or digest text
_MIN_PLACE = 16  #: a place is not cut below this many characters while anything else can go

_ASIDE = re.compile(r"\s*\([^()]*\)")

#: digests are written in the language of their channel
_OURS = (TextReason.HELD_BACK, TextReason.BACKLOG)

Fits = Callable[[str], bool]


def first_line(document: NoticeDocument, *, now: datetime, language: Language | None = None) -> str:
    """The designed first line, at most 100 characters, on one line, without control characters.

    Text that runs against the line's direction stands between isolates; no other bidi character is in it.
    """
    return fitting_line(document, now=now, language=language or english(), fits=lambda line: len(line) <= LIMIT)


def fitting_line(document: NoticeDocument, *, now: datetime, language: Language, fits: Fits) -> str:
    """The first line that still fits: what matters least goes first, then the end of the place, then the end."""
    if document.incident is None:
        said = next(iter(text_of(document, language)), language.apart(one_line(document.notice.reason)))
        return _shortened(prefix(document, language) + said, fits)
    incident = document.incident
    head = language.say(
        "head",
        prefix=prefix(document, language),
        severity=incident.severity,
        status=language.word("status_short", incident.status),
    )
    place, facts = _short(where(incident, language)), what(incident, language)
    by = status_by(incident, language)
    when = when_in_short(document, incident, now, language)
    known = casualties_in_short(incident, language)
    hour = when.partition(" (")[0]
    for harm, who, at in (
        (known or language.say("casualties_unknown"), by, when),
        (known, by, when),
        (known, closed(cut(by, 16)), when),
        (known, "", when),
        (known, "", hour),
        (casualties_in_short(incident, language, most=1), "", hour),
    ):
        line = _compose(language, head, place, facts, harm, who, at)
        if fits(line):
            return line
    while len(place) > _MIN_PLACE and not fits(line):
        place = closed(cut(place, max(_MIN_PLACE, len(place) - 1 - len(place) // 20)))
        line = _compose(language, head, place, facts, harm, "", hour)
    return _shortened(line, fits)


def text_of(document: NoticeDocument, language: Language) -> tuple[str, ...]:
    """The clean lines of a notice that is told by a text, in the language where it has words for it."""
    lines = cut(document.notice.text or "", TEXT_LIMIT).splitlines()
    if document.notice.reason in _OURS:
        return tuple(_as_it_is(line, language) for line in lines if line.strip())
    return told(document.notice, language) or tuple(language.apart(line) for line in map(one_line, lines) if line)


def _as_it_is(line: str, language: Language) -> str:
    """A line of a digest, whose isolates are our own; set apart where the channel's language is another by now."""
    hidden = {0xE000: "", 0xE001: "", ord(FSI): "\ue000", ord(PDI): "\ue001"}
    kept = closed(one_line(line.translate(hidden)).replace("\ue000", FSI).replace("\ue001", PDI))
    return kept if is_rtl(kept) is language.rtl else language.apart(one_line(line))


def status_by(incident: IncidentPart, language: Language) -> str:
    """Whose word decides the status; the attacker's own name for a claim that names nobody else; or ""."""
    if incident.status_by:
        known = {one_line(incident.claimed_by_name or ""): incident.claimed_by}
        text = one_line(incident.status_by)
        return actor(known[text], text, language) if known.get(text) else language.apart(text)
    if incident.status is Status.CLAIMED:
        return actor(incident.claimed_by, incident.claimed_by_name, language) if incident.claimed_by_name else ""
    return ""


def prefix(document: NoticeDocument, language: Language | None = None) -> str:
    """ "", or one of UPDATE, REMINDER, CORRECTION, WITHDRAWN, DIGEST, SYSTEM, TEST with a space behind."""
    words = language or english()
    kind, incident = document.notice.kind, document.incident
    if document.notice.reason == TextReason.NOT_ACKNOWLEDGED:
        return words.word("prefix", "reminder")
    if incident is not None and incident.status is Status.RETRACTED and kind is not NoticeKind.TEST:
        return words.word("prefix", "withdrawn")
    return words.word("prefix", kind)


def when_in_short(document: NoticeDocument, incident: IncidentPart, now: datetime, language: Language) -> str:
    """ "21:07 (6 min ago)" in the place's own time; with its day where that is not today's or the event is late.

    Where no report tells the hour: the day. Where none tells the day: when it was first reported.
    """
    zone = zone_of(incident)
    here = now.astimezone(zone)
    if incident.event_from is None and incident.local_date:
        return day_of_text(incident.local_date, here, language)
    if incident.event_from is not None and not hour_is_known(incident):
        return day(incident.event_from.astimezone(zone), here, language)
    instant = incident.event_from or incident.first_reported_at or incident.first_seen_at
    local = instant.astimezone(zone)
    text = f"{local:%H:%M}"
    if document.notice.late or local.date() != here.date():
        text = language.say("day_hour", day=day(local, here, language), hour=text)
    if incident.event_from is None:
        text = language.say("reported_at", when=text)
    since = ago(instant, now, language)
    return language.say("since", when=text, ago=since) if since else text


def _short(place: str) -> str:
    """The name of a place without what stands in brackets: the message's body has it whole."""
    return closed(_ASIDE.sub("", place).strip()) or place


def _shortened(line: str, fits: Fits) -> str:
    """The line, cut until it fits."""
    room = len(line)
    while not fits(line) and room > 1:
        room -= max(1, room // 50)
        line = closed(cut(line, room))
    return line


def _compose(language: Language, head: str, place: str, facts: str, harm: str | None, by: str, when: str) -> str:
    said = language.join([facts, harm] if harm else [facts])
    line = language.say("line", head=head, place=place, facts=said)
    return language.word("text", "separator").join(part for part in (line, by, when) if part)
