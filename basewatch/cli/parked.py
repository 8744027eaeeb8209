"""Commands of the group ``parked``."""

from __future__ import annotations

from typing import Annotated

import typer

from basewatch.cli.options import ConfigOption, JsonOption, config_path

app = typer.Typer(help="Articles that the classifier failed on three times.", no_args_is_help=True)
IdsArgument = Annotated[list[str] | None, typer.Argument(help="Ids, as `parked list` shows them: 17.1")]
AllOption = Annotated[bool, typer.Option("--all", help="Every parked article.")]


@app.command("list")
def parked_list(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show parked articles, each with its cause."""
    from basewatch.commands.parked import list_parked
    from config.settings import load_settings

    list_parked(load_settings(config_path(config)), as_json=as_json)


@app.command("retry")
def parked_retry(
    ids: IdsArgument = None, every: AllOption = False, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Let the classifier try them again."""
    from basewatch.commands.parked import retry
    from config.settings import load_settings

    retry(load_settings(config_path(config)), ids or [], every=every, as_json=as_json)


@app.command("drop")
def parked_drop(
    ids: IdsArgument = None, every: AllOption = False, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Give them up: they are kept, but never classified."""
    from basewatch.commands.parked import drop
    from config.settings import load_settings

    drop(load_settings(config_path(config)), ids or [], every=every, as_json=as_json)
