"""The outbox on its way out: one worker a channel, so that a channel that hangs delays no other.

::

    claim (lease) | after_claim | before_send | send under one deadline | after_send | record + tell | after_record

A crash between ``send`` and ``record`` leaves a lease; when it ends, or when the next daemon starts, the same message
goes again under the same id: at least once. Nothing else lies in memory.
"""

from __future__ import annotations

import asyncio
import math
import os
import secrets
from collections.abc import Mapping
from datetime import datetime

from alerts.account import Around, DeliverySummary
from alerts.channels.base import Channel
from alerts.worker import Worker
from config.settings import Settings
from core.clock import Clock
from storage.engine import Database

__all__ = ["DeliveryLoop", "DeliverySummary"]


class DeliveryLoop:
    """Delivers what is due on every channel: ``run`` for a daemon, ``run_once`` for one round."""

    def __init__(
        self, database: Database, channels: Mapping[str, Channel], settings: Settings, clock: Clock | None = None
    ) -> None:
        self.totals = DeliverySummary()  #: since the start
        around = Around(
            database=database,
            settings=settings,
            clock=clock or Clock(),
            owner=f"{os.getpid()}-{secrets.token_hex(4)}",
            channels=tuple(channels),
            on_notices=self.wake,
        )
        self._workers = [Worker(channel, around) for channel in channels.values()]
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def turned_at(self) -> float:
        """Monotonic second at which the slowest channel's loop last came round; infinite where there is no channel."""
        return min((worker.turned_at for worker in self._workers), default=math.inf)

    @property
    def looked_at(self) -> datetime | None:
        """When the slowest of the channels last asked for work, without a fault; None before all have."""
        times = [worker.looked_at for worker in self._workers]
        return min((at for at in times if at is not None), default=None) if None not in times else None

    def wake(self) -> None:
        """Look for due deliveries at once. Safe from any thread; does nothing while no loop runs."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._wake_workers)

    def _wake_workers(self) -> None:
        for worker in self._workers:
            worker.wake.set()

    async def run_once(self) -> DeliverySummary:
        """Deliver everything that is due now on all channels side by side, and what that brings about in turn.

        Raises an ExceptionGroup of what the database raised.
        """
        total = DeliverySummary()
        while True:
            done = DeliverySummary()
            async with asyncio.TaskGroup() as group:
                for worker in self._workers:
                    group.create_task(worker.run(done), name=f"deliver-{worker.channel.name}")
            total.add(done)
            if not done.claimed:
                self.totals.add(total)
                return total

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until ``stop`` is set; returns once what is under way is answered or its deadline has passed.

        Cancelled, it gives back what it holds, so that the next process sends it at once.
        """
        self._loop = asyncio.get_running_loop()
        try:
            async with asyncio.TaskGroup() as group:
                for worker in self._workers:
                    group.create_task(worker.run(self.totals, stop), name=f"deliver-{worker.channel.name}")
                await stop.wait()
                self._wake_workers()
        finally:
            self._loop = None
