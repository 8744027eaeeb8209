"""What a message says below its first line, chosen once for all channels; ``rendering.py`` puts it into each format.

Text from outside (headlines, quotes, names of places) is cleaned here, stays a value all the way, and is never used as
a template: no ``str.format`` or ``%`` meets it. A link is kept only if it is http or https; its label is its own host.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from alerts.changes import change_line
from alerts.headline import LIMIT as HEADLINE_LIMIT
from alerts.headline import first_line, prefix, status_by, text_of
from alerts.language import Language, english, is_rtl
from alerts.links import map_link, safe_link
from alerts.phrases import (
    actor,
    ago,
    casualties_by_whose,
    clock,
    country,
    day,
    day_of_text,
    hour_is_known,
    what_at_length,
    where,
    zone_of,
)
from core.documents import EvidenceQuote, IncidentPart, NoticeDocument, SourcePart
from core.text import cut, one_line

__all__ = ["Body", "Quote", "SourceLine", "change_line", "compose", "fit", "is_rtl", "plain_text", "text_lines"]

QUOTE_LIMIT = 240  #: characters quoted of one outlet, whatever the document holds
SOURCES_SHOWN = 12


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
    language: Language
    note: tuple[str, ...] = ()  #: lines of a system, test or digest notice
    changes: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()  #: label and value
    quotes: tuple[Quote, ...] = ()
    sources: tuple[SourceLine, ...] = ()
    more_sources: int = 0
    map: tuple[str, str] | None = None  #: URL and host of a map of the place
    act: tuple[str, ...] = ()  #: lines: where to read more and what to do
    reasons: tuple[str, ...] = ()
    cut: str = "…"  #: stands where a channel has no room for the rest, and says how to see it
    id: str  #: of the notice

    @property
    def labelled(self) -> tuple[str, ...]:
        """The facts as lines."""
        return tuple(self.language.say("label", label=label, value=value) for label, value in self.facts)


def compose(document: NoticeDocument, *, now: datetime, language: Language | None = None) -> Body:
    """What the message says; every text in it is one clean line."""
    words = language or english()
    quotes = _quotes(document.evidence, words)
    quoted = {quote.outlet for quote in quotes}
    incident = document.incident
    shown = document.sources[:SOURCES_SHOWN]
    return Body(
        first_line=first_line(document, now=now, language=words),
        language=words,
        note=_note(document, words),
        changes=tuple(change_line(change, incident, now, words) for change in document.changes),
        facts=tuple(_facts(document, incident, now, words)) if incident else (),
        map=map_link(incident.lat, incident.lon) if incident else None,
        quotes=quotes,
        sources=tuple(_source(source, quoted, incident, now, words) for source in shown),
        more_sources=max(0, len(document.sources) - SOURCES_SHOWN),
        act=_act(incident, words) if incident else (),
        reasons=tuple(
            cut(one_line(reason), 160) for reason in (*document.reasons_for[:4], *document.reasons_against[:3])
        ),
        cut=_cut(incident, words),
        id=one_line(document.notice.id),
    )


def _cut(incident: IncidentPart | None, words: Language) -> str:
    if incident is None:
        return words.say("cut_text", show=words.apart("basewatch deliveries show ID"))
    return words.say("cut_incident", show=words.apart(f"basewatch incidents show {incident.id}"))


def _act(incident: IncidentPart, words: Language) -> tuple[str, ...]:
    """What whoever reads it can do about the incident, as commands."""
    commands = {
        "show": f"basewatch incidents show {incident.id}",
        "ack": f"basewatch ack {incident.id} --by NAME",
        "silence": f"basewatch silence add --incident {incident.id} --for 2h --reason WHY",
    }
    said = words.say("act", **{key: words.apart(command) for key, command in commands.items()})
    return tuple(said.splitlines())


def plain_text(
    document: NoticeDocument, *, now: datetime, limit: int | None = None, language: Language | None = None
) -> str:
    """The whole message as plain text, the first line first; at most ``limit`` characters.

    Where it is too long whole lines go, so that no link is ever cut; the first line and the id always stay.
    """
    body = compose(document, now=now, language=language)
    return fit(list(text_lines(body)), f"[{body.id}]", limit, cut_here=body.cut)


def text_lines(body: Body) -> Iterator[str]:
    """The lines of a message in plain text, without the id; text that runs against its line is set apart."""
    words = body.language
    yield body.first_line
    yield from body.note
    if body.changes:
        yield ""
        yield from body.changes
    if body.facts:
        yield ""
    yield from body.labelled
    if body.map is not None:
        yield words.say("label", label=words.word("label", "map"), value=body.map[0])
    for quote in body.quotes:
        yield ""
        yield from quote_lines(body, quote)
    if body.sources:
        yield ""
        yield words.say("sources")
    for position, source in enumerate(body.sources, 1):
        yield f"{position}. {words.say('source', outlet=words.apart(source.outlet), note=source.note)}"
        if source.title is not None:
            yield words.apart(words.say("quote", quote=source.title.text))
        if source.url is not None:
            yield source.url
    if body.more_sources:
        yield words.say("more_sources", n=body.more_sources)
    if body.act:
        yield ""
        yield from body.act
    if body.reasons:
        yield ""
        yield from map(words.apart, body.reasons)


def quote_lines(body: Body, quote: Quote) -> tuple[str, str]:
    """Whose words, and the words."""
    words = body.language
    return (
        words.say("quote_by", outlet=words.apart(quote.outlet), language=quote.language),
        words.apart(words.say("quote", quote=quote.text)),
    )


def fit(lines: list[str], last: str, limit: int | None, cut_here: str = "…") -> str:
    """The lines and, after a blank one, ``last``; as many of the first ones as fit into ``limit`` characters, and
    ``cut_here`` where some do not."""
    whole = "\n".join([*lines, "", last])
    if limit is None or len(whole) <= limit:
        return whole
    if limit < len(lines[0]) + len(cut_here) + len(last) + 2:
        cut_here = "…"
    room = limit - len(last) - len(cut_here) - 1
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
    return "\n".join([*kept, cut_here, last])


def _note(document: NoticeDocument, words: Language) -> tuple[str, ...]:
    """The lines of a system, test or digest text or a reminder, without what the first line of the message says."""
    lines = text_of(document, words)
    stands_above = (
        document.incident is None and bool(lines) and len(prefix(document, words) + lines[0]) <= HEADLINE_LIMIT
    )
    return lines[1:] if stands_above else lines


def _facts(
    document: NoticeDocument, incident: IncidentPart, now: datetime, words: Language
) -> Iterator[tuple[str, str]]:
    def fact(label: str, value: str) -> tuple[str, str]:
        return words.word("label", label), value

    when = _when(incident, now, words)
    yield fact("what", what_at_length(incident, words))
    yield fact("where", _where(incident, words))
    yield fact("when", words.say("late", when=when) if document.notice.late else when)
    harmed = words.word("text", "semicolon").join(casualties_by_whose(incident, words))
    yield fact("casualties", harmed or words.say("not_stated"))
    if claimed := actor(incident.claimed_by, incident.claimed_by_name, words):
        yield fact("claimed_by", claimed)
    if blamed := actor(incident.attributed_to, incident.attributed_to_name, words):
        yield fact("attributed_to", blamed)
    by = status_by(incident, words) if incident.status_by else ""
    status = words.word("status", incident.status)
    said = words.say("status_by" if by else "status", status=status, by=by, severity=words.apart(incident.severity))
    yield fact("status", said)
    reports = words.form("reports", incident.report_count)
    yield fact("reports", words.form("outlets", incident.outlet_count, reports=reports))


def _where(incident: IncidentPart, words: Language) -> str:
    name = where(incident, words)
    extras = (words.apart(one_line(incident.place or "")), country(incident.country, words) if incident.country else "")
    text = words.join([name, *(extra for extra in extras if extra and extra not in name)])
    if incident.kind is None:
        return text
    return words.say("by", text=text, by=words.word("kind", incident.kind, incident.kind.value))


def _when(incident: IncidentPart, now: datetime, words: Language) -> str:
    """Local time and UTC, and how long ago; the day alone where no report tells the hour."""
    zone = zone_of(incident)
    here = now.astimezone(zone)
    instant = incident.event_from
    if instant is not None and hour_is_known(incident):
        parts = [clock(instant, incident, now, words), words.say("utc", hour=f"{instant.astimezone(UTC):%H:%M}")]
        since = ago(instant, now, words)
        return words.join([*parts, since] if since else parts)
    if incident.local_date:
        return words.say("hour_unknown", day=day_of_text(incident.local_date, here, words))
    if instant is not None:
        return words.say("hour_unknown", day=day(instant.astimezone(zone), here, words))
    seen = incident.first_reported_at or incident.first_seen_at
    utc = words.say("utc", hour=f"{seen.astimezone(UTC):%H:%M}")
    return words.say("when_unknown", when=words.join([clock(seen, incident, now, words), utc]))


def _quotes(evidence: Iterable[EvidenceQuote], words: Language) -> tuple[Quote, ...]:
    """The quotes, at most QUOTE_LIMIT characters of one outlet in all."""
    left: dict[str, int] = {}
    quotes = []
    for item in evidence:
        room = left.get(item.outlet, QUOTE_LIMIT)
        text = cut(one_line(item.text), room)
        if room < 20 or not text:
            continue
        left[item.outlet] = room - len(text)
        quotes.append(_quote(text, item.lang, item.outlet_name, item.url, words))
    return tuple(quotes)


def _quote(text: str, lang: str, outlet: str, url: str, words: Language) -> Quote:
    link = safe_link(url)
    code = lang if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", lang) else "und"
    return Quote(
        text=text,
        lang=code,
        language=words.word("language_name", code.split("-")[0].lower(), code),
        rtl=is_rtl(text),
        outlet=cut(one_line(outlet), 60),
        host=link[1] if link else "",
        url=link[0] if link else None,
    )


def _source(
    source: SourcePart, quoted: set[str], incident: IncidentPart | None, now: datetime, words: Language
) -> SourceLine:
    as_quote = _quote(cut(one_line(source.title), QUOTE_LIMIT), source.lang, source.outlet_name, source.url, words)
    seen = source.published_at or source.first_seen_at
    at = clock(seen, incident, now, words) if incident else words.say("utc", hour=f"{seen.astimezone(UTC):%H:%M}")
    note = [as_quote.language, at]
    if source.origin:
        note.append(words.say("cites", origin=words.apart(cut(one_line(source.origin), 60))))
    return SourceLine(
        outlet=as_quote.outlet,
        note=words.join(note),
        title=as_quote if as_quote.text and as_quote.outlet not in quoted else None,
        host=as_quote.host,
        url=as_quote.url,
    )
