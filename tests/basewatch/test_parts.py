"""Parts of the daemon that fail, and begin again."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest

from basewatch.parts import keep_running
from core.errors import StorageError


def run_until(times: int, part: Callable[[], Awaitable[None]]) -> Counter[str]:
    """Keep ``part`` running until it was begun so often."""
    counts: Counter[str] = Counter()

    async def main() -> None:
        stopping = asyncio.Event()

        async def counted() -> None:
            counts["begun"] += 1
            if counts["begun"] == times:
                stopping.set()
            await part()

        await asyncio.wait_for(keep_running("eyes", counted, stopping, counts, pause_s=0.001), 10)

    asyncio.run(main())
    return counts


def test_a_part_that_fails_is_begun_again_and_one_cause_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    async def part() -> None:
        raise StorageError("The disk is full.")

    with caplog.at_level(logging.INFO):
        counts = run_until(20, part)
    assert counts == {"begun": 20, "eyes": 19}
    (line,) = caplog.records
    assert "The disk is full." in line.getMessage()
    assert line.exc_info is None


def test_a_part_that_ends_by_itself_is_begun_again_after_the_pause(caplog: pytest.LogCaptureFixture) -> None:
    async def part() -> None:
        return

    with caplog.at_level(logging.INFO):
        assert run_until(3, part)["eyes"] == 2
    assert "ended by itself" in caplog.text


def test_the_words_of_an_unforeseen_error_stay_out_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def part() -> None:
        raise RuntimeError("https://hooks.example.org/secret-token")

    with caplog.at_level(logging.INFO):
        run_until(2, part)
    assert "RuntimeError" in caplog.text
    assert "secret-token" not in caplog.text
    assert "Traceback" not in caplog.text
