"""``basewatch reload``: the running daemon takes up the changed configuration, or says why not."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from contextlib import suppress
from pathlib import Path

from rich.console import Console
from rich.text import Text

from basewatch.reloading import check_new, daemon_of, last_reload
from config.settings import load_settings
from core.clock import utc_now
from core.errors import InputError
from storage.engine import Database, open_database
from storage.faults import DatabaseFault

WITHIN_S = 45.0  #: the daemon finishes what it holds first, which takes 20 s at most
LOOK_EVERY_S = 0.2


def reload(path: Path | None, *, as_json: bool) -> int:
    """Ask the daemon and wait for what it says; 0 once it runs with the new configuration, 1 where it refused.

    Raises ConfigError for a file that is wrong, InputError where no daemon runs.
    """
    settings = load_settings(path)
    check_new(settings, lambda: settings)
    with open_database(settings.database_address, create=False, migrate=False) as database:
        accepted, text = _ask(database)
    if as_json:
        print(json.dumps({"ok": accepted, "text": text}, ensure_ascii=False))  # noqa: T201
    else:
        Console(highlight=False).print(Text(text, style="green" if accepted else "red"), soft_wrap=True)
    return 0 if accepted else 1


def _ask(database: Database) -> tuple[bool, str]:
    pid = _daemon(database)
    asked = utc_now()
    try:
        os.kill(pid, signal.SIGHUP)
    except PermissionError:
        raise InputError(f"the daemon (process {pid}) belongs to another user: run this as that user") from None
    deadline = time.monotonic() + WITHIN_S
    while time.monotonic() < deadline:
        time.sleep(LOOK_EVERY_S)
        with suppress(DatabaseFault), database.read() as session:
            note, daemon = last_reload(session), daemon_of(session)
            if note is not None and note.at >= asked and not note.ok:
                return False, note.text
            if note is not None and note.at >= asked and daemon is not None and daemon[2] > note.at:
                return True, "The daemon runs with the new configuration."
    return False, f"The daemon did not answer within {WITHIN_S:.0f} s; see its log."


def _daemon(database: Database) -> int:
    """The process to ask. Raises InputError where none runs, or where it runs on another machine."""
    with database.read() as session:
        daemon = daemon_of(session)
    try:
        database.lock_daemon()
    except DatabaseFault as fault:
        if fault.kind != "held":
            raise
    else:
        daemon = None
    if daemon is None:
        raise InputError("no daemon runs on this database: start it with `basewatch run`")
    pid, host, _ = daemon
    if host != socket.gethostname():
        raise InputError(f"the daemon runs on {host}: run this there, or send its process {pid} the signal SIGHUP")
    return pid
