"""Documents and messages for the tests of delivery; the events are made up."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from alerts.channels.base import OutgoingMessage
from core.documents import Casualties, EvidenceQuote, IncidentPart, NoticeDocument, NoticePart, SourcePart
from core.values import Kind, NoticeKind, OriginKind, Outcome, Severity, Status, Weapon

NOW = datetime(2024, 4, 21, 18, 13, tzinfo=UTC)
EVENT = NOW - timedelta(minutes=6)
SECRET = "S3NT1NEL"  #: stands in every URL, password and key of these tests; must appear nowhere else
ARABIC = "تعرضت قاعدة حرير الجوية في محافظة أربيل لهجوم بطائرة مسيرة."


def notice(**changes: Any) -> NoticePart:
    fields: dict[str, Any] = {
        "id": "BW-42.1",
        "number": 1,
        "kind": NoticeKind.NEW,
        "reason": "new-incident",
        "ring": True,
        "created_at": NOW,
    }
    return NoticePart(**fields | changes)


def incident(**changes: Any) -> IncidentPart:
    fields: dict[str, Any] = {
        "id": "BW-42",
        "status": Status.CONFIRMED,
        "severity": Severity.S3,
        "base": "erbil-air-base",
        "base_name": "Erbil air base",
        "country": "IQ",
        "kind": Kind.AIRBASE,
        "lat": 36.2376,
        "lon": 43.9632,
        "time_zone": "Asia/Baghdad",
        "event_from": EVENT,
        "event_to": EVENT,
        "local_date": "2024-04-21",
        "weapons": (Weapon.DRONE,),
        "count_low": 1,
        "count_high": 1,
        "outcome": Outcome.INTERCEPTED,
        "casualties": (Casualties(whose="us", kind="injured", low=0, high=0),),
        "status_by": "CTG",
        "first_reported_at": EVENT,
        "first_seen_at": NOW - timedelta(minutes=1),
    }
    return IncidentPart(**fields | changes)


def evidence(text: str = ARABIC, lang: str = "ar", url: str = "https://www.shafaq.com/ar/1") -> EvidenceQuote:
    return EvidenceQuote(text=text, lang=lang, outlet="shafaq", outlet_name="Shafaq News", url=url)


def source(**changes: Any) -> SourcePart:
    fields: dict[str, Any] = {
        "outlet": "shafaq",
        "outlet_name": "Shafaq News",
        "lang": "ar",
        "title": "هجوم بطائرة مسيرة على قاعدة حرير",
        "url": "https://www.shafaq.com/ar/1",
        "published_at": NOW - timedelta(minutes=2),
        "first_seen_at": NOW - timedelta(minutes=1),
        "origin": "Kurdistan CTG",
        "origin_kind": OriginKind.OFFICIAL,
    }
    return SourcePart(**fields | changes)


def document(**parts: Any) -> NoticeDocument:
    fields: dict[str, Any] = {
        "notice": notice(),
        "incident": incident(),
        "evidence": (evidence(),),
        "sources": (source(),),
        "reasons_for": ("for: a drone and a named base in one sentence",),
        "reasons_against": ("against: one source only",),
    }
    return NoticeDocument(**fields | parts)


def system(text: str = "Channel ops is paused.", **changes: Any) -> NoticeDocument:
    part = notice(id="SYS-7", kind=NoticeKind.SYSTEM, reason="channel-paused", text=text, **changes)
    return NoticeDocument(notice=part)


def hostile(text: str) -> NoticeDocument:
    """A document that says ``text`` wherever text from outside can stand."""
    return document(
        incident=incident(base="other-named", base_name=None, place=text, status_by=text, claimed_by_name=text),
        evidence=(evidence(text, lang="en"),),
        sources=(source(title=text, outlet_name="Other News", origin=text),),
        reasons_for=(f"for: {text}",),
    )


def message(doc: NoticeDocument | None = None, **changes: Any) -> OutgoingMessage:
    return replace(OutgoingMessage(id="msg_2pXq", document=doc or document(), now=NOW), **changes)


def without_isolates(text: str) -> str:
    """The text without our own isolates, which stand in pairs; any that does not stays to be found."""
    while (less := re.sub("\u2068([^\u2068\u2069]*)\u2069", r"\1", text)) != text:
        text = less
    return text


#: what a headline could carry to wake, mislead or break: row 75 of any chat's nightmares
PAYLOADS = (
    "@everyone attack",
    "@here @channel @all attack",
    "<!channel> attack",
    "<!everyone>",
    "<@U024BE7LH> look",
    "<https://evil.example/x|Shafaq News>",
    "[Shafaq News](https://evil.example/x)",
    "![pixel](https://evil.example/p.png)",
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    '"><a href="javascript:alert(1)">x</a>',
    "{0} {incident.__class__} %s %(x)s $NAME ${NAME} {{ 7*7 }}",
    "[red]markup[/red] [link=https://evil.example]x[/link] [/]",
    "line\r\nBcc: evil@example.org\r\n\r\nbody",
    "line\u2028one\u2029two\u0085three\x0bfour\x0cfive",
    "\u202egnp.exe\u202c and \u2066isolate\u2069 \u200f",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 bell\x07",
    "*bold* _it_ ~st~ `code` ```block```",
    "\ud800 lone surrogate \udfff",
    "&lt;!channel&gt; &amp; &#60;script&#62;",
    "javascript:alert(1) file:///etc/passwd",
    "\x00\x01\x02 nul",
)

LONG = (
    "هجوم بطائرات مسيرة على قاعدة عين الأسد " * 130,
    "هێرشێکی درۆنی بۆ سەر بنکەی حەریر " * 160,
    "👩‍👩‍👧‍👦🇮🇶🚨👍🏽" * 400,
    "x" * 5_000,
    "attack & <drone> " * 300,
)
