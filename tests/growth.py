"""Whether time grows in step with length: what a test may ask of a clock on a machine that others use as well."""

from __future__ import annotations

import time
from collections.abc import Callable

SMALL, LARGE = 50_000, 400_000  #: characters
TIMES_SLOWER = 3.0  #: on a machine whose other core is busy, one of two equal runs may take so much longer
SPARE_S = 0.5  #: what is over so soon harms nobody, however it grows


def of_length(piece: str, size: int) -> str:
    """The piece over and over, cut to so many characters."""
    return (piece * (size // len(piece) + 1))[:size]


def grows_with_length(
    read: Callable[[str], object],
    text_of: Callable[[int], str],
    *,
    small: int = SMALL,
    large: int = LARGE,
    spare_s: float = SPARE_S,
) -> bool:
    """Whether eight times the text takes eight times the processor, give or take; what starts anew takes 64 times."""

    def fits() -> bool:
        allowed = _seconds(read, text_of(small)) * (large / small) * TIMES_SLOWER + spare_s
        return _seconds(read, text_of(large)) <= allowed

    return fits() or fits()


def _seconds(read: Callable[[str], object], text: str) -> float:
    began = time.process_time()
    read(text)
    return time.process_time() - began
