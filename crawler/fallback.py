"""Which sources of an outlet are read: its main ones always, a spare while those before it do not do their work. Pure.

A line is the sources of one outlet in one language. Main sources go on being polled while a spare stands in, so that
their recovery is seen; then the spare stands by again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from storage.values import SourceState

FAILURES_BEFORE = 3  #: in a row: a spare is called for what may pass
#: causes that seldom pass by themselves: the second time is enough
_STUBBORN = frozenset({
    "http_401", "http_403", "http_404", "http_410", "blocked_page", "robots", "redirect_refused", "address_refused",
    "bad_xml", "bad_json", "empty_feed", "not_html", "too_large", "tls", "dns",
})  # fmt: skip
_FAILURES_OF_STUBBORN = 2
QUIET_AT_LEAST, QUIET_AT_MOST = timedelta(hours=12), timedelta(hours=72)
QUIET_GAPS = 20  #: times a source's own usual gap between two new entries, within the limits above
_ENTRIES_FOR_HABIT = 20  #: fewer say nothing of a habit
HOLD = timedelta(minutes=30)  #: a spare that was called is read at least so long: no flapping


@dataclass(frozen=True, slots=True)
class Change:
    """A spare to be called or sent back."""

    source_id: str
    active: bool
    why: str | None  #: for people


def decide(sources: Iterable[SourceState], now: datetime) -> list[Change]:
    """What is to change in the lines of one outlet; ``sources`` stand in order of preference."""
    lines: dict[str | None, list[SourceState]] = {}
    for source in sources:
        lines.setdefault(source.lang, []).append(source)
    return [change for line in lines.values() for change in _decide_line(line, now)]


def trouble(source: SourceState, now: datetime) -> str | None:
    """Why this source does not do its work, for people; None where it does, or was never tried."""
    enough = _FAILURES_OF_STUBBORN if source.cause_code in _STUBBORN else FAILURES_BEFORE
    if source.failures >= enough:
        return f"{source.source_id} fails ({source.cause_code})"
    brought_at = source.last_listed_at or source.last_new_at
    if brought_at is not None and source.entries_total >= _ENTRIES_FOR_HABIT:
        since = max(brought_at, source.active_since or brought_at)  # while it stood by it was not asked
        if now - since > min(max(QUIET_GAPS * _usual_gap(source, brought_at), QUIET_AT_LEAST), QUIET_AT_MOST):
            return f"{source.source_id} has brought nothing new since {brought_at:%Y-%m-%d %H:%M} UTC"
    return None


def _usual_gap(source: SourceState, brought_at: datetime) -> timedelta:
    """Time between two entries, by the source's habit where it is known, else by its count so far."""
    if source.items_per_hour:
        return timedelta(hours=min(1 / source.items_per_hour, 10_000))
    return (brought_at - source.registered_at) / source.entries_total


def _decide_line(line: Sequence[SourceState], now: datetime) -> Iterable[Change]:
    mains = [source for source in line if not source.spare]
    spares = [source for source in line if source.spare]
    paused = {_host(source) for source in line if source.cause_code == "rate_limited"}
    why: str | None = next((found for source in mains if (found := trouble(source, now))), None)
    if not mains:
        why = "it is the outlet's first choice in this language"
    for spare in spares:
        if why is None:
            if spare.active and not _is_held(spare, now):
                yield Change(spare.source_id, active=False, why=None)
            continue
        if _host(spare) in paused and not spare.active:
            continue  # the host asked us to leave it alone: not by this door either
        if not spare.active:
            yield Change(spare.source_id, active=True, why=why)
        # A spare that works ends the search; those after it are called only if it fails too.
        why = trouble(spare, now) if spare.active else None


def _is_held(spare: SourceState, now: datetime) -> bool:
    return spare.active_since is not None and timedelta(0) <= now - spare.active_since < HOLD


def _host(source: SourceState) -> str:
    return urlsplit(source.url).netloc
