"""Which fields the pages of a source usually give, and whether they still do. Pure.

The last RECENT pages stand apart from those before them, which are the norm. A field that most pages had and that under
half as many have now means that the outlet changed its layout, or put up a wall.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import IntFlag

RECENT = 20  #: pages that stand for "now": a morning of a busy outlet
ENOUGH = 10  #: pages before anything is concluded from them
_NORM_AFTER = 20  #: pages before there is a norm
_NORM_PAGES = 500.0  #: older pages weigh less, so that the norm follows years
_USUAL = 0.5  #: a field that fewer pages have is not missed
_DROP = 0.5  #: of the norm


class PageField(IntFlag):
    """What a page gave."""

    READ = 1  #: it was fetched and was a page
    TITLE = 2
    TIME = 4
    TEXT = 8


FIELDS = (PageField.TITLE, PageField.TIME, PageField.TEXT)


@dataclass(frozen=True, slots=True)
class PageHabit:
    """What the pages of a source had."""

    recent: tuple[int, ...] = ()  #: PageField sums, oldest first, at most RECENT
    pages: float = 0.0  #: pages before those, the older ones weighing less
    read: float = 0.0  #: of them fetched
    filled: tuple[float, float, float] = (0.0, 0.0, 0.0)  #: of those with title, time, text
    cause: str | None = None  #: why the last page that could not be read could not

    def after(self, page: PageField, cause: str | None = None) -> PageHabit:
        """With one more page; ``cause``: why it was not read. The norm learns nothing while something is missing."""
        recent = (*self.recent, int(page))
        cause = cause or self.cause
        if len(recent) <= RECENT:
            return PageHabit(recent, self.pages, self.read, self.filled, cause)
        oldest, recent = PageField(recent[0]), recent[1:]
        if self.missing() or self.unread():
            return PageHabit(recent, self.pages, self.read, self.filled, cause)
        left = min(1.0, _NORM_PAGES / (self.pages + 1))
        is_read = PageField.READ in oldest
        title, time, text = (
            (known + (is_read and field in oldest)) * left for field, known in zip(FIELDS, self.filled, strict=True)
        )
        return PageHabit(recent, (self.pages + 1) * left, (self.read + is_read) * left, (title, time, text), cause)

    def missing(self) -> list[str]:
        """The fields whose share among the pages read fell under half of its norm: "title", "time", "text"."""
        read = [page for page in self.recent if page & PageField.READ]
        if len(read) < ENOUGH or self.read < _NORM_AFTER:
            return []
        lost = []
        for field, filled in zip(FIELDS, self.filled, strict=True):
            norm, now = filled / self.read, sum(bool(page & field) for page in read) / len(read)
            if norm >= _USUAL and now < _DROP * norm:
                lost.append(str(field.name).lower())
        return lost

    def unread(self) -> bool:
        """Whether under half as many pages as usual can be read at all (usual is "all" before there is a norm)."""
        if len(self.recent) < ENOUGH:
            return False
        norm = self.read / self.pages if self.pages >= _NORM_AFTER else 1.0
        now = sum(page & PageField.READ for page in self.recent) / len(self.recent)
        return now < _DROP * norm

    def to_text(self) -> str:
        """Some 150 bytes of JSON."""
        numbers = [round(value, 3) for value in (self.pages, self.read, *self.filled)]
        return json.dumps({"recent": self.recent, "norm": numbers, "cause": self.cause}, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str | None) -> PageHabit:
        """Raises ValueError for what ``to_text`` did not write; an empty habit for None."""
        if text is None:
            return cls()
        kept = json.loads(text)
        pages, read, title, time, words = kept["norm"]
        return cls(tuple(kept["recent"]), pages, read, (title, time, words), kept["cause"])
