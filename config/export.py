"""The settings of the exports: a directory of files that other programs read, and who they say wrote them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from config.fields import Line, Section, setting

_SENDER = re.compile(r"[^\s,<&]+")


def _check_sender(sender: str) -> str:
    if not _SENDER.fullmatch(sender):
        raise ValueError("holds a space, comma, < or &, which the standard (CAP 1.2, <sender>) forbids")
    return sender


class ExportSettings(Section):
    """Files that other programs read; nothing is written unless a directory is named."""

    directory: Path | None = setting(None, "Folder kept up to date with every format; unset: none is written.")
    interval_s: float = setting(60, "How often it is looked whether the folder needs writing.", unit="s", ge=1)
    days: int = setting(365, "Incidents first seen within so many days are exported there.", unit="days", ge=1)
    sender: Annotated[str, AfterValidator(_check_sender)] = setting(
        "basewatch", "Who says so, in CAP and Atom: a name of yours that nobody else uses, such as desk@example.org."
    )
    title: Line = setting("Basewatch", "Title of the Atom feed.", min_length=1, max_length=100)
    restriction: Line = setting(
        "For the staff of the organisation that runs this Basewatch.", "To whom CAP messages may go.", min_length=1
    )
