"""A bridge to the services that Apprise knows (https://appriseit.com): Signal, SMS gateways, Pushover and many more.

An optional extra (``pip install basewatch[apprise]``). Apprise speaks to the service itself, with ``requests`` in a
thread: the guard of addresses, the table of statuses and Retry-After of the other channels do not hold there, and it
says only whether a message was accepted. Prefer a channel of ours where there is one.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import threading
from typing import Any, Literal

from alerts.channels.base import OutgoingMessage, Receipt
from alerts.language import Language, english
from alerts.sms import sms_text
from alerts.wording import compose, fit, text_lines
from core.errors import ConfigError, TransientFailure

MOST_WAITING = 8  #: threads that may still wait for a service after we gave up on them
TEXT_LIMIT = 4_000

Form = Literal["full", "sms"]

logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # its lines may hold the URL, which holds the token


class Apprise:
    """Hands each message to one service."""

    def __init__(
        self, name: str, *, url: str, deadline_s: float, form: Form = "full", language: Language | None = None
    ) -> None:
        self.name, self._form, self._language = name, form, language or english()
        self._deadline_s = deadline_s
        self._service = _service(name, url, deadline_s)
        self._waiting = 0

    async def send(self, message: OutgoingMessage, /) -> Receipt:
        if self._waiting >= MOST_WAITING:
            raise TransientFailure(self.name, f"{MOST_WAITING} earlier messages still wait for the service")
        title, text = self._texts(message)
        try:
            async with asyncio.timeout(self._deadline_s):
                accepted = await self._in_thread(title, text)
        except TimeoutError as error:
            raise TransientFailure(self.name, f"no answer within {self._deadline_s:g} s") from error
        if not accepted:
            raise TransientFailure(self.name, "Apprise says that the service did not accept it")
        return Receipt(answer="accepted, says Apprise")

    async def aclose(self) -> None:
        """Nothing stays open between messages."""

    def _texts(self, message: OutgoingMessage) -> tuple[str, str]:
        if self._form == "sms":
            return "", sms_text(message.document, now=message.now, language=self._language)
        body = compose(message.document, now=message.now, language=self._language)
        limit = min(TEXT_LIMIT, int(self._service.body_maxlen))
        first, *rest = [defused(line) for line in text_lines(body)]
        if not self._service.title_maxlen:
            return "", fit([first, *rest], f"[{body.id}]", limit, body.cut)
        while rest and not rest[0]:
            del rest[0]
        return first, fit(rest or [""], f"[{body.id}]", limit, body.cut)

    async def _in_thread(self, title: str, text: str) -> bool:
        """What Apprise says. The thread is a daemon's: a service that drips for ever keeps no process alive."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[bool] = loop.create_future()

        def tell(accepted: bool) -> None:
            if not done.done():
                done.set_result(accepted)

        def run() -> None:
            try:
                accepted = bool(self._service.notify(body=text, title=title or None))
            except Exception:  # noqa: BLE001 - the edge of a plugin: whatever it raises may quote its URL
                accepted = False
            finally:
                self._waiting -= 1
            try:
                loop.call_soon_threadsafe(tell, accepted)
            except RuntimeError:
                return  # the loop is closed: nobody waits any more

        self._waiting += 1
        threading.Thread(target=run, name=f"apprise-{self.name}", daemon=True).start()
        return await done


def defused(line: str) -> str:
    """A line that no service behind the bridge reads as a mention, a link of its own or a tag."""
    line = line.replace("<", "‹").replace(">", "›").replace("`", "'")
    return line.replace("@", "@\u200b").replace("](", "]\u200b(")


def _service(name: str, url: str, deadline_s: float) -> Any:
    """Apprise's object for the URL. Raises ConfigError where it is not installed or knows no such service."""
    try:
        library = importlib.import_module("apprise")
    except ImportError:
        raise ConfigError(
            "needs Apprise, which is not installed: pip install 'basewatch[apprise]'", key=f"channels.{name}"
        ) from None
    service = library.Apprise.instantiate(url, suppress_exceptions=True)
    if service is None:
        raise ConfigError("is no URL that Apprise knows: see https://appriseit.com", key=f"channels.{name}.url")
    service.socket_connect_timeout = service.socket_read_timeout = deadline_s
    return service
