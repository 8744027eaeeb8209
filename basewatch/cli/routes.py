"""Commands of the group ``routes``."""

from __future__ import annotations

from typing import Annotated

import typer

from basewatch.cli.options import ConfigOption, JsonOption, config_path

app = typer.Typer(help="Who is told of what.", no_args_is_help=True)


@app.command("explain")
def routes_explain(
    incident: Annotated[str, typer.Argument(help="Its id, such as BW-42.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say which rules fit an incident's newest notice, which not and why, and who would get what now."""
    from basewatch.commands.routes import explain
    from config.settings import load_settings

    explain(load_settings(config_path(config)), incident, as_json=as_json)


@app.command("try")
def routes_try(
    since: Annotated[str, typer.Option(help="How far back, such as 24h, 7d or 2w.")] = "7d",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Try the rules on the notices of the past: who would have got what. Nothing is sent."""
    from basewatch.commands.routes import try_out
    from config.settings import load_settings

    try_out(load_settings(config_path(config)), since, as_json=as_json)
