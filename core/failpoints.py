"""Places where a test may kill the daemon: the promise "at least once" is proved at each of them.

``BASEWATCH_DIE_AT=after_send`` makes the process kill itself (SIGKILL, no clean-up) the first time it gets there;
``after_send:3`` the third time. Without the variable, a failpoint costs one dictionary look-up.
"""

from __future__ import annotations

import os
import signal

#: every failpoint, in the order in which an article passes them
NAMES = (
    "after_feed_fetch",  # the feed's answer is in memory, nothing is recorded
    "after_feed_record",  # validators and wanted pages are committed
    "after_page_fetch",  # the page's answer is in memory
    "after_article_store",  # the article is committed, not yet classified
    "after_classify",  # the verdict is in memory
    "after_incident_write",  # inside the transaction: incident, notice and deliveries are written, not committed
    "after_incident_commit",  # they are committed
    "after_claim",  # a delivery is leased to this process
    "before_send",  # the message is rendered, nothing has left
    "after_send",  # the receiver has accepted, nothing is recorded
    "after_record",  # the outcome is committed
)

_countdown: dict[str, int] = {}


def arm(spec: str | None) -> None:
    """Arm from ``NAME`` or ``NAME:N``; None or "" disarms. Raises ValueError for an unknown name."""
    _countdown.clear()
    if not spec:
        return
    name, _, nth = spec.partition(":")
    if name not in NAMES:
        raise ValueError(f"unknown failpoint {name!r}: choose one of {', '.join(NAMES)}")
    _countdown[name] = int(nth or 1)


def reach(name: str) -> None:
    """Die here if a test asked for it."""
    left = _countdown.get(name)
    if left is None:
        return
    if left <= 1:
        os.kill(os.getpid(), signal.SIGKILL)
    _countdown[name] = left - 1


arm(os.environ.get("BASEWATCH_DIE_AT"))
