"""The account of one channel's attempts: what is recorded, counted, logged, and told on the others."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import partial

from alerts import system
from alerts.outcomes import Dead, Outcome, Paused, Retry, Sent
from alerts.routes.operators import operators
from config.settings import Settings
from core.clock import Clock
from storage.engine import Database
from storage.values import ClaimedDelivery

log = logging.getLogger(__name__)

DEAD_LETTERS_EVERY = timedelta(minutes=10)  #: a burst of refusals is told once, not a hundred times


@dataclass(slots=True)
class DeliverySummary:
    """What was done, in a round or since the start."""

    claimed: int = 0
    sent: int = 0
    retried: int = 0
    dead: int = 0
    paused: int = 0

    def add(self, other: DeliverySummary) -> None:
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What all workers share."""

    database: Database
    settings: Settings
    clock: Clock
    owner: str  #: marks the leases of this process
    channels: tuple[str, ...]  #: names of all channels
    on_notices: Callable[[], None]  #: called when notices were written


class Account:
    """One for each worker."""

    def __init__(self, name: str, around: Around) -> None:
        self._name, self._around = name, around
        self._in_trouble = False  #: the other channels were told that nothing is accepted here
        self._dead_told_at: datetime | None = None  #: when they were last told of a dead letter

    async def record(self, delivery: ClaimedDelivery, outcome: Outcome, started_at: datetime) -> bool:
        """Commit the outcome, and in the same transaction what the other channels are told; whether they are told."""
        around = self._around
        tell = self._is_news(delivery, outcome)
        write = partial(
            system.record,
            delivery=delivery,
            outcome=outcome,
            owner=around.owner,
            started_at=started_at,
            now=around.clock.now(),
            others=operators(around.settings, around.channels, but=self._name),
            tell=tell,
            limits=around.settings.delivery,
        )
        return await asyncio.shield(around.database.run_write(write))

    def _is_news(self, delivery: ClaimedDelivery, outcome: Outcome) -> bool:
        """Whether the other channels should hear of this outcome: trouble once until something is accepted, dead
        letters one in ten minutes, a pause always (the record knows whether it is new)."""
        now = self._around.clock.now()
        match outcome:
            case Sent():
                self._in_trouble = False
                return False
            case Retry():
                # Exactly at that attempt, not from it on: a daemon that is started anew tells nothing twice.
                if delivery.attempt != system.TELL_AT_ATTEMPT or self._in_trouble:
                    return False
                self._in_trouble = True
            case Dead():
                if self._dead_told_at is not None and timedelta(0) <= now - self._dead_told_at < DEAD_LETTERS_EVERY:
                    return False
                self._dead_told_at = now
        return True

    def note(self, delivery: ClaimedDelivery, outcome: Outcome, summary: DeliverySummary) -> None:
        """Count and log: a success at INFO, a failure at WARNING."""
        name, about = self._name, delivery.document["notice"]["id"]
        facts = {
            "channel": name,
            "delivery": delivery.id,
            "message_id": delivery.message_id,
            "attempt": delivery.attempt,
        }
        match outcome:
            case Sent():
                summary.sent += 1
                log.info("Delivered %s to %s", about, name, extra={"action": "delivered", **facts})
            case Retry():
                summary.retried += 1
                log.warning(
                    "Not delivered: %s to %s, %s; next attempt at %s", about, name, outcome.reason,
                    outcome.at.isoformat(timespec="seconds"), extra={"action": "delivery_retry", **facts},
                )  # fmt: skip
            case Dead():
                summary.dead += 1
                log.error(
                    "Gave up: %s to %s, %s", about, name, outcome.reason, extra={"action": "delivery_dead", **facts}
                )
            case Paused():
                summary.paused += 1
                log.error("Channel %s is paused: %s", name, outcome.reason, extra={"action": "channel_paused", **facts})
