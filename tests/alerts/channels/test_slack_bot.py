"""Slack with a bot: threads, and failures that come with status 200."""

from __future__ import annotations

import json

import pytest

from alerts.channels.slack_bot import SlackBot
from alerts.http import HttpSender
from core.errors import ChannelGone, PermanentFailure, TransientFailure
from tests.alerts.channels.messages import message
from tests.alerts.channels.trying import attempt
from tests.fakes.server import reply


def channel(root: str, sender: HttpSender) -> SlackBot:
    return SlackBot("desk", url=f"{root}/api", token="xoxb-1", room="C0123", sender=sender)


OK = reply(200, '{"ok":true,"channel":"C0123","ts":"1713.42"}')


def test_an_update_stands_in_the_thread_of_the_first_message() -> None:
    first = attempt(channel, OK)
    assert first.requests[-1].path == "/api/chat.postMessage"
    assert first.requests[-1].headers["authorization"] == "Bearer xoxb-1"
    assert first.sent["channel"] == "C0123"
    assert "thread_ts" not in first.sent
    assert first.receipt.remote_ref == "1713.42"
    update = attempt(channel, reply(200, '{"ok":true,"ts":"9.9"}'), messages=(message(thread_ref="1713.42"),))
    assert (update.sent["thread_ts"], update.sent["reply_broadcast"]) == ("1713.42", True)
    assert update.receipt.remote_ref == "1713.42"


def test_where_the_first_message_was_deleted_the_update_stands_alone() -> None:
    tried = attempt(
        channel, reply(200, '{"ok":false,"error":"thread_not_found"}'), OK, messages=(message(thread_ref="1.1"),)
    )
    assert "thread_ts" in json.loads(tried.requests[0].body)
    assert "thread_ts" not in tried.sent
    assert tried.receipt.remote_ref == "1713.42"


@pytest.mark.parametrize(
    ("status", "answer", "failure"),
    [
        (200, '{"ok":false,"error":"invalid_auth"}', ChannelGone),
        (200, '{"ok":false,"error":"not_in_channel"}', ChannelGone),
        (200, '{"ok":false,"error":"channel_not_found"}', ChannelGone),
        (200, '{"ok":false,"error":"msg_too_long"}', PermanentFailure),
        (200, '{"ok":false,"error":"ratelimited"}', TransientFailure),
        (200, '{"ok":false,"error":"fatal_error"}', TransientFailure),
        (200, "ok", TransientFailure),
        (429, '{"ok":false,"error":"ratelimited"}', TransientFailure),
    ],
)
def test_what_an_answer_means(status: int, answer: str, failure: type[Exception]) -> None:
    with pytest.raises(failure) as caught:
        attempt(channel, reply(status, answer))
    assert type(caught.value) is failure
