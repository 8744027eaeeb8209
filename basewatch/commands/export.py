"""``basewatch export``: incidents for other programs, to standard output, a file or the directory."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from basewatch.export import FORMATS, directory
from basewatch.export.record import records
from config.settings import Settings
from core.clock import utc_now
from core.errors import InputError
from core.values import Severity, Status
from storage.engine import open_database
from storage.values import IncidentFilter

DIRECTORY = "directory"
ALL = 1_000_000


def export(
    settings: Settings,
    kind: str,
    *,
    out: Path | None,
    since: datetime | None,
    until: datetime | None,
    base: str | None,
    country: str | None,
    status: Status | None,
    severity: Severity | None,
) -> int:
    """Write the incidents in one format, or all formats into a directory; 0.

    Raises InputError for an unknown format or a file that cannot be written.
    """
    now = utc_now()
    if kind != DIRECTORY and kind not in FORMATS:
        raise InputError(f"there is no format {kind!r}: choose one of {', '.join((*FORMATS, DIRECTORY))}")
    if kind == DIRECTORY:
        return _directory(settings, out, now)
    which = IncidentFilter(
        status=status, severity=severity, base=base, country=country, since=since, until=until, limit=ALL
    )
    with open_database(settings.database_address, create=False) as database, database.read() as session:
        text = FORMATS[kind].write(records(session, which), settings.export, now)
    if out is None:
        sys.stdout.write(text)
        return 0
    try:
        out.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise InputError(f"{out} cannot be written ({error.strerror}): give another file with --out") from error
    return 0


def _directory(settings: Settings, out: Path | None, now: datetime) -> int:
    folder = out or settings.export.directory
    if folder is None:
        raise InputError("name the folder with --out, or set export.directory in the configuration")
    chosen = settings.export.model_copy(update={"directory": folder})
    with open_database(settings.database_address, create=False) as database, database.read() as session:
        found = directory.read(session, chosen, now)
    changed = directory.write(found, chosen, now)
    print(f"{folder}: {'written' if changed else 'was up to date'}, {len(found)} incidents")  # noqa: T201
    return 0
