"""Commands of the group ``channels``."""

from __future__ import annotations

from typing import Annotated

import typer

from basewatch.cli.options import ConfigOption, JsonOption, config_path

app = typer.Typer(help="Where alerts go.", no_args_is_help=True)


@app.command("test")
def channels_test(
    name: Annotated[str, typer.Argument(help="Name of the channel, as in the configuration.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send a test by the way of a real alert; a paused channel that accepts it goes on."""
    from basewatch.commands.channels import try_channel
    from config.settings import load_settings

    raise typer.Exit(try_channel(load_settings(config_path(config)), name, as_json=as_json))
