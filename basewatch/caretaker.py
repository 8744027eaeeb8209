"""What the daemon does for its own house: clearing, a short -wal file, and the eye on the file that it writes."""

from __future__ import annotations

import asyncio
import logging
import secrets
import shutil
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from pathlib import Path

from alerts.channels import Channel, OutgoingMessage
from alerts.sending import send_within
from alerts.system import News, Params, as_params
from config.keep import KeepSettings
from core.clock import Clock
from core.documents import NoticeDocument, NoticePart
from core.errors import DeliveryError
from core.values import NoticeKind, TextReason
from storage import retention
from storage.engine import Database

log = logging.getLogger(__name__)

WAL_EVERY_S = 30.0  #: between two looks at the -wal file
WAL_CUT = 16 * 2**20  #: a longer one is moved into the database and cut
WAL_MOST = 64 * 2**20  #: one that stays longer than this after that is told: another program keeps a read open
DISK_EVERY_S = 30.0  #: between two looks at the disk
DISK_LEAST = 100 * 2**20  #: bytes free under which people hear of it: a full disk stops articles and alerts
LAST_WORDS_S = 5.0


class Caretaker:
    """Keeps the house of one database. ``tell`` writes a notice to the operator."""

    def __init__(
        self,
        database: Database,
        keep: KeepSettings,
        clock: Clock,
        stopping: Callable[[], bool],
        tell: Callable[[TextReason, str, Params], Awaitable[None]],
        channels: Mapping[str, Channel] | None = None,
    ) -> None:
        self._database, self._keep, self._clock, self._stopping, self._tell = database, keep, clock, stopping, tell
        self._channels = channels or {}
        self._disk_told = False
        self._wal_told = False
        self.wal_bytes = 0  #: at the last look

    async def keep_house(self) -> None:
        """Remove what is past its time, give the space back, cut the -wal file."""
        pruned = await retention.prune_all(self._database, self._clock.now(), self._keep, stopping=self._stopping)
        freed = await retention.give_back(self._database, stopping=self._stopping)
        await asyncio.to_thread(self._database.checkpoint)
        if pruned or freed:
            what = ", ".join(f"{count} {kind}" for kind, count in pruned.items()) or "nothing"
            log.info("Cleared what is past its time: %s", what, extra={"action": "housekeeping", "pages_freed": freed})

    async def look_at_wal(self) -> None:
        """Cut the -wal file where it has grown; say so, once, where a reader of another program keeps it from that."""
        self.wal_bytes = self._database.wal_bytes()
        if self.wal_bytes > WAL_CUT:
            self.wal_bytes = await asyncio.to_thread(self._database.checkpoint)
        if self.wal_bytes <= WAL_MOST:
            self._wal_told = False
        elif not self._wal_told:
            self._wal_told = True
            text, params = wal_large(self.wal_bytes)
            log.warning("%s", text, extra={"action": "wal_large", "bytes": self.wal_bytes})
            await self._tell(TextReason.WAL_LARGE, text, params)

    async def look_at_disk(self) -> None:
        """Say, once, that the disk of the database gets full: past the outbox, which needs the room that is missing."""
        path = self._database.path
        if path is None:
            return
        free = shutil.disk_usage(path.parent).free
        if free >= DISK_LEAST:
            self._disk_told = False
        elif not self._disk_told:
            self._disk_told = True
            news = disk_low(path, free)
            log.warning("%s", news[0], extra={"action": "disk_low", "bytes": free})
            await last_words(self._channels, news, self._clock.now(), reason=TextReason.DISK_LOW)


def wal_large(size: int) -> News:
    """What the operator reads of a -wal file of so many bytes."""
    mib = round(size / 2**20)
    text = (
        f"The -wal file of the database has grown to {mib} MiB: another program keeps the database open for reading "
        "(a backup, a database browser). Close it."
    )
    return text, {"mib": mib}


def disk_low(path: Path, free: int) -> News:
    """What the operator reads where so many bytes are free on the disk of the database."""
    mib = int(free / 2**20)
    text = (
        f"The disk of {path} has {mib} MiB free. When it is full, articles and alerts stop until there is room. "
        "Free some, or shorten what is kept ([keep] in the configuration)."
    )
    return text, {"path": str(path), "mib": mib}


def database_gone(where: str) -> News:
    """What the operator reads where the database was deleted or replaced under a daemon that runs."""
    text = (
        f"The database {where} was deleted or replaced while Basewatch ran: it ends with an error, so that its service "
        "manager starts it on the file that stands there. Put a copy back if none does: basewatch restore FILE"
    )
    return text, {"path": where}


async def last_words(channels: Mapping[str, Channel], news: News, now: datetime, *, reason: TextReason) -> None:
    """Tell every channel at once, past the outbox: for when there is no database any more, or no room in it.

    Failures are logged.
    """
    part = NoticePart(
        id="SYS-0", number=0, kind=NoticeKind.SYSTEM, reason=reason, ring=False, created_at=now, text=news[0],
        params=as_params(news[1]),
    )  # fmt: skip
    message = OutgoingMessage(id=f"msg_last_{secrets.token_hex(8)}", document=NoticeDocument(notice=part), now=now)

    async def send(channel: Channel) -> None:
        try:
            await send_within(channel, message, deadline_s=LAST_WORDS_S)
        except DeliveryError as error:
            log.warning("%s", error, extra={"action": "last_words_failed", "channel": channel.name})

    await asyncio.gather(*(send(channel) for channel in channels.values()))
