"""Whether an incident that just changed is told, and how: NEW, UPDATE, CORRECTION or nothing, with a named reason.

Pure: the incident before and after, what was told of it, and the time. The same inputs give the same answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from datetime import date as Date
from enum import StrEnum
from zoneinfo import ZoneInfo

from alerts.incidents import IncidentState
from alerts.ringing import ringing
from config.settings import AlertSettings
from core.documents import Change
from core.values import UNNAMED, NoticeKind, Outcome, Severity, Status

#: an incident that was held just before it became too old to be told is still told; a daemon may have slept meanwhile
LATE_GRACE = timedelta(hours=12)
_GONE = (Status.DENIED, Status.RETRACTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What people were told of an incident until now."""

    notices: int = 0  #: of its own, and digests that told it
    recent_rings: int = 0  #: within ``ring_window_hours``
    first_of_site: bool = False  #: no earlier incident at its site

    @property
    def anything(self) -> bool:
        return self.notices > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """An incident's facts with the severity that they give."""

    facts: IncidentState
    severity: Severity
    severity_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeDecision:
    """The notice to write; ``kind`` None for none. ``reason`` is a stable word either way."""

    kind: NoticeKind | None
    reason: str
    ring: bool = False
    late: bool = False
    ring_reason: str = ""
    changes: tuple[Change, ...] = ()
    held: bool = False  #: it waits a little for others that are late, to be told in one digest


def latest_event(facts: IncidentState, zone: ZoneInfo) -> datetime:
    """The latest instant at which the attack can have happened: its age counts from here.

    The stated time; else the end of its local day, or the first report where that came earlier.
    """
    if facts.event_to is not None:
        return min(facts.event_to, max(facts.first_reported_at, facts.event_from or facts.event_to))
    if facts.event_from is not None:
        return facts.event_from
    if facts.local_date is None:
        return facts.first_reported_at
    return min(_end_of(facts.local_date, zone), facts.first_reported_at)


def _end_of(day: Date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=zone).astimezone(UTC)


def decide(
    before: Assessed | None,
    after: Assessed,
    told: Told,
    *,
    now: datetime,
    zone: ZoneInfo,
    settings: AlertSettings,
    first_poll: bool = False,
    split_from: str | None = None,
) -> NoticeDecision:
    """The notice that one change of an incident calls for.

    ``before`` is None for an incident made now; ``first_poll`` says that the report came with the first poll of its
    source; ``split_from`` names the incident of which people were told until now.
    """
    age = max(now - latest_event(after.facts, zone), timedelta(0))
    if not told.anything:
        return _first(after, told, age, settings, first_poll=first_poll, split_from=split_from)
    assert before is not None
    gone = _withdrawn(before, after)
    if gone is not None:
        old, new = before.facts.certainty, after.facts.certainty
        change = Change(field="status", before=old.status, after=new.status, by=new.by)
        return _notice(NoticeKind.CORRECTION, gone, after, told, age, settings, changes=(change,))
    if after.facts.certainty.status in _GONE:
        return NoticeDecision(kind=None, reason="already-withdrawn")
    changes = tuple(changed(before, after))
    if not changes:
        return NoticeDecision(kind=None, reason="no-fact-changed")
    if age > timedelta(hours=settings.late_hours) and before.severity >= after.severity and not _about_toll(changes):
        return NoticeDecision(kind=None, reason="old-and-no-graver", changes=changes)
    reason = _word(before, after, changes)
    graver = after.severity > before.severity or _toll_rose(before.facts, after.facts)
    return _notice(NoticeKind.UPDATE, reason, after, told, age, settings, changes=changes, graver=graver)


def _first(
    after: Assessed, told: Told, age: timedelta, settings: AlertSettings, *, first_poll: bool, split_from: str | None
) -> NoticeDecision:
    """Whether an incident of which nothing was told is told now."""
    if after.facts.certainty.status in _GONE:
        return NoticeDecision(kind=None, reason="withdrawn-before-told")
    if age > timedelta(hours=settings.late_hours):
        return NoticeDecision(kind=None, reason="older-than-late-hours")
    if first_poll and age >= timedelta(hours=settings.fresh_hours):
        return NoticeDecision(kind=None, reason="first-poll-of-source")
    if split_from is not None:
        change = Change(field="split_from", before=None, after=split_from)
        late = age >= timedelta(hours=settings.fresh_hours)
        return NoticeDecision(
            kind=NoticeKind.NEW, reason="split-off", late=late, ring_reason="told-before", changes=(change,)
        )
    if age >= timedelta(hours=settings.fresh_hours):
        return NoticeDecision(kind=None, reason="late-waits-for-others", late=True, ring_reason="late", held=True)
    return _notice(NoticeKind.NEW, "new-incident", after, told, age, settings)


class Gathering(StrEnum):
    """What becomes of the late incidents that wait to be told."""

    WAIT = "wait"
    EACH = "each"
    DIGEST = "digest"


def gather_late(
    held_at: Sequence[datetime], *, now: datetime, settings: AlertSettings, at_once: bool = False
) -> tuple[Gathering, str]:
    """Whether the late incidents held since these instants are told now, and how; with the stable word of the rule.

    They wait until none has come for ``digest_wait_minutes``, at most three times as long: after an outage they come
    one after the other. Few are told one by one; ``digest_from`` and more, a backlog, are one digest. ``at_once``
    waits for nothing.
    """
    due = late_due_at(held_at, settings)
    if due is None:
        return Gathering.WAIT, "nothing-held"
    if not at_once and now < due:
        return Gathering.WAIT, "more-may-come"
    if len(held_at) >= settings.digest_from:
        return Gathering.DIGEST, "backlog"
    return Gathering.EACH, "few"


def late_due_at(held_at: Sequence[datetime], settings: AlertSettings) -> datetime | None:
    """When the late incidents held since these instants are told, if no other comes; None for none."""
    if not held_at:
        return None
    pause = timedelta(minutes=settings.digest_wait_minutes)
    return min(max(held_at) + pause, min(held_at) + 3 * pause)


def told_late(after: Assessed, told: Told, *, now: datetime, zone: ZoneInfo, settings: AlertSettings) -> NoticeDecision:
    """The notice of one late incident that waited, when it is told alone; none where it is none any more."""
    if told.anything:
        return NoticeDecision(kind=None, reason="told-meanwhile")
    if after.facts.certainty.status in _GONE:
        return NoticeDecision(kind=None, reason="withdrawn-before-told")
    if now - latest_event(after.facts, zone) > timedelta(hours=settings.late_hours) + LATE_GRACE:
        return NoticeDecision(kind=None, reason="older-than-late-hours")
    return NoticeDecision(kind=NoticeKind.NEW, reason="new-incident", late=True, ring_reason="late")


def merged_into(winner: str, told: Told) -> NoticeDecision:
    """What people who were told of an incident hear when it turns out to be another one."""
    if not told.anything:
        return NoticeDecision(kind=None, reason="merged-before-told")
    change = Change(field="merged_into", before=None, after=winner)
    return NoticeDecision(kind=NoticeKind.CORRECTION, reason="merged", ring_reason="told-already", changes=(change,))


def split_into(newcomers: tuple[str, ...], told: Told) -> NoticeDecision:
    """What people who were told of an incident hear when it turns out to be several."""
    if not told.anything:
        return NoticeDecision(kind=None, reason="split-before-told")
    change = Change(field="split_into", before=None, after=", ".join(newcomers))
    return NoticeDecision(kind=NoticeKind.CORRECTION, reason="split", ring_reason="told-already", changes=(change,))


def restored(winner: str, told: Told) -> NoticeDecision:
    """What people hear who were told that an incident was part of another, when it turns out that it was not."""
    if not told.anything:
        return NoticeDecision(kind=None, reason="restored-before-told")
    change = Change(field="merged_into", before=winner, after=None)
    return NoticeDecision(kind=NoticeKind.CORRECTION, reason="restored", ring_reason="told-already", changes=(change,))


def edited(
    before: Assessed,
    after: Assessed,
    changes: tuple[Change, ...],
    told: Told,
    *,
    now: datetime,
    zone: ZoneInfo,
    settings: AlertSettings,
) -> NoticeDecision:
    """The correction that people's own change of an incident's facts calls for; it rings only if it makes it graver."""
    if not told.anything:
        return NoticeDecision(kind=None, reason="edited-before-told")
    if not changes:
        return NoticeDecision(kind=None, reason="no-fact-changed")
    sound = ringing(
        kind=NoticeKind.UPDATE,
        severity=after.severity,
        age=max(now - latest_event(after.facts, zone), timedelta(0)),
        recent_rings=told.recent_rings,
        settings=settings,
        graver=after.severity > before.severity or _toll_rose(before.facts, after.facts),
    )
    return NoticeDecision(
        kind=NoticeKind.CORRECTION, reason="edited", ring=sound.ring, late=sound.late, ring_reason=sound.reason,
        changes=changes,
    )  # fmt: skip


def _notice(
    kind: NoticeKind,
    reason: str,
    after: Assessed,
    told: Told,
    age: timedelta,
    settings: AlertSettings,
    *,
    changes: tuple[Change, ...] = (),
    graver: bool = False,
) -> NoticeDecision:
    sound = ringing(
        kind=kind,
        severity=after.severity,
        age=age,
        recent_rings=told.recent_rings,
        settings=settings,
        first_of_site=told.first_of_site,
        graver=graver,
    )
    return NoticeDecision(
        kind=kind, reason=reason, ring=sound.ring, late=sound.late, ring_reason=sound.reason, changes=changes
    )


# -- what changed ----------------------------------------------------------------------------------------------------


def changed(before: Assessed, after: Assessed) -> Iterator[Change]:
    """The facts that differ enough to be told, gravest first.

    A headline, another outlet, a first "nobody was hurt" or another count of rockets is none.
    """
    by = after.facts.certainty.by
    yield from _toll_changes(before.facts, after.facts, by)
    if before.severity != after.severity and after.severity > before.severity:
        yield Change(field="severity", before=before.severity, after=after.severity, by=by)
    old, new = before.facts, after.facts
    if new.outcome is not Outcome.UNKNOWN and old.outcome is not new.outcome:
        yield Change(field="outcome", before=old.outcome, after=new.outcome, by=by)
    if new.claimed_by is not None and old.claimed_by != new.claimed_by:
        yield Change(field="claimed_by", before=old.claimed_by, after=new.claimed_by)
    if _status_rose(old.certainty.status, new.certainty.status):
        yield Change(field="status", before=old.certainty.status, after=new.certainty.status, by=by)
    if old.base != new.base and new.base != UNNAMED:
        yield Change(field="base", before=old.base, after=new.base)
    elif new.base == old.base == UNNAMED and new.place and not old.place:
        yield Change(field="place", before=None, after=new.place)


def _toll_changes(old: IncidentState, new: IncidentState, by: str | None) -> Iterator[Change]:
    for entry in new.casualties:
        past = old.harm(entry.whose, entry.kind)
        if (entry.high or 0) != ((past.high if past is not None else 0) or 0):
            before = past.high if past is not None else None
            yield Change(field=f"{entry.kind}.{entry.whose}", before=before, after=entry.high, by=by)


def _toll_rose(old: IncidentState, new: IncidentState) -> bool:
    for entry in new.casualties:
        past = old.harm(entry.whose, entry.kind)
        if (entry.high or 0) > ((past.high if past is not None else 0) or 0):
            return True
    return False


def _status_rose(old: Status, new: Status) -> bool:
    """Confirmation, a claim that others report now, and a denial or withdrawal that no longer stands."""
    if old is new or new in _GONE:
        return False
    return new is Status.CONFIRMED or old is Status.CLAIMED or old in _GONE


def _withdrawn(before: Assessed, after: Assessed) -> str | None:
    """ "denied" or "retracted" where the incident has just become so."""
    old, new = before.facts.certainty.status, after.facts.certainty.status
    return new.value if new in _GONE and old is not new else None


def _about_toll(changes: tuple[Change, ...]) -> bool:
    return any(change.field.startswith(("killed", "injured")) for change in changes)


def _word(before: Assessed, after: Assessed, changes: tuple[Change, ...]) -> str:
    """The stable reason of an update: its gravest change."""
    if changes[0].field == "status":
        return "confirmed" if after.facts.certainty.status is Status.CONFIRMED else "reported-by-others"
    return _WORDS.get(changes[0].field.split(".")[0], "fact-changed")


_WORDS = {
    "killed": "toll-changed",
    "injured": "toll-changed",
    "severity": "graver",
    "outcome": "outcome-changed",
    "claimed_by": "claimed",
    "base": "place-named",
    "place": "place-named",
}
