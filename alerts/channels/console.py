"""Alerts on a terminal or in a log file: the first line, and the rest below it."""

from __future__ import annotations

import sys
from typing import TextIO

from alerts.channels.base import OutgoingMessage, Receipt
from alerts.language import Language
from alerts.wording import compose, text_lines
from core.errors import TransientFailure
from core.values import Severity

_COLOURS = {Severity.S4: "bold white on red", Severity.S3: "bold red", Severity.S2: "bold yellow", Severity.S1: "bold"}


class Console:
    """Prints to a stream. Text is never read as Rich markup, and holds no control character."""

    def __init__(self, name: str, *, stream: TextIO | None = None, language: Language | None = None) -> None:
        self.name, self._language = name, language
        self._stream = stream

    async def send(self, message: OutgoingMessage, /) -> Receipt:
        from rich.console import Console as Terminal  # here: no part of a quick start
        from rich.text import Text

        stream = self._stream or sys.stdout
        body = compose(message.document, now=message.now, language=self._language)
        incident = message.document.incident
        first, *details = text_lines(body)
        text = Text(first, style=_COLOURS[incident.severity] if incident else "bold")
        text.append("".join(f"\n  {line}" if line else "" for line in details) + f"\n  [{body.id}]\n", style="not bold")
        try:
            terminal = Terminal(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=True)
            terminal.print(text)
            stream.flush()
        except (OSError, ValueError) as error:  # a closed pipe, a full disk behind a redirect; ValueError: closed file
            raise TransientFailure(self.name, "its stream cannot be written to") from error
        return Receipt(answer="printed")

    async def aclose(self) -> None:
        """The stream is not ours to close."""
