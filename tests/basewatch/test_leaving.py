"""The last resort of a stop."""

from __future__ import annotations

import subprocess
import sys
import threading

from basewatch.leaving import leave_within

HANGS = """
import concurrent.futures, time
from basewatch.leaving import leave_within
concurrent.futures.ThreadPoolExecutor().submit(time.sleep, 60)
print("kept", end="")
leave_within(0.2, code=7)
"""


def test_a_thread_that_never_ends_does_not_keep_the_process() -> None:
    ended = subprocess.run([sys.executable, "-c", HANGS], capture_output=True, text=True, timeout=30)
    assert ended.returncode == 7
    assert ended.stdout == "kept"


def test_it_leaves_once_with_the_code() -> None:
    left, done = [], threading.Event()

    def leave(code: int) -> None:
        left.append(code)
        done.set()

    leave_within(0.01, "a part hangs", code=3, leave=leave)
    assert done.wait(5)
    assert left == [3]
