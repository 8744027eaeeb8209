"""What the crawler has done since it started: for status, metrics and ``run --once``."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from crawler.outcomes import CAUSES, NETWORK


@dataclass(slots=True)
class CrawlSummary:
    """Counts by outcome word, from zero; every word of the table is there from the first second."""

    polls: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(CAUSES, 0)))
    pages: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(CAUSES, 0)))
    entries_seen: int = 0
    entries_skipped: int = 0  #: without address, double or unreadable
    entries_new: int = 0
    entries_changed: int = 0
    entries_gone: int = 0  #: deleted by their outlet
    headlines_known: int = 0  #: of a search, matched back to an article of our own
    articles_new: int = 0
    articles_changed: int = 0  #: new versions
    articles_duplicate: int = 0
    articles_from_feed: int = 0  #: stored without their page
    malformed_feeds: int = 0  #: read in spite of wrong XML
    bytes_read: int = 0  #: after decompression
    reader_restarts: int = 0
    errors: int = 0  #: faults of our own, caught at the edge
    offline: bool = False  #: no host at all could be reached lately

    @property
    def failed_polls(self) -> int:
        return sum(count for cause, count in self.polls.items() if cause not in ("ok", "not_modified"))

    def to_json(self) -> dict[str, Any]:
        """Plain values; outcome words that never came up are left out."""
        return {
            "polls": {cause: count for cause, count in self.polls.items() if count},
            "pages": {cause: count for cause, count in self.pages.items() if count},
            "entries": {"seen": self.entries_seen, "skipped": self.entries_skipped, "new": self.entries_new,
                        "changed": self.entries_changed, "gone": self.entries_gone,
                        "headlines_known": self.headlines_known},
            "articles": {"new": self.articles_new, "changed": self.articles_changed,
                         "duplicate": self.articles_duplicate, "from_feed": self.articles_from_feed},
            "malformed_feeds": self.malformed_feeds,
            "bytes_read": self.bytes_read,
            "reader_restarts": self.reader_restarts,
            "errors": self.errors,
            "offline": self.offline,
        }  # fmt: skip


class Reachability:
    """Tells "that outlet is down" from "this machine is cut off": no answer from anybody is the latter.

    Offline after network failures of at least three hosts (or of all, where fewer are read) without one answer between;
    any answer, even a refusal, ends it.
    """

    _ENOUGH = 3

    def __init__(self, hosts: int) -> None:
        self._enough = max(1, min(self._ENOUGH, hosts))
        self._silent: set[str] = set()

    def note(self, host: str, cause: str) -> bool:
        """Take in one outcome; True while offline."""
        if cause in NETWORK:
            self._silent.add(host)
        else:
            self._silent.clear()
        return self.offline

    @property
    def offline(self) -> bool:
        return len(self._silent) >= self._enough
