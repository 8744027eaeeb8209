"""Telegram: escaped HTML within 4,096 UTF-16 units, and answers to the first message."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from alerts.channels.telegram import TEXT_LIMIT, Telegram
from alerts.channels.telegram import text as text_of
from alerts.http import HttpSender
from alerts.layout import utf16
from alerts.wording import compose
from core.errors import ChannelGone, PermanentFailure, TransientFailure
from tests.alerts.channels.messages import LONG, NOW, PAYLOADS, hostile, message, system
from tests.alerts.channels.trying import attempt
from tests.fakes.server import reply


def channel(root: str, sender: HttpSender) -> Telegram:
    return Telegram("desk", url=root, token="1:x", chat="-1001", sender=sender, topic=5)


OK = reply(200, '{"ok":true,"result":{"message_id":41}}')


def test_an_update_answers_to_the_first_message() -> None:
    first = attempt(channel, OK)
    assert first.requests[-1].path == "/bot1:x/sendMessage"
    assert (first.sent["chat_id"], first.sent["message_thread_id"]) == ("-1001", 5)
    assert first.sent["disable_notification"] is False
    assert first.sent["link_preview_options"] == {"is_disabled": True}
    assert first.receipt.remote_ref == "41"
    update = attempt(channel, OK, messages=(message(thread_ref="41"),))
    assert update.sent["reply_parameters"] == {"message_id": 41, "allow_sending_without_reply": True}
    assert update.receipt.remote_ref == "41"


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.shown = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.shown += data


@pytest.mark.parametrize("text", [*PAYLOADS, *LONG])
def test_nothing_from_outside_is_a_tag_or_a_mention(text: str) -> None:
    for doc in (hostile(text), system(text)):
        page = Tags(text_of(compose(doc, now=NOW)))
        assert utf16(page.shown) <= TEXT_LIMIT
        assert {tag for tag, _ in page.tags} <= {"b", "a", "blockquote"}
        for _, attributes in page.tags:
            assert set(attributes) <= {"href"}
        assert not re.search(r"@\w", page.shown)


def test_a_group_that_moved_says_where() -> None:
    moved = '{"ok":false,"error_code":400,"description":"Bad Request: x","parameters":{"migrate_to_chat_id":-1009}}'
    with pytest.raises(ChannelGone, match="set chat = '-1009'"):
        attempt(channel, reply(400, moved))


def test_the_wait_that_telegram_asks_for_is_kept() -> None:
    busy = '{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":17}}'
    with pytest.raises(TransientFailure) as caught:
        attempt(channel, reply(429, busy))
    assert caught.value.retry_after_s == 17


@pytest.mark.parametrize(
    ("status", "answer", "failure"),
    [
        (400, '{"ok":false,"description":"Bad Request: chat not found"}', ChannelGone),
        (403, '{"ok":false,"description":"Forbidden: bot was kicked"}', ChannelGone),
        (401, '{"ok":false,"description":"Unauthorized"}', ChannelGone),
        (400, '{"ok":false,"description":"Bad Request: message is too long"}', PermanentFailure),
        (200, '{"ok":false,"description":"odd"}', TransientFailure),
    ],
)
def test_what_an_answer_means(status: int, answer: str, failure: type[Exception]) -> None:
    with pytest.raises(failure) as caught:
        attempt(channel, reply(status, answer))
    assert type(caught.value) is failure
