"""Commands about the record: tally and export."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from basewatch.cli.options import ConfigOption, JsonOption, aware, config_path
from basewatch.tally import By
from core.values import Severity, Status

app = typer.Typer()

Base = Annotated[str | None, typer.Option(help="Only those at this site (its id).")]
Country = Annotated[str | None, typer.Option(help="Only those in this country (two letters).")]


@app.command()
def tally(
    by: Annotated[By, typer.Option(help="What the lines are.")] = By.DAY,
    since: Annotated[datetime | None, typer.Option(help="First day; default: 30 days before the last.")] = None,
    until: Annotated[datetime | None, typer.Option(help="Last day; default: today.")] = None,
    versus: Annotated[
        str | None, typer.Option(help="Compare with 'previous' or with days such as 2026-01-01..2026-01-31.")
    ] = None,
    base: Base = None,
    country: Country = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    as_chart: Annotated[bool, typer.Option("--chart", help="Print bars.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Count attacks by day, base, country, weapon, outcome or actor, each status in its column."""
    from basewatch.commands.tally import tally as run_tally
    from config.settings import load_settings

    raise typer.Exit(
        run_tally(
            load_settings(config_path(config)),
            by=by,
            since=since,
            until=until,
            versus=versus,
            base=base,
            country=country.upper() if country else None,
            as_csv=as_csv,
            as_chart=as_chart,
            as_json=as_json,
        )
    )


@app.command()
def export(
    kind: Annotated[str, typer.Argument(metavar="FORMAT", help="geojson, csv, jsonl, atom, cap; or directory: all.")],
    out: Annotated[Path | None, typer.Option(help="File, or folder for directory; default: standard output.")] = None,
    since: Annotated[datetime | None, typer.Option(help="Only those first seen since then (UTC).")] = None,
    until: Annotated[datetime | None, typer.Option(help="Only those first seen before then (UTC).")] = None,
    base: Base = None,
    country: Country = None,
    status: Annotated[Status | None, typer.Option(help="Only those of this status.")] = None,
    severity: Annotated[Severity | None, typer.Option(help="Only those of this severity.")] = None,
    config: ConfigOption = None,
) -> None:
    """Write incidents for other programs: a map layer, a table, lines of JSON, a feed, CAP messages."""
    from basewatch.commands.export import export as run_export
    from config.settings import load_settings

    raise typer.Exit(
        run_export(
            load_settings(config_path(config)),
            kind,
            out=out,
            since=aware(since),
            until=aware(until),
            base=base,
            country=country.upper() if country else None,
            status=status,
            severity=severity,
        )
    )
