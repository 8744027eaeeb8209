"""``basewatch channels test NAME``: a test alert by the way of a real one, and what happened to it."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.text import Text

from alerts.channels import OutgoingMessage, build_channels
from alerts.recovery import bring_back
from alerts.sending import send_within
from config.settings import Settings
from core.clock import utc_now
from core.documents import NoticeDocument, NoticePart
from core.errors import DeliveryError, InputError, StorageError
from core.values import NoticeKind, TextReason
from storage.engine import open_database

TEXT = "This is a test of Basewatch. Nothing happened; no answer is needed."


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What happened to a test alert."""

    channel: str
    kind: str
    accepted: bool
    message_id: str
    answer: str  #: the receiver's words, or why it was not accepted
    seconds: float
    resumed: bool  #: the channel was paused, and is not any more


def try_channel(settings: Settings, name: str, *, as_json: bool = False, console: Console | None = None) -> int:
    """Send a test alert to one channel and say what happened; 0 if it was accepted, 1 if not.

    It takes the way of a real alert (same channel, deadline, address guard, signature), but not the outbox: it is
    tried once. A channel that was paused and accepts it is resumed. Raises InputError for an unknown name.
    """
    if name not in settings.channels:
        known = ", ".join(settings.channels)
        raise InputError(f"there is no channel {name!r} in the configuration: choose one of {known}")
    if not settings.channels[name].enabled:
        raise InputError(f"channel {name} is off: set channels.{name}.enabled = true first")
    trial = asyncio.run(_try(settings, name))
    if as_json:
        print(json.dumps(asdict(trial), ensure_ascii=False))  # noqa: T201
    else:
        (console or Console()).print(_told(trial))
    return 0 if trial.accepted else 1


def trial_message() -> OutgoingMessage:
    """A TEST notice with an id of its own."""
    now = utc_now()
    part = NoticePart(
        id="TEST-1",
        number=1,
        kind=NoticeKind.TEST,
        reason=TextReason.CHANNELS_TEST,
        ring=False,
        created_at=now,
        text=TEXT,
    )
    return OutgoingMessage(id=f"msg_test_{secrets.token_hex(8)}", document=NoticeDocument(notice=part), now=now)


async def _try(settings: Settings, name: str) -> Trial:
    channels = build_channels(settings)
    message, started = trial_message(), time.monotonic()
    try:
        receipt = await send_within(channels[name], message, deadline_s=settings.delivery.deadline_s)
        accepted, answer = True, receipt.answer
    except DeliveryError as error:
        accepted, answer = False, error.reason
    finally:
        for channel in channels.values():
            await channel.aclose()
    return Trial(
        channel=name,
        kind=settings.channels[name].kind,
        accepted=accepted,
        message_id=message.id,
        answer=answer,
        seconds=round(time.monotonic() - started, 3),
        resumed=accepted and _resume(settings, name),
    )


def _resume(settings: Settings, name: str) -> bool:
    """Let a paused channel go; False where it was not paused, or where there is no database yet."""
    try:
        with (
            open_database(settings.database_address, create=False, migrate=False) as database,
            database.write() as session,
        ):
            most = settings.delivery.burst_per_minute
            return bring_back(session, name, most, utc_now()) is not None
    except StorageError:
        return False


def _told(trial: Trial) -> Text:
    if not trial.accepted:
        todo = f"Look at [channels.{trial.channel}] in the configuration and at its receiver, then test again."
        return Text(
            f"Channel {trial.channel} ({trial.kind}) did not accept the test: {trial.answer}. {todo}", style="red"
        )
    answer = f', and answered "{trial.answer}"' if trial.answer else ""
    text = f"Channel {trial.channel} ({trial.kind}) accepted the test within {trial.seconds:.2f} s{answer}."
    if trial.resumed:
        text += " It was paused; what waited for it is sent now."
    return Text(text, style="green")
