"""Discord: nobody is mentioned, limits in UTF-16, and a thread an incident in a forum."""

from __future__ import annotations

import re

import pytest

from alerts.channels.discord import DESCRIPTION_LIMIT, SUPPRESS_NOTIFICATIONS, Discord, payload
from alerts.http import HttpSender
from alerts.layout import utf16
from alerts.wording import compose
from core.errors import ChannelGone, PermanentFailure, TransientFailure
from tests.alerts.channels.messages import LONG, NOW, PAYLOADS, document, hostile, message, notice, system
from tests.alerts.channels.trying import attempt
from tests.fakes.server import reply


def channel(root: str, sender: HttpSender) -> Discord:
    return Discord("desk", url=f"{root}/api/webhooks/1/x", sender=sender)


def forum(root: str, sender: HttpSender) -> Discord:
    return Discord("desk", url=f"{root}/api/webhooks/1/x", sender=sender, forum=True)


OK = reply(200, '{"id":"7","channel_id":"99"}')


def test_the_message_wakes_nobody_by_its_text_and_says_everything() -> None:
    tried = attempt(channel, OK)
    assert tried.requests[-1].target.endswith("?wait=true")
    assert tried.sent["allowed_mentions"] == {"parse": []}
    assert tried.sent["content"].startswith("**S3 CONFIRMED Erbil air base")
    assert "[www.shafaq.com](<https://www.shafaq.com/ar/1>)" in tried.sent["embeds"][0]["description"]
    assert tried.sent["flags"] == 0
    assert tried.receipt.remote_ref is None


def test_what_does_not_ring_makes_no_sound() -> None:
    quiet = message(document(notice=notice(ring=False)))
    assert attempt(channel, OK, messages=(quiet,)).sent["flags"] == SUPPRESS_NOTIFICATIONS


def test_in_a_forum_each_incident_is_a_thread() -> None:
    first = attempt(forum, OK)
    assert len(first.sent["thread_name"]) <= 100
    assert first.receipt.remote_ref == "99"
    update = attempt(forum, OK, messages=(message(thread_ref="99"),))
    assert "thread_id=99" in update.requests[-1].target
    assert "thread_name" not in update.sent
    gone = reply(404, '{"code":10003,"message":"Unknown Channel"}')
    again = attempt(forum, gone, reply(200, '{"id":"8","channel_id":"100"}'), messages=(message(thread_ref="99"),))
    assert again.receipt.remote_ref == "100"


@pytest.mark.parametrize("text", [*PAYLOADS, *LONG])
def test_nothing_from_outside_is_read_as_a_mark(text: str) -> None:
    for doc in (hostile(text), system(text)):
        one = message(doc)
        sent = payload(one, compose(doc, now=NOW))
        shown = sent["content"] + sent["embeds"][0].get("description", "")
        assert utf16(sent["content"]) <= 2_000
        assert utf16(sent["embeds"][0].get("description", "")) <= DESCRIPTION_LIMIT
        assert not re.search(r"@\w", shown)
        for link in re.findall(r"(?<!\\)\]\(<([^>]*)>\)", shown):
            assert link.startswith(("https://www.shafaq.com/", "https://www.openstreetmap.org/"))
        assert not re.search(r"(?<![\\(])<[@!#t:]", shown)


@pytest.mark.parametrize(
    ("status", "answer", "failure"),
    [
        (404, '{"code":10015,"message":"Unknown Webhook"}', ChannelGone),
        (400, '{"code":220001,"message":"forum"}', ChannelGone),
        (401, '{"code":50027}', ChannelGone),
        (400, '{"code":50035,"message":"Invalid Form Body"}', PermanentFailure),
        (204, "", TransientFailure),
        (429, '{"retry_after":1.5,"global":false}', TransientFailure),
    ],
)
def test_what_an_answer_means(status: int, answer: str, failure: type[Exception]) -> None:
    with pytest.raises(failure) as caught:
        attempt(channel, reply(status, answer))
    assert type(caught.value) is failure


def test_the_wait_that_discord_asks_for_is_kept() -> None:
    with pytest.raises(TransientFailure) as caught:
        attempt(channel, reply(429, '{"retry_after":1.5,"global":false}'))
    assert caught.value.retry_after_s == 1.5
