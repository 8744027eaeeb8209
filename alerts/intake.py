"""The classify job: articles without a verdict become verdicts, incidents, notices and queued deliveries.

::

    unclassified | classify (in a thread) | one write transaction an article: alerts/desk.py | next

A crash between two steps loses nothing: "unclassified" is a query, and an article's verdict, incident, notices and
deliveries are one transaction. An article that raises is tried three times, then parked with its error; the others
go on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from functools import partial
from typing import Protocol

from sqlalchemy.orm import Session

from alerts.canary import Canary, is_canary
from alerts.desk import Desk, Entry
from config.outlets import Outlet
from config.settings import Settings
from config.watch import Watch
from core import failpoints
from core.clock import Clock
from core.errors import StorageError
from core.text import cut, one_line
from core.values import Article, NoticeKind, Verdict
from storage import articles
from storage.engine import Database
from storage.values import StoredArticle

log = logging.getLogger(__name__)

ERROR_LIMIT = 300  #: characters of an error that are kept with a parked article


class Classify(Protocol):
    """What intake needs of a classifier."""

    @property
    def model(self) -> str:
        """Hash that changes whenever a verdict may."""

    def classify(self, article: Article, /) -> Verdict:
        """The verdict on one article version."""


class Review(Protocol):
    """What intake needs of a second opinion."""

    def wants(self, verdict: Verdict, /) -> bool:
        """Whether this verdict is doubtful."""

    async def review(self, article: Article, verdict: Verdict, /) -> Verdict:
        """The verdict after a second opinion, or as it was."""


@dataclass(slots=True)
class IntakeSummary:
    """What one call did; counts."""

    classified: int = 0
    positives: int = 0
    incidents: int = 0  #: made
    new: int = 0  #: notices by kind
    updates: int = 0
    corrections: int = 0
    tests: int = 0  #: messages about a canary
    rings: int = 0  #: of those notices
    failed: int = 0  #: articles at which something raised
    parked: int = 0  #: of those, given up

    @property
    def notices(self) -> int:
        return self.new + self.updates + self.corrections + self.tests

    def add(self, other: IntakeSummary) -> None:
        """Count another call's work in."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))


class Intake:
    """The job with everything it needs; build it once, call ``run`` whenever articles wait."""

    def __init__(
        self,
        database: Database,
        classify: Classify,
        watch: Watch,
        outlets: Mapping[str, Outlet],
        settings: Settings,
        clock: Clock,
        second: Review | None = None,
        canary_channels: Sequence[str] = (),
    ) -> None:
        self._database, self._classify, self._clock = database, classify, clock
        self._second = second
        self._desk = Desk(watch, outlets, settings)
        self._canary = Canary(watch=watch, desk=self._desk, channels=canary_channels)

    async def run(self, *, limit: int) -> IntakeSummary:
        """Classify at most ``limit`` waiting versions, the oldest first. Raises StorageError when nothing is kept."""
        summary = IntakeSummary()
        model = self._classify.model
        waiting = await self._database.run_read(lambda session: articles.unclassified(session, model, limit))
        doubtful: list[tuple[StoredArticle, Verdict]] = []
        for stored in waiting:
            async with self._edge(stored, summary):
                verdict = await asyncio.to_thread(self._classify.classify, stored.article)
                failpoints.reach("after_classify")
                if self._second is not None and self._second.wants(verdict):
                    doubtful.append((stored, verdict))  # an answer takes seconds: what is sure goes first
                else:
                    await self._keep(stored, verdict, summary)
        for stored, verdict in doubtful:
            assert self._second is not None
            async with self._edge(stored, summary):
                await self._keep(stored, await self._second.review(stored.article, verdict), summary)
        return summary

    @asynccontextmanager
    async def _edge(self, stored: StoredArticle, summary: IntakeSummary) -> AsyncIterator[None]:
        """Where what one article raises ends, so that the others go on. Raises StorageError alone."""
        try:
            yield
        except StorageError:
            raise
        except Exception as error:  # noqa: BLE001 - the edge of the job
            await self._failed(stored, error, summary)

    async def _keep(self, stored: StoredArticle, verdict: Verdict, summary: IntakeSummary) -> None:
        entry = await self._database.run_write(partial(self._enter, stored=stored, verdict=verdict))
        failpoints.reach("after_incident_commit")
        _count(summary, entry)

    async def tell_late(self, *, at_once: bool = False) -> int:
        """Tell the late incidents that waited for each other, when their time has come; how many notices."""
        kinds = await self._database.run_write(
            lambda session: self._desk.tell_late(session, self._clock.now(), at_once=at_once)
        )
        return len(kinds)

    def _enter(self, session: Session, *, stored: StoredArticle, verdict: Verdict) -> Entry:
        desk = self._canary.try_out if is_canary(stored) else self._desk.enter
        entry = desk(session, stored, verdict, self._clock.now())
        session.flush()
        failpoints.reach("after_incident_write")
        return entry

    async def _failed(self, stored: StoredArticle, error: Exception, summary: IntakeSummary) -> None:
        """Note the failure with the article; the third parks it."""
        text = cut(one_line(f"{type(error).__name__}: {error}"), ERROR_LIMIT)
        tries = await self._database.run_write(
            lambda session: articles.record_failure(session, stored.article_id, stored.version, text, self._clock.now())
        )
        summary.failed += 1
        if tries >= articles.TRIES_MAX:
            summary.parked += 1
        log.error(
            "Article %s could not be classified (%s of %s tries): %s",
            stored.article_id,
            tries,
            articles.TRIES_MAX,
            text,
            extra={"action": "article_failed", "article_id": stored.article_id, "tries": tries},
        )


def _count(summary: IntakeSummary, entry: Entry) -> None:
    summary.classified += entry.entered
    summary.positives += entry.positive
    summary.incidents += len(entry.opened)
    for kind, ring in entry.notices:
        summary.rings += ring
        summary.new += kind is NoticeKind.NEW
        summary.updates += kind is NoticeKind.UPDATE
        summary.corrections += kind is NoticeKind.CORRECTION
        summary.tests += kind in (NoticeKind.TEST, NoticeKind.SYSTEM)
