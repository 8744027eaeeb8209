"""``Retry-After``, as outlets and receivers send it."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

CAP_S = 6 * 3600.0  #: longer waits are cut: an absurd header must not silence an outlet or a channel for days


def retry_after_s(header: str | None, *, now: datetime) -> float | None:
    """Seconds to wait, between 0 and CAP_S; None where the header is absent or makes no sense.

    Both forms of RFC 9110 section 10.2.3: a number of seconds or an HTTP date. A past date and a negative number are 0.
    """
    if header is None:
        return None
    text = header.strip()
    try:
        seconds = float(text)
    except ValueError:
        try:
            when = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        seconds = (when - now).total_seconds()
    if seconds != seconds:  # NaN
        return None
    return min(max(seconds, 0.0), CAP_S)
