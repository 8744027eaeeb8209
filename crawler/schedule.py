"""When a source is polled next and a page tried again. Pure: the answer depends on what is handed in alone."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from crawler.outcomes import FINAL_FOR_PAGES

JITTER = 0.1  #: share of the interval: sixty sources that start together drift apart within an hour
#: waits before a page is tried again, seconds; after the last one the feed entry is all there will be
PAGE_RETRIES_S = (60, 300, 1_200, 3_600, 4 * 3_600, 12 * 3_600)
_MOST_DOUBLINGS = 12  #: beyond, every interval is over the cap; keeps 2**failures small after weeks


def next_poll_at(
    now: datetime,
    *,
    interval_s: float,
    max_interval_s: float,
    failures: int = 0,
    retry_after_s: float | None = None,
    offline: bool = False,
    chance: random.Random,
) -> datetime:
    """The next poll: the interval with jitter; after failures doubled each time up to ``max_interval_s``, never "off".

    ``failures`` counts those in a row, this one included (0: it worked). A Retry-After is honoured even beyond the cap.
    While this machine itself is ``offline`` nothing is doubled, so that every outlet is back within one interval.
    """
    wait = interval_s
    if failures > 1 and not offline:
        wait = min(interval_s * 2 ** min(failures - 1, _MOST_DOUBLINGS), max(max_interval_s, interval_s))
    wait *= 1 + chance.uniform(-JITTER, JITTER)
    if retry_after_s is not None:
        wait = max(wait, retry_after_s * (1 + chance.uniform(0, JITTER)))
    return now + timedelta(seconds=wait)


def page_retry_at(
    now: datetime, *, cause_code: str, attempts: int, retry_after_s: float | None, chance: random.Random
) -> datetime | None:
    """When to try a page again after its ``attempts``-th failure (1 for the first); None: never."""
    if cause_code in FINAL_FOR_PAGES and not (cause_code == "http_404" and attempts < 3):
        return None  # a 404 right after the feed named it is often a cache that lags
    if attempts > len(PAGE_RETRIES_S):
        return None
    wait = PAGE_RETRIES_S[max(attempts, 1) - 1] * (1 + chance.uniform(0, 2 * JITTER))
    return now + timedelta(seconds=max(wait, retry_after_s or 0.0))
