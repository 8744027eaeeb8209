"""The end of the process in time, whatever still hangs.

Python waits at its end for every thread of a pool, and Twisted for its own: a name look-up in a network without DNS, a
feed made to hang the parser or a database that stays locked would each hold a daemon that has ended long past the 20 s
that a service manager waits. Nothing is lost by leaving them: what is not committed is found again at the next start.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

log = logging.getLogger(__name__)


def leave(code: int) -> None:
    """End this process at once, with what was logged written out."""
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):  # a closed pipe: nobody reads what is left
            stream.flush()
    os._exit(code)


def leave_within(seconds: float, why: str = "", *, code: int = 0, leave: Callable[[int], None] = leave) -> None:
    """End this process with ``code`` after so many seconds, unless it has ended by itself; ``why`` is logged then."""

    def last_resort() -> None:
        if why:
            log.warning("Left without waiting any longer: %s", why, extra={"action": "left_waiting"})
        leave(code)

    timer = threading.Timer(seconds, last_resort)
    timer.daemon = True  # it keeps nobody waiting itself
    timer.start()
