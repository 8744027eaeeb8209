"""An incoming webhook of Slack, or of a chat that takes the same message (Mattermost, Rocket.Chat).

The URL is itself the key. Incoming webhooks return no message id, so updates stand alone here.
"""

from __future__ import annotations

from alerts.channels.base import OutgoingMessage
from alerts.channels.posting import Json, Posting, Request, text_of
from alerts.http import HttpSender, Reply
from alerts.language import Language
from alerts.rendering import SLACK_TEXT_LIMIT, slack_blocks, slack_escape
from alerts.wording import Body, fit, text_lines
from core.errors import ChannelGone, DeliveryError, PermanentFailure

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
        "missing_scope",
        "not_allowed_token_type",
        "not_authed",
        "not_in_channel",
        "org_login_required",
        "restricted_action",
        "restricted_action_read_only_channel",
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
        "invalid_arguments",
        "missing_text_or_fallback_or_attachments",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "too_many_attachments",
    }
)


class Slack(Posting):
    """Posts blocks, with a plain text beside them for notifications and for chats that read no blocks."""

    def __init__(
        self, name: str, *, url: str, sender: HttpSender, username: str | None = None, language: Language | None = None
    ) -> None:
        super().__init__(name, sender=sender, secrets=(url,), language=language)
        self._url, self._username = url, username

    def request(self, message: OutgoingMessage, body: Body, *, thread: str | None) -> Request:
        named = {"username": self._username} if self._username else {}
        return Request(url=self._url, payload=payload(body) | named)

    def judge(self, reply: Reply, answer: Json) -> DeliveryError | None:
        return judged(self.name, reply, error_word(reply, answer), "make a new incoming webhook")

    def is_accepted(self, reply: Reply, answer: Json) -> bool:
        return error_word(reply, answer) == "ok"


def payload(body: Body) -> Json:
    """The message as Slack takes it; every limit of its documentation holds."""
    lines = [slack_escape(line) for line in text_lines(body)]
    return {
        "text": fit(lines, slack_escape(f"[{body.id}]"), SLACK_TEXT_LIMIT, slack_escape(body.cut)),
        "mrkdwn": False,
        "blocks": slack_blocks(body),
        "unfurl_links": False,
        "unfurl_media": False,
    }


def judged(channel: str, reply: Reply, word: str, todo: str) -> DeliveryError | None:
    """What Slack's word means, whatever the status that it came with; None where it says nothing."""
    if word in _GONE_WORDS:
        return ChannelGone(channel, f"answered {reply.status} {word}: {todo}")
    if word in _PERMANENT_WORDS:
        return PermanentFailure(channel, f"answered {reply.status} {word}")
    return None


def error_word(reply: Reply, answer: Json) -> str:
    """ "ok", the error's name, or "" where the answer holds neither."""
    if answer.get("ok") is True or answer.get("success") is True:
        return "ok"
    if answer:
        return text_of(answer, "error")
    text = reply.text.strip() if reply.complete else ""
    return text if len(text) <= 60 and not text.startswith("{") else ""
