"""The directory that other programs read: every format, each file replaced whole, and only after a change."""

from __future__ import annotations

import os
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from basewatch.export import FORMATS, cap
from basewatch.export.record import Record, records
from basewatch.export.xml import printed
from config.export import ExportSettings
from core.errors import InputError
from storage.values import IncidentFilter

ALL = 1_000_000
CAP_FOLDER = "cap"
STAMP = ".basewatch-export"  #: what the files were made of, so that a restart does not write them again


def read(session: Session, settings: ExportSettings, now: datetime) -> list[Record]:
    """The records that the directory holds."""
    return records(session, IncidentFilter(since=now - timedelta(days=settings.days), limit=ALL))


def write(found: list[Record], settings: ExportSettings, now: datetime) -> bool:
    """Bring the directory up to date; whether anything was written. Raises InputError where it cannot be."""
    assert settings.directory is not None
    folder = settings.directory
    stamp = _stamp_of(found, settings)
    try:
        (folder / CAP_FOLDER).mkdir(parents=True, exist_ok=True)
        if (folder / STAMP).exists() and (folder / STAMP).read_text(encoding="utf-8") == stamp:
            return False
        for kind in FORMATS.values():
            _replace(folder / kind.file, kind.write(found, settings, now))
        for notice, message in cap.messages(found, settings):
            path = folder / CAP_FOLDER / f"{notice.notice.id}.xml"
            if not path.exists():  # a notice never changes
                _replace(path, printed(message))
        _replace(folder / STAMP, stamp)
    except OSError as error:
        raise InputError(
            f"The export folder {folder} cannot be written ({error.strerror}): make it writable, or name another in "
            "export.directory"
        ) from error
    return True


def _stamp_of(found: list[Record], settings: ExportSettings) -> str:
    """Changes whenever a file would."""
    newest = max((record.changed_at for record in found), default=None)
    notices = sum(len(record.notices) for record in found)
    reports = sum(record.incident.report_count for record in found)
    first = found[0].incident.id if found else ""
    said = f"{settings.sender}|{settings.title}|{settings.restriction}"
    return f"{newest}|{len(found)}|{notices}|{reports}|{first}|{said}\n"


def _replace(path: Path, text: str) -> None:
    """Write the file beside its place and move it there: a reader sees the old one or the new one, never half."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
