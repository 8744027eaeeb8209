"""When a source is polled next and a page tried again. Pure: the answer depends on what is handed in alone."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from zlib import crc32

from crawler.outcomes import FINAL_FOR_PAGES

JITTER = 0.1  #: share of the interval: sixty sources that start together drift apart within an hour
#: waits before a page is tried again, seconds; after the last one the feed entry is all there will be
PAGE_RETRIES_S = (60, 300, 1_200, 3_600, 4 * 3_600, 12 * 3_600)
FIRST_MOVER_S = 60.0  #: between two polls of an outlet that usually breaks such news, whatever its rhythm
_LIMIT_FACTORS = (1 / 5, 3.0)  #: of the configured interval: with 300 s, a learned one lies between 60 s and 15 min
_ITEMS_A_POLL = 0.5  #: aimed at: with a poll every half gap, an entry waits a quarter of its source's usual gap
_MOST_DOUBLINGS = 12  #: beyond, every interval is over the cap; keeps 2**failures small after weeks


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often a source is polled, and how long its server may ask us to trust a copy."""

    interval_s: float
    longest_fresh_s: float  #: cap on cache lifetimes


def pace(
    *,
    configured_s: float,
    min_interval_s: float,
    max_interval_s: float,
    items_per_hour: float | None = None,
    is_fixed: bool = False,
    first_mover: bool = False,
    is_hot: bool = False,
) -> Pace:
    """The rhythm of a source, by these rules in turn; all within ``min_interval_s`` and ``max_interval_s``.

    1. The configured interval. Once ``items_per_hour`` is known, unless the outlet's own entry fixed the interval
       (``is_fixed``): half of the usual gap between two entries, between a fifth and three times the configured one. It
       is the mean over the week, not of the hour: attacks come at night, when newsrooms are slow.
    2. ``is_hot`` (an incident is open in the outlet's country): at most a fifth of the configured interval.
    3. ``first_mover``: at most FIRST_MOVER_S.

    Cache lifetimes are honoured up to the slowest learned interval; for hot and first-moving sources up to their own.
    """

    def bounded(seconds: float) -> float:
        return min(max(seconds, min_interval_s), max_interval_s)

    fastest, slowest = (bounded(factor * configured_s) for factor in _LIMIT_FACTORS)
    interval_s = bounded(configured_s)
    if items_per_hour is not None and not is_fixed:
        half_gap_s = 3600 * _ITEMS_A_POLL / items_per_hour if items_per_hour > 0 else slowest
        interval_s = min(max(half_gap_s, fastest), slowest)
    if is_hot:
        interval_s = min(interval_s, fastest)
    if first_mover:
        interval_s = min(interval_s, max(FIRST_MOVER_S, min_interval_s))
    return Pace(interval_s=interval_s, longest_fresh_s=interval_s if is_hot or first_mover else slowest)


def spread(source_id: str) -> float:
    """A share between a half and one, always the same for one source: sixty sources made due together are not asked
    together, and ten restarts make none of them due earlier."""
    return 0.5 + (crc32(source_id.encode()) % 1000) / 2000


def next_poll_at(
    now: datetime,
    *,
    interval_s: float,
    max_interval_s: float,
    failures: int = 0,
    retry_after_s: float | None = None,
    fresh_for_s: float = 0.0,
    offline: bool = False,
    chance: random.Random,
) -> datetime:
    """The next poll: the interval with jitter; after failures doubled each time up to ``max_interval_s``, never "off".

    ``failures`` counts those in a row, this one included (0: it worked). A Retry-After is honoured even beyond the cap.
    The server's answer is good for ``fresh_for_s`` (already capped): nothing is asked before.
    While this machine itself is ``offline`` nothing is doubled, so that every outlet is back within one interval.
    """
    wait = interval_s
    if failures > 1 and not offline:
        wait = min(interval_s * 2 ** min(failures - 1, _MOST_DOUBLINGS), max(max_interval_s, interval_s))
    wait = max(wait * (1 + chance.uniform(-JITTER, JITTER)), fresh_for_s)
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
