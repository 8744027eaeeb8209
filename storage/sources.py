"""Sources: when each is due, and what its last poll brought.

``record_poll`` is one transaction for validators, state, next poll and wanted pages: a kill leaves all or nothing, so
no ETag is ever believed whose entries were lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from sqlalchemy import BigInteger, Integer, Table, bindparam, case, func, or_, select, true, update
from sqlalchemy.orm import Session

from storage import deletions, habits, source_parts
from storage.meta import dialect_insert
from storage.tables import Entry, Page, Source
from storage.types import SafeText, UtcDateTime, url_key
from storage.values import EntrySeed, PollOutcome, PollRecorded, SourceSeed, SourceState

V = TypeVar("V")

#: an entry whose hash changes at each poll (a counter in its text) is fetched again this often, then no more
#: (lemon24/reader caps hash-only updates at 24 likewise)
CHANGES_MAX = 24
#: a time in the future beyond this was written by a clock that has been set back since
CLOCK_SLACK = timedelta(minutes=1)
#: ``Entry.last_seen_at`` is renewed when older than this: it only serves pruning
SEEN_EVERY = timedelta(days=1)

#: a source that was not polled for so long was not listened to: the daemon was off, or the machine asleep
GAP = timedelta(hours=3)

_COLUMNS = tuple(Source.__table__.columns)
_CHUNK = 500  #: values in one IN (…): well under every limit of both databases


def register(session: Session, seeds: Iterable[SourceSeed], now: datetime) -> None:
    """Make the enabled sources exactly these. New ones are due now; known ones keep their history and next poll.

    A source that is not named any more is switched off, not deleted. A changed URL forgets its validators.
    """
    wanted = {seed.source_id: seed for seed in seeds}
    known = {row.source_id: row for row in session.scalars(select(Source))}
    for source_id, row in known.items():
        seed = wanted.pop(source_id, None)
        row.enabled = seed is not None
        if seed is None:
            continue
        if row.url != seed.url:
            row.etag = row.last_modified = row.body_hash = None
            row.next_poll_at = now
        if row.failures == 0 and seed.interval_s < row.interval_s:  # a shorter interval counts from now
            row.next_poll_at = min(row.next_poll_at, now + timedelta(seconds=seed.interval_s))
        row.outlet, row.kind, row.url = seed.outlet, seed.kind, seed.url
        row.interval_s, row.country = seed.interval_s, seed.country
        if row.spare != seed.spare:
            row.active, row.active_since, row.active_why = not seed.spare, now, None
        row.lang, row.rank, row.spare = seed.lang, seed.rank, seed.spare
    session.add_all(_new(seed, now) for seed in wanted.values())
    session.flush()


def add_unknown(session: Session, seeds: Iterable[SourceSeed], now: datetime) -> None:
    """Add those that are not known yet; nothing else changes, so that a command may do it beside the daemon."""
    known = set(session.scalars(select(Source.source_id)))
    session.add_all(_new(seed, now) for seed in seeds if seed.source_id not in known)
    session.flush()


def _new(seed: SourceSeed, now: datetime) -> Source:
    return Source(
        source_id=seed.source_id, outlet=seed.outlet, kind=seed.kind, url=seed.url, country=seed.country,
        interval_s=seed.interval_s, enabled=True, registered_at=now, next_poll_at=now, state="new", failures=0,
        polls_total=0, failures_total=0, entries_total=0, bytes_total=0, lang=seed.lang, rank=seed.rank,
        spare=seed.spare, active=not seed.spare,
    )  # fmt: skip


def due(session: Session, now: datetime, limit: int = 1000) -> list[SourceState]:
    """Enabled sources whose poll is due, the longest overdue first; not the spares that stand by.

    A source that was polled "in the future" is due too: the clock was set back, and waiting for it to get there again
    would leave the source unread.
    """
    statement = (
        select(*_COLUMNS)
        .where(
            Source.enabled.is_(True),
            Source.active.is_(True),
            or_(Source.next_poll_at <= now, Source.last_poll_at > now + CLOCK_SLACK),
        )
        .order_by(Source.next_poll_at, Source.source_id)
        .limit(limit)
    )
    return [state_of(row) for row in session.execute(statement).mappings()]


def next_due_at(session: Session) -> datetime | None:
    """When the next enabled source is due (may be past); None without sources."""
    return session.scalar(
        select(Source.next_poll_at)
        .where(Source.enabled.is_(True), Source.active.is_(True))
        .order_by(Source.next_poll_at)
        .limit(1)
    )


def source_states(session: Session, *, enabled_only: bool = True) -> list[SourceState]:
    """Every source, by id."""
    statement = select(*_COLUMNS).order_by(Source.source_id)
    if enabled_only:
        statement = statement.where(Source.enabled.is_(True))
    return [state_of(row) for row in session.execute(statement).mappings()]


def source_state(session: Session, source_id: str) -> SourceState | None:
    """One source; None if it was never registered."""
    row = session.execute(select(*_COLUMNS).where(Source.source_id == source_id)).mappings().first()
    return state_of(row) if row else None


def listed_since(session: Session, since: datetime) -> dict[str, int]:
    """How many entries each source listed for the first time since then; reads the whole table of entries."""
    statement = select(Entry.source_id, func.count()).where(Entry.first_seen_at >= since).group_by(Entry.source_id)
    return dict(session.execute(statement).all())


def state_of(row: Any) -> SourceState:
    return SourceState(**row)


def postpone(session: Session, source_ids: Sequence[str], until: datetime) -> None:
    """No poll of these before ``until`` (a host asked for a pause); later times stay."""
    for chunk in _chunks(list(source_ids)):
        session.execute(
            update(Source).where(Source.source_id.in_(chunk), Source.next_poll_at < until).values(next_poll_at=until)
        )


def record_poll(session: Session, source_id: str, outcome: PollOutcome, now: datetime) -> PollRecorded:
    """Record one poll whole: state, validators, next poll, and the pages it makes wanted.

    An entry is wanted when its URL was never seen by any source, or when this source changed it (at most CHANGES_MAX
    times). The same URL twice in one feed: the first wins. Entries count on "ok" only.
    """
    values: dict[str, Any] = {
        "key": source_id,
        "now": now,
        "next": outcome.next_poll_at,
        "http": outcome.http_status,
        "size": outcome.bytes,
        "gap": now - GAP,
    }
    if outcome.status == "failed":
        session.execute(_FAILED, values | {"cause": outcome.cause_code, "words": outcome.message})
        return PollRecorded()
    values |= {"tag": outcome.etag, "modified": outcome.last_modified}
    if outcome.status == "not_modified":
        session.execute(_NOT_MODIFIED, values)
        return PollRecorded()
    before = session.execute(_BEFORE, {"key": source_id}).first()
    if before is None:
        raise LookupError(f"source {source_id} was never registered")
    recorded, listed = _record_entries(
        session, source_id, before.outlet, outcome.entries, now, first_poll=before.first_poll
    )
    newest = _newest(outcome.entries, now, undated_too=bool(listed))
    counts = {"new": recorded.new, "listed": len(listed), "newest": newest}
    session.execute(_OK, values | counts | {"hash": outcome.body_hash})
    if listed:
        is_gap = before.failures > 0 or before.last_poll_at is None or before.last_poll_at < now - GAP
        habits.learn_listing(
            session, source_id, now=now, first_poll=before.first_poll,
            watched_from=None if is_gap else before.watching_since or before.last_poll_at,
            listed=[seed.published_at or now for seed in listed if seed.published_at or not before.first_poll],
        )  # fmt: skip
    if outcome.parts:
        source_parts.keep(session, source_id, outcome.parts, now)
    if outcome.missing is None:
        return recorded
    shown = [seed.url for seed in outcome.entries]
    return replace(recorded, gone=deletions.note(session, shown=shown, missing=outcome.missing, now=now))


def _newest(entries: list[EntrySeed], now: datetime, *, undated_too: bool) -> datetime | None:
    """Publication time of the newest entry, not after ``now``; ``now`` for new ones without any time."""
    times = [min(entry.published_at, now) for entry in entries if entry.published_at is not None]
    return max(times) if times else now if undated_too else None


# Built once: a poll that brings nothing is the commonest write of all, and building a statement costs more than running
# it (measured: 10,000 polls answered 304 took 9.9 s with statements built each time, 2.9 s so).
_SOURCES = cast("Table", Source.__table__)
_TABLE = _SOURCES.c
_BEFORE = select(
    _TABLE.outlet,
    _TABLE.last_ok_at.is_(None).label("first_poll"),
    _TABLE.failures,
    _TABLE.last_poll_at,
    _TABLE.watching_since,
).where(_TABLE.source_id == bindparam("key"))
_POLLED = (
    update(_SOURCES)
    .where(_TABLE.source_id == bindparam("key"))
    .values(
        last_poll_at=bindparam("now"),
        next_poll_at=bindparam("next"),
        http_status=bindparam("http"),
        polls_total=_TABLE.polls_total + 1,
        bytes_total=_TABLE.bytes_total + bindparam("size", type_=BigInteger),
    )
)
_FAILED = _POLLED.values(
    state="failing",
    cause_code=bindparam("cause"),
    message=bindparam("words"),
    failures=_TABLE.failures + 1,
    failures_total=_TABLE.failures_total + 1,
    failing_since=func.coalesce(_TABLE.failing_since, bindparam("now", type_=UtcDateTime)),
)
_AFTER_A_GAP = or_(_TABLE.failures > 0, _TABLE.last_poll_at.is_(None), _TABLE.last_poll_at < bindparam("gap"))
_UNDERSTOOD = _POLLED.values(
    state="ok", last_ok_at=bindparam("now"), failures=0, failing_since=None, cause_code=None, message=None,
    watching_since=case(
        (_AFTER_A_GAP, bindparam("now", type_=UtcDateTime)),
        else_=func.coalesce(_TABLE.watching_since, bindparam("now", type_=UtcDateTime)),
    ),
)  # fmt: skip
# A 304 may renew the validators (RFC 9111 section 3.2); one without them leaves the old ones.
_NOT_MODIFIED = _UNDERSTOOD.values(
    etag=func.coalesce(bindparam("tag", type_=SafeText), _TABLE.etag),
    last_modified=func.coalesce(bindparam("modified", type_=SafeText), _TABLE.last_modified),
)
_OK = _UNDERSTOOD.values(
    last_full_at=bindparam("now"),
    etag=bindparam("tag"),
    last_modified=bindparam("modified"),
    body_hash=bindparam("hash"),
    entries_total=_TABLE.entries_total + bindparam("new", type_=Integer),
    last_new_at=case(
        (bindparam("new", type_=Integer) > 0, bindparam("now", type_=UtcDateTime)), else_=_TABLE.last_new_at
    ),
    last_listed_at=case(
        (bindparam("listed", type_=Integer) > 0, bindparam("now", type_=UtcDateTime)), else_=_TABLE.last_listed_at
    ),
    newest_item_at=case(
        (
            func.coalesce(_TABLE.newest_item_at < bindparam("newest", type_=UtcDateTime), true()),
            func.coalesce(bindparam("newest", type_=UtcDateTime), _TABLE.newest_item_at),
        ),
        else_=_TABLE.newest_item_at,
    ),
)


def _record_entries(
    session: Session, source_id: str, outlet: str, seeds: list[EntrySeed], now: datetime, *, first_poll: bool
) -> tuple[PollRecorded, list[EntrySeed]]:
    """What was recorded, and the entries that this source had not listed before."""
    by_key: dict[str, EntrySeed] = {}
    for seed in seeds:
        by_key.setdefault(url_key(seed.url), seed)
    known = _known_entries(session, source_id, list(by_key))
    unknown = [key for key in by_key if key not in known]
    has_page = _known_pages(session, unknown)
    new = [key for key in unknown if key not in has_page]
    _add_entries(session, source_id, {key: by_key[key] for key in unknown}, now)
    new = [key for key in new if by_key[key].wanted]
    _add_pages(session, source_id, outlet, {key: by_key[key] for key in new}, now, first_poll=first_poll)
    changed = 0
    stale: list[int] = []
    for key, (entry_id, entry_hash, last_seen_at, changes) in known.items():
        if entry_hash != by_key[key].entry_hash:
            changed += _change_entry(session, entry_id, changes, key, by_key[key], now)
        elif now - last_seen_at > SEEN_EVERY:
            stale.append(entry_id)
    for chunk in _chunks(stale):
        session.execute(update(Entry).where(Entry.id.in_(chunk)).values(last_seen_at=now))
    listed = [by_key[key] for key in unknown]
    seen = len(seeds) - len(new) - changed
    return PollRecorded(new=len(new), changed=changed, seen=seen), listed


def _known_entries(session: Session, source_id: str, keys: list[str]) -> dict[str, tuple[int, str, datetime, int]]:
    columns = (Entry.url_key, Entry.id, Entry.entry_hash, Entry.last_seen_at, Entry.changes)
    return {
        row[0]: (row[1], row[2], row[3], row[4])
        for chunk in _chunks(keys)
        for row in session.execute(select(*columns).where(Entry.source_id == source_id, Entry.url_key.in_(chunk)))
    }


def _known_pages(session: Session, keys: list[str]) -> set[str]:
    return {
        key for chunk in _chunks(keys) for key in session.scalars(select(Page.url_key).where(Page.url_key.in_(chunk)))
    }


def _add_entries(session: Session, source_id: str, seeds: dict[str, EntrySeed], now: datetime) -> None:
    if not seeds:
        return
    session.execute(
        dialect_insert(session, Entry).on_conflict_do_nothing(),
        [
            {
                "source_id": source_id, "url_key": key, "entry_hash": seed.entry_hash, "first_seen_at": now,
                "last_seen_at": now, "changes": 0,
            }
            for key, seed in seeds.items()
        ],
    )  # fmt: skip


def _add_pages(
    session: Session, source_id: str, outlet: str, seeds: dict[str, EntrySeed], now: datetime, *, first_poll: bool
) -> None:
    if not seeds:
        return
    session.execute(
        dialect_insert(session, Page).on_conflict_do_nothing(),
        [
            {
                "url_key": key, "url": seed.url, "outlet": seed.outlet or outlet, "source_id": source_id,
                "state": "wanted", "whole": seed.whole, "headline": seed.headline, "author": seed.author,
                "first_seen_at": now, "first_poll": first_poll, "attempts": 0, **_wanted_values(seed, now),
            }
            for key, seed in seeds.items()
        ],
    )  # fmt: skip


def _change_entry(session: Session, entry_id: int, changes: int, key: str, seed: EntrySeed, now: datetime) -> int:
    """1 if the page is wanted again, 0 if the entry has changed too often to be believed."""
    session.execute(
        update(Entry)
        .where(Entry.id == entry_id)
        .values(entry_hash=seed.entry_hash, last_seen_at=now, changes=Entry.changes + 1)
    )
    if changes >= CHANGES_MAX or not seed.wanted:
        return 0
    session.execute(
        update(Page)
        .where(Page.url_key == key)
        .values(state="wanted", attempts=0, cause_code=None, **_wanted_values(seed, now))
    )
    return 1


def _wanted_values(seed: EntrySeed, now: datetime) -> dict[str, Any]:
    return {
        "raw_url": seed.raw_url, "title": seed.title, "summary": seed.summary, "content": seed.content,
        "published_raw": seed.published_raw, "published_at": seed.published_at, "wanted_at": now, "not_before": now,
    }  # fmt: skip


def _chunks(values: list[V]) -> list[list[V]]:
    return [values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK)]
