"""``basewatch outlets lead``: which outlets tell of attacks first, and by how much."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from basewatch.lead import Lead, Word, leads, words
from config.settings import Settings
from core.clock import utc_now
from storage.engine import open_database
from storage.leads import first_words


def show_leads(settings: Settings, *, days: int, as_json: bool = False, console: Console | None = None) -> None:
    """Print minutes after the event and after the first report, p50 and p95, for each outlet.

    Raises StorageError where there is no database yet.
    """
    since = utc_now() - timedelta(days=days)
    with open_database(settings.database_address, create=False, migrate=False) as database, database.read() as session:
        told = words(first_words(session, since=since))
    found = leads(told)
    if as_json:
        document = {"days": days, "outlets": [_lead(lead) for lead in found], "reports": [_word(word) for word in told]}
        print(json.dumps(document, ensure_ascii=False))  # noqa: T201
        return
    out = console or Console(highlight=False)
    if not found:
        out.print(f"No incident of the last {days} days has a report yet.")
        return
    names = ("outlet", "incidents", "first", "after the event", "after the first report")
    table = Table(*names, box=SIMPLE_HEAD, padding=0, caption="minutes: half of its reports within, 95 % within")
    for lead in found:
        row = (str(lead.incidents), str(lead.first), _pair(lead.after_event), _pair(lead.after_first))
        table.add_row(Text(lead.outlet), *row)
    out.print(table)
    out.print(f"{len({word.incident for word in told})} incidents of the last {days} days, {len(told)} first reports.")


def _pair(minutes: tuple[float, float] | None) -> str:
    return "?" if minutes is None else f"{minutes[0]:.0f}, {minutes[1]:.0f}"


def _percentiles(minutes: tuple[float, float] | None) -> dict[str, float] | None:
    return None if minutes is None else {"p50": minutes[0], "p95": minutes[1]}


def _lead(lead: Lead) -> dict[str, Any]:
    return {
        "outlet": lead.outlet,
        "incidents": lead.incidents,
        "first": lead.first,
        "minutes_after_event": _percentiles(lead.after_event),
        "minutes_after_first_report": _percentiles(lead.after_first),
    }


def _word(word: Word) -> dict[str, Any]:
    return {
        "incident": word.incident,
        "outlet": word.outlet,
        "minutes_after_event": word.after_event,
        "minutes_after_first_report": word.after_first,
    }
