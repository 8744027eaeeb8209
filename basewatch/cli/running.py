"""Commands of the daemon's life: run, init, check, demo."""

from __future__ import annotations

import logging
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from basewatch.cli.options import DEFAULT_CONFIG, ConfigOption, JsonOption, config_path

app = typer.Typer()


@app.command()
def run(
    config: ConfigOption = None,
    once: Annotated[bool, typer.Option("--once", help="Poll every outlet once, classify, deliver, then stop.")] = False,
) -> None:
    """Run the daemon until it is told to stop (SIGTERM or Ctrl-C)."""
    # Until the daemon takes over the signal, a stop ends the start at once: nothing is under way yet.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    from basewatch import logs, starting

    starting.begin()
    from basewatch.daemon import run as run_daemon
    from config.settings import load_settings

    path = config_path(config)
    settings = load_settings(path)
    logs.configure(settings.log.level, settings.log.format)
    if path is None:
        logging.getLogger(__name__).info(
            "There is no %s in this folder: the defaults and the environment count", DEFAULT_CONFIG,
            extra={"action": "no_config_file"},
        )  # fmt: skip
    raise typer.Exit(run_daemon(settings, once=once, reread=lambda: load_settings(path)))


@app.command()
def init(
    path: Annotated[Path, typer.Argument(help="File to write.")] = DEFAULT_CONFIG,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
) -> None:
    """Write a commented configuration file."""
    from basewatch.commands.setup import write_config

    write_config(path, force=force)


@app.command()
def check(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Check configuration, data files, database and channels; say what was not checked."""
    from basewatch.commands.setup import check as run_check

    raise typer.Exit(run_check(config_path(config), as_json=as_json))


@app.command()
def demo(
    as_json: JsonOption = False,
    plain: Annotated[bool, typer.Option("--plain", help="Plain lines instead of the live view.")] = False,
) -> None:
    """Show the whole chain on this machine, without any network."""
    from basewatch.demo.run import main as run_demo

    raise typer.Exit(run_demo(as_json=as_json, plain=plain))
