"""What differs between two replays of the same articles: alerts that only one sends, rings, severity, status. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from alerts.headline import first_line
from core.documents import NoticeDocument
from core.values import NoticeKind
from storage.values import NoticeView


@dataclass(slots=True)
class Heard:
    """One incident as one replay told it."""

    urls: set[str] = field(default_factory=set)  #: of the articles that its notices name
    rings: int = 0
    kinds: list[NoticeKind] = field(default_factory=list)
    last: NoticeDocument | None = None

    @property
    def line(self) -> str:
        return first_line(self.last, now=self.last.notice.created_at) if self.last is not None else ""


def contrast(a: Iterable[NoticeView], b: Iterable[NoticeView]) -> list[dict[str, Any]]:
    """A line for each incident told differently: ``change`` is only-a, only-b or the names of what differs.

    Two replays number their incidents apart, so incidents are paired by the articles that they share.
    """
    left, right = heard(a), heard(b)
    found = []
    pairs = _paired(left, right)
    for mine, theirs in pairs:
        changes = _changes(left[mine], right[theirs])
        if changes:
            line = {"change": ", ".join(changes), "line": right[theirs].line}
            found.append(line | {name: f"{before} -> {after}" for name, (before, after) in changes.items()})
    taken_left, taken_right = {mine for mine, _ in pairs}, {theirs for _, theirs in pairs}
    found += [{"change": "only-a", "line": left[key].line} for key in left if key not in taken_left]
    found += [{"change": "only-b", "line": right[key].line} for key in right if key not in taken_right]
    return found


def heard(notices: Iterable[NoticeView]) -> dict[int, Heard]:
    """What was told of each incident."""
    found: defaultdict[int, Heard] = defaultdict(Heard)
    for notice in notices:
        if notice.incident_id is None:
            continue
        one = found[notice.incident_id]
        one.last = NoticeDocument.model_validate(notice.document)
        one.urls.update(source.url for source in one.last.sources)
        one.rings += notice.ring
        one.kinds.append(notice.kind)
    return dict(found)


def _paired(left: Mapping[int, Heard], right: Mapping[int, Heard]) -> list[tuple[int, int]]:
    """Pairs of incidents that share articles, those that share most first; each in one pair at most."""
    shared = [
        (len(one.urls & other.urls), mine, theirs)
        for mine, one in left.items()
        for theirs, other in right.items()
        if not one.urls.isdisjoint(other.urls)
    ]
    pairs: list[tuple[int, int]] = []
    for _, mine, theirs in sorted(shared, key=lambda item: (-item[0], item[1], item[2])):
        if all(mine != one and theirs != other for one, other in pairs):
            pairs.append((mine, theirs))
    return sorted(pairs)


def _changes(a: Heard, b: Heard) -> dict[str, tuple[object, object]]:
    """What differs, by name, before and after."""
    assert a.last is not None
    assert b.last is not None
    assert a.last.incident is not None
    assert b.last.incident is not None
    told = {
        "notices": (len(a.kinds), len(b.kinds)),
        "rings": (a.rings, b.rings),
        "severity": (a.last.incident.severity.value, b.last.incident.severity.value),
        "status": (a.last.incident.status.value, b.last.incident.status.value),
        "site": (a.last.incident.base, b.last.incident.base),
    }
    return {name: pair for name, pair in told.items() if pair[0] != pair[1]}
