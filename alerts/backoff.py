"""How long to wait before another attempt: pure, and never over or below its bounds."""

from __future__ import annotations

import random
from collections.abc import Sequence

JITTER = 0.2  #: share of a wait by which it may be shorter or longer, so that a returning receiver is not hit at once
CAP_S = 24 * 3600.0  #: no wait is longer, whatever the schedule or the attempt's number
LEAST_ASKED_S = 1.0  #: a receiver that asks for less, at every attempt, would be asked a million times a day


def delay_s(
    attempt: int, schedule_s: Sequence[float], *, retry_after_s: float | None = None, chance: float | None = None
) -> float:
    """Seconds from the failure of attempt number ``attempt`` (1 is the first) to the next, from 0 to CAP_S.

    ``schedule_s`` gives the waits after the first, second, … failure; the last repeats. What the receiver asked for
    (``Retry-After``) wins, without jitter. ``chance`` (0 to 1) replaces the die in tests.

    With (5, 30, 120): 5 s, 30 s, 120 s, 120 s, … each give or take a fifth.
    """
    position = min(max(attempt, 1), len(schedule_s)) - 1
    die = random.random() if chance is None else chance  # noqa: S311 - spreads load, keeps no secret
    wait = schedule_s[position] * (1 + JITTER * (2 * die - 1))
    if retry_after_s:  # "0" says nothing: the schedule holds
        wait = max(retry_after_s, LEAST_ASKED_S)
    return min(max(wait, 0.0), CAP_S)
