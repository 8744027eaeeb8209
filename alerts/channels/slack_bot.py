"""Slack with a bot's token: ``chat.postMessage``, updates in the thread of the incident's first message.

https://docs.slack.dev/reference/methods/chat.postMessage: answers come with status 200 and ``{"ok":false,"error":…}``;
``ts`` is the message's id, which ``thread_ts`` answers to. About one message a second a channel; 429 says when.
"""

from __future__ import annotations

from alerts.channels.base import OutgoingMessage
from alerts.channels.posting import Json, Posting, Request, answer_of, text_of
from alerts.channels.slack import error_word, judged, payload
from alerts.http import HttpSender, Reply
from alerts.language import Language
from alerts.wording import Body
from core.errors import DeliveryError

#: the message to answer to was deleted, or is none of this channel
_LOST = frozenset({"thread_not_found", "invalid_thread_ts", "message_not_found", "cannot_reply_to_message"})


class SlackBot(Posting):
    """Posts as a bot into one channel."""

    def __init__(
        self, name: str, *, url: str, token: str, room: str, sender: HttpSender, language: Language | None = None
    ) -> None:
        super().__init__(name, sender=sender, secrets=(token,), language=language)
        self._url, self._token, self._room = f"{url.rstrip('/')}/chat.postMessage", token, room

    def request(self, message: OutgoingMessage, body: Body, *, thread: str | None) -> Request:
        content: Json = {"channel": self._room, **payload(body)}
        if thread:
            content["thread_ts"] = thread
            content["reply_broadcast"] = message.document.notice.ring  # what may wake people stands in the channel, too
        return Request(url=self._url, payload=content, headers={"Authorization": f"Bearer {self._token}"})

    def judge(self, reply: Reply, answer: Json) -> DeliveryError | None:
        todo = "look at the bot's token and scopes, and invite it to the channel"
        return judged(self.name, reply, error_word(reply, answer), todo)

    def is_accepted(self, reply: Reply, answer: Json) -> bool:
        return answer.get("ok") is True

    def reference(self, message: OutgoingMessage, answer: Json) -> str | None:
        return message.thread_ref or text_of(answer, "ts") or None

    def lost_thread(self, reply: Reply) -> bool:
        return text_of(answer_of(reply), "error") in _LOST
