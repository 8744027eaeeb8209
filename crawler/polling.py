"""One poll of one source.

::

    conditional GET | status | same bytes? | parse in the worker | a sitemap's parts | validators and wanted pages, and
    which spares are read from now on, in one transaction
"""

from __future__ import annotations

import hashlib
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from config.outlets import Outlet, Source
from config.settings import CrawlerSettings
from core.clock import Clock
from core.errors import FetchError
from core.failpoints import reach
from crawler import fallback, sitemap_parts
from crawler.counters import CrawlSummary, Reachability
from crawler.fetch import Answer
from crawler.freshness import fresh_for_s
from crawler.outcomes import NETWORK, NOT_MODIFIED, OK, FetchFailure
from crawler.reader import PageReader
from crawler.schedule import Pace, next_poll_at, pace
from crawler.shelf import pauses_to_keep
from crawler.source_reader import SourceReader
from crawler.urls import host_key
from crawler.web import Web
from storage import courtesy, source_parts, standby
from storage import sources as source_rows
from storage.engine import Database
from storage.values import PartState, PollOutcome, PollRecorded, SourceState

log = logging.getLogger(__name__)

UNCONDITIONAL_AFTER = timedelta(hours=24)  #: a server that answers 304 for ever is asked for the whole feed once a day


class Poller:
    """Polls sources. ``poll`` never raises for what an outlet does: every outcome is counted and recorded."""

    def __init__(
        self,
        settings: CrawlerSettings,
        *,
        web: Web,
        reader: PageReader,
        database: Database,
        clock: Clock,
        counts: CrawlSummary,
        find: Callable[[SourceState], tuple[Outlet, Source | None]],
        by_host: Mapping[str, Sequence[str]],
        outlets: Mapping[str, Outlet],
        is_hot: Callable[[SourceState], bool] = lambda _: False,
    ) -> None:
        self._is_hot = is_hot  # whether an incident is open in its country
        self._settings, self._web, self._database, self._clock = settings, web, database, clock
        self._counts, self._find = counts, find
        self._by_host = by_host  # host -> source ids
        self._unsaid: dict[str, FetchError] = {}  # failures that may be the network's
        self._said: set[str] = set()  # sources whose failure was logged
        self._reader = SourceReader(settings, reader=reader, clock=clock, counts=counts, find=find, outlets=outlets)
        self._with_spares = frozenset(
            slug for slug, outlet in outlets.items() if any(source.spare for source in outlet.live_sources)
        )
        self._reachability = Reachability(len(by_host))
        self._chance = random.Random()  # noqa: S311  jitter, not a secret

    async def poll(self, source: SourceState) -> PollRecorded:
        """Poll it now and record what came of it; returns how many entries were new, changed and seen."""
        outcome = await self._outcome(source)
        now = self._clock.now()
        # A host that asked for a pause asked for all of its feeds; in the database, so that a restart keeps it.
        paused = self._by_host.get(host_key(source.url), ()) if outcome.cause_code == "rate_limited" else ()
        pauses = pauses_to_keep(self._web.gate, now)

        changes: list[fallback.Change] = []

        def write(session: Session) -> PollRecorded:
            courtesy.pause_hosts(session, pauses, now)
            if paused:
                source_rows.postpone(session, paused, outcome.next_poll_at)
            recorded = source_rows.record_poll(session, source.source_id, outcome, now)
            # Another feed of this host may have met the pause while this one was read.
            if (held_s := self._web.gate.held_for(host_key(source.url))) > 0:
                source_rows.postpone(session, [source.source_id], now + timedelta(seconds=held_s))
            if source.outlet in self._with_spares and not self._counts.offline:
                changes[:] = fallback.decide(standby.sources_of(session, source.outlet), now)
                for change in changes:
                    standby.set_active(session, change.source_id, active=change.active, why=change.why, now=now)
            return recorded

        recorded = await self._database.run_write(write)
        reach("after_feed_record")
        for change in changes:
            _tell_fallback(change)
        self._counts.entries_gone += recorded.gone
        self._counts.entries_new += recorded.new
        self._counts.entries_changed += recorded.changed
        self._counts.entries_seen += recorded.seen
        return recorded

    async def _outcome(self, source: SourceState) -> PollOutcome:
        try:
            answer = await self._web.get(
                source.url, max_bytes=self._settings.feed_max_bytes, headers=self._validators(source), first=True
            )
            reach("after_feed_fetch")
            self._counts.bytes_read += len(answer.body)
            if answer.status == 304:
                outcome = self._unchanged(source, answer)
            else:
                outcome = await self._read(source, answer)
            if source.kind == "sitemap":
                outcome = await self._with_parts(source, outcome)
        except FetchError as error:
            return self._failed(source, error)
        self._told(source, NOT_MODIFIED if answer.status == 304 else OK)
        return outcome

    def _validators(self, source: SourceState) -> dict[str, str]:
        """What makes the GET conditional: exactly the bytes that the server sent."""
        if source.last_full_at is None or self._clock.now() - source.last_full_at > UNCONDITIONAL_AFTER:
            return {}
        headers = {"If-None-Match": source.etag, "If-Modified-Since": source.last_modified}
        return {name: value for name, value in headers.items() if value}

    def _unchanged(self, source: SourceState, answer: Answer) -> PollOutcome:
        return PollOutcome(
            status="not_modified",
            next_poll_at=self._next(source, answer),
            http_status=304,
            etag=answer.headers.get("etag"),
            last_modified=answer.headers.get("last-modified"),
        )

    async def _read(self, source: SourceState, answer: Answer) -> PollOutcome:
        digest = hashlib.sha256(answer.body).hexdigest()
        outcome = PollOutcome(
            status="ok",
            next_poll_at=self._next(source, answer),
            http_status=answer.status,
            etag=answer.headers.get("etag"),
            last_modified=answer.headers.get("last-modified"),
            bytes=len(answer.body),
            body_hash=digest,
        )
        # An ETag that changes each time proves nothing: the bytes decide, and were recorded with their entries.
        if digest == source.body_hash:
            return outcome
        listed = await self._reader.listed(source, answer)
        return replace(
            outcome,
            entries=self._reader.entries(source, listed),
            parts=sitemap_parts.chosen(listed.parts),
            missing=list(listed.missing) if source.kind == "telegram" else None,
        )

    async def _with_parts(self, source: SourceState, outcome: PollOutcome) -> PollOutcome:
        """With the entries of the sitemaps that an index names. They change while the index stays as it is."""
        known = await self._database.run_read(lambda session: source_parts.parts_of(session, source.source_id))
        wanted = outcome.parts or known
        if not wanted:
            return outcome
        entries, parts, size = list(outcome.entries), list[PartState](), outcome.bytes
        unconditional = not self._validators(source)
        for part in wanted:
            before = next((one for one in known if one.url == part.url), None)
            answer = await self._web.get(
                part.url,
                max_bytes=self._settings.feed_max_bytes,
                headers={} if before is None or unconditional else sitemap_parts.validators(before),
            )
            if answer.status == 304:
                parts.append(replace(before or part, changed_raw=part.changed_raw))
                continue
            size += len(answer.body)
            digest = hashlib.sha256(answer.body).hexdigest()
            if before is None or before.body_hash != digest:
                entries += self._reader.entries(source, await self._reader.listed(source, answer))
            parts.append(sitemap_parts.fetched(part, answer, digest))
        if outcome.status == "not_modified" and entries:  # its validators stay those that stand for its bytes
            outcome = replace(
                outcome, status="ok", etag=source.etag, last_modified=source.last_modified, body_hash=source.body_hash
            )
        return replace(outcome, entries=entries, parts=parts, bytes=size)

    def _failed(self, source: SourceState, error: FetchError) -> PollOutcome:
        self._told(source, error.cause_code)
        if source.cause_code != error.cause_code:  # told when it changes, counted every time
            self._say_failed(source, error)
        return PollOutcome(
            status="failed",
            next_poll_at=self._next(source, failures=source.failures + 1, retry_after_s=error.retry_after_s),
            cause_code=error.cause_code,
            message=str(error),
            http_status=error.http_status if isinstance(error, FetchFailure) else None,
        )

    def _told(self, source: SourceState, cause: str) -> None:
        """Count the outcome; say it plainly when this machine loses the network, and when it is back."""
        self._counts.polls[cause] += 1
        if source.source_id in self._said and cause in (OK, NOT_MODIFIED):
            self._said.discard(source.source_id)
            log.info("%s answers again", source.source_id, extra={"action": "poll_recovered"})
        was, self._counts.offline = self._counts.offline, self._reachability.note(host_key(source.url), cause)
        if self._counts.offline and not was:
            log.error(
                "No outlet can be reached: is the network down? Basewatch keeps trying.", extra={"action": "offline"}
            )
            self._unsaid.clear()  # it was not them
        elif was and not self._counts.offline:
            log.warning("Outlets can be reached again.", extra={"action": "online"})
        if cause not in NETWORK:
            self.say_rest()

    def _say_failed(self, source: SourceState, error: FetchError) -> None:
        """One line of the log; where the network here may be the cause, only once something else answers."""
        if error.cause_code in NETWORK:
            if not self._counts.offline:
                self._unsaid[source.source_id] = error
        else:
            self._log_failed(source.source_id, error)

    def say_rest(self) -> None:
        """Log the failures that were held back: it is their outlets that cannot be reached."""
        for source_id, error in self._unsaid.items():
            self._log_failed(source_id, error)
        self._unsaid.clear()

    def _log_failed(self, source_id: str, error: FetchError) -> None:
        self._said.add(source_id)
        log.warning(
            "%s: %s", source_id, error,
            extra={"action": "poll_failed", "source": source_id, "cause": error.cause_code},
        )  # fmt: skip

    def _next(
        self,
        source: SourceState,
        answer: Answer | None = None,
        *,
        failures: int = 0,
        retry_after_s: float | None = None,
    ) -> datetime:
        now = self._clock.now()
        pace = self.pace(source)
        return next_poll_at(
            now,
            interval_s=pace.interval_s,
            max_interval_s=self._settings.max_interval_s,
            failures=failures,
            retry_after_s=retry_after_s,
            fresh_for_s=min(fresh_for_s(answer.headers, now), pace.longest_fresh_s) if answer is not None else 0.0,
            offline=self._counts.offline,
            chance=self._chance,
        )

    def pace(self, source: SourceState) -> Pace:
        """How often this source is polled now."""
        outlet, described = self._find(source)
        return pace(
            configured_s=source.interval_s,
            min_interval_s=self._settings.min_interval_s,
            max_interval_s=self._settings.max_interval_s,
            items_per_hour=source.items_per_hour,
            is_fixed=described is not None and described.interval_s is not None,
            first_mover=outlet.first_mover,
            is_hot=self._is_hot(source),
        )


def _tell_fallback(change: fallback.Change) -> None:
    if change.active:
        log.warning(
            "%s is read from now on: %s", change.source_id, change.why,
            extra={"action": "spare_called", "source": change.source_id},
        )  # fmt: skip
    else:
        log.info(
            "%s stands by again: the sources before it work", change.source_id,
            extra={"action": "spare_sent_back", "source": change.source_id},
        )  # fmt: skip
