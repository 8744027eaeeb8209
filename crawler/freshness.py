"""How long a server says that its answer stays good (RFC 9111 section 4.2). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,10})", re.IGNORECASE)
_NOT_KEPT = re.compile(r"(?:^|[,\s])no-(?:cache|store)\b(?!\s*=)", re.IGNORECASE)


def fresh_for_s(headers: Mapping[str, str], now: datetime) -> float:
    """Seconds from ``now``; 0.0 where nothing is said or it makes no sense. ``headers`` have lower-case names.

    ``max-age`` goes before ``Expires``; what the answer spent in a cache on its way (``Age``) is taken off.
    """
    control = headers.get("cache-control", "")
    if _NOT_KEPT.search(control):
        return 0.0
    if (stated := _MAX_AGE.search(control)) is not None:
        lifetime = float(stated[1])
    else:
        expires = _date(headers.get("expires"))
        if expires is None:
            return 0.0
        lifetime = (expires - (_date(headers.get("date")) or now)).total_seconds()
    age = headers.get("age", "").strip()
    return max(0.0, lifetime - (float(age) if age.isdecimal() and len(age) < 10 else 0.0))


def _date(text: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(text) if text else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None  # "Expires: 0" is common and means "already stale"
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found
