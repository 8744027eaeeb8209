"""``basewatch init`` and ``basewatch check``: before the daemon runs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from alerts.channels import build_channels
from alerts.classifier import Classifier
from basewatch.commands.outlets import summary
from config.check import Checked, Finding, Level, check_files
from config.init import example_text
from config.settings import Settings
from config.watch import Watch
from core.clock import utc_now
from core.errors import BasewatchError, InputError, StorageError
from storage import housekeeping, sources
from storage.engine import open_database
from storage.faults import DatabaseFault
from storage.places import database_url
from storage.values import SourceState

MOST_NAMES = 12  #: of sources and the like in one line of `check`

_MARKS = {Level.OK: "[green]ok[/green]", Level.WARNING: "[yellow]warning[/yellow]", Level.ERROR: "[red]error[/red]"}


def write_config(path: Path, *, force: bool) -> None:
    """Write the commented configuration file, readable by its owner alone.

    Raises InputError where one stands already.
    """
    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if force else os.O_EXCL)
    try:
        descriptor = os.open(path, flags, 0o600)
    except FileExistsError:
        raise InputError(f"{path} exists already: edit it, or overwrite it with --force") from None
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(example_text())
    named = "" if path.name == "basewatch.toml" and path.parent == Path() else f" --config {path}"
    text = f"Wrote {path}. Set your contact address and your channels in it, then run: basewatch check{named}"
    Console(highlight=False).print(escape(text), soft_wrap=True)


def check(path: Path | None, *, as_json: bool) -> int:
    """Print what was checked and what was not; 0 when nothing is wrong, 1 when something is."""
    files = check_files(path)
    findings = [*files.findings, *_check_running_parts(files)]
    failed = any(finding.level is Level.ERROR for finding in findings)
    if as_json:
        document = {
            "ok": not failed,
            "findings": [
                {"level": f.level.value, "what": f.what, "where": f.where, "todo": f.todo or None} for f in findings
            ],
            "not_checked": files.not_checked,
        }
        print(json.dumps(document, ensure_ascii=False))  # noqa: T201
    else:
        _print(findings, files.not_checked, failed=failed)
    return 1 if failed else 0


def _check_running_parts(files: Checked) -> Iterator[Finding]:
    """Lexicons, channels and database: what the configuration leads to."""
    settings, watch = files.settings, files.watch
    if settings is None:
        return
    if watch is not None:
        yield _try("lexicons and weights", lambda: _load_classifier(settings, watch))
    yield _try("channels", lambda: _build_channels(settings))
    yield from _check_database(settings)


def _try(where: str, job: Callable[[], str]) -> Finding:
    try:
        return Finding(level=Level.OK, what=job(), where=where)
    except BasewatchError as error:
        return Finding(level=Level.ERROR, what=str(error), where=where, todo="Mend it, then check again.")


def _load_classifier(settings: Settings, watch: Watch) -> str:
    classifier = Classifier.load(watch, settings.config_dir)
    return f"the classifier loads (model {classifier.model})"


def _build_channels(settings: Settings) -> str:
    channels = build_channels(settings)
    if not channels:
        raise StorageError("no channel is enabled, so nobody would be told")
    return f"{len(channels)} can be used: {', '.join(channels)}; test each with `basewatch channels test NAME`"


def _check_database(settings: Settings) -> Iterator[Finding]:
    """The database as it stands: a check neither creates nor upgrades one, since `run` does both."""
    try:
        whole, states = _look_into_database(settings)
    except DatabaseFault as fault:
        if fault.kind == "missing" and _can_be_created(settings):
            yield Finding(level=Level.OK, what="there is none yet; `basewatch run` creates it", where="database")
        elif fault.kind == "migration":
            yield Finding(
                level=Level.WARNING,
                what="it is not on the schema of this Basewatch yet",
                where="database",
                todo="Back it up; the next start of `basewatch run` upgrades it.",
            )
        else:
            yield _database_error(fault)
        return
    except BasewatchError as error:
        yield _database_error(error)
        return
    yield Finding(level=Level.OK, what=whole, where="database")
    if any(state.last_poll_at is not None for state in states):
        yield _answering(states)


def _answering(states: Sequence[SourceState]) -> Finding:
    """What the daemon's last polls met."""
    if any(state.state == "failing" for state in states):
        todo = "See which and why: `basewatch outlets health --failing`."
        return Finding(level=Level.WARNING, what=summary(states), where="outlets", todo=todo)
    return Finding(level=Level.OK, what=summary(states), where="outlets")


def _database_error(error: BasewatchError) -> Finding:
    return Finding(level=Level.ERROR, what=str(error), where="database", todo="Mend it, then check again.")


def _can_be_created(settings: Settings) -> bool:
    folder = Path(str(database_url(settings.database_address).database)).parent
    return folder.is_dir() and os.access(folder, os.W_OK)


def _look_into_database(settings: Settings) -> tuple[str, list[SourceState]]:
    database = open_database(settings.database_address, create=False, migrate=False)
    try:
        problems = database.problems()
        if problems:
            raise StorageError(f"{database.where} is damaged ({problems[0]}): restore a backup")
        with database.read() as session:
            counts = housekeeping.counts(session, utc_now())
            states = sources.source_states(session)
        whole = f"{database.where} opens and is whole: {counts.articles} articles, {counts.incidents} incidents"
    finally:
        database.close()
    return whole, states


def _in_short(what: str) -> str:
    """A finding that names very many, cut after the first ones; ``--json`` has them all."""
    names = what.split(", ")
    if len(names) <= MOST_NAMES:
        return what
    return f"{', '.join(names[:MOST_NAMES])} and {len(names) - MOST_NAMES} more (`basewatch check --json` names them)"


def _print(findings: list[Finding], not_checked: tuple[str, ...], *, failed: bool) -> None:
    console = Console(highlight=False)
    for finding in findings:
        console.print(f"{_MARKS[finding.level]}  {escape(finding.where)}: {escape(_in_short(finding.what))}")
        if finding.todo:
            console.print(Padding(escape(finding.todo), (0, 0, 0, 8), expand=False))
    console.print("\nNot checked:")
    for line in not_checked:
        console.print(f"  - {escape(line)}")
    console.print("\nSomething must be mended first." if failed else "\nAll that was checked is fit to run.")
