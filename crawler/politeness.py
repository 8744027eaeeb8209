"""Who may be asked next: fair between hosts, few at once to one host, never while it asked us to wait.

``HostGate`` hands out turns. A host with three hundred pages waiting cannot hold up the feed of another: turns go round
the hosts, one request each.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from crawler.outcomes import failure

_LONGEST_CRAWL_DELAY_S = 10.0  #: a robots.txt that asks for more would make a flash an hour old
_IDLE_HOSTS_KEPT = 2_000


@dataclass(slots=True)
class _Host:
    waiting: deque[asyncio.Future[None]] = field(default_factory=deque)
    firsts: int = 0  #: how many at the head of ``waiting`` go before the others
    active: int = 0
    not_before: float = 0.0  #: monotonic; the next request may start then
    held_until: float = 0.0  #: monotonic; the host asked us to come back later
    spent: float = 0.0  #: requests of the budget that are used up
    counted_at: float = 0.0  #: monotonic; ``spent`` is as of then

    def pop(self) -> asyncio.Future[None]:
        """Take the next one out of the queue."""
        self.firsts = max(0, self.firsts - 1)
        return self.waiting.popleft()

    def forget(self, future: asyncio.Future[None]) -> None:
        """Take this one out of the queue."""
        self.firsts -= self.waiting.index(future) < self.firsts
        self.waiting.remove(future)


class HostGate:
    """Turns for requests: at most ``concurrency`` at once, ``per_host`` to one host, and ``budget`` a minute to it.

    ``delay_of`` gives the seconds between two starts at a host (0 for the operator's own, more where robots.txt asks),
    ``budget_of`` its requests a minute (None: any number).
    """

    def __init__(
        self,
        *,
        concurrency: int,
        per_host: int,
        delay_of: Callable[[str], float],
        monotonic: Callable[[], float],
        budget_of: Callable[[str], int | None] = lambda _: None,
    ) -> None:
        self._budget_of = budget_of
        self._new_pauses: dict[str, float] = {}
        self._concurrency, self._per_host, self._delay_of, self._monotonic = concurrency, per_host, delay_of, monotonic
        self._hosts: dict[str, _Host] = {}
        self._ring: deque[str] = deque()  # hosts with someone waiting, in order of turn
        self._active = 0
        self._timer: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def turn(self, host: str, *, first: bool = False) -> AsyncIterator[None]:
        """Wait for this host's turn, and give it back at the end; ``first``: before those who wait already.

        Raises FetchError ``rate_limited`` at once for a host that asked for a pause, before or while this one waits:
        the caller has better things to do than to sit a pause of an hour out.
        """
        if (held_s := self.held_for(host)) > 0:
            raise failure("rate_limited", retry_after_s=held_s)
        state = self._hosts.setdefault(host, _Host())
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        state.waiting.insert(state.firsts if first else len(state.waiting), future)
        state.firsts += first
        if host not in self._ring:
            self._ring.append(host)
        self._hand_out()
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled() and future.exception() is None:
                self._give_back(host)
            elif future in state.waiting:
                state.forget(future)
            raise
        try:
            yield
        finally:
            self._give_back(host)

    def hold(self, host: str, seconds: float) -> None:
        """Give this host no turn for so long: it answered 429 or 503 with Retry-After. Who waits for it is told."""
        state = self._hosts.setdefault(host, _Host())
        state.held_until = max(state.held_until, self._monotonic() + seconds)
        self._new_pauses[host] = state.held_until
        for future in state.waiting:
            if not future.done():
                future.set_exception(failure("rate_limited", retry_after_s=self.held_for(host)))
        state.waiting.clear()
        state.firsts = 0

    def held_for(self, host: str) -> float:
        """Seconds until this host may be asked again; 0.0 now."""
        state = self._hosts.get(host)
        return max(0.0, state.held_until - self._monotonic()) if state else 0.0

    def new_pauses(self) -> dict[str, float]:
        """Hosts that asked for a pause since this was asked last, and the seconds left: to be kept over a restart."""
        pauses, self._new_pauses = self._new_pauses, {}
        return {host: max(0.0, until - self._monotonic()) for host, until in pauses.items()}

    def cancel_waiting(self) -> None:
        """Send everybody who waits home (they see CancelledError): the crawler is stopping."""
        for state in self._hosts.values():
            for future in state.waiting:
                future.cancel()

    def _give_back(self, host: str) -> None:
        self._active -= 1
        state = self._hosts[host]
        state.active -= 1
        now = self._monotonic()
        is_idle = not state.active and not state.waiting and max(state.held_until, state.not_before) <= now
        if len(self._hosts) > _IDLE_HOSTS_KEPT and is_idle:
            del self._hosts[host]
            if host in self._ring:  # it stays there until it is passed over
                self._ring.remove(host)
        self._hand_out()

    def _hand_out(self) -> None:
        """Give a turn to each host that may have one, going round, until the places are taken."""
        now, soonest = self._monotonic(), None
        passed = 0
        while self._ring and self._active < self._concurrency and passed < len(self._ring):
            host = self._ring.popleft()
            state = self._hosts[host]
            while state.waiting and state.waiting[0].done():
                state.pop()
            if not state.waiting:
                continue
            self._ring.append(host)
            not_before = max(state.not_before, self._in_budget_at(host, state, now))
            if state.active >= self._per_host or not_before > now:
                passed += 1
                if state.active < self._per_host:
                    soonest = not_before if soonest is None else min(soonest, not_before)
                continue
            passed = 0
            state.active += 1
            state.spent += 1
            self._active += 1
            state.not_before = now + min(self._delay_of(host), _LONGEST_CRAWL_DELAY_S)
            state.pop().set_result(None)
        self._wake_at(soonest, now)

    def _in_budget_at(self, host: str, state: _Host, now: float) -> float:
        """When the host's budget allows a request: a bucket of one minute's requests that drains evenly."""
        budget = self._budget_of(host)
        if budget is None:
            return now
        state.spent = max(0.0, state.spent - (now - state.counted_at) * budget / 60)
        state.counted_at = now
        return now if state.spent <= budget - 1 else now + (state.spent - (budget - 1)) * 60 / budget

    def _wake_at(self, soonest: float | None, now: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if soonest is not None:
            self._timer = asyncio.get_running_loop().call_later(max(0.0, soonest - now), self._hand_out)
