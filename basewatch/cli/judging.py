"""Commands about the classifier: classify, evaluate, train, replay, and bench."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from basewatch.cli.options import ConfigOption, CorpusArgument, JsonOption, aware, config_path

app = typer.Typer()


@app.command()
def classify(
    source: Annotated[str, typer.Argument(help="File to read, or - for standard input.")] = "-",
    published: Annotated[str | None, typer.Option(help="Time of publication, ISO 8601.")] = None,
    outlet: Annotated[str | None, typer.Option(help="Outlet that published it.")] = None,
    lang: Annotated[str | None, typer.Option(help="Language the outlet states; a hint only.")] = None,
    as_json: JsonOption = False,
    explain: Annotated[bool, typer.Option("--explain", help="Show frames, features and weights.")] = False,
    config: ConfigOption = None,
) -> None:
    """Say whether an article reports a new attack, and which."""
    from basewatch.commands.classify import classify as run_classify
    from config.settings import load_settings

    settings = load_settings(config_path(config))
    raise typer.Exit(
        run_classify(
            source,
            published=published,
            outlet=outlet,
            lang=lang,
            as_json=as_json,
            explain=explain,
            settings=settings,
        )
    )


@app.command()
def evaluate(
    corpus: CorpusArgument,
    errors: Annotated[bool, typer.Option("--errors", help="Show each error with what led to it.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Score the classifier on labelled articles, by language, length and trap."""
    from basewatch.commands.evaluate import evaluate as run_evaluate
    from config.settings import load_settings

    settings = load_settings(config_path(config))
    raise typer.Exit(run_evaluate(corpus, as_json=as_json, errors=errors, settings=settings))


@app.command()
def train(
    corpus: CorpusArgument,
    out: Annotated[Path | None, typer.Option(help="Weights file to write; default: the shipped one.")] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fit the classifier's weights to labelled articles (needs scikit-learn: make install-dev)."""
    from basewatch.commands.train import train as run_train
    from config.settings import load_settings

    raise typer.Exit(run_train(corpus, out=out, as_json=as_json, settings=load_settings(config_path(config))))


@app.command()
def replay(
    corpus: Annotated[list[Path] | None, typer.Argument(help="JSONL files of articles.")] = None,
    stored: Annotated[bool, typer.Option("--stored", help="Replay the articles in the database instead.")] = False,
    since: Annotated[datetime | None, typer.Option(help="Stored ones first seen since then (UTC).")] = None,
    until: Annotated[datetime | None, typer.Option(help="Stored ones first seen before then (UTC).")] = None,
    compare: Annotated[
        tuple[Path, Path] | None, typer.Option(help="Two configuration files: what would differ between them?")
    ] = None,
    gold: Annotated[bool, typer.Option("--gold", help="Take the labels instead of the classifier's verdicts.")] = False,
    shuffle: Annotated[
        int | None, typer.Option(help="Shuffle within three hours; the number is the seed of chance.")
    ] = None,
    syndicate: Annotated[
        bool, typer.Option("--syndicate", help="Add each article again under another masthead, an hour later.")
    ] = False,
    edit: Annotated[bool, typer.Option("--edit", help="Edit one article in ten, half an hour later.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run articles through the whole chain under a simulated clock; score what would be told."""
    from functools import partial

    from basewatch.commands import replay as command
    from basewatch.disturbed import disturbed
    from config.settings import load_settings

    wanted = command.Wanted(
        paths=corpus or (),
        stored=stored,
        since=aware(since),
        until=aware(until),
        gold=gold,
        disturb=partial(disturbed, shuffle=shuffle, syndicate=syndicate, edit=edit),
    )
    settings = load_settings(config_path(config))
    if compare is not None:
        raise typer.Exit(command.compare(wanted, settings, *compare, as_json=as_json))
    raise typer.Exit(command.replay(wanted, settings, as_json=as_json))


@app.command()
def bench(
    name: Annotated[str, typer.Argument(help="Which; a wrong name lists them all.")],
    size: Annotated[
        int | None, typer.Option(help="How much (items, strings or seconds, as the bench says).", min=1)
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure this installation; prints the figures and the machine."""
    from basewatch.commands.bench import bench as run_bench

    run_bench(name, as_json=as_json, size=size)
