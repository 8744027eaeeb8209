"""``basewatch init`` and ``basewatch check``: before the daemon runs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from alerts.channels import build_channels
from alerts.classifier import Classifier
from config.check import Checked, Finding, Level, check_files
from config.init import example_text
from config.settings import Settings
from config.watch import Watch
from core.clock import utc_now
from core.errors import BasewatchError, InputError, StorageError
from storage import housekeeping
from storage.engine import open_database

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
    Console().print(
        f"Wrote {path}. Set your contact address and your channels in it, then run: basewatch check", highlight=False
    )


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
    yield _try("database", lambda: _open_database(settings))


def _try(where: str, job: Callable[[], str]) -> Finding:
    try:
        return Finding(level=Level.OK, what=job(), where=where)
    except BasewatchError as error:
        return Finding(level=Level.ERROR, what=str(error), where=where, todo="mend it, then run the check again")


def _load_classifier(settings: Settings, watch: Watch) -> str:
    classifier = Classifier.load(watch, settings.config_dir)
    return f"the classifier loads (model {classifier.model})"


def _build_channels(settings: Settings) -> str:
    channels = build_channels(settings)
    if not channels:
        raise StorageError("no channel is enabled, so nobody would be told")
    return f"{len(channels)} can be used: {', '.join(channels)}; test each with `basewatch channels test NAME`"


def _open_database(settings: Settings) -> str:
    database = open_database(settings.database_address)
    try:
        problems = database.problems()
        if problems:
            raise StorageError(f"{database.where} is damaged ({problems[0]}): restore a backup")
        with database.read() as session:
            counts = housekeeping.counts(session, utc_now())
        return f"{database.where} opens and is whole: {counts.articles} articles, {counts.incidents} incidents"
    finally:
        database.close()


def _print(findings: list[Finding], not_checked: tuple[str, ...], *, failed: bool) -> None:
    console = Console(highlight=False)
    for finding in findings:
        todo = f"\n        {escape(finding.todo)}" if finding.todo else ""
        console.print(f"{_MARKS[finding.level]}  {escape(finding.where)}: {escape(finding.what)}{todo}")
    console.print("\nNot checked:")
    for line in not_checked:
        console.print(f"  - {escape(line)}")
    console.print("\nSomething must be mended first." if failed else "\nAll that was checked is fit to run.")
