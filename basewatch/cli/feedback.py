"""Commands of the group ``feedback``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from basewatch.cli.deciding import ByOption, IncidentArgument, ReasonOption
from basewatch.cli.options import ConfigOption, JsonOption, config_path

app = typer.Typer(help="What Basewatch got wrong: false alarms and missed articles.", no_args_is_help=True)


@app.command("false-alarm")
def feedback_false_alarm(
    incident: IncidentArgument,
    reason: ReasonOption,
    by: ByOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that an incident's articles tell of no attack: it is withdrawn, and they become a lesson."""
    from basewatch.commands import decided, feedback
    from config.settings import load_settings

    feedback.false_alarm(load_settings(config_path(config)), incident, decided.who(by, reason), as_json=as_json)


@app.command("missed")
def feedback_missed(
    url: Annotated[str, typer.Argument(help="Address of the article.")],
    reason: ReasonOption,
    facts: Annotated[
        list[str] | None, typer.Argument(help="What it tells of: FIELD=VALUE, such as base=harir weapons=drone.")
    ] = None,
    by: ByOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that an article tells of an attack that was missed."""
    from basewatch.commands import decided, feedback
    from config.settings import load_settings

    settings = load_settings(config_path(config))
    feedback.missed(settings, url, facts or [], decided.who(by, reason), as_json=as_json)


@app.command("list")
def feedback_list(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show the feedback that was given."""
    from basewatch.commands import feedback
    from config.settings import load_settings

    feedback.list_feedback(load_settings(config_path(config)), as_json=as_json)


@app.command("export")
def feedback_export(
    out: Annotated[Path | None, typer.Argument(help="File to write; without one it is printed.")] = None,
    config: ConfigOption = None,
) -> None:
    """Hand the feedback on as labelled articles, for `basewatch evaluate` and `basewatch train`."""
    from basewatch.commands import feedback
    from config.settings import load_settings

    feedback.export(load_settings(config_path(config)), out)
