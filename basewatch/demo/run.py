"""``basewatch demo``: the whole chain on this machine, without a network, and an exit code that says if it held."""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.text import Text

from basewatch.demo.director import Performance, perform
from basewatch.demo.score import Score, score
from basewatch.demo.stories import STORIES, load_script
from basewatch.demo.view import choose_view, print_summary


def main(
    *,
    as_json: bool,
    plain: bool = False,
    stories: Path = STORIES,
    folder: Path | None = None,
    webhook_fails: bool = False,
) -> int:
    """Play the stories and show them; 0 only if exactly the expected alerts arrived.

    ``folder`` keeps what the demo writes; without one it writes to a temporary folder, which it leaves behind only when
    something was wrong. Raises ConfigError for stories that cannot be played.
    """
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd warns of a habit of its own at every login
    script = load_script(stories)
    console = Console(highlight=False)
    home = folder or Path(tempfile.mkdtemp(prefix="basewatch-demo-"))
    view = choose_view(console, as_json=as_json, plain=plain)
    started = time.monotonic()
    try:
        performance = asyncio.run(perform(script, view, home, webhook_fails=webhook_fails))
    except BaseException:
        view.close()
        if folder is None:
            shutil.rmtree(home, ignore_errors=True)
        raise
    view.close()
    found = score(script, performance.arrivals, performance.readings)
    result = replace(found, problems=(*performance.troubles, *found.problems))
    if folder is None and result.ok:
        shutil.rmtree(home, ignore_errors=True)
    _report(console, result, performance, home, time.monotonic() - started, as_json=as_json)
    return 0 if result.ok else 1


def _report(
    console: Console, result: Score, performance: Performance, home: Path, seconds: float, *, as_json: bool
) -> None:
    if as_json:
        summary = {**result.to_json(), "seconds": round(seconds, 1), "log": performance.log}
        sys.stdout.write(json.dumps(summary, ensure_ascii=False, indent=2) + "\n")
        return
    print_summary(console, result, seconds)
    if result.ok:
        return
    for line in performance.log:
        console.print(Text(f"daemon | {line}", style="dim"), soft_wrap=True)
    console.print(Text(f"The database and the daemon's log are in {home}."), soft_wrap=True)
