"""Mattermost: its Markdown, and Slack-like marks that it reads before."""

from __future__ import annotations

import re

import pytest

from alerts.channels.mattermost import TEXT_LIMIT, Mattermost
from alerts.channels.mattermost import text as text_of
from alerts.http import HttpSender
from alerts.wording import compose
from core.errors import ChannelGone, PermanentFailure, TransientFailure
from tests.alerts.channels.messages import LONG, NOW, PAYLOADS, hostile, system
from tests.alerts.channels.trying import attempt
from tests.fakes.server import reply


def channel(root: str, sender: HttpSender) -> Mattermost:
    return Mattermost("desk", url=f"{root}/hooks/x", sender=sender, username="Basewatch")


def test_a_ringing_notice_is_important() -> None:
    sent = attempt(channel, reply(200, "ok")).sent
    assert sent["priority"] == {"priority": "important"}
    assert sent["username"] == "Basewatch"
    assert "[www.shafaq.com](https://www.shafaq.com/ar/1)" in sent["text"]


@pytest.mark.parametrize("text", [*PAYLOADS, *LONG])
def test_nothing_from_outside_is_read_as_a_mark(text: str) -> None:
    for doc in (hostile(text), system(text)):
        shown = text_of(compose(doc, now=NOW))
        assert len(shown) <= TEXT_LIMIT
        assert not re.search(r"@\w", shown)
        assert "<" not in shown
        for link in re.findall(r"(?<!\\)\]\(([^)]*)\)", shown):
            assert link.startswith(("https://www.shafaq.com/", "https://www.openstreetmap.org/"))


@pytest.mark.parametrize(
    ("status", "answer", "failure"),
    [
        (400, '{"id":"web.incoming_webhook.invalid.app_error","status_code":400}', ChannelGone),
        (501, '{"id":"web.incoming_webhook.disabled.app_error"}', ChannelGone),
        (404, "", ChannelGone),
        (400, '{"id":"api.other"}', PermanentFailure),
        (500, "", TransientFailure),
    ],
)
def test_what_an_answer_means(status: int, answer: str, failure: type[Exception]) -> None:
    with pytest.raises(failure) as caught:
        attempt(channel, reply(status, answer))
    assert type(caught.value) is failure
