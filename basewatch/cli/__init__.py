"""The command ``basewatch``: one module a group of sub-commands, and the edge where an error becomes a sentence.

Imports of the parts stand inside the functions, so that ``--help`` and a mistyped option answer at once.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from basewatch.cli import (
    articles,
    channels,
    deciding,
    deliveries,
    feedback,
    incidents,
    judging,
    keeping,
    outlets,
    parked,
    records,
    routes,
    running,
    silences,
)
from core.errors import BasewatchError

app = typer.Typer(
    name="basewatch",
    help="Watches regional news and tells people at once when a US base is attacked.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(running.app)
app.add_typer(judging.app)
app.add_typer(records.app)
app.add_typer(keeping.app)
app.add_typer(outlets.app, name="outlets")
app.add_typer(articles.app, name="articles")
app.add_typer(channels.app, name="channels")
app.add_typer(deliveries.app, name="deliveries")
app.add_typer(routes.app, name="routes")
app.add_typer(silences.app, name="silence")
app.add_typer(silences.answers)
incidents.app.add_typer(deciding.app)
app.add_typer(incidents.app, name="incidents")
app.add_typer(parked.app, name="parked")
app.add_typer(feedback.app, name="feedback")


def _version(show: bool) -> None:
    if show:
        from basewatch import __version__

        typer.echo(f"basewatch {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Watches regional news and tells people at once when a US base is attacked."""


def main() -> None:
    """Entry point of the command: an error is one sentence on standard error and exit code 1."""
    try:
        app(standalone_mode=True)
    except BasewatchError as error:
        typer.echo(f"basewatch: {error}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
    except Exception as error:
        if os.environ.get("BASEWATCH_TRACEBACK"):
            raise
        typer.echo(
            f"basewatch: an error inside Basewatch ({type(error).__name__}). Please report it, with what this prints "
            "when you run the same command with BASEWATCH_TRACEBACK=1 set.",
            err=True,
        )
        sys.exit(1)
