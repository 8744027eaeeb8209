"""``basewatch deliveries list``, ``show``, ``retry`` and ``discard``: what was sent, what waits, what failed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy.orm import Session

from alerts.channels import load_language
from alerts.phrases import ago
from alerts.wording import plain_text
from config.settings import Settings
from core.clock import utc_now
from core.documents import NoticeDocument
from core.errors import InputError
from core.values import DeliveryState
from storage import deliveries, notices
from storage.engine import Database, open_database
from storage.values import AttemptView, DeliveryView, NoticeView, PausedChannel

_COLOURS = {
    DeliveryState.PENDING: "yellow",
    DeliveryState.SENDING: "cyan",
    DeliveryState.SENT: "green",
    DeliveryState.DEAD: "red",
    DeliveryState.HELD: "magenta",
    DeliveryState.DIGESTED: "blue",
}


def list_deliveries(
    settings: Settings,
    *,
    state: str | None = None,
    channel: str | None = None,
    limit: int = 50,
    as_json: bool = False,
    console: Console | None = None,
) -> None:
    """Print deliveries, the newest first, and the paused channels. Raises InputError for an unknown state."""
    states = (_state(state),) if state else ()
    with _open(settings) as database, database.read() as session:
        found = deliveries.list_deliveries(session, states=states, channel=channel, limit=limit)
        paused = deliveries.paused_channels(session)
        ledger = {row.id: deliveries.attempts_of(session, row.id) for row in found} if as_json else {}
    if as_json:
        print(json.dumps(as_document(found, paused, ledger), ensure_ascii=False))  # noqa: T201
        return
    out = console or Console()
    out.print(_table(found, utc_now()) if found else "No deliveries.")
    for held in paused:
        out.print(
            Text(
                f"Channel {held.channel} is paused: {held.reason}. {held.waiting} waiting. "
                f"Mend it, then run: basewatch channels test {held.channel}",
                style="red",
            )
        )


def show(settings: Settings, number: int, *, as_json: bool = False, console: Console | None = None) -> None:
    """Print one delivery with every attempt (time, status, answer, next try), and the whole message.

    Raises InputError for an unknown id.
    """
    with _open(settings) as database, database.read() as session:
        found = deliveries.list_deliveries(session, ids=(number,))
        if not found:
            raise InputError(f"there is no delivery {number}: `basewatch deliveries list` shows them")
        ledger = deliveries.attempts_of(session, number)
        paused = [one for one in deliveries.paused_channels(session) if one.channel == found[0].channel]
        notice = notices.notice_of(session, found[0].notice_id)
    if as_json:
        print(json.dumps(as_document(found, paused, {number: ledger}), ensure_ascii=False))  # noqa: T201
        return
    out = console or Console(highlight=False)
    for line in _told(found[0], paused):
        out.print(Text(line), soft_wrap=True)
    table = Table(
        "try", "time (UTC)", "outcome", "status", "took", "answer", "next try (UTC)", box=SIMPLE_HEAD, padding=0
    )
    for attempt in ledger:
        took = (attempt.recorded_at - attempt.started_at).total_seconds() if attempt.started_at else None
        table.add_row(
            str(attempt.attempt),
            f"{attempt.recorded_at:%d %b %H:%M:%S}",
            attempt.outcome,
            str(attempt.http_status or ""),
            f"{took:.2f} s" if took is not None else "",
            Text(attempt.error or attempt.answer or ""),
            f"{attempt.next_attempt_at:%d %b %H:%M:%S}" if attempt.next_attempt_at else "",
        )
    out.print(table if ledger else "It has not been tried yet.")
    if notice is not None:
        out.print(Text(f"\n{_text(notice, found[0].channel, settings)}"), soft_wrap=True)


def _text(notice: NoticeView, channel: str, settings: Settings) -> str:
    """The whole message, as a mail would have it, in the channel's language."""
    configured = settings.channels.get(channel)
    try:
        language = load_language(configured.language if configured is not None else "en", settings)
        return plain_text(NoticeDocument.model_validate(notice.document), now=utc_now(), language=language)
    except ValueError:
        return "Its document is damaged."


def _told(row: DeliveryView, paused: list[PausedChannel]) -> Iterator[str]:
    """What there is to say of a delivery besides its attempts."""
    by = f", by rule {row.route}" if row.route else ""
    yield f"Delivery {row.id}: {row.notice_public_id} ({row.kind}{', rings' if row.ring else ''}) to {row.channel}{by}"
    yield f"Queued {row.created_at:%d %b %H:%M:%S} UTC as {row.message_id}; it is {row.state} now."
    if row.held_note:
        yield f"Held back: {row.held_note}." + (
            f" Its time comes at {row.next_attempt_at:%d %b %H:%M} UTC." if row.state is DeliveryState.HELD else ""
        )
    if row.digest_notice_id is not None:
        yield "A digest named it."
    for held in paused:
        tried = f" One is tried at {held.next_probe_at:%d %b %H:%M} UTC." if held.next_probe_at else ""
        yield f"Channel {held.channel} is paused: {held.reason}.{tried}"


def retry(settings: Settings, ids: list[int], *, all_dead: bool = False, as_json: bool = False) -> None:
    """Make dead or waiting deliveries due now. Raises InputError where one cannot be, or where none is named."""
    if not ids and not all_dead:
        raise InputError("name the ids to send again (`basewatch deliveries list` shows them), or give --all-dead")
    with _open(settings) as database, database.write() as session:
        chosen = list(ids)
        if all_dead:
            dead = deliveries.list_deliveries(session, states=(DeliveryState.DEAD,), limit=100_000)
            chosen += [row.id for row in dead if row.id not in chosen]
        refused = [number for number in chosen if not deliveries.retry(session, number, utc_now())]
        _refuse(session, refused)
    _say(chosen, "requeued", "due now; the daemon sends it within a second, or run: basewatch run --once", as_json)


def discard(settings: Settings, ids: list[int], *, as_json: bool = False) -> None:
    """Give up waiting deliveries. Raises InputError where one cannot be."""
    with _open(settings) as database, database.write() as session:
        refused = [number for number in ids if not deliveries.discard(session, number, utc_now())]
        _refuse(session, refused)
    _say(ids, "discarded", "given up; `basewatch deliveries retry` takes it back", as_json)


def as_document(
    found: list[DeliveryView], paused: list[PausedChannel], ledger: dict[int, list[AttemptView]]
) -> dict[str, Any]:
    """What ``--json`` prints: ``{"deliveries": […], "paused": […]}``; instants as ISO 8601 with zone."""
    return {
        "deliveries": [
            {
                "id": row.id,
                "message_id": row.message_id,
                "notice": row.notice_public_id,
                "kind": row.kind.value,
                "ring": row.ring,
                "channel": row.channel,
                "state": row.state.value,
                "attempts": row.attempts,
                "created_at": row.created_at.isoformat(),
                "next_attempt_at": row.next_attempt_at.isoformat() if row.state is DeliveryState.PENDING else None,
                "sent_at": row.sent_at.isoformat() if row.sent_at else None,
                "error": row.last_error,
                "route": row.route,
                "held": row.held_note,
                "held_until": row.next_attempt_at.isoformat() if row.state is DeliveryState.HELD else None,
                "ledger": [
                    {
                        "attempt": line.attempt,
                        "outcome": line.outcome,
                        "error": line.error,
                        "http_status": line.http_status,
                        "answer": line.answer,
                        "next_attempt_at": line.next_attempt_at.isoformat() if line.next_attempt_at else None,
                        "started_at": line.started_at.isoformat() if line.started_at else None,
                        "recorded_at": line.recorded_at.isoformat(),
                    }
                    for line in ledger.get(row.id, [])
                ],
            }
            for row in found
        ],
        "paused": [
            {
                "channel": held.channel,
                "reason": held.reason,
                "since": held.paused_at.isoformat(),
                "waiting": held.waiting,
            }
            for held in paused
        ],
    }


def _table(found: list[DeliveryView], now: datetime) -> Table:
    table = Table("id", "notice", "kind", "channel", "state", "tries", "when", "error", box=SIMPLE_HEAD, padding=0)
    for column in table.columns[:-1]:
        column.no_wrap = True
    for row in found:
        when = ago(row.sent_at or row.created_at, now)
        if row.state is DeliveryState.PENDING and row.next_attempt_at > now:
            when = f"again in {int((row.next_attempt_at - now).total_seconds())} s"
        # Text, not str: what a receiver answered is never read as markup.
        table.add_row(
            str(row.id),
            Text(row.notice_public_id),
            row.kind.value + (" rings" if row.ring else ""),
            Text(row.channel),
            Text(row.state.value, style=_COLOURS[row.state]),
            str(row.attempts),
            when,
            Text(row.last_error or (row.held_note or "")),
        )
    return table


def _open(settings: Settings) -> Database:
    return open_database(settings.database_address, create=False, migrate=False)


def _state(word: str) -> DeliveryState:
    try:
        return DeliveryState(word.lower())
    except ValueError:
        words = ", ".join(state.value for state in DeliveryState)
        raise InputError(f"there is no state {word!r}: choose one of {words}") from None


def _refuse(session: Session, ids: list[int]) -> None:
    """Raise InputError that tells of each of these why it cannot be."""
    if not ids:
        return
    known = {row.id: row.state for row in deliveries.list_deliveries(session, ids=tuple(ids), limit=len(ids))}
    reasons = [
        _WHY_NOT[known[number]].format(number) if number in known else f"there is no delivery {number}"
        for number in ids
    ]
    raise InputError(f"nothing was changed: {'; '.join(reasons)}. `basewatch deliveries list` shows them")


_WHY_NOT = {
    DeliveryState.PENDING: "{} waits to be sent",
    DeliveryState.SENDING: "{} is being sent just now",
    DeliveryState.SENT: "{} was sent already",
    DeliveryState.DEAD: "{} was given up already",
    DeliveryState.HELD: "{} is held back",
    DeliveryState.DIGESTED: "{} was named by a digest already",
}


def _say(ids: list[int], word: str, sentence: str, as_json: bool) -> None:
    if as_json:
        print(json.dumps({word: ids}))  # noqa: T201
        return
    console = Console(highlight=False)
    for number in ids:
        console.print(f"Delivery {number} is {sentence}.")
    if not ids:
        console.print("There was nothing to do: no delivery was given up.")
