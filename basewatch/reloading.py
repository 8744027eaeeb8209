"""A changed configuration, taken up by a daemon that runs: looked at whole first, then the process begins anew.

The process replaces itself (exec): the parts finish what they hold, and the same process id goes on with the new files.
So everything can be reloaded but what belongs to the process or to its data; a wrong file changes nothing.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from alerts.channels import build_channels
from alerts.classifier import Classifier
from alerts.system import News
from config.outlets import load_outlets
from config.settings import Settings
from config.watch import load_watch
from core.errors import BasewatchError, ConfigError
from storage.meta import get_meta, set_meta

log = logging.getLogger(__name__)

DAEMON, RELOAD = "daemon", "reload"  #: keys in the table meta
#: what another daemon may hold, or what lies elsewhere: a restart takes it up, and may fail where people look
NEEDS_RESTART = ("database", "data_dir")


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What the daemon last said of a reload."""

    at: datetime
    ok: bool
    text: str


def check_new(old: Settings, reread: Callable[[], Settings]) -> Settings:
    """The new settings, after all they lead to was loaded once. Raises ConfigError where the old ones must run on."""
    new = reread()
    for key in NEEDS_RESTART:
        if getattr(new, key) != getattr(old, key):
            raise ConfigError("changing it needs a restart of the daemon, not a reload", key=key)
    watch = load_watch(new.watch, new.config_dir)
    load_outlets(new.config_dir)
    Classifier.load(watch, new.config_dir)
    build_channels(new)
    return new


def refused(error: BasewatchError) -> News:
    """What the operator reads of a configuration that was not taken up."""
    text = f"The changed configuration was refused, the old one runs on. {error}"
    return text, {"why": str(error)}


def note_daemon(session: Session, pid: int, host: str, now: datetime) -> None:
    """Record which process is the daemon, and since when."""
    set_meta(session, DAEMON, json.dumps({"pid": pid, "host": host, "since": now.isoformat()}))


def daemon_of(session: Session) -> tuple[int, str, datetime] | None:
    """Process id, host and start of the daemon that last ran."""
    text = get_meta(session, DAEMON)
    if text is None:
        return None
    found = json.loads(text)
    return int(found["pid"]), str(found["host"]), datetime.fromisoformat(found["since"])


def note_reload(session: Session, note: Note) -> None:
    set_meta(session, RELOAD, json.dumps({"at": note.at.isoformat(), "ok": note.ok, "text": note.text}))


def last_reload(session: Session) -> Note | None:
    text = get_meta(session, RELOAD)
    if text is None:
        return None
    found = json.loads(text)
    return Note(at=datetime.fromisoformat(found["at"]), ok=bool(found["ok"]), text=str(found["text"]))


def begin_anew() -> None:
    """Replace this process by itself, freshly started; never returns."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # ignored is inherited: a second reload must not end the start
    logging.shutdown()
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - no shell, our own command line


def has_lost_its_terminal(began_with_one: bool) -> bool:
    """Whether a hang-up means that the terminal was closed, and not that somebody asked for a reload."""
    if not began_with_one:
        return False
    try:
        os.tcgetpgrp(0)
    except OSError:
        return True
    return False
