"""Logging of the daemon: one line an event, for people or as JSON, with a stable ``action`` and ids.

Modules log a short sentence and ``extra={"action": "delivered", ...}``; tests and searches hold on to the action, not
to the wording.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Literal, TextIO

# What ``logging`` itself puts on a record; everything else came in ``extra``.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

# Libraries that print addresses with tokens (httpx at INFO: measured) or a line a request.
_QUIET = {
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "scrapy": logging.WARNING,
    "twisted": logging.WARNING,
    "uvicorn": logging.CRITICAL,  # a traceback for what basewatch/page/app.py says in a line
    "apscheduler": logging.CRITICAL,  # its traceback of a job that failed; basewatch/schedule.py says it in a line
    "alembic": logging.WARNING,
    "trafilatura": logging.CRITICAL,
    "htmldate": logging.CRITICAL,
    "asyncio": logging.WARNING,
    "mail.log": logging.WARNING,
}


def _extras(record: logging.LogRecord) -> dict[str, object]:
    return {key: value for key, value in vars(record).items() if key not in _STANDARD and not key.startswith("_")}


class HumanFormatter(logging.Formatter):
    """``21:07:03 INFO    Delivered BW-4.1 to ops  [action=delivered attempt=1]``, times in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        instant = datetime.fromtimestamp(record.created, UTC)
        extras = " ".join(f"{key}={value}" for key, value in _extras(record).items())
        line = f"{instant:%Y-%m-%d %H:%M:%S} {record.levelname:<7} {record.getMessage()}"
        if extras:
            line += f"  [{extras}]"
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return line


class JsonFormatter(logging.Formatter):
    """One JSON object a line: ``time``, ``level``, ``logger``, ``message``, and the extras."""

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_extras(record),
        }
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        return json.dumps(fields, ensure_ascii=False, default=str)


def configure(level: str, form: Literal["human", "json"], stream: TextIO | None = None) -> None:
    """Send every log line to ``stream`` (standard error by default) in the chosen form."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else HumanFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name, quiet in _QUIET.items():
        logging.getLogger(name).setLevel(quiet)
