"""Word to the service manager: ready, alive, reloading, stopping. systemd's ``sd_notify`` in plain Python.

The protocol is a datagram of ``NAME=value`` lines to the socket that NOTIFY_SOCKET names (sd_notify(3)). Without that
variable nothing is sent: Basewatch runs the same under any other supervisor.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Callable, Mapping

log = logging.getLogger(__name__)


class Supervisor:
    """Speaks to the service manager that started us, if there is one that listens."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        name = environ.get("NOTIFY_SOCKET", "")
        self._address = "\0" + name[1:] if name.startswith("@") else name  # "@": a socket without a file
        self.watchdog_s = _watchdog_s(environ)  #: seconds within which it wants to hear of us; None: it does not watch

    def ready(self, status: str) -> None:
        self._tell(f"READY=1\nSTATUS={status}\nMAINPID={os.getpid()}")

    def alive(self) -> None:
        self._tell("WATCHDOG=1")

    def reloading(self) -> None:
        self._tell(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}\nSTATUS=Taking up its configuration")

    def stopping(self, why: str = "Stopping") -> None:
        self._tell(f"STOPPING=1\nSTATUS={why}")

    def _tell(self, lines: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
                channel.settimeout(1.0)
                channel.sendto(lines.encode(), self._address)
        except OSError as error:
            log.debug("The service manager does not listen: %s", error, extra={"action": "supervisor_deaf"})


def _watchdog_s(environ: Mapping[str, str]) -> float | None:
    if environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None  # meant for another process
    usec = environ.get("WATCHDOG_USEC", "")
    return int(usec) / 1e6 if usec.isdigit() and int(usec) > 0 else None


class Pulse:
    """When each part of the daemon last turned: what the watchdog looks at.

    A part that fails and is begun again turns; one that hangs does not, and only a new process mends that.
    """

    def __init__(self, limits: Mapping[str, float], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._limits, self._monotonic = dict(limits), monotonic  # part -> most seconds between two turns
        self._turned: dict[str, float] = {}

    def beat(self, part: str, at: float | None = None) -> None:
        """The part turned now, or at that monotonic second; an earlier one than we know changes nothing."""
        self._turned[part] = max(self._turned.get(part, 0.0), self._monotonic() if at is None else at)

    def hanging(self) -> list[str]:
        """The parts that have not turned for longer than they may; those that never began are none."""
        now = self._monotonic()
        return [part for part, at in self._turned.items() if now - at > self._limits.get(part, float("inf"))]
