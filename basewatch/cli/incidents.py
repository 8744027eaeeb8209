"""Commands of the group ``incidents``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from basewatch.cli.options import ConfigOption, JsonOption, config_path
from core.values import Severity, Status

app = typer.Typer(help="What happened, as Basewatch knows it.", no_args_is_help=True)


@app.command("list")
def incidents_list(
    limit: Annotated[int, typer.Option(help="At most so many, the latest first.", min=1)] = 50,
    base: Annotated[str | None, typer.Option(help="Only those at this site (its id).")] = None,
    country: Annotated[str | None, typer.Option(help="Only those in this country (two letters).")] = None,
    status: Annotated[Status | None, typer.Option(help="Only those of this status.")] = None,
    severity: Annotated[Severity | None, typer.Option(help="Only those of this severity.")] = None,
    since: Annotated[
        datetime | None, typer.Option(help="Only those seen since then; without a zone it is UTC.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the latest incidents."""
    from basewatch.commands.incidents import list_incidents
    from config.settings import load_settings

    list_incidents(
        load_settings(config_path(config)),
        limit=limit,
        base=base,
        country=country.upper() if country else None,
        status=status,
        severity=severity,
        since=since.replace(tzinfo=UTC) if since and since.tzinfo is None else since,
        as_json=as_json,
    )


@app.command("show")
def incidents_show(
    incident: Annotated[str, typer.Argument(help="Its id, such as BW-42.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one incident: facts, who said them, reports, and why they stand in it."""
    from basewatch.commands.incidents import show_incident
    from config.settings import load_settings

    show_incident(load_settings(config_path(config)), incident, as_json=as_json)
