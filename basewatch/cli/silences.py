"""Commands of the group ``silence``, and ``ack``."""

from __future__ import annotations

from typing import Annotated

import typer

from basewatch.cli.options import ConfigOption, JsonOption, config_path

app = typer.Typer(help="What is held back for a while, and told at the end.", no_args_is_help=True)
answers = typer.Typer()


@app.command("add")
def silence_add(
    reason: Annotated[str, typer.Option(help="Why; it stands in what is held back.")],
    base: Annotated[str | None, typer.Option(help="This site (its id).")] = None,
    country: Annotated[str | None, typer.Option(help="This country (two letters).")] = None,
    incident: Annotated[str | None, typer.Option(help="This incident, such as BW-42.")] = None,
    everything: Annotated[bool, typer.Option("--everything", help="All incidents.")] = False,
    lasting: Annotated[str | None, typer.Option("--for", help="How long: 90m, 2h, 7d.")] = None,
    until: Annotated[str | None, typer.Option(help="Until when: 18:00, or 2026-11-24T18:00+03:00.")] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hold back what concerns a site, a country or an incident, from now on; a digest at the end names it all."""
    from basewatch.commands.silences import add
    from config.settings import load_settings

    add(
        load_settings(config_path(config)),
        base=base,
        country=country,
        incident=incident,
        everything=everything,
        lasting=lasting,
        until=until,
        reason=reason,
        as_json=as_json,
    )


@app.command("list")
def silence_list(
    ended_too: Annotated[bool, typer.Option("--all", help="Those that ended in the last 30 days, too.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what is silenced, until when, why, and how much it holds back."""
    from basewatch.commands.silences import list_silences
    from config.settings import load_settings

    list_silences(load_settings(config_path(config)), ended_too=ended_too, as_json=as_json)


@app.command("end")
def silence_end(
    number: Annotated[int, typer.Argument(help="Number of the silence.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """End a silence now; what it held back is told."""
    from basewatch.commands.silences import end
    from config.settings import load_settings

    end(load_settings(config_path(config)), number, as_json=as_json)


@answers.command("ack")
def ack(
    incident: Annotated[str, typer.Argument(help="Its id, such as BW-42.")],
    by: Annotated[str | None, typer.Option(help="Who takes care of it; default: the user of this machine.")] = None,
    note: Annotated[str | None, typer.Option(help="What others should know.")] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Acknowledge an incident: it is not repeated or passed on any more."""
    from basewatch.commands.silences import acknowledge
    from config.settings import load_settings

    acknowledge(load_settings(config_path(config)), incident, by=by, note=note, as_json=as_json)
