"""Matrix: a transaction a message, threads, and HTML that Matrix allows."""

from __future__ import annotations

import json
import re

import pytest

from alerts.channels.matrix import Matrix
from alerts.channels.matrix import text as text_of
from alerts.http import HttpSender
from alerts.wording import compose
from core.errors import ChannelGone, PermanentFailure, TransientFailure
from tests.alerts.channels.messages import LONG, NOW, PAYLOADS, document, hostile, message, notice, system
from tests.alerts.channels.trying import attempt
from tests.fakes.server import reply


def channel(root: str, sender: HttpSender) -> Matrix:
    return Matrix("desk", url=root, token="syt_x", room="!r:x.example", sender=sender)


OK = reply(200, '{"event_id":"$first"}')


def test_the_same_message_goes_under_the_same_transaction() -> None:
    tried = attempt(channel, OK, messages=(message(), message(attempt=2)))
    assert [request.method for request in tried.requests] == ["PUT", "PUT"]
    path = "/_matrix/client/v3/rooms/%21r%3Ax.example/send/m.room.message/msg_2pXq"
    assert [request.path for request in tried.requests] == [path, path]
    assert tried.requests[0].headers["authorization"] == "Bearer syt_x"


def test_an_update_stands_in_the_thread_and_mentions_nobody() -> None:
    first = attempt(channel, OK)
    assert first.receipt.remote_ref == "$first"
    assert (first.sent["msgtype"], first.sent["m.mentions"]) == ("m.text", {})
    quiet = message(document(notice=notice(ring=False)), thread_ref="$first")
    update = attempt(channel, reply(200, '{"event_id":"$second"}'), messages=(quiet,))
    assert update.sent["msgtype"] == "m.notice"
    assert update.sent["m.relates_to"]["event_id"] == "$first"
    assert update.sent["m.relates_to"]["m.in_reply_to"] == {"event_id": "$first"}
    assert update.receipt.remote_ref == "$first"


@pytest.mark.parametrize("text", [*PAYLOADS, *LONG])
def test_nothing_from_outside_is_a_tag_and_an_event_holds_it(text: str) -> None:
    for doc in (hostile(text), system(text)):
        sent = text_of(compose(doc, now=NOW))
        assert len(json.dumps(sent, ensure_ascii=False).encode()) < 60_000
        tags = set(re.findall(r"<(/?\w+)", sent["formatted_body"]))
        assert tags <= {"p", "/p", "strong", "/strong", "blockquote", "/blockquote", "br", "a", "/a"}


def test_the_wait_that_a_homeserver_asks_for_is_kept() -> None:
    with pytest.raises(TransientFailure) as caught:
        attempt(channel, reply(429, '{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":2500}'))
    assert caught.value.retry_after_s == 2.5


@pytest.mark.parametrize(
    ("status", "answer", "failure"),
    [
        (401, '{"errcode":"M_UNKNOWN_TOKEN"}', ChannelGone),
        (403, '{"errcode":"M_FORBIDDEN"}', ChannelGone),
        (413, '{"errcode":"M_TOO_LARGE"}', PermanentFailure),
        (200, "{}", TransientFailure),
        (502, "<html>", TransientFailure),
    ],
)
def test_what_an_answer_means(status: int, answer: str, failure: type[Exception]) -> None:
    with pytest.raises(failure) as caught:
        attempt(channel, reply(status, answer))
    assert type(caught.value) is failure
