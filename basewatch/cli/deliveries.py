"""Commands of the group ``deliveries``."""

from __future__ import annotations

from typing import Annotated

import typer

from basewatch.cli.options import ConfigOption, JsonOption, config_path

app = typer.Typer(help="What was sent, what waits, what failed.", no_args_is_help=True)


@app.command("list")
def deliveries_list(
    state: Annotated[str | None, typer.Option(help="Only pending, sending, sent, dead, held or digested ones.")] = None,
    channel: Annotated[str | None, typer.Option(help="Only those of this channel.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many, the newest first.", min=1)] = 50,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show deliveries: what was sent, what waits, what failed and why."""
    from basewatch.commands.deliveries import list_deliveries
    from config.settings import load_settings

    list_deliveries(load_settings(config_path(config)), state=state, channel=channel, limit=limit, as_json=as_json)


@app.command("show")
def deliveries_show(
    number: Annotated[int, typer.Argument(help="Id of the delivery.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one delivery: what it says, why it waits, and every attempt with its answer."""
    from basewatch.commands.deliveries import show
    from config.settings import load_settings

    show(load_settings(config_path(config)), number, as_json=as_json)


@app.command("retry")
def deliveries_retry(
    ids: Annotated[list[int] | None, typer.Argument(help="Ids of deliveries.")] = None,
    all_dead: Annotated[bool, typer.Option("--all-dead", help="Every delivery that was given up.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send again what was given up, or what waits, now."""
    from basewatch.commands.deliveries import retry
    from config.settings import load_settings

    retry(load_settings(config_path(config)), ids or [], all_dead=all_dead, as_json=as_json)


@app.command("discard")
def deliveries_discard(
    ids: Annotated[list[int], typer.Argument(help="Ids of deliveries.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give up deliveries that wait: they are never sent."""
    from basewatch.commands.deliveries import discard
    from config.settings import load_settings

    discard(load_settings(config_path(config)), ids, as_json=as_json)
