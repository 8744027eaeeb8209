"""Commands that keep a running Basewatch well: backup, restore, doctor, reload."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from basewatch.cli.options import ConfigOption, JsonOption, config_path

app = typer.Typer()


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="File to write, or a folder: then under a name with the time.")],
    check_only: Annotated[bool, typer.Option("--check", help="Write nothing: check the copy that is there.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Copy the database while the daemon runs, and check the copy."""
    from basewatch.commands.copies import backup as run_backup
    from config.settings import load_settings

    run_backup(load_settings(config_path(config)), file, check_only=check_only, as_json=as_json)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A copy that `basewatch backup` made.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put a copy in the database's place (stop the daemon first); what stood there is kept."""
    from basewatch.commands.copies import restore as run_restore
    from config.settings import load_settings

    run_restore(load_settings(config_path(config)), file, as_json=as_json)


@app.command()
def doctor(
    offline: Annotated[bool, typer.Option("--offline", help="Ask no name server.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look at everything around a running Basewatch: database, disk, clock, DNS, permissions, versions."""
    from basewatch.commands.doctor import doctor as run_doctor

    raise typer.Exit(run_doctor(config_path(config), offline=offline, as_json=as_json))


@app.command()
def reload(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Let the running daemon take up a changed configuration; a wrong one is refused and the old one runs on."""
    from basewatch.commands.reload import reload as run_reload

    raise typer.Exit(run_reload(config_path(config), as_json=as_json))
