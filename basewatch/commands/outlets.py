"""``basewatch outlets list`` and ``health``: which outlets are read, and which of them answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from alerts.phrases import ago
from config.outlets import Outlet, load_outlets, select_outlets
from config.settings import Settings
from core.clock import utc_now
from storage import sources
from storage.engine import open_database
from storage.values import SourceState

_COLOURS = {"ok": "green", "failing": "red", "new": "yellow"}
_WORDS = {"ok": "answers", "failing": "fails", "new": "not polled yet"}
_ORDER = ("ok", "new", "failing")  #: what needs a look stands last, nearest to the prompt


def list_outlets(settings: Settings, *, as_json: bool = False, console: Console | None = None) -> None:
    """Print every outlet that Basewatch knows and whether it is read. Raises ConfigError."""
    outlets = load_outlets(settings.config_dir)
    chosen = select_outlets(outlets, settings.crawler)
    if as_json:
        document = [_outlet(outlet, is_read=slug in chosen) for slug, outlet in outlets.items()]
        print(json.dumps(document, ensure_ascii=False))  # noqa: T201
        return
    table = Table("outlet", "country", "languages", "read", "why not", box=SIMPLE_HEAD, padding=0)
    for slug, outlet in outlets.items():
        row = (slug, outlet.country, " ".join(outlet.languages), "yes" if slug in chosen else "no")
        table.add_row(*row, Text(_why_not(outlet, is_read=slug in chosen)))
    out = console or Console(highlight=False)
    out.print(table)
    out.print(f"{len(chosen)} of {len(outlets)} outlets are read.")


def health(
    settings: Settings, *, failing_only: bool = False, as_json: bool = False, console: Console | None = None
) -> None:
    """Print what the last polls of each source met. Raises StorageError where there is no database yet."""
    with open_database(settings.database_address, create=False, migrate=False) as database, database.read() as session:
        states = sources.source_states(session)
    shown = [state for state in states if state.state == "failing" or not failing_only]
    if as_json:
        document = {"sources": [_source(state) for state in shown], **_counts(states)}
        print(json.dumps(document, ensure_ascii=False))  # noqa: T201
        return
    out = console or Console(highlight=False)
    if shown:
        out.print(_health_table(shown, utc_now()))
        for cause, message in sorted({state.cause_code or "": state.message or "" for state in shown}.items()):
            if cause:
                out.print(Text.assemble((cause, "bold"), f": {message}"))
    out.print(summary(states))


def summary(states: Sequence[SourceState]) -> str:
    """How many sources answer, in one sentence."""
    if not states:
        return "No source was polled yet: start `basewatch run`."
    counts = _counts(states)
    text = f"{counts['answering']} of {len(states)} sources answered their last poll"
    text += f", {counts['failing']} failed" if counts["failing"] else ""
    text += f", {counts['not_polled']} were not polled yet" if counts["not_polled"] else ""
    return text + "."


def _counts(states: Sequence[SourceState]) -> Mapping[str, int]:
    words = {"ok": "answering", "failing": "failing", "new": "not_polled"}
    return {word: sum(state.state == kept for state in states) for kept, word in words.items()}


def _health_table(states: Sequence[SourceState], now: datetime) -> Table:
    table = Table("source", "state", "last answer", "next poll", "failures", "cause", box=SIMPLE_HEAD, padding=0)
    for state in sorted(states, key=lambda one: (_ORDER.index(one.state), one.source_id)):
        wait = int((state.next_poll_at - now).total_seconds())
        # Text, not str: what an outlet answered is never read as markup.
        table.add_row(
            Text(state.source_id),
            Text(_WORDS[state.state], style=_COLOURS[state.state]),
            ago(state.last_ok_at, now) if state.last_ok_at else "never",
            f"in {wait // 60} min" if wait >= 60 else f"in {wait} s" if wait > 0 else "now",
            str(state.failures) if state.failures else "",
            Text(state.cause_code or ""),
        )
    return table


def _why_not(outlet: Outlet, *, is_read: bool) -> str:
    if is_read:
        return ""
    return outlet.reason_off or "left out by crawler.outlets_only or crawler.outlets_off"


def _outlet(outlet: Outlet, *, is_read: bool) -> dict[str, Any]:
    return {
        "slug": outlet.slug,
        "name": outlet.name,
        "family": outlet.family,
        "leaning": outlet.leaning,
        "languages": list(outlet.languages),
        "country": outlet.country,
        "read": is_read,
        "why_not": _why_not(outlet, is_read=is_read) or None,
        "sources": [
            {"id": source.id, "kind": source.kind, "url": source.url, "confidence": source.confidence, "read": live}
            for source in outlet.sources
            for live in [is_read and source in outlet.live_sources]
        ],
    }


def _source(state: SourceState) -> dict[str, Any]:
    return {
        "source": state.source_id,
        "outlet": state.outlet,
        "url": state.url,
        "state": _WORDS[state.state].replace(" ", "_"),
        "cause": state.cause_code,
        "message": state.message,
        "failures_in_a_row": state.failures,
        "last_answer_at": state.last_ok_at.isoformat() if state.last_ok_at else None,
        "failing_since": state.failing_since.isoformat() if state.failing_since else None,
        "next_poll_at": state.next_poll_at.isoformat(),
        "polls": state.polls_total,
        "entries": state.entries_total,
    }
