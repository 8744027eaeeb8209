"""The command ``basewatch``: every sub-command in one place, and the edge where an error becomes a sentence.

Imports of the parts stand inside the functions, so that ``--help`` and a mistyped option answer at once.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from core.errors import BasewatchError
from core.values import Severity, Status

DEFAULT_CONFIG = Path("basewatch.toml")

app = typer.Typer(
    name="basewatch",
    help="Watches regional news and tells people at once when a US base is attacked.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
channels_app = typer.Typer(help="Where alerts go.", no_args_is_help=True)
deliveries_app = typer.Typer(help="What was sent, what waits, what failed.", no_args_is_help=True)
incidents_app = typer.Typer(help="What happened, as Basewatch knows it.", no_args_is_help=True)
outlets_app = typer.Typer(help="Which outlets are read, and which of them answer.", no_args_is_help=True)
app.add_typer(outlets_app, name="outlets")
app.add_typer(channels_app, name="channels")
app.add_typer(deliveries_app, name="deliveries")
app.add_typer(incidents_app, name="incidents")

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        help="Configuration file; default: basewatch.toml in this folder, if there is one.",
        envvar="BASEWATCH_CONFIG",
    ),
]
CorpusArgument = Annotated[list[Path], typer.Argument(help="JSONL files of labelled articles.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one stable JSON document instead of text.")]


def config_path(config: Path | None) -> Path | None:
    """The file to read: the one named, else basewatch.toml here, else none (defaults and environment only)."""
    if config is not None:
        return config
    return DEFAULT_CONFIG if DEFAULT_CONFIG.exists() else None


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


@app.command()
def run(
    config: ConfigOption = None,
    once: Annotated[bool, typer.Option("--once", help="Poll every outlet once, classify, deliver, then stop.")] = False,
) -> None:
    """Run the daemon until it is told to stop (SIGTERM or Ctrl-C)."""
    # Until the daemon takes over the signal, a stop ends the start at once: nothing is under way yet.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    from basewatch import logs
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
    raise typer.Exit(run_daemon(settings, once=once))


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
    corpus: CorpusArgument,
    gold: Annotated[bool, typer.Option("--gold", help="Take the labels instead of the classifier's verdicts.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run articles through the whole chain under a simulated clock; score what would be told."""
    from basewatch.commands.replay import replay as run_replay
    from config.settings import load_settings

    raise typer.Exit(run_replay(corpus, gold=gold, as_json=as_json, settings=load_settings(config_path(config))))


@outlets_app.command("list")
def outlets_list(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show every outlet, whether it is read, and why not."""
    from basewatch.commands.outlets import list_outlets
    from config.settings import load_settings

    list_outlets(load_settings(config_path(config)), as_json=as_json)


@outlets_app.command("health")
def outlets_health(
    failing: Annotated[bool, typer.Option("--failing", help="Only the sources whose last poll failed.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show which sources answered the daemon's last polls, and why the others did not."""
    from basewatch.commands.outlets import health
    from config.settings import load_settings

    health(load_settings(config_path(config)), failing_only=failing, as_json=as_json)


@channels_app.command("test")
def channels_test(
    name: Annotated[str, typer.Argument(help="Name of the channel, as in the configuration.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send a test by the way of a real alert; a paused channel that accepts it goes on."""
    from basewatch.commands.channels import try_channel
    from config.settings import load_settings

    raise typer.Exit(try_channel(load_settings(config_path(config)), name, as_json=as_json))


@deliveries_app.command("list")
def deliveries_list(
    state: Annotated[str | None, typer.Option(help="Only pending, sending, sent or dead ones.")] = None,
    channel: Annotated[str | None, typer.Option(help="Only those of this channel.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many, the newest first.", min=1)] = 50,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show deliveries: what was sent, what waits, what failed and why."""
    from basewatch.commands.deliveries import list_deliveries
    from config.settings import load_settings

    list_deliveries(load_settings(config_path(config)), state=state, channel=channel, limit=limit, as_json=as_json)


@deliveries_app.command("retry")
def deliveries_retry(
    ids: Annotated[list[int] | None, typer.Argument(help="Ids of deliveries.")] = None,
    all_dead: Annotated[bool, typer.Option("--all-dead", help="Every delivery that was given up.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send again what was given up, or what waits, now."""
    from basewatch.commands.deliveries import retry
    from config.settings import load_settings

    retry(load_settings(config_path(config)), ids or [], all_dead=all_dead, as_json=as_json)


@deliveries_app.command("discard")
def deliveries_discard(
    ids: Annotated[list[int], typer.Argument(help="Ids of deliveries.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give up deliveries that wait: they are never sent."""
    from basewatch.commands.deliveries import discard
    from config.settings import load_settings

    discard(load_settings(config_path(config)), ids, as_json=as_json)


@incidents_app.command("list")
def incidents_list(
    limit: Annotated[int, typer.Option(help="At most so many, the latest first.", min=1)] = 50,
    base: Annotated[str | None, typer.Option(help="Only those at this site (its id).")] = None,
    country: Annotated[str | None, typer.Option(help="Only those in this country (two letters).")] = None,
    status: Annotated[Status | None, typer.Option(help="Only those of this status.")] = None,
    severity: Annotated[Severity | None, typer.Option(help="Only those of this severity.")] = None,
    since: Annotated[
        datetime | None, typer.Option(help="Only those seen since then; without a zone it is UTC.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the latest incidents."""
    from basewatch.commands.incidents import list_incidents
    from config.settings import load_settings

    list_incidents(
        load_settings(config_path(config)),
        limit=limit,
        base=base,
        country=country.upper() if country else None,
        status=status,
        severity=severity,
        since=since.replace(tzinfo=UTC) if since and since.tzinfo is None else since,
        as_json=as_json,
    )


@incidents_app.command("show")
def incidents_show(
    incident: Annotated[str, typer.Argument(help="Its id, such as BW-42.")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one incident: facts, who said them, reports, and why they stand in it."""
    from basewatch.commands.incidents import show_incident
    from config.settings import load_settings

    show_incident(load_settings(config_path(config)), incident, as_json=as_json)


@app.command()
def bench(
    name: Annotated[str, typer.Argument(help="Which: latency, classify, delivery, storage or daemon.")],
    as_json: JsonOption = False,
) -> None:
    """Measure this installation; prints the figures and the machine."""
    from basewatch.commands.bench import bench as run_bench

    run_bench(name, as_json=as_json)


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


if __name__ == "__main__":
    main()
