"""Commands of the group ``outlets``."""

from __future__ import annotations

from typing import Annotated

import typer

from basewatch.cli.options import ConfigOption, JsonOption, config_path

app = typer.Typer(help="Which outlets are read, and which of them answer.", no_args_is_help=True)


@app.command("list")
def outlets_list(
    country: Annotated[str | None, typer.Option(help="Only those of this country (two letters).")] = None,
    off: Annotated[bool, typer.Option("--off", help="Only those that are not read.")] = False,
    untried: Annotated[
        bool, typer.Option("--untried", help="Only those with a source that nobody is known to have seen answer.")
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show every outlet by country: whether it is read, from which sources, and why not."""
    from basewatch.commands.registry import Wanted, list_outlets
    from config.settings import load_settings

    wanted = Wanted(country=country.upper() if country else None, off=off, untried=untried)
    list_outlets(load_settings(config_path(config)), wanted, as_json=as_json)


@app.command("show")
def outlets_show(
    name: Annotated[str, typer.Argument(help="The outlet's slug or name, as `basewatch outlets list` shows it.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show all that the registry holds of one outlet: sources, marks, patterns, what is known to get in the way."""
    from basewatch.commands.registry import show_outlet
    from config.settings import load_settings

    show_outlet(load_settings(config_path(config)), name, as_json=as_json)


@app.command("health")
def outlets_health(
    failing: Annotated[bool, typer.Option("--failing", help="Only the sources that need a look.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what each source is like: answering, quiet, blocked, failing or changed, and why."""
    from basewatch.commands.outlets import health
    from config.settings import load_settings

    health(load_settings(config_path(config)), failing_only=failing, as_json=as_json)


@app.command("lead")
def outlets_lead(
    days: Annotated[int, typer.Option("--days", min=1, help="Incidents first seen within so many days.")] = 90,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show which outlets tell of attacks first: minutes after the event and after the first report."""
    from basewatch.commands.lead import show_leads
    from config.settings import load_settings

    show_leads(load_settings(config_path(config)), days=days, as_json=as_json)


@app.command("poll")
def outlets_poll(
    name: Annotated[str, typer.Argument(help="The outlet's slug or name, as `basewatch outlets list` shows it.")],
    store: Annotated[bool, typer.Option("--store", help="Keep what is new; without it nothing is written.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask each source of one outlet now, and show what came and what its newest article gives."""
    from basewatch.commands.poll import poll
    from config.settings import load_settings

    raise typer.Exit(poll(load_settings(config_path(config)), name, store=store, as_json=as_json))
