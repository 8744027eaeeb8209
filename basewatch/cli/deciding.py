"""Commands of the group ``incidents`` by which people decide."""

from __future__ import annotations

from typing import Annotated

import typer

from basewatch.cli.options import ConfigOption, JsonOption, config_path

app = typer.Typer()

IncidentArgument = Annotated[str, typer.Argument(help="Its id, such as BW-42.")]
ByOption = Annotated[str | None, typer.Option(help="Who decides; default: the user of this machine.")]
ReasonOption = Annotated[str, typer.Option(help="Why; kept with the decision and told with its corrections.")]


@app.command("merge")
def incidents_merge(
    incident: IncidentArgument,
    into: Annotated[str, typer.Argument(help="The incident that it is part of.")],
    reason: ReasonOption,
    by: ByOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that two incidents are one attack: the first goes into the second."""
    from basewatch.commands import decided
    from config.settings import load_settings

    decided.merge(load_settings(config_path(config)), incident, into, decided.who(by, reason), as_json=as_json)


@app.command("split")
def incidents_split(
    incident: IncidentArgument,
    reports: Annotated[list[str], typer.Argument(help="Reports to split off: numbers of `show`, or addresses.")],
    reason: ReasonOption,
    by: ByOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that some reports of an incident tell of another attack."""
    from basewatch.commands import decided
    from config.settings import load_settings

    decided.split(load_settings(config_path(config)), incident, reports, decided.who(by, reason), as_json=as_json)


@app.command("retract")
def incidents_retract(
    incident: IncidentArgument,
    reason: ReasonOption,
    by: ByOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Withdraw an incident: it did not happen, or is none of ours."""
    from basewatch.commands import decided
    from config.settings import load_settings

    decided.retract(load_settings(config_path(config)), incident, decided.who(by, reason), as_json=as_json)


@app.command("confirm")
def incidents_confirm(
    incident: IncidentArgument,
    reason: ReasonOption,
    by: ByOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Confirm an incident on your own word."""
    from basewatch.commands import decided
    from config.settings import load_settings

    decided.confirm(load_settings(config_path(config)), incident, decided.who(by, reason), as_json=as_json)


@app.command("edit")
def incidents_edit(
    incident: IncidentArgument,
    edits: Annotated[list[str], typer.Argument(help="FIELD=VALUE, such as killed=2, count=2-5, base=harir.")],
    reason: ReasonOption,
    by: ByOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Set facts of an incident; they stay, whatever later reports say."""
    from basewatch.commands import decided
    from config.settings import load_settings

    decided.edit(load_settings(config_path(config)), incident, edits, decided.who(by, reason), as_json=as_json)


@app.command("undo")
def incidents_undo(
    decision: Annotated[int, typer.Argument(help="Number of the decision; `decisions` lists them.")],
    reason: ReasonOption,
    by: ByOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a decision back; whoever was told of it is told."""
    from basewatch.commands import decided
    from config.settings import load_settings

    decided.undo(load_settings(config_path(config)), decision, decided.who(by, reason), as_json=as_json)


@app.command("decisions")
def incidents_decisions(
    limit: Annotated[int, typer.Option(help="At most so many, the latest.", min=1)] = 50,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what people decided: who, what, when and why."""
    from basewatch.commands import decided
    from config.settings import load_settings

    decided.list_decisions(load_settings(config_path(config)), limit=limit, as_json=as_json)
