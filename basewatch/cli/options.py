"""Options that many commands share."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

DEFAULT_CONFIG = Path("basewatch.toml")


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


def aware(instant: datetime | None) -> datetime | None:
    """The instant; one without a zone is UTC."""
    return instant.replace(tzinfo=UTC) if instant is not None and instant.tzinfo is None else instant
