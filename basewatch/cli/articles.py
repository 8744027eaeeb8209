"""Commands of the group ``articles``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from basewatch.cli.options import ConfigOption, JsonOption, config_path

app = typer.Typer(help="What was read, and what outlets changed or deleted since.", no_args_is_help=True)
NameArgument = Annotated[
    str,
    typer.Argument(metavar="ID", help="Its number, as `incidents show` and `articles list` print it, or its address."),
]


@app.command("list")
def articles_list(
    limit: Annotated[int, typer.Option(help="At most so many, the latest first.", min=1)] = 50,
    outlet: Annotated[str | None, typer.Option(help="Only those of this outlet (its slug).")] = None,
    edited: Annotated[bool, typer.Option("--edited", help="Only those that were edited.")] = False,
    deleted: Annotated[bool, typer.Option("--deleted", help="Only those that their outlet deleted.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the articles that were read last, or those that were edited or deleted last."""
    from basewatch.commands.articles import list_articles
    from config.settings import load_settings
    from storage.values.records import ArticleFilter

    which = ArticleFilter(limit=limit, outlet=outlet, edited=edited, deleted=deleted)
    list_articles(load_settings(config_path(config)), which, as_json=as_json)


@app.command("show")
def articles_show(
    name: NameArgument,
    text: Annotated[bool, typer.Option("--text", help="Print the whole text of each version, too.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one article: its versions, what each edit changed word by word, and the evidence behind them."""
    from basewatch.commands.articles import show_article
    from config.settings import load_settings

    show_article(load_settings(config_path(config)), name, whole=text, as_json=as_json)


@app.command("evidence")
def articles_evidence(
    name: NameArgument,
    out: Annotated[
        Path, typer.Option(help="File to write: the bytes as they came; the headers beside it, .headers.json.")
    ],
    version: Annotated[
        int | None, typer.Option(help="Of this version; default: the latest that has any.", min=1)
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write out the page behind a version as it came, and check it against the SHA-256 of that time."""
    from basewatch.commands.articles import write_evidence
    from config.settings import load_settings

    write_evidence(load_settings(config_path(config)), name, out, version=version, as_json=as_json)
