"""ntfy: bytes are counted, and only what rings makes a sound."""

from __future__ import annotations

import pytest

from alerts.channels.ntfy import MESSAGE_BYTES, Ntfy, priority
from alerts.channels.ntfy import text as text_of
from alerts.http import HttpSender
from alerts.wording import compose
from core.errors import ChannelGone, PermanentFailure, TransientFailure
from core.values import NoticeKind, Severity
from tests.alerts.channels.messages import LONG, NOW, PAYLOADS, document, hostile, incident, message, notice, system
from tests.alerts.channels.trying import attempt
from tests.fakes.server import reply


def channel(root: str, sender: HttpSender) -> Ntfy:
    return Ntfy("desk", url=f"{root}/push/topic-x", token="tk_1", sender=sender)


def test_the_topic_travels_in_the_message_and_the_link_is_one_tap_away() -> None:
    tried = attempt(channel, reply(200, '{"id":"a1","event":"message"}'))
    assert tried.requests[-1].path == "/push/"
    assert tried.requests[-1].headers["authorization"] == "Bearer tk_1"
    assert (tried.sent["topic"], tried.sent["click"]) == ("topic-x", "https://www.shafaq.com/ar/1")
    assert tried.sent["title"].startswith("S3 CONFIRMED Erbil air base")
    assert "markdown" not in tried.sent


def test_priority_follows_what_a_notice_may_do() -> None:
    assert priority(message()) == 4
    assert priority(message(document(incident=incident(severity=Severity.S4)))) == 5
    assert priority(message(document(notice=notice(ring=False)))) == 2
    assert priority(message(document(notice=notice(kind=NoticeKind.TEST)))) == 3


@pytest.mark.parametrize("text", [*PAYLOADS, *LONG])
def test_four_kilobytes_hold_in_every_script(text: str) -> None:
    for doc in (hostile(text), system(text)):
        assert len(text_of(compose(doc, now=NOW)).encode()) <= MESSAGE_BYTES


@pytest.mark.parametrize(
    ("status", "answer", "failure"),
    [
        (401, '{"code":40101,"http":401}', ChannelGone),
        (413, '{"code":41303}', PermanentFailure),
        (429, '{"code":42908}', TransientFailure),
        (200, "{}", TransientFailure),
    ],
)
def test_what_an_answer_means(status: int, answer: str, failure: type[Exception]) -> None:
    with pytest.raises(failure) as caught:
        attempt(channel, reply(status, answer))
    assert type(caught.value) is failure
