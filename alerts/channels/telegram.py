"""Telegram: a bot's message to a chat, group or channel; updates answer to the incident's first message.

https://core.telegram.org/bots/api#sendmessage: text of at most 4,096 characters after its marks are read, counted in
UTF-16 units; ``{"ok":false,"error_code":…,"description":…,"parameters":{"retry_after":…}}`` for failures; about one
message a second a chat, twenty a minute a group. The token stands in the URL, so the URL is a secret.
"""

from __future__ import annotations

from html import escape as html_escape

from alerts.channels.base import OutgoingMessage
from alerts.channels.posting import Json, Posting, Request, text_of
from alerts.http import HttpSender, Reply
from alerts.language import Language
from alerts.layout import Line, fitted, lines_of, utf16
from alerts.wording import Body
from core.errors import ChannelGone, DeliveryError

TEXT_LIMIT = 4_096

#: beginnings of descriptions after which nothing will arrive in this chat any more
_GONE = (
    "bad request: chat not found",
    "bad request: chat_id is empty",
    "bad request: chat_write_forbidden",
    "bad request: have no rights to send",
    "bad request: message thread not found",
    "bad request: need administrator rights",
    "bad request: not enough rights",
    "bad request: peer_id_invalid",
    "bad request: topic_closed",
    "bad request: user not found",
    "forbidden:",
    "not found",
    "unauthorized",
)


class Telegram(Posting):
    """Posts HTML of four tags, in which everything from outside is escaped."""

    def __init__(
        self,
        name: str,
        *,
        url: str,
        token: str,
        chat: str,
        sender: HttpSender,
        topic: int | None = None,
        language: Language | None = None,
    ) -> None:
        super().__init__(name, sender=sender, secrets=(token,), language=language)
        self._url, self._chat, self._topic = f"{url.rstrip('/')}/bot{token}/sendMessage", chat, topic

    def request(self, message: OutgoingMessage, body: Body, *, thread: str | None) -> Request:
        content: Json = {
            "chat_id": self._chat,
            "text": text(body),
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": True},
            "disable_notification": not message.document.notice.ring,
        }
        if self._topic is not None:
            content["message_thread_id"] = self._topic
        if thread and thread.isdecimal():
            content["reply_parameters"] = {"message_id": int(thread), "allow_sending_without_reply": True}
        return Request(url=self._url, payload=content)

    def judge(self, reply: Reply, answer: Json) -> DeliveryError | None:
        if answer.get("ok") is not False:
            return None
        inner = answer.get("parameters")
        if isinstance(inner, dict) and isinstance(inner.get("migrate_to_chat_id"), int):
            now_is = inner["migrate_to_chat_id"]
            return ChannelGone(self.name, f"the group has become a supergroup: set chat = {str(now_is)!r}")
        if text_of(answer, "description").lower().startswith(_GONE):
            return ChannelGone(self.name, f"answered {reply.status}: the bot's token or its right to post is gone")
        return None

    def is_accepted(self, reply: Reply, answer: Json) -> bool:
        return answer.get("ok") is True

    def reference(self, message: OutgoingMessage, answer: Json) -> str | None:
        result = answer.get("result")
        own = result.get("message_id") if isinstance(result, dict) else None
        return message.thread_ref or (str(own) if isinstance(own, int) else None)


def text(body: Body) -> str:
    """The message in Telegram's HTML; what is counted is what is shown."""
    first, last = f"<b>{escape(body.first_line)}</b>", f"[{escape(body.id)}]"
    room = TEXT_LIMIT - utf16(shown(body.first_line)) - utf16(last) - 4
    rest = fitted(
        list(lines_of(body)), render, cut_here=body.cut, room=room, size=lambda line: utf16(shown(line.plain))
    )
    return "\n\n".join(part for part in (first, rest, last) if part)


def shown(plain: str) -> str:
    """Plain text as it is shown: a zero-width space after ``@`` keeps a name from being a mention."""
    return plain.replace("@", "@\u200b")


def escape(plain: str) -> str:
    return html_escape(shown(plain), quote=False)


def render(line: Line) -> str:
    """The line in Telegram's HTML."""
    parts = []
    for span in line.spans:
        part = escape(span.text)
        if span.url:
            part = f'<a href="{html_escape(span.url)}">{part}</a>'
        parts.append(f"<b>{part}</b>" if span.bold else part)
    joined = "".join(parts)
    return f"<blockquote>{joined}</blockquote>" if line.quote else joined
