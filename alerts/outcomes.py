"""What becomes of a delivery after an attempt: decided from values, recorded by ``deliver.py``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.backoff import delay_s
from core.errors import ChannelGone, DeliveryError, TransientFailure


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The receiver accepted it."""

    remote_ref: str | None = None
    answer: str = ""
    http_status: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Not now; the same message again at ``at``."""

    at: datetime
    reason: str
    http_status: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dead:
    """Never; the operator is told."""

    reason: str
    http_status: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused:
    """The channel takes nothing any more: the message waits with all that follow it."""

    reason: str
    http_status: int | None = None


Outcome = Sent | Retry | Dead | Paused


def after_failure(
    error: DeliveryError,
    *,
    attempt: int,
    since: datetime,
    now: datetime,
    schedule_s: Sequence[float],
    give_up_after_s: float,
    chance: float | None = None,
) -> Retry | Dead | Paused:
    """What a failure means for this delivery.

    ``attempt`` is the one that failed (1 is the first), ``since`` when the delivery began to be tried. A failure that
    may pass is tried again unless the next attempt would come after ``give_up_after_s``. ``chance``: see ``delay_s``.
    """
    if isinstance(error, ChannelGone):
        return Paused(reason=error.reason, http_status=error.http_status)
    if not isinstance(error, TransientFailure):
        return Dead(reason=error.reason, http_status=error.http_status)
    wait = delay_s(attempt, schedule_s, retry_after_s=error.retry_after_s, chance=chance)
    at = now + timedelta(seconds=wait)
    if at > since + timedelta(seconds=give_up_after_s):
        times = "1 attempt" if attempt == 1 else f"{attempt} attempts"
        return Dead(reason=f"given up after {times}: {error.reason}", http_status=error.http_status)
    return Retry(at=at, reason=error.reason, http_status=error.http_status)
