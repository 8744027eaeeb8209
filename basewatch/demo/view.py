"""What people see while the demo runs: a live screen in a terminal, plain lines elsewhere, nothing with ``--json``.

Everything from outside is shown as ``Text``, never as Rich markup: a headline in brackets stays a headline.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from typing import Protocol

from rich.console import Console, Group, RenderableType
from rich.layout import Layout
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from basewatch.demo.receivers import Arrival
from basewatch.demo.score import CHANNELS, Reading, Score, fits
from basewatch.demo.stories import Step, Story
from core.text import cut, one_line

_INCIDENTS_SHOWN = 4
_ROOM_FOR_HEADLINES = 110  #: columns; on less, the first lines, shown as they came, are not repeated at the end


class View(Protocol):
    """Told of everything that happens, in order."""

    def note(self, text: str) -> None: ...
    def step(self, number: int, of: int, step: Step) -> None: ...
    def article(self, story: Story, outlet_name: str, reading: Reading) -> None: ...
    def incidents(self, lines: Sequence[str]) -> None: ...
    def arrival(self, arrival: Arrival) -> None: ...
    def close(self) -> None: ...


class SilentView:
    """For ``--json``."""

    def note(self, text: str) -> None:
        """Nothing is shown."""

    def step(self, number: int, of: int, step: Step) -> None:
        """Nothing is shown."""

    def article(self, story: Story, outlet_name: str, reading: Reading) -> None:
        """Nothing is shown."""

    def incidents(self, lines: Sequence[str]) -> None:
        """Nothing is shown."""

    def arrival(self, arrival: Arrival) -> None:
        """Nothing is shown."""

    def close(self) -> None:
        """Nothing was opened."""


class PlainView:
    """One line an event, for pipes, logs and ``--plain``; each alert once in full, as the chat shows it."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = time.monotonic()
        self._incidents: Sequence[str] = ()
        self._first_mail = True

    def _say(self, text: str, *, indent: int = 0) -> None:
        self._console.print(Text(" " * indent + text), soft_wrap=True)

    def _line(self, word: str, text: str) -> None:
        self._say(f"{time.monotonic() - self._started:5.1f} s  {word:<9} {text}")

    def note(self, text: str) -> None:
        self._line("demo", text)

    def step(self, number: int, of: int, step: Step) -> None:
        self._say("")
        self._line(f"step {number}/{of}", step.title)

    def article(self, story: Story, outlet_name: str, reading: Reading) -> None:
        mark = "" if fits(story, reading) else "  ← NOT AS EXPECTED"
        self._line("article", f"{outlet_name} [{story.lang}] {story.title}")
        self._say(f"{verdict_words(reading)}: {reading.reason}{mark}", indent=19)

    def incidents(self, lines: Sequence[str]) -> None:
        for line in lines:
            if line not in self._incidents:
                self._line("incident", line)
        self._incidents = tuple(lines)

    def arrival(self, arrival: Arrival) -> None:
        self._line(arrival.channel, arrival_words(arrival))
        for line in self._body(arrival):
            self._say(f"| {line}", indent=19)

    def _body(self, arrival: Arrival) -> list[str]:
        """What is shown of the message itself: chats and the first mail in full, later mails by their thread."""
        if not arrival.accepted or arrival.channel == "webhook":
            return []
        if arrival.channel == "chat":
            return arrival.text.splitlines()
        if arrival.answers:
            return ["in the thread of the incident's first mail"]
        first, self._first_mail = self._first_mail, False
        return arrival.text.splitlines() if first else []

    def close(self) -> None:
        """Nothing stays open."""


class LiveView:
    """A screen of its own: articles on the left; incidents, chat and mail on the right."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._heading = Text("Basewatch demo", style="bold")
        self._notes = Text("")
        self._articles: deque[Table] = deque(maxlen=40)
        self._incidents: Sequence[str] = ()
        self._chats: list[Arrival] = []
        self._mail: Arrival | None = None
        self._live = Live(self._screen(), console=console, screen=True, auto_refresh=False)
        self._live.start()

    def note(self, text: str) -> None:
        self._notes = Text(text, style="dim")
        self._refresh()

    def step(self, number: int, of: int, step: Step) -> None:
        self._heading = Text(f"{number}/{of}  {step.title}", style="bold")
        self._refresh()

    def article(self, story: Story, outlet_name: str, reading: Reading) -> None:
        self._articles.append(_article_lines(story, outlet_name, reading))
        self._refresh()

    def incidents(self, lines: Sequence[str]) -> None:
        if tuple(lines) != tuple(self._incidents):
            self._incidents = tuple(lines)
            self._refresh()

    def arrival(self, arrival: Arrival) -> None:
        if not arrival.accepted:
            self._notes = Text(f"{arrival.channel}: {arrival_words(arrival)}", style="yellow")
        elif arrival.channel == "chat":
            self._chats.append(arrival)
        elif arrival.channel == "email":
            self._mail = arrival
        self._refresh()

    def close(self) -> None:
        """Leave the screen, and print what it showed last, so that it can still be read."""
        self._live.stop()
        for chat in self._chats:
            self._console.print(_chat_panel(chat))
        if self._mail is not None:
            self._console.print(_mail_panel(self._mail))

    def _refresh(self) -> None:
        self._live.update(self._screen(), refresh=True)

    def _screen(self) -> Layout:
        screen = Layout()
        screen.split_column(Layout(name="top", size=2), Layout(name="middle"))
        screen["top"].update(Group(self._heading, self._notes))
        screen["middle"].split_row(Layout(name="articles"), Layout(name="right"))
        rows = max((self._console.height - 5) // 3, 1)
        screen["articles"].update(Panel(Group(*list(self._articles)[-rows:]), title="Articles and verdicts"))
        screen["right"].split_column(
            Layout(self._incident_panel(), size=_INCIDENTS_SHOWN + 2),
            Layout(_chat_panel(self._chats[-1] if self._chats else None)),
            Layout(_mail_panel(self._mail)),
        )
        return screen

    def _incident_panel(self) -> Panel:
        lines = [Text(line, no_wrap=True, overflow="ellipsis") for line in self._incidents[-_INCIDENTS_SHOWN:]]
        return Panel(Group(*lines), title="Incidents")


def verdict_words(reading: Reading) -> str:
    """ "ATTACK 0.97, 0.8 s"."""
    version = f", version {reading.version}" if reading.version > 1 else ""
    language = "" if reading.known_language else ", no lexicon for this language yet"
    return f"{reading.label.upper()} {reading.probability:.2f}, {reading.seconds:.1f} s{version}{language}"


def arrival_words(arrival: Arrival) -> str:
    """One line of what came in and whether it was taken."""
    what = one_line(arrival.headline) or arrival.notice_id or "a message"
    if arrival.accepted:
        return f"accepted [{arrival.notice_id}] {what}" if arrival.channel != "webhook" else f"accepted {what}, signed"
    return f"refused {what}: {arrival.problem}"


def _article_lines(story: Story, outlet_name: str, reading: Reading) -> Table:
    style = "bold red" if reading.positive else "green"
    if not fits(story, reading):
        style = "bold white on magenta"
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True, overflow="ellipsis")
    grid.add_row(Text(f"{outlet_name} [{story.lang}]  {story.title}", style="bold"))
    grid.add_row(Text.assemble((verdict_words(reading), style), ("  " + story.topic, "cyan")))
    grid.add_row(Text(reading.reason, style="dim"))
    return grid


def _chat_panel(arrival: Arrival | None) -> Panel:
    if arrival is None:
        return Panel(Text("nothing yet", style="dim"), title="Chat")
    shown: list[RenderableType] = [
        Text("Basewatch  APP", style="bold blue"),
        Text(arrival.headline, style="bold"),
        Text(arrival.text),
    ]
    return Panel(Group(*shown), title="Chat", border_style="blue")


def _mail_panel(arrival: Arrival | None) -> Panel:
    if arrival is None:
        return Panel(Text("nothing yet", style="dim"), title="Mail")
    thread = Text("in the thread of the first mail", style="dim") if arrival.answers else Text("")
    head = Text(f"Subject: {arrival.headline}", style="bold")
    body = "\n".join(arrival.text.splitlines()[1:]).strip()
    return Panel(Group(head, thread, Text(body)), title="Mail", border_style="magenta")


def print_summary(console: Console, score: Score, seconds: float) -> None:
    """The table of expected and arrived notices, and the sentence that decides."""
    table = Table(title="Expected and arrived")
    for name in ("Attack", "Notice", "Id", *CHANNELS):
        table.add_column(name)
    if console.width >= _ROOM_FOR_HEADLINES:
        table.add_column("First line", overflow="fold")
    for row in score.rows:
        cells = [row.incident, row.kind, row.notice_id or "missing", *(str(row.channels[c]) for c in CHANNELS)]
        if console.width >= _ROOM_FOR_HEADLINES:
            cells.append(cut(row.headline, 100))
        table.add_row(*(Text(cell, style="" if row.ok else "bold red") for cell in cells))
    console.print(table)
    for problem in score.problems:
        console.print(Text(f"✗ {problem}", style="red"), soft_wrap=True)
    console.print(Text(_last_sentence(score, seconds), style="bold green" if score.ok else "bold red"), soft_wrap=True)


def _last_sentence(score: Score, seconds: float) -> str:
    if not score.ok:
        return (
            f"{len(score.problems)} problem{'s'[: len(score.problems) != 1]}: not exactly the expected alerts arrived."
        )
    return (
        f"Exactly the expected alerts arrived: {score.stories} stories gave {len(score.rows)} notices, "
        f"in {seconds:.0f} s. "
        f"{score.retries} met a receiver that was being restarted, and came again under the same id."
    )


def choose_view(console: Console, *, as_json: bool, plain: bool) -> View:
    """The live screen only where there is a terminal large enough to hold it."""
    if as_json:
        return SilentView()
    roomy = console.width >= 90 and console.height >= 24
    return LiveView(console) if console.is_terminal and roomy and not plain else PlainView(console)
