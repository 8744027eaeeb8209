"""What a start does not wait for. Seconds are measured by ``basewatch bench daemon``; a test could only guess them."""

from __future__ import annotations

import gc
import subprocess
import sys

from basewatch import starting

#: each is loaded where it is first needed: by a send, by the process that reads pages, by the page, by a migration
LATER = (
    "httpx",
    "aiohttp",
    "feedparser",
    "trafilatura",
    "alembic",
    "starlette",
    "uvicorn",
    "jinja2",
    "rich",
    "sklearn",
)


def test_the_daemon_is_imported_without_what_it_needs_later() -> None:
    script = f"import sys, basewatch.cli.running, basewatch.daemon; print([m for m in {LATER} if m in sys.modules])"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_the_collector_rests_during_the_start_and_works_afterwards() -> None:
    starting.begin()
    try:
        assert not gc.isenabled()
    finally:
        starting.done()
    frozen = gc.get_freeze_count()
    gc.unfreeze()  # not for the other tests
    assert gc.isenabled()
    assert frozen > 1000
