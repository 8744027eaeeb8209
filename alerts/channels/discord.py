"""Discord: a webhook of a text channel, or of a forum, where each incident is a thread.

https://docs.discord.com/developers/resources/webhook#execute-webhook: ``wait=true`` makes it answer with the message;
content 2,000 characters, an embed's description 4,096, all of a message's embeds 6,000. ``allowed_mentions`` with an
empty ``parse`` wakes nobody, whatever the text says. Webhooks cannot reply, so in a text channel updates stand alone;
in a forum the first message opens a thread (``thread_name``) whose id is the answer's ``channel_id``.
"""

from __future__ import annotations

import re

from alerts.channels.base import OutgoingMessage
from alerts.channels.posting import Json, Posting, Request, answer_of, text_of
from alerts.http import HttpSender, Reply
from alerts.language import Language
from alerts.layout import Line, fitted, lines_of, utf16
from alerts.wording import Body
from core.errors import ChannelGone, DeliveryError, PermanentFailure
from core.text import cut
from core.values import Severity

DESCRIPTION_LIMIT = 4_000  #: of 4,096; with content and footer below 6,000
THREAD_NAME_LIMIT = 100
SUPPRESS_NOTIFICATIONS = 1 << 12

_COLOURS = {Severity.S4: 0x8B0000, Severity.S3: 0xD93025, Severity.S2: 0xF29900, Severity.S1: 0x5F6368}
_MARKS = re.compile(r"([\\*_~`|<>#\[\]():\-])")

# JSON error codes, https://docs.discord.com/developers/topics/opcodes-and-status-codes#json
_GONE = frozenset({10015, 50027})  #: unknown webhook, invalid webhook token
_LOST_THREAD = frozenset({10003, 10008, 50083})  #: unknown channel or message, archived thread
_FORUM = {220001: "is a forum's: set forum = true", 220003: "is no forum's: set forum = false"}


class Discord(Posting):
    """Posts the first line, which notifications show, and the rest in an embed."""

    def __init__(
        self,
        name: str,
        *,
        url: str,
        sender: HttpSender,
        forum: bool = False,
        username: str | None = None,
        language: Language | None = None,
    ) -> None:
        super().__init__(name, sender=sender, secrets=(url,), language=language)
        self._url, self._forum, self._username = url, forum, username

    def request(self, message: OutgoingMessage, body: Body, *, thread: str | None) -> Request:
        content = payload(message, body)
        url = f"{self._url}{'&' if '?' in self._url else '?'}wait=true"
        if self._username:
            content["username"] = self._username
        if self._forum and thread and thread.isdecimal():
            url += f"&thread_id={thread}"
        elif self._forum:
            content["thread_name"] = cut(body.first_line, THREAD_NAME_LIMIT)
        return Request(url=url, payload=content)

    def judge(self, reply: Reply, answer: Json) -> DeliveryError | None:
        code = answer.get("code")
        if reply.status < 400 or not isinstance(code, int):
            return None
        if code in _GONE:
            return ChannelGone(self.name, f"answered {reply.status} {code}: make a new webhook")
        if code in _FORUM:
            return ChannelGone(self.name, f"answered {reply.status} {code}: this webhook {_FORUM[code]}")
        if code in _LOST_THREAD and self._forum:
            return PermanentFailure(self.name, f"answered {reply.status} {code}: the incident's thread is gone")
        return None

    def is_accepted(self, reply: Reply, answer: Json) -> bool:
        return text_of(answer, "id") != ""

    def reference(self, message: OutgoingMessage, answer: Json) -> str | None:
        return (message.thread_ref or text_of(answer, "channel_id") or None) if self._forum else None

    def lost_thread(self, reply: Reply) -> bool:
        return self._forum and answer_of(reply).get("code") in _LOST_THREAD


def payload(message: OutgoingMessage, body: Body) -> Json:
    """The message within Discord's limits, counted in UTF-16 units."""
    notice, incident = message.document.notice, message.document.incident
    embed: Json = {"footer": {"text": body.id}}
    text = fitted(
        list(lines_of(body)), render, cut_here=body.cut, room=DESCRIPTION_LIMIT, size=lambda line: utf16(render(line))
    )
    if text:
        embed["description"] = text
    if incident is not None:
        embed["color"] = _COLOURS[incident.severity]
    return {
        "content": f"**{escape(body.first_line)}**",
        "embeds": [embed],
        "allowed_mentions": {"parse": []},
        "flags": 0 if notice.ring else SUPPRESS_NOTIFICATIONS,
    }


def escape(text: str) -> str:
    """Text that Discord shows as it is: its marks behind backslashes, and a zero-width space after ``@``."""
    return _MARKS.sub(r"\\\1", text).replace("@", "@\u200b")


def render(line: Line) -> str:
    """The line in Discord's Markdown."""
    parts = []
    for span in line.spans:
        text = escape(span.text)
        if span.url:
            # The URL is percent-encoded; a bracket in it would end the link early.
            text = f"[{text}](<{span.url.replace('(', '%28').replace(')', '%29')}>)"
        parts.append(f"**{text.strip()}** " if span.bold and text.strip() else text)
    return ("> " if line.quote else "") + "".join(parts)
