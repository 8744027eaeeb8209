"""``basewatch tally``: how many attacks, as a table, a chart in the terminal, CSV or JSON."""

from __future__ import annotations

import csv
import json
import sys
from datetime import UTC, date, datetime, time, timedelta

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from basewatch.incident_part import part_of
from basewatch.tally import TIMES, By, Period, Row, Tally
from basewatch.tally import tally as count
from config.settings import Settings
from core.clock import utc_now
from core.errors import InputError
from core.text import one_line
from core.values import Status
from storage import incidents
from storage.engine import open_database
from storage.values import IncidentFilter

ALL = 1_000_000
DEFAULT_DAYS = 30
#: an incident is found by its first sight, and counted on its own day: late reports come days after it
SLACK = timedelta(days=60)
PREVIOUS = "previous"
STATUSES = (Status.CONFIRMED, Status.CORROBORATED, Status.REPORTED, Status.CLAIMED, Status.DENIED, Status.RETRACTED)
_HEADS = {  # in two lines: in 80 columns the names of sites need the room
    Status.CONFIRMED: "con-\nfirmed",
    Status.CORROBORATED: "corro-\nborated",
    Status.REPORTED: "re-\nported",
    Status.RETRACTED: "re-\ntracted",
}
BAR = 40  #: characters of the longest bar


def tally(
    settings: Settings,
    *,
    by: By,
    since: datetime | None,
    until: datetime | None,
    versus: str | None,
    base: str | None,
    country: str | None,
    as_csv: bool,
    as_chart: bool,
    as_json: bool,
) -> int:
    """Print the tally of a period; 0. Raises InputError for a period that ends before it begins."""
    last = until.date() if until is not None else utc_now().date()
    period = Period(since.date() if since is not None else last - timedelta(days=DEFAULT_DAYS - 1), last)
    if period.first > period.last:
        raise InputError(f"the period {period} ends before it begins: --since must not lie after --until")
    other = _versus(versus, period)
    first = min(period.first, other.first if other is not None else period.first)
    seen_after = datetime.combine(first, time(), UTC) - timedelta(days=1)
    seen_before = datetime.combine(max(period.last, other.last if other is not None else period.last), time(), UTC)
    which = IncidentFilter(since=seen_after, until=seen_before + SLACK, base=base, country=country, limit=ALL)
    with open_database(settings.database_address, create=False) as database, database.read() as session:
        parts = [part_of(view) for view in incidents.list_incidents(session, which)]
    found = count(parts, by, period, other)
    if as_json:
        print(json.dumps(document(found), ensure_ascii=False))  # noqa: T201
    elif as_csv:
        _csv(found)
    else:
        Console().print(_chart(found) if as_chart else _table(found))
    return 0


def document(found: Tally) -> dict[str, object]:
    """The tally as ``--json`` prints it."""
    return {
        "by": found.by.value,
        "since": str(found.period.first),
        "until": str(found.period.last),
        "versus": [str(found.versus.first), str(found.versus.last)] if found.versus is not None else None,
        "rows": [_row_document(row) for row in found.rows],
        "all": _row_document(found.whole),
    }


def _row_document(row: Row) -> dict[str, object]:
    counts = {status.value: row.counts[status] for status in STATUSES}
    return {"key": row.key, "total": row.total, **counts, "versus_total": row.before}


def _versus(text: str | None, period: Period) -> Period | None:
    if text is None:
        return None
    if text == PREVIOUS:
        return period.before()
    try:
        first, last = (date.fromisoformat(part) for part in text.split(".."))
    except ValueError:
        raise InputError(
            f"--versus takes 'previous' or two days such as 2026-01-01..2026-01-31, not {text!r}"
        ) from None
    if first > last:
        raise InputError(f"the period {text} ends before it begins")
    return Period(first, last)


def _table(found: Tally) -> Table:
    title = f"attacks from {found.period}" + (f", against {found.versus}" if found.versus is not None else "")
    caption = "total: confirmed, corroborated and reported; claimed is the attacker's word alone"
    table = Table(box=SIMPLE_HEAD, padding=0, title=title, caption=caption)
    table.add_column(found.by.value)
    shown = [status for status in STATUSES if found.whole.counts[status]]  # the names of sites need the room
    for name in ("total", *(_HEADS.get(status, status.value) for status in shown)):
        table.add_column(name, justify="right")
    if found.versus is not None:
        table.add_column("before", justify="right")
        table.add_column("change", justify="right")
    for row in (*found.rows, found.whole):
        cells = [escape(one_line(row.key)), str(row.total), *(str(row.counts[status] or "") for status in shown)]
        if found.versus is not None:
            compared = row is found.whole or found.by not in TIMES
            cells += [str(row.before), f"{row.total - row.before:+d}"] if compared else ["", ""]
        table.add_row(*cells, style="bold" if row is found.whole else None)
    return table


def _chart(found: Tally) -> Table:
    """A bar a line: what is in the total solid, the attacker's word alone light."""
    table = Table(box=None, title=f"attacks from {found.period}", caption="█ total  ░ claimed only", padding=(0, 1))
    longest = max((row.total + row.counts[Status.CLAIMED] for row in found.rows), default=0) or 1
    table.add_column(found.by.value)
    table.add_column("", justify="right")
    table.add_column("")
    for row in found.rows:
        claimed = row.counts[Status.CLAIMED]
        solid = round(BAR * row.total / longest)
        light = round(BAR * (row.total + claimed) / longest) - solid
        table.add_row(escape(one_line(row.key)), str(row.total), "█" * solid + "░" * light)
    return table


def _csv(found: Tally) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow((found.by.value, "total", *(status.value for status in STATUSES), "versus_total"))
    for row in (*found.rows, found.whole):
        writer.writerow((one_line(row.key), row.total, *(row.counts[status] for status in STATUSES), row.before))
