"""Where a report was written: "BAGHDAD (Reuters) -", "Shafaq News- Erbil", "أربيل/". That is no place of an event."""

from __future__ import annotations

import re
from bisect import bisect_left

from alerts.classifier.scan import Hit, Scan
from alerts.classifier.targets import EVENT, NOUN

REACH = 70  #: characters of a body within which its dateline ends
PARTS = 3  #: "Some News / Erbil / 12 March -"
_HASHTAG = re.compile(r"[^\w\n]{0,12}#\w")
_PART = re.compile(r"\s*[^\n—–/|:]{1,60}?(?:\s?[—–/|:]\s?|\s?--?\s|\n)")


def without_dateline(scan: Scan) -> list[Hit]:
    """The hits of a scan without the towns of the dateline; the name of a base proper stays, and so does a country.

    A part that says what happened, or to whom, is no part of a dateline.
    """
    end = begin = scan.title_end
    if _HASHTAG.match(scan.raw, begin):
        return scan.hits  # "#Erbil | drones over the airport": what a channel tags is what it talks of
    for _ in range(PARTS):
        match = _PART.match(scan.raw, end, begin + REACH)
        if match is None or any(_tells(hit) for hit in _between(scan, match.start(), match.end())):
            break
        end = match.end()
    written = [hit for hit in _between(scan, begin, end) if _is_town(hit)]
    return [hit for hit in scan.hits if not any(hit is town for town in written)] if written else scan.hits


def _between(scan: Scan, begin: int, end: int) -> list[Hit]:
    offsets = scan.plain.offsets
    first, last = bisect_left(offsets, begin), bisect_left(offsets, end)
    return [hit for hit in scan.hits if first <= hit.start < last]


def _tells(hit: Hit) -> bool:
    classes = hit.entry.classes
    return bool(classes & (EVENT | NOUN - {"nation", "protected"})) or _is_base(hit)


def _is_base(hit: Hit) -> bool:
    entry = hit.entry
    return entry.site is not None and not _is_town(hit)


def _is_town(hit: Hit) -> bool:
    entry = hit.entry
    return "/" in (entry.place or "") or entry.weak_site or entry.city_site or entry.town_site
