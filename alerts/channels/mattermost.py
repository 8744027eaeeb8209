"""Mattermost: an incoming webhook, with Mattermost's own Markdown.

https://developers.mattermost.com/integrate/webhooks/incoming: accepted is the word "ok"; 16,383 characters a message;
``<!channel>`` and ``<url|text>`` are read in Slack's way before the Markdown is, so angle brackets from outside become
the marks ‹ and ›. A webhook returns no id, so updates stand alone.
"""

from __future__ import annotations

import re

from alerts.channels.base import OutgoingMessage
from alerts.channels.posting import Json, Posting, Request, text_of
from alerts.http import HttpSender, Reply
from alerts.language import Language
from alerts.layout import Line, fitted, lines_of
from alerts.wording import Body
from core.errors import ChannelGone, DeliveryError
from core.values import Severity

TEXT_LIMIT = 16_383

_MARKS = re.compile(r"([\\`*_{}\[\]()#+\-!~|])")
_GONE = (
    "web.incoming_webhook.invalid",
    "web.incoming_webhook.disabled",
    "web.incoming_webhook.permissions",
    "web.incoming_webhook.channel",
    "web.incoming_webhook.channel_locked",
    "web.incoming_webhook.user",
)


class Mattermost(Posting):
    """Posts one text; a ringing notice carries the priority "important" or "urgent"."""

    def __init__(
        self, name: str, *, url: str, sender: HttpSender, username: str | None = None, language: Language | None = None
    ) -> None:
        super().__init__(name, sender=sender, secrets=(url,), language=language)
        self._url, self._username = url, username

    def request(self, message: OutgoingMessage, body: Body, *, thread: str | None) -> Request:
        content: Json = {"text": text(body)}
        incident = message.document.incident
        if message.document.notice.ring:
            urgent = incident is not None and incident.severity is Severity.S4
            content["priority"] = {"priority": "urgent" if urgent else "important"}
        if self._username:
            content["username"] = self._username
        return Request(url=self._url, payload=content)

    def judge(self, reply: Reply, answer: Json) -> DeliveryError | None:
        if reply.status >= 400 and text_of(answer, "id").startswith(_GONE):
            return ChannelGone(self.name, f"answered {reply.status}: make a new incoming webhook, or allow them again")
        return None

    def is_accepted(self, reply: Reply, answer: Json) -> bool:
        return reply.complete and reply.text.strip() == "ok"


def text(body: Body) -> str:
    """The message in Mattermost's Markdown, at most 16,383 characters."""
    first, last = f"**{escape(body.first_line)}**", escape(f"[{body.id}]")
    rest = fitted(list(lines_of(body)), render, cut_here=body.cut, room=TEXT_LIMIT - len(first) - len(last) - 4)
    return "\n\n".join(part for part in (first, rest, last) if part)


def escape(plain: str) -> str:
    """Text that is shown as it is, and mentions nobody."""
    plain = plain.replace("<", "‹").replace(">", "›")
    return _MARKS.sub(r"\\\1", plain).replace("@", "@\u200b").replace(":/", ":\u200b/")


def render(line: Line) -> str:
    """The line in Mattermost's Markdown; two spaces at its end make a line break."""
    parts = []
    for span in line.spans:
        part = escape(span.text)
        if span.url:
            part = f"[{part}]({span.url.replace('(', '%28').replace(')', '%29')})"
        parts.append(f"**{part.strip()}** " if span.bold and part.strip() else part)
    return ("> " if line.quote else "") + "".join(parts)
