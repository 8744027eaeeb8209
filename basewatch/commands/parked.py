"""``basewatch parked list``, ``retry`` and ``drop``: articles that the classifier failed on three times, and why."""

from __future__ import annotations

import json
from collections.abc import Callable

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy.orm import Session

from alerts.phrases import ago
from config.settings import Settings
from core.clock import utc_now
from core.errors import InputError
from storage import articles
from storage.engine import Database, open_database
from storage.meta import nudge


def list_parked(settings: Settings, *, as_json: bool = False, console: Console | None = None) -> None:
    """Print every parked article with its cause, the latest first."""
    with _open(settings) as database, database.read() as session:
        found = articles.failures(session, parked_only=True, limit=1_000)
    if as_json:
        document = [
            {
                "id": row.id,
                "url": row.url,
                "title": row.title,
                "tries": row.tries,
                "cause": row.error,
                "last_try_at": row.last_at.isoformat(),
            }
            for row in found
        ]
        print(json.dumps({"parked": document}, ensure_ascii=False))  # noqa: T201
        return
    out = console or Console(highlight=False)
    if not found:
        out.print("No article is parked: the classifier has read them all, or will.")
        return
    table = Table("id", "last try", "title", "cause", box=SIMPLE_HEAD, padding=0)
    now = utc_now()
    for row in found:
        table.add_row(row.id, ago(row.last_at, now), Text(row.title), Text(row.error))
    out.print(table)
    out.print("After an upgrade try them again: basewatch parked retry --all. Read them yourself meanwhile:")
    for row in found:
        out.print(Text(f"  {row.id} {row.url}"))


def retry(settings: Settings, ids: list[str], *, every: bool = False, as_json: bool = False) -> None:
    """Let the classifier try parked articles again. Raises InputError where one is not parked."""
    done = _each(settings, ids, every=every, act=articles.unpark)
    _say(done, "retried", "read again within a second by the daemon, or by: basewatch run --once", as_json)


def drop(settings: Settings, ids: list[str], *, every: bool = False, as_json: bool = False) -> None:
    """Give parked articles up: never classified, kept as articles. Raises InputError where one is not parked."""
    done = _each(settings, ids, every=every, act=articles.drop_parked)
    _say(done, "dropped", "never classified", as_json)


def _each(settings: Settings, ids: list[str], *, every: bool, act: Callable[[Session, int, int], bool]) -> list[str]:
    if not ids and not every:
        raise InputError("name the ids (`basewatch parked list` shows them), or give --all")
    with _open(settings) as database, database.write() as session:
        known = {row.id: row for row in articles.failures(session, parked_only=True, limit=100_000)}
        chosen = list(known) if every else list(dict.fromkeys(ids))
        if unknown := [one for one in chosen if one not in known]:
            raise InputError(
                f"nothing was changed: {', '.join(unknown)} {'is' if len(unknown) == 1 else 'are'} not parked"
            )
        for one in chosen:
            act(session, known[one].article_id, known[one].version)
        nudge(session)
    return chosen


def _open(settings: Settings) -> Database:
    return open_database(settings.database_address, create=False, migrate=False)


def _say(ids: list[str], word: str, sentence: str, as_json: bool) -> None:
    if as_json:
        print(json.dumps({word: ids}))  # noqa: T201
        return
    console = Console(highlight=False)
    for one in ids:
        console.print(f"Article {one} is {sentence}.")
    if not ids:
        console.print("There was nothing to do: no article is parked.")
