"""An incoming webhook of Slack, or of a chat that takes the same message (Mattermost, Rocket.Chat).

The URL is itself the key. Incoming webhooks return no message id, so updates stand alone here.
"""

from __future__ import annotations

import json
from typing import Any

from alerts.channels.base import OutgoingMessage, Receipt
from alerts.http import HttpSender, Reply, quoted_answer, refusal
from alerts.rendering import SLACK_TEXT_LIMIT, slack_blocks, slack_escape
from alerts.wording import compose, fit, text_lines
from core.errors import ChannelGone, DeliveryError, PermanentFailure, TransientFailure

GONE = frozenset({401, 403, 404, 410})

# Slack's own words, https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks ("Handling errors") and
# the error tables of chat.postMessage. A word that is in neither set never pauses the channel.
_GONE_WORDS = frozenset(
    {
        "account_inactive",
        "action_prohibited",
        "channel_is_archived",
        "channel_not_found",
        "invalid_auth",
        "invalid_token",
        "is_archived",
        "no_active_hooks",
        "no_service",
        "no_service_id",
        "no_team",
        "not_authed",
        "team_disabled",
        "token_expired",
        "token_revoked",
        "user_not_found",
    }
)
_PERMANENT_WORDS = frozenset(
    {
        "invalid_attachments",
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_payload",
        "missing_text_or_fallback_or_attachments",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "too_many_attachments",
    }
)


class Slack:
    """Posts blocks, with a plain text beside them for notifications and for chats that read no blocks."""

    def __init__(self, name: str, *, url: str, sender: HttpSender, username: str | None = None) -> None:
        self.name = name
        self._url, self._sender, self._username = url, sender, username

    async def send(self, message: OutgoingMessage, /) -> Receipt:
        body = json.dumps(payload(message, self._username), ensure_ascii=False).encode("utf-8", "replace")
        headers = {"Content-Type": "application/json; charset=utf-8"}
        reply = await self._sender.post(self.name, self._url, body, headers)
        if (problem := _problem(self.name, reply, message)) is not None:
            raise problem
        return Receipt(answer=quoted_answer(reply, (self._url,)))

    async def aclose(self) -> None:
        await self._sender.aclose()


def payload(message: OutgoingMessage, username: str | None = None) -> dict[str, Any]:
    """The message as Slack takes it; every limit of its documentation holds."""
    body = compose(message.document, now=message.now)
    lines = [slack_escape(line) for line in text_lines(body)]
    shown: dict[str, Any] = {
        "text": fit(lines, slack_escape(f"[{body.id}]"), SLACK_TEXT_LIMIT),
        "mrkdwn": False,
        "blocks": slack_blocks(body),
        "unfurl_links": False,
        "unfurl_media": False,
    }
    if username:
        shown["username"] = username
    return shown


def _problem(channel: str, reply: Reply, message: OutgoingMessage) -> DeliveryError | None:
    """What the answer means: Slack says "ok" with 200, and some failures with 200 too."""
    word = _error_word(reply)
    if word in _GONE_WORDS:
        return ChannelGone(channel, f"answered {reply.status} {word}: make a new incoming webhook")
    if word in _PERMANENT_WORDS:
        return PermanentFailure(channel, f"answered {reply.status} {word}")
    if (problem := refusal(channel, reply, now=message.now, gone=GONE)) is not None:
        return problem
    if word == "ok":
        return None
    return TransientFailure(channel, f"answered {reply.status} without the word that means accepted")


def _error_word(reply: Reply) -> str:
    """ "ok", the error's name, or "" where the answer holds neither."""
    text = reply.text.strip() if reply.complete else ""
    if not text.startswith("{"):
        return text if len(text) <= 60 else ""
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    if answer.get("ok") is True or answer.get("success") is True:
        return "ok"
    error = answer.get("error")
    return error if isinstance(error, str) else ""
