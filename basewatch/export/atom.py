"""Atom (RFC 4287): a feed of notices for any feed reader, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from alerts.headline import first_line
from alerts.links import safe_link
from basewatch.export.record import Record, told
from basewatch.export.xml import child, printed, root
from config.export import ExportSettings

NAMESPACE = "http://www.w3.org/2005/Atom"
ENTRIES = 200  #: the newest; a reader polls more often than so many notices come


def write(records: Sequence[Record], settings: ExportSettings, now: datetime) -> str:
    """The feed; an entry for each notice."""
    newest = list(told(records))[::-1][:ENTRIES]
    feed = root(NAMESPACE, "feed")
    child(feed, "id", f"urn:basewatch:{settings.sender}:notices")
    child(feed, "title", settings.title)
    child(feed, "updated", _stamp(newest[0][1].notice.created_at if newest else now))
    child(child(feed, "author"), "name", settings.sender)
    for record, notice in newest:
        entry = child(feed, "entry")
        child(entry, "id", f"urn:basewatch:{settings.sender}:{notice.notice.id}")
        child(entry, "title", first_line(notice, now=notice.notice.created_at))
        child(entry, "updated", _stamp(notice.notice.created_at))
        child(entry, "category", term=record.incident.severity)
        child(entry, "category", term=notice.notice.kind)
        for source in notice.sources[:1]:
            link = safe_link(source.url)
            if link is not None:
                child(entry, "link", rel="related", href=link[0], hreflang=source.lang)
        quotes = [f"{quote.outlet_name}: {quote.text}" for quote in notice.evidence[:3]]
        child(entry, "content", "\n".join([f"Incident {record.incident.id}.", *quotes]), type="text")
    return printed(feed)


def _stamp(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
