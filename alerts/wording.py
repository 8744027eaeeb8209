"""What a message says below its first line, chosen once for all channels; ``rendering.py`` puts it into each format.

Text from outside (headlines, quotes, names of places) is cleaned here, stays a value all the way, and is never used as
a template: no ``str.format`` or ``%`` meets it. A link is kept only if it is http or https; its label is its own host.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts.headline import LIMIT as HEADLINE_LIMIT
from alerts.headline import first_line, prefix
from alerts.links import safe_link
from alerts.phrases import (
    STATUS_WORDS,
    ago,
    casualties_by_whose,
    day,
    day_of_text,
    hour_is_known,
    number_range,
    outcome_words,
    weapon_and_count,
    where,
    zone_of,
)
from core.documents import Change, EvidenceQuote, IncidentPart, NoticeDocument, SourcePart
from core.text import cut, one_line
from core.values import Kind

QUOTE_LIMIT = 240  #: characters quoted of one outlet, whatever the document holds
NOTE_LIMIT = 5_000  #: characters of a system, test or digest text
SOURCES_SHOWN = 12

_LANGUAGES = {
    "en": "English",
    "ar": "Arabic",
    "fa": "Persian",
    "ckb": "Sorani Kurdish",
    "ku": "Kurdish",
    "he": "Hebrew",
    "tr": "Turkish",
    "ru": "Russian",
    "fr": "French",
    "de": "German",
    "es": "Spanish",
}
_KINDS = {Kind.DIPLOMATIC: "diplomatic site", Kind.FORCE: "force", Kind.RADAR: "radar site"}
_CODE_WORD = re.compile(r"[a-z]+(?:_[a-z]+)*")
_FIELDS = {"injured": "hurt", "claimed by": "claimed by", "count": "munitions", "base": "site"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The sentence that proves it, in its own language."""

    text: str
    lang: str  #: as BCP 47, "und" where it is not one
    language: str  #: in words
    rtl: bool  #: written from right to left
    outlet: str
    host: str
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """One article, in order of appearance."""

    outlet: str
    note: str  #: "Arabic, 21:12 local, cites Kurdistan CTG"
    title: Quote | None  #: only where nothing else of this outlet is quoted
    host: str
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """Everything a message says, in the order in which it says it."""

    first_line: str
    note: tuple[str, ...] = ()  #: lines of a system, test or digest notice
    changes: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()  #: label and value
    quotes: tuple[Quote, ...] = ()
    sources: tuple[SourceLine, ...] = ()
    more_sources: int = 0
    reasons: tuple[str, ...] = ()
    id: str  #: of the notice


def compose(document: NoticeDocument, *, now: datetime) -> Body:
    """What the message says; every text in it is one clean line."""
    quotes = _quotes(document.evidence)
    quoted = {quote.outlet for quote in quotes}
    incident = document.incident
    return Body(
        first_line=first_line(document, now=now),
        note=_note(document),
        changes=tuple(change_line(change, incident, now) for change in document.changes),
        facts=tuple(_facts(document, incident, now)) if incident else (),
        quotes=quotes,
        sources=tuple(_source(source, quoted, incident, now) for source in document.sources[:SOURCES_SHOWN]),
        more_sources=max(0, len(document.sources) - SOURCES_SHOWN),
        reasons=tuple(
            cut(one_line(reason), 160) for reason in (*document.reasons_for[:4], *document.reasons_against[:3])
        ),
        id=one_line(document.notice.id),
    )


def plain_text(document: NoticeDocument, *, now: datetime, limit: int | None = None) -> str:
    """The whole message as plain text, the first line first; at most ``limit`` characters.

    Where it is too long whole lines go, so that no link is ever cut; the first line and the id always stay.
    """
    body = compose(document, now=now)
    return fit(list(text_lines(body)), f"[{body.id}]", limit)


def text_lines(body: Body) -> Iterator[str]:
    """The lines of a message in plain text, without the id."""
    yield body.first_line
    yield from body.note
    if body.changes:
        yield ""
        yield from body.changes
    if body.facts:
        yield ""
    for label, value in body.facts:
        yield f"{label}: {value}"
    for quote in body.quotes:
        yield ""
        yield f"{quote.outlet} ({quote.language}):"
        yield f"“{quote.text}”"
    if body.sources:
        yield ""
        yield "Sources, in order of appearance:"
    for position, source in enumerate(body.sources, 1):
        yield f"{position}. {source.outlet} ({source.note})"
        if source.title is not None:
            yield f"“{source.title.text}”"
        if source.url is not None:
            yield source.url
    if body.more_sources:
        yield f"and {body.more_sources} more"
    if body.reasons:
        yield ""
        yield from body.reasons


def fit(lines: list[str], last: str, limit: int | None) -> str:
    """The lines and, after a blank one, ``last``; as many of the first ones as fit into ``limit`` characters."""
    whole = "\n".join([*lines, "", last])
    if limit is None or len(whole) <= limit:
        return whole
    room = limit - len(last) - len("…\n")
    kept: list[str] = []
    for line in lines:
        if room < len(line) + 1:
            break
        kept.append(line)
        room -= len(line) + 1
    while len(kept) > 1 and kept[-1] == "":
        kept.pop()
    if not kept:  # a limit below a first line: nothing of ours has one, a caller may
        return cut(lines[0], limit)
    return "\n".join([*kept, "…", last])


def is_rtl(text: str) -> bool:
    """Whether the first strong letter is written from right to left (as Unicode's bidi algorithm decides, rule P2)."""
    for char in text:
        direction = unicodedata.bidirectional(char)
        if direction in ("R", "AL"):
            return True
        if direction == "L":
            return False
    return False


def change_line(change: Change, incident: IncidentPart | None, now: datetime) -> str:
    """ "hurt: was 2, now 5 — per CENTCOM"."""
    words = re.sub(r"[_.]+", " ", one_line(change.field)).strip()
    for code, plain in _FIELDS.items():
        words = re.sub(rf"\b{code}\b", plain, words)
    before, after = (_value(value, incident, now) for value in (change.before, change.after))
    line = f"{words}: was {before}, now {after}"
    return cut(f"{line} — per {one_line(change.by)}" if change.by else line, 300)


def _value(value: Any, incident: IncidentPart | None, now: datetime) -> str:
    """One JSON value of a change, in words."""
    if value is None or value in ("", []):
        return "not stated"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(_value(item, incident, now) for item in value)
    if isinstance(value, dict):
        if set(value) <= {"low", "high"}:
            return number_range(value.get("low"), value.get("high")) or "not stated"
        return ", ".join(f"{one_line(str(key))} {_value(item, incident, now)}" for key, item in value.items())
    text = one_line(str(value))
    if re.match(r"\d{4}-\d\d-\d\dT", text) and incident is not None:
        try:
            return _clock(datetime.fromisoformat(text), incident, now)
        except ValueError:
            return text
    return text.replace("_", " ") if _CODE_WORD.fullmatch(text) else text


def _clock(instant: datetime, incident: IncidentPart, now: datetime) -> str:
    zone = zone_of(incident)
    local = instant.astimezone(zone)
    return f"{day(local, now.astimezone(zone))} {local:%H:%M} local"


def _note(document: NoticeDocument) -> tuple[str, ...]:
    """The lines of a system, test or digest text; none where the first line says it all."""
    text = cut(document.notice.text or "", NOTE_LIMIT)
    lines = tuple(line for line in map(one_line, text.splitlines()) if line)
    said = document.incident is None and len(prefix(document)) + len(" ".join(lines)) <= HEADLINE_LIMIT
    return () if said and len(lines) == 1 else lines


def _facts(document: NoticeDocument, incident: IncidentPart, now: datetime) -> Iterator[tuple[str, str]]:
    weapon = weapon_and_count(incident)
    yield "What", f"{weapon}, {outcome_words(incident) or 'outcome not stated'}"
    yield "Where", _where(incident)
    yield "When", _when(incident, now) + (" (late: already old when it was first seen)" if document.notice.late else "")
    yield "Casualties", "; ".join(casualties_by_whose(incident)) or "not stated"
    if incident.claimed_by or incident.claimed_by_name:
        yield "Claimed by", one_line(incident.claimed_by_name or incident.claimed_by or "")
    if incident.attributed_to or incident.attributed_to_name:
        yield "Attributed to", one_line(incident.attributed_to_name or incident.attributed_to or "")
    by = f" ({one_line(incident.status_by)})" if incident.status_by else ""
    yield "Status", f"{STATUS_WORDS[incident.status]}{by}, severity {incident.severity}"
    yield "Reports", f"{incident.report_count} from {incident.outlet_count} outlet{'s'[: incident.outlet_count != 1]}"


def _where(incident: IncidentPart) -> str:
    name = where(incident)
    extras = (one_line(incident.place or ""), one_line(incident.country or ""))
    text = ", ".join([name, *(extra for extra in extras if extra and extra not in name)])
    return f"{text} ({_KINDS.get(incident.kind, incident.kind.value)})" if incident.kind else text


def _when(incident: IncidentPart, now: datetime) -> str:
    """Local time and UTC, and how long ago; the day alone where no report tells the hour."""
    zone = zone_of(incident)
    here = now.astimezone(zone)
    instant = incident.event_from
    if instant is not None and hour_is_known(incident):
        local = instant.astimezone(zone)
        since = ago(instant, now)
        text = f"{day(local, here)} {local:%H:%M} local, {instant:%H:%M} UTC"
        return f"{text}, {since}" if since else text
    if incident.local_date:
        return f"{day_of_text(incident.local_date, here)}, hour not stated"
    if instant is not None:
        return f"{day(instant.astimezone(zone), here)}, hour not stated"
    seen = incident.first_reported_at or incident.first_seen_at
    return f"not stated; first reported {_clock(seen, incident, now)}, {seen:%H:%M} UTC"


def _quotes(evidence: Iterable[EvidenceQuote]) -> tuple[Quote, ...]:
    """The quotes, at most QUOTE_LIMIT characters of one outlet in all."""
    left: dict[str, int] = {}
    quotes = []
    for item in evidence:
        room = left.get(item.outlet, QUOTE_LIMIT)
        text = cut(one_line(item.text), room)
        if room < 20 or not text:
            continue
        left[item.outlet] = room - len(text)
        quotes.append(_quote(text, item.lang, item.outlet_name, item.url))
    return tuple(quotes)


def _quote(text: str, lang: str, outlet: str, url: str) -> Quote:
    link = safe_link(url)
    code = lang if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", lang) else "und"
    return Quote(
        text=text,
        lang=code,
        language=_LANGUAGES.get(code.split("-")[0].lower(), code),
        rtl=is_rtl(text),
        outlet=cut(one_line(outlet), 60),
        host=link[1] if link else "",
        url=link[0] if link else None,
    )


def _source(source: SourcePart, quoted: set[str], incident: IncidentPart | None, now: datetime) -> SourceLine:
    as_quote = _quote(cut(one_line(source.title), QUOTE_LIMIT), source.lang, source.outlet_name, source.url)
    seen = source.published_at or source.first_seen_at
    note = [as_quote.language, _clock(seen, incident, now) if incident else f"{seen:%H:%M} UTC"]
    if source.origin:
        note.append(f"cites {cut(one_line(source.origin), 60)}")
    return SourceLine(
        outlet=as_quote.outlet,
        note=", ".join(note),
        title=as_quote if as_quote.text and as_quote.outlet not in quoted else None,
        host=as_quote.host,
        url=as_quote.url,
    )
