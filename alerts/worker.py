"""The worker of one channel: claims what is due on it, sends it, records the outcome, within the channel's limit."""

from __future__ import annotations

import asyncio
import heapq
import logging
from collections import deque
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from alerts.account import Account, Around, DeliverySummary
from alerts.channels.base import Channel, OutgoingMessage
from alerts.outcomes import Dead, Outcome, Paused, Retry, Sent, after_failure
from alerts.sending import GRACE_S, send_within
from core import failpoints
from core.documents import NoticeDocument
from core.errors import DeliveryError
from storage import deliveries
from storage.values import ClaimedDelivery

log = logging.getLogger(__name__)

FAULT_PAUSE_S = 5.0  #: after the database refused a claim
QUICK_S = 0.25  #: a send that takes less is quick
CLAIM_AHEAD = 8  #: times the limit that is claimed at once from a quick receiver: two seconds' work at most


class Worker:
    """One channel's way out."""

    def __init__(self, channel: Channel, around: Around) -> None:
        self.channel, self._around = channel, around
        self._account = Account(channel.name, around)
        self._most = around.settings.delivery.concurrency  #: sends under way at once
        self.wake = asyncio.Event()  #: something may be due, or done
        self.turned_at = 0.0  #: monotonic; when its loop last came round
        self.looked_at: datetime | None = None  #: when it last asked the database for work, without a fault
        self._retries: list[datetime] = []  #: when what failed here is due again; a heap
        self._unrecorded: dict[int, Outcome] = {}  #: what the database has not taken yet: recorded, not sent, next time
        self._is_quick = False  #: the last attempt was accepted at once
        self._was_idle = False  #: the last claim found nothing
        self._gone = False  #: the receiver has said that it takes nothing any more
        self._fault_told: str | None = None  #: the fault of the database that was logged last, until it works again

    async def run(self, summary: DeliverySummary, stop: asyncio.Event | None = None) -> None:
        """Deliver until ``stop`` is set, and finish what is under way then; without ``stop``, until nothing is due.

        Whoever sets ``stop`` sets ``wake``, too. Without ``stop`` it raises what the database raises; with it, a fault
        of the database is logged and waited out. Cancelled, it gives back what is under way.
        """
        under_way: set[asyncio.Task[None]] = set()
        held: deque[ClaimedDelivery] = deque()
        fault: Exception | None = None
        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    self.wake.clear()
                    self.turned_at = self._around.clock.monotonic()
                    ending = fault is not None if stop is None else stop.is_set()
                    if ending or self._gone:
                        await self._give_back(held)
                    refused = None if ending else await self._refill(held, len(under_way))
                    fault = fault or refused
                    while held and len(under_way) < self._most:
                        summary.claimed += 1
                        task = group.create_task(self._deliver(held.popleft(), summary))
                        under_way.add(task)
                        task.add_done_callback(self._done)
                    if not under_way and (stop is None or stop.is_set()):
                        break
                    is_full = len(under_way) + len(held) >= self._most
                    await self._wait(FAULT_PAUSE_S if refused else self._idle_s(is_full=is_full))
                    under_way = {task for task in under_way if not task.done()}
        finally:
            await self._give_back(held)
        if stop is None and fault is not None:
            raise fault

    async def _refill(self, held: deque[ClaimedDelivery], under_way: int) -> Exception | None:
        """Claim more where there is room; what the database refused with, logged."""
        if under_way + len(held) >= self._most:
            return None
        try:
            held.extend(await self._claim(under_way + len(held)))
            self.looked_at = self._around.clock.now()
            self._fault_told = None
        except Exception as error:  # noqa: BLE001 - the edge of the loop: a full disk may have room again
            self._log_fault(error)
            return error
        return None

    def _done(self, _task: asyncio.Task[None]) -> None:
        self.wake.set()

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self.wake.wait()
        except TimeoutError:
            pass

    def _idle_s(self, *, is_full: bool) -> float:
        """Seconds until a retry of ours is due, at most the safety net's interval; a send that ends wakes us before."""
        net = self._around.settings.delivery.interval_s
        if is_full or not self._retries:
            return net
        due_in_s = (self._retries[0] - self._around.clock.now()).total_seconds()
        return min(net, max(due_in_s + 0.001, 0.0))

    async def _claim(self, have: int) -> list[ClaimedDelivery]:
        """Deliveries leased to us: as many as may be under way, and more ahead where the receiver is quick, since a
        claim costs as much as ten sends when much waits. Cancelled: what was leased meanwhile is given back."""
        around, limits = self._around, self._around.settings.delivery
        self._gone = False  # a channel that is still paused gives nothing to claim
        now, name = around.clock.now(), self.channel.name
        limit = self._most * (CLAIM_AHEAD if self._is_quick else 1) - have
        if self._was_idle and not have and not await self._is_any(now):
            self._forget_retries(now)
            return []

        def claim(session: Session) -> list[ClaimedDelivery]:
            due = deliveries.claim_due(session, now, around.owner, limits.lease_s, limit, channels=(name,))
            if due or have:
                return due
            every_s = limits.probe_interval_s
            return deliveries.claim_probe(session, now, around.owner, limits.lease_s, name, every_s=every_s)

        task = asyncio.ensure_future(around.database.run_write(claim))
        try:
            claimed = await asyncio.shield(task)
        except asyncio.CancelledError:
            await self._give_back(deque(await task))
            raise
        self._was_idle = not claimed
        self._forget_retries(now)
        if claimed:
            failpoints.reach("after_claim")
        return claimed

    def _forget_retries(self, now: datetime) -> None:
        """A look at ``now`` saw them; what came due meanwhile it did not."""
        while self._retries and self._retries[0] <= now:
            heapq.heappop(self._retries)

    async def _is_any(self, now: datetime) -> bool:
        """Whether a claim may find something: a read, for the many looks of quiet weeks. A claim is a write."""
        name = self.channel.name
        return await self._around.database.run_read(lambda session: deliveries.is_any_for(session, now, name))

    async def _give_back(self, held: deque[ClaimedDelivery]) -> None:
        """End our leases without an outcome, so that whoever claims next sends at once; ``held`` is empty then."""
        around, ids = self._around, [delivery.id for delivery in held]
        held.clear()

        def release(session: Session) -> None:
            for delivery_id in ids:
                deliveries.release(session, delivery_id, around.owner, around.clock.now())

        if ids:
            await asyncio.shield(around.database.run_write(release))

    async def _deliver(self, delivery: ClaimedDelivery, summary: DeliverySummary) -> None:
        """One attempt and its record. Raises nothing but cancellation."""
        outcome = self._unrecorded.get(delivery.id)
        started_at = self._around.clock.now()
        if outcome is None and self._is_stale(delivery, started_at):
            await self._give_back(deque([delivery]))
            return
        if outcome is None:
            started = self._around.clock.monotonic()
            try:
                outcome = await self._attempt(delivery)
                self._is_quick = isinstance(outcome, Sent) and self._around.clock.monotonic() - started < QUICK_S
                self._gone |= isinstance(outcome, Paused)
            except asyncio.CancelledError:
                await self._give_back(deque([delivery]))
                raise
        self._unrecorded[delivery.id] = outcome
        try:
            told = await self._account.record(delivery, outcome, started_at)
        except Exception as error:  # noqa: BLE001 - the edge of one delivery: its lease ends, and it is recorded then
            self._log_fault(error)
            return
        del self._unrecorded[delivery.id]
        failpoints.reach("after_record")
        if isinstance(outcome, Retry):
            heapq.heappush(self._retries, outcome.at)
        self._account.note(delivery, outcome, summary)
        if told:
            self._around.on_notices()

    def _is_stale(self, delivery: ClaimedDelivery, now: datetime) -> bool:
        """Whether its lease may end before a send would: it was held back too long behind slow ones."""
        limits = self._around.settings.delivery
        needed_s = min(limits.deadline_s + GRACE_S, limits.lease_s / 2)  # a lease just over the deadline is never stale
        return delivery.lease_until - now < timedelta(seconds=needed_s)

    async def _attempt(self, delivery: ClaimedDelivery) -> Outcome:
        """Send once; what becomes of the delivery."""
        around, limits = self._around, self._around.settings.delivery
        try:
            message = OutgoingMessage(
                id=delivery.message_id,
                document=_as_delivered(delivery),
                thread_ref=delivery.thread_ref,
                attempt=delivery.attempt,
                now=around.clock.now(),
            )
        except ValueError:
            return Dead(reason="its document is damaged in the database; this is a fault, please report it")
        failpoints.reach("before_send")
        try:
            receipt = await send_within(self.channel, message, deadline_s=limits.deadline_s)
        except DeliveryError as error:
            return after_failure(
                error,
                attempt=delivery.attempt,
                since=delivery.since,
                now=around.clock.now(),
                schedule_s=limits.retry_schedule_s,
                give_up_after_s=limits.give_up_after_s,
            )
        failpoints.reach("after_send")
        return Sent(remote_ref=receipt.remote_ref, answer=receipt.answer, http_status=receipt.http_status)

    def _log_fault(self, error: Exception) -> None:
        told, self._fault_told = self._fault_told, str(error)
        log.log(
            logging.DEBUG if told == str(error) else logging.ERROR,  # every five seconds while a disk is full
            "The database refused a step of delivery to %s: %s", self.channel.name, error,
            extra={"action": "delivery_database_fault", "channel": self.channel.name},
        )  # fmt: skip


def _as_delivered(delivery: ClaimedDelivery) -> NoticeDocument:
    """The notice's document, ringing or not as this delivery does: what was held back overnight wakes nobody."""
    document = NoticeDocument.model_validate(delivery.document)
    if document.notice.ring is delivery.ring:
        return document
    return document.model_copy(update={"notice": document.notice.model_copy(update={"ring": delivery.ring})})
