"""``basewatch outlets health``: which sources answer, and why the others do not."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from basewatch.outlet_news import Patient, patients, trouble
from config.settings import Settings
from core.clock import utc_now
from crawler.health import Condition
from storage import habits, sources
from storage.engine import open_database
from storage.values import SourceState

DAY = timedelta(days=1)
_NAMED_EACH = 3  #: sources that fail for the same cause and are still told one by one
_COLOURS = {
    Condition.STANDBY: "dim",
    Condition.OK: "green", Condition.NEW: "yellow", Condition.QUIET: "yellow", Condition.LAYOUT: "yellow",
    Condition.BLOCKED: "red", Condition.FAILING: "red",
}  # fmt: skip
_WORDS = {
    Condition.STANDBY: "standing by",
    Condition.OK: "answers", Condition.NEW: "not polled yet", Condition.QUIET: "quiet", Condition.LAYOUT: "new layout",
    Condition.BLOCKED: "blocked", Condition.FAILING: "fails",
}  # fmt: skip
_ORDER = tuple(_WORDS)  #: what needs a look stands last, nearest to the prompt


def health(
    settings: Settings, *, failing_only: bool = False, as_json: bool = False, console: Console | None = None
) -> None:
    """Print what each source is like, with both clocks: its last poll and its newest item.

    Raises StorageError where there is no database yet.
    """
    now = utc_now()
    with open_database(settings.database_address, create=False, migrate=False) as database, database.read() as session:
        states = sources.source_states(session)
        everyone = patients(states, habits.all_habits(session), now)
        seen = sources.listed_since(session, now - DAY)
    shown = [one for one in everyone if not one.health.is_well or not failing_only]
    if as_json:
        document = {
            "sources": [_source(one, seen.get(one.state.source_id, 0), now) for one in shown],
            **_counts(states),
            "need_a_look": sum(not one.health.is_well for one in everyone),
        }
        print(json.dumps(document, ensure_ascii=False))  # noqa: T201
        return
    out = console or Console(highlight=False)
    if shown:
        out.print(_health_table(shown, seen, now))
        _print_called([one.state for one in sorted(shown, key=_rank) if one.state.spare and one.state.active], out)
        _print_troubles([one for one in sorted(shown, key=_rank) if not one.health.is_well], now, out)
    out.print(summary(states))


def summary(states: Sequence[SourceState]) -> str:
    """How many sources answer, in one sentence."""
    if not states:
        return "No source was polled yet: start `basewatch run`."
    counts = _counts(states)
    text = f"{counts['answering']} of {len(states)} sources answered their last poll"
    text += f", {counts['failing']} failed" if counts["failing"] else ""
    text += f", {counts['not_polled']} were not polled yet" if counts["not_polled"] else ""
    text += f", {counts['standing_by']} stand by as spares" if counts["standing_by"] else ""
    return text + "."


def _counts(states: Sequence[SourceState]) -> dict[str, int]:
    words = {"ok": "answering", "failing": "failing", "new": "not_polled"}
    counts = {word: sum(state.active and state.state == kept for state in states) for kept, word in words.items()}
    return counts | {"standing_by": sum(not state.active for state in states)}


def _rank(one: Patient) -> tuple[int, str]:
    return _ORDER.index(one.health.condition), one.state.source_id


def _health_table(everyone: Sequence[Patient], seen: Mapping[str, int], now: datetime) -> Table:
    """A line a source, fit for 80 columns: ids tell sources apart and are never cut."""
    table = Table(box=SIMPLE_HEAD, padding=0, pad_edge=False, caption="ages of the last poll and of the newest item")
    table.add_column("source", overflow="fold", min_width=26)
    for name in ("state", "polled", "newest", "24 h/usual"):
        table.add_column(name, no_wrap=True)
    table.add_column("cause", overflow="fold")
    for one in sorted(everyone, key=_rank):
        state, found = one.state, one.health
        usual = "?" if found.expected_24h is None else f"{found.expected_24h:.0f}"
        # Text, not str: what an outlet answered is never read as markup.
        table.add_row(
            Text(state.source_id),
            Text(_WORDS[found.condition], style=_COLOURS[found.condition]),
            age(state.last_poll_at, now) if state.last_poll_at else "never",
            age(state.newest_item_at, now) if state.newest_item_at else "",
            f"{seen.get(state.source_id, 0)}/{usual}",
            Text(_cause(one)),
        )
    return table


def age(then: datetime, now: datetime) -> str:
    """``now``, ``6 min``, ``3 h`` or ``2 d``."""
    minutes = int((now - then).total_seconds() // 60)
    if minutes < 1:
        return "now"
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} d"


def _cause(one: Patient) -> str:
    """Why it is as it is: the cause of its trouble, or what called a spare."""
    state, found = one.state, one.health
    if found.condition is Condition.STANDBY:
        return ""
    if found.cause:
        return f"{found.cause} x{state.failures}" if state.failures else found.cause
    return "a spare, called" if state.spare and state.active_why else ""


def _print_called(spares: Sequence[SourceState], out: Console) -> None:
    """Which spares are read now, and why."""
    for state in spares:
        if state.active_why:
            out.print(Text.assemble((state.source_id, "bold"), f" is read in place of others: {state.active_why}"))


def _print_troubles(ill: Sequence[Patient], now: datetime, out: Console) -> None:
    """A line for each source in trouble; one for all whose polls fail for a cause that many share."""
    shared = Counter(one.health.cause for one in ill if one.state.failures)
    said: set[str | None] = set()
    for one in ill:
        cause = one.health.cause
        if one.state.failures and shared[cause] > _NAMED_EACH:
            if cause not in said:
                said.add(cause)
                out.print(Text.assemble((f"{shared[cause]} sources", "bold"), f": {one.state.message or cause}"))
            continue
        out.print(Text.assemble((one.state.source_id, "bold"), f" {trouble(one, now)}"))


def _source(one: Patient, seen: int, now: datetime) -> dict[str, Any]:
    state, found = one.state, one.health
    clocks = {
        "last_poll_at": state.last_poll_at,
        "last_answer_at": state.last_ok_at,
        "newest_item_at": state.newest_item_at,
        "last_listed_at": state.last_listed_at,
        "failing_since": state.failing_since,
        "next_poll_at": state.next_poll_at,
        "told_at": one.habits.told_at,
    }
    return {
        "source": state.source_id,
        "outlet": state.outlet,
        "url": state.url,
        "state": _WORDS[found.condition].replace(" ", "_"),
        "cause": found.cause,
        "message": state.message if state.failures else None if found.is_well else trouble(one, now),
        "spare": state.spare,
        "called_because": state.active_why if state.active else None,
        "failures_in_a_row": state.failures,
        **{name: instant.isoformat() if instant else None for name, instant in clocks.items()},
        "seen_24h": seen,
        "expected_24h": None if found.expected_24h is None else round(found.expected_24h, 1),
        "items_per_hour": None if state.items_per_hour is None else round(state.items_per_hour, 2),
        "polls": state.polls_total,
        "entries": state.entries_total,
    }
