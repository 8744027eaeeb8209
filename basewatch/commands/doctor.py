"""``basewatch doctor``: everything around a running Basewatch, one finding each, with a way out where one is needed."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import statistics
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console
from rich.markup import escape

from basewatch import __version__
from config.channels import EmailSettings, HttpChannel
from config.check import Checked, Finding, Level, check_files
from config.outlets import select_outlets
from config.settings import Settings
from core.clock import utc_now
from core.errors import BasewatchError
from core.text import counted
from storage import articles, evidence, housekeeping, schema, sources
from storage.engine import Database, open_database
from storage.faults import DatabaseFault
from storage.places import check_file_system, check_sqlite_version, database_url
from storage.retention import free_pages

MIB = 2**20
LITTLE_SPACE = 1024 * MIB  #: a warning below
NO_SPACE = 100 * MIB  #: an error below: the daemon may stop writing any hour
LARGE_WAL = 64 * MIB
CLOCK_WARNING_S, CLOCK_ERROR_S = 30.0, 600.0  #: ten minutes is where a time counts as lying in the future
DNS_WITHIN_S = 5.0
NAMES_TRIED = 5  #: outlets' names that are looked up
_MARKS = {Level.OK: "[green]ok[/green]", Level.WARNING: "[yellow]warning[/yellow]", Level.ERROR: "[red]error[/red]"}


def doctor(path: Path | None, *, offline: bool, as_json: bool) -> int:
    """Print every finding; 0 when nothing is wrong (warnings allowed), 1 when something is."""
    findings = list(_all(path, offline=offline))
    failed = any(finding.level is Level.ERROR for finding in findings)
    if as_json:
        rows = [{"level": f.level.value, "what": f.what, "where": f.where, "todo": f.todo or None} for f in findings]
        print(json.dumps({"ok": not failed, "findings": rows}, ensure_ascii=False))  # noqa: T201
        return 1 if failed else 0
    console = Console(highlight=False)
    for finding in findings:
        todo = f"\n        {escape(finding.todo)}" if finding.todo else ""
        console.print(f"{_MARKS[finding.level]}  {escape(finding.where)}: {escape(finding.what)}{todo}", soft_wrap=True)
    warnings = sum(finding.level is Level.WARNING for finding in findings)
    closing = "Something must be mended." if failed else f"Nothing is broken ({counted(warnings, 'warning')})."
    console.print(f"\n{closing}")
    return 1 if failed else 0


def _all(path: Path | None, *, offline: bool) -> Iterator[Finding]:
    yield from _versions()
    files = check_files(path)
    yield from _worst(files.findings)
    settings = files.settings
    if settings is None:
        return
    yield from _permissions(settings, path)
    yield from _disk(settings)
    yield from _database(settings)
    if not offline:
        yield from names(_hosts(settings, files))


def _worst(findings: Sequence[Finding]) -> Iterator[Finding]:
    """The errors of configuration and data files; of all else its number, since `check` tells it at length."""
    errors = [finding for finding in findings if finding.level is Level.ERROR]
    yield from errors
    warnings = sum(finding.level is Level.WARNING for finding in findings)
    if warnings:
        yield warning(
            "files", f"{counted(warnings, 'warning')} about configuration and data files", "See: `basewatch check`."
        )
    elif not errors:
        yield ok("files", f"configuration and data files are right ({len(findings)} looked at)")


def ok(where: str, what: str) -> Finding:
    return Finding(level=Level.OK, what=what, where=where)


def warning(where: str, what: str, todo: str) -> Finding:
    return Finding(level=Level.WARNING, what=what, where=where, todo=todo)


def error(where: str, what: str, todo: str) -> Finding:
    return Finding(level=Level.ERROR, what=what, where=where, todo=todo)


def _versions() -> Iterator[Finding]:
    parts = ", ".join(f"{name} {metadata.version(name)}" for name in ("scrapy", "sqlalchemy", "httpx", "apscheduler"))
    python = ".".join(map(str, sys.version_info[:3]))
    yield ok("versions", f"Basewatch {__version__}, Python {python}, SQLite {sqlite3.sqlite_version}, {parts}")
    try:
        check_sqlite_version()
    except DatabaseFault as fault:
        yield error("versions", str(fault), "Install a newer Python, or use PostgreSQL.")


def _permissions(settings: Settings, path: Path | None) -> Iterator[Finding]:
    folder = settings.data_dir
    if not folder.is_dir():
        yield error("data_dir", f"the folder {folder.absolute()} does not exist", "Create it, or correct `data_dir`.")
    elif not os.access(folder, os.W_OK | os.X_OK):
        todo = (
            f"Let the user that runs Basewatch write it: chown it, or correct `data_dir` (you are user {os.getuid()})."
        )
        yield error("data_dir", f"{folder.absolute()} cannot be written", todo)
    else:
        yield ok("data_dir", f"{folder.absolute()} can be written")
    if path is not None and path.exists() and path.stat().st_mode & 0o077:
        todo = f"Run: chmod 600 {path}"
        yield warning("permissions", f"{path} can be read by other users of this machine", todo)


def _disk(settings: Settings) -> Iterator[Finding]:
    url = database_url(settings.database_address)
    if url.get_backend_name() != "sqlite":
        return
    folder = Path(str(url.database)).parent
    if folder.is_dir():
        yield space(folder, shutil.disk_usage(folder).free)
        try:
            check_file_system(Path(str(url.database)))
            yield ok("file system", f"{folder} is on a local file system, as far as can be told")
        except DatabaseFault as fault:
            yield error("file system", str(fault), "Move the database, then start again.")


def space(folder: Path, free: int) -> Finding:
    """What so many free bytes mean."""
    what = f"{free / MIB:.0f} MiB free for {folder}"
    todo = (
        "Free some, or shorten what is kept ([keep] in the configuration): a full disk stops new articles and alerts."
    )
    if free < NO_SPACE:
        return error("disk", what, todo)
    return warning("disk", what, todo) if free < LITTLE_SPACE else ok("disk", what)


def _database(settings: Settings) -> Iterator[Finding]:
    try:
        database = open_database(settings.database_address, create=False, migrate=False)
    except DatabaseFault as fault:
        if fault.kind == "missing":
            yield warning("database", str(fault), "The first start makes it.")
        elif fault.kind == "migration":
            yield warning("database", str(fault), "Run `basewatch backup FILE` first.")
        else:
            yield error("database", str(fault), way_out(fault.kind))
        return
    with database:
        try:
            yield from _look_into(database, settings)
        except DatabaseFault as fault:
            yield error("database", str(fault), way_out(fault.kind))
        except BasewatchError as fault:
            yield error("database", str(fault), "See the log of the daemon; docs/operations.md tells how to restore.")


#: what to do about a database that cannot be used, by the kind of fault; a copy put back helps against damage alone
_WAYS_OUT = {
    "unreachable": "Try: pg_isready -h HOST -p PORT. Start the server, or correct host and port in `database`.",
    "refused": "Try the same address with psql; correct user and password in `database` (or BASEWATCH_DATABASE).",
    "read_only": "Run it as the user of the service, or give that user the file and its folder (chown).",
    "not_a_database": "Name the right file as `database` in the configuration.",
    "foreign": "Give Basewatch a file or database of its own as `database` in the configuration.",
    "newer": "Upgrade Basewatch, or put the copy from before the upgrade back: basewatch restore FILE",
    "network_fs": "Move the file to a local disk and correct `database`, or use PostgreSQL.",
    "full": "Free some space; it goes on by itself.",
    "locked": "Try again; if it lasts, find who holds it: fuser FILE, or pg_stat_activity.",
    "io": "Look at the disk (dmesg, smartctl), then put a copy back: basewatch restore FILE",
}


def way_out(kind: str) -> str:
    """What to do about a database with this fault."""
    return _WAYS_OUT.get(kind, "Stop the daemon and put a copy back: basewatch restore FILE")


def _look_into(database: Database, settings: Settings) -> Iterator[Finding]:
    now = utc_now()
    if found := database.problems():
        todo = "Stop the daemon and put a copy back: basewatch restore FILE"
        yield error("integrity", f"{database.where} is damaged ({found[0]})", todo)
    else:
        yield ok("integrity", f"{database.where} is whole, schema {schema.HEAD}")
    with database.read() as session:
        counts = housekeeping.counts(session, now)
        parked = articles.failures(session, parked_only=True, limit=1)
        differences = evidence.clock_differences(session, now - timedelta(days=2))
        free, total = free_pages(session)
        polls = [state.last_poll_at for state in sources.source_states(session) if state.last_poll_at is not None]
    running = _running(database)
    yield running
    if settings.crawler.enabled and running.level is Level.OK and polls:
        yield polled(max(polls), now, settings.crawler.max_interval_s)
    yield _wal(database.wal_bytes())
    if total and free > total // 4:
        todo = "They are used again first, then given back; an old file gives none back: see docs/operations.md."
        yield warning("size", f"{free * 4096 / MIB:.0f} of {total * 4096 / MIB:.0f} MiB lie empty", todo)
    yield clock(differences)
    if parked:
        todo = "See them with `basewatch parked list`, try them again with `basewatch parked retry --all`."
        yield warning("parked", f"{counted(counts.parked, 'article')} could not be classified", todo)
    if dead := counts.deliveries["dead"]:
        todo = "See why with `basewatch deliveries list --state dead`, send them with `basewatch deliveries retry`."
        what = "1 delivery was" if dead == 1 else f"{dead} deliveries were"
        yield warning("deliveries", f"{what} given up", todo)


def _running(database: Database) -> Finding:
    if database.has_daemon():
        return ok("daemon", "a daemon runs on this database")
    return warning("daemon", "no daemon runs on this database", "Start it: `basewatch run`, or your service manager.")


def polled(last: datetime, now: datetime, max_interval_s: float) -> Finding:
    """Whether the daemon that runs also reads: some outlet is due at any time."""
    minutes = (now - last).total_seconds() / 60
    what = f"an outlet was last asked {minutes:.0f} minutes ago"
    if minutes < max(30.0, 2 * max_interval_s / 60):
        return ok("polls", what)
    return error("polls", what, "The daemon hangs, or has just started after a pause: see its log, restart it.")


def _wal(size: int) -> Finding:
    if size < LARGE_WAL:
        return ok("wal", f"the -wal file has {size / MIB:.1f} MiB")
    todo = "Another program keeps the database open for reading (a backup, a database browser): close it."
    return warning("wal", f"the -wal file has {size / MIB:.0f} MiB", todo)


def clock(differences: dict[str, float]) -> Finding:
    """What our clock's distance from each outlet's says; the median of three or more, since outlets err, too."""
    if len(differences) < 3:
        return ok("clock", "not compared: too few outlets were read in the last two days; see `timedatectl`")
    off = statistics.median(differences.values())
    what = f"this machine's clock is {abs(off):.0f} s {'ahead of' if off > 0 else 'behind'} {len(differences)} outlets'"
    todo = "Let the machine keep time (`timedatectl set-ntp true`): ages and freshness of attacks count from it."
    if abs(off) > CLOCK_ERROR_S:
        return error("clock", what, todo)
    return warning("clock", what, todo) if abs(off) > CLOCK_WARNING_S else ok("clock", what)


def _hosts(settings: Settings, files: Checked) -> list[str]:
    """Names that must be found: some outlets', and those of every channel."""
    channels = []
    for channel in settings.channels.values():
        if channel.enabled and isinstance(channel, HttpChannel):
            channels.append(urlsplit(channel.address).hostname or "")
        elif channel.enabled and isinstance(channel, EmailSettings):
            channels.append(channel.host)
    chosen = select_outlets(files.outlets or {}, settings.crawler) if settings.crawler.enabled else {}
    outlets = [urlsplit(source.url).hostname or "" for outlet in chosen.values() for source in outlet.live_sources]
    return list(dict.fromkeys([*(name for name in channels if name), *list(dict.fromkeys(outlets))[:NAMES_TRIED]]))


def names(hosts: Sequence[str], *, within_s: float = DNS_WITHIN_S) -> Iterator[Finding]:
    """Whether the name server finds each host in time."""
    if not hosts:
        return
    found: set[str] = set()

    def ask(host: str) -> None:
        with suppress(OSError, UnicodeError):
            socket.getaddrinfo(host, None)
            found.add(host)

    # Threads of no pool: Python would wait at its end for those that hang in a network without a name server.
    threads = [threading.Thread(target=ask, args=(host,), daemon=True) for host in hosts]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + within_s
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    missing = [host for host in hosts if host not in found]
    if not missing:
        yield ok("dns", f"{', '.join(hosts)} {'is' if len(hosts) == 1 else 'are'} found")
        return
    todo = "Try: getent hosts NAME. If no name is found, mend the network or /etc/resolv.conf; if one, its address."
    level = error if len(missing) == len(hosts) else warning
    yield level("dns", f"not found within {within_s:.0f} s: {', '.join(missing)}", todo)
