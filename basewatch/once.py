"""What `run --once` makes of its round: 0 only when something was read and nothing is left to do."""

from __future__ import annotations

from alerts.deliver import DeliverySummary
from core.errors import BasewatchError
from crawler.counters import CrawlSummary


def left_undone(polled: CrawlSummary | None, sent: DeliverySummary, *, failed: int) -> str | None:
    """What of the round did not work, in a sentence; None where all of it did. ``polled`` None: nothing was to poll."""
    problems = []
    polls = sum(polled.polls.values()) if polled is not None else 0
    if polled is not None and polls and polled.failed_polls == polls:
        problems.append("no outlet could be read")
    if not_sent := sent.retried + sent.dead + sent.paused:
        problems.append(f"{not_sent} deliveries were not accepted (see `basewatch deliveries list`)")
    if failed:
        problems.append(f"{failed} articles could not be classified and are tried again")
    return "; ".join(problems) or None


def first_of(faults: BaseExceptionGroup[BasewatchError]) -> BasewatchError:
    """The first error of a group of them, for the one sentence that is said."""
    error: BaseException = faults
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    assert isinstance(error, BasewatchError)
    return error
