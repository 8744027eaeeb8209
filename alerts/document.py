"""The document of a notice, built from an incident's facts and reports; written once, read by every channel.

Quotes are cut to 240 characters an outlet: what leaves the machine is proof and a link, never the article.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.notices import Assessed, NoticeDecision
from alerts.places import Places
from config.watch import Watch
from core.documents import EvidenceQuote, IncidentPart, NoticeDocument, NoticePart, SourcePart
from core.text import cut, one_line
from core.values import Attack, Mention

QUOTE_LIMIT = 240  #: characters of one outlet's words in one document
SOURCE_LIMIT = 20  #: articles listed; the incident's counts tell how many there are
TITLE_LIMIT = 200
REASON_LIMIT = 12  #: sentences for and against, each
_BLANK = "\n\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One article attached to an incident, as a document needs it."""

    mention: Mention
    url: str
    title: str
    text: str
    lang: str
    outlet_name: str
    reasons: tuple[str, ...] = ()  #: of the verdict: sentences starting with "for: " or "against: "


def build_document(
    decision: NoticeDecision,
    assessed: Assessed,
    reports: Iterable[Report],
    *,
    watch: Watch,
    places: Places,
    incident_id: str,
    number: int,
    now: datetime,
) -> NoticeDocument:
    """The whole document. ``decision.kind`` must not be None; ``incident_id`` is the public one ("BW-42")."""
    assert decision.kind is not None
    ordered = sorted(reports, key=lambda r: (r.mention.known_at, r.mention.first_seen_at, r.url))
    notice = NoticePart(
        id=f"{incident_id}.{number}",
        number=number,
        kind=decision.kind,
        reason=decision.reason,
        ring=decision.ring,
        late=decision.late,
        created_at=now,
    )
    reasons = [reason for report in ordered for reason in report.reasons]
    return NoticeDocument(
        notice=notice,
        incident=incident_part(assessed, watch=watch, places=places, incident_id=incident_id),
        changes=decision.changes,
        evidence=quotes(ordered),
        sources=sources(ordered),
        reasons_for=_sentences(reasons, "for: "),
        reasons_against=_sentences(reasons, "against: "),
    )


def incident_part(assessed: Assessed, *, watch: Watch, places: Places, incident_id: str) -> IncidentPart:
    """The incident as the document shows it, with the watch's names; also what ``incidents --json`` prints."""
    facts = assessed.facts
    site = places.site(facts.base)
    zone = places.zone(Attack(base=facts.base, country=facts.country))
    return IncidentPart(
        id=incident_id,
        status=facts.certainty.status,
        severity=assessed.severity,
        base=facts.base,
        base_name=site.name if site is not None else None,
        place=facts.place,
        country=facts.country,
        kind=facts.kind,
        lat=site.lat if site is not None else None,
        lon=site.lon if site is not None else None,
        time_zone=zone.key,
        event_from=facts.event_from,
        event_to=facts.event_to,
        local_date=facts.local_date.isoformat() if facts.local_date is not None else None,
        weapons=facts.weapons,
        count_low=facts.count_low,
        count_high=facts.count_high,
        outcome=facts.outcome,
        casualties=facts.casualties,
        claimed_by=facts.claimed_by,
        claimed_by_name=_actor(watch, facts.claimed_by),
        attributed_to=facts.attributed_to,
        attributed_to_name=_actor(watch, facts.attributed_to),
        status_by=_actor(watch, facts.certainty.by) or facts.certainty.by,
        first_reported_at=facts.first_reported_at,
        first_seen_at=facts.first_seen_at,
        report_count=facts.report_count,
        outlet_count=facts.outlet_count,
    )


def _actor(watch: Watch, actor_id: str | None) -> str | None:
    actor = watch.actors.get(actor_id or "")
    return actor.name if actor is not None else None


def quotes(reports: Sequence[Report]) -> tuple[EvidenceQuote, ...]:
    """The sentences that prove it, the first reports first; all of one outlet together at most 240 characters."""
    left: dict[str, int] = {}
    found = []
    for report in reports:
        outlet = report.mention.outlet
        room = left.get(outlet, QUOTE_LIMIT)
        text = one_line(proof(report))
        if not text or (room < QUOTE_LIMIT and len(text) > room):
            continue  # a second quote of an outlet only where it fits whole
        quote = cut(text, room)
        left[outlet] = room - len(quote)
        found.append(
            EvidenceQuote(
                text=quote, lang=report.lang, outlet=outlet, outlet_name=one_line(report.outlet_name), url=report.url
            )
        )
    return tuple(found[:SOURCE_LIMIT])


def proof(report: Report) -> str:
    """The sentence around the evidence of the attack itself, else of its base or weapons; else the headline."""
    whole = report.title + _BLANK + report.text
    evidence = report.mention.attack.evidence
    for name in ("attack", "base", "weapons", "outcome"):
        for piece in evidence:
            if piece.field == name and 0 <= piece.start < piece.end <= len(whole):
                return _sentence_around(whole, piece.start, piece.end, len(report.title))
    return report.title or report.text


def _sentence_around(whole: str, start: int, end: int, title_end: int) -> str:
    """The sentence that holds the span; the headline where the span lies in it."""
    if start < title_end:
        return whole[:title_end]
    begin = max((whole.rfind(mark, 0, start) + len(mark) for mark in _ENDS if mark in whole[:start]), default=0)
    ends = [position + 1 for mark in _ENDS if (position := whole.find(mark, end)) >= 0]
    return whole[begin : min(ends, default=len(whole))].strip()


#: what ends a sentence in the languages of the lexicons (Arabic and Persian question mark, Urdu full stop)
_ENDS = (". ", "! ", "? ", "؟ ", "۔ ", ".\n", "\n")


def sources(reports: Sequence[Report]) -> tuple[SourcePart, ...]:
    """The articles in order of appearance, each with whom it cites."""
    return tuple(_source(report) for report in reports[:SOURCE_LIMIT])


def _source(report: Report) -> SourcePart:
    mention = report.mention
    origin = next(iter(mention.attack.origins), None)
    return SourcePart(
        outlet=mention.outlet,
        outlet_name=one_line(report.outlet_name),
        lang=report.lang,
        title=cut(one_line(report.title), TITLE_LIMIT),
        url=report.url,
        published_at=mention.published_at,
        first_seen_at=mention.first_seen_at,
        origin=one_line(origin.name) if origin is not None else None,
        origin_kind=origin.kind if origin is not None else None,
    )


def _sentences(reasons: Sequence[str], prefix: str) -> tuple[str, ...]:
    found = [one_line(reason.removeprefix(prefix)) for reason in reasons if reason.startswith(prefix)]
    return tuple(dict.fromkeys(found))[:REASON_LIMIT]
