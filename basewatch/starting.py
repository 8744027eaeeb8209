"""A start without pauses for the collector of cyclic garbage.

A thousand modules make hundreds of thousands of objects that live for ever and hardly any garbage; Python's collector
looks through them again and again meanwhile: a tenth of the processor time of the start (measured).
"""

from __future__ import annotations

import gc


def begin() -> None:
    """Collect nothing until ``done``."""
    gc.disable()


def done() -> None:
    """Collect again, but never look at what the start made: it stays for as long as the process."""
    gc.freeze()
    gc.enable()
