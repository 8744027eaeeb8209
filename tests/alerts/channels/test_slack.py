"""Slack's incoming webhook, and the chats that speak its dialect."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from alerts.channels.base import OutgoingMessage
from alerts.channels.slack import Slack
from alerts.channels.slack import payload as payload_of
from alerts.dial import Guard
from alerts.http import HttpSender
from alerts.rendering import SLACK_TEXT_LIMIT
from alerts.wording import compose
from core.errors import ChannelGone, PermanentFailure, TransientFailure
from tests.alerts.channels.messages import LONG, PAYLOADS, document, evidence, hostile, message, source, system
from tests.fakes.server import Behaviour, ScriptedServer, cut, endless, reply


def payload(message: OutgoingMessage) -> dict[str, Any]:
    return payload_of(compose(message.document, now=message.now))


@pytest.fixture
def server() -> Any:
    with ScriptedServer() as running:
        yield running


def send(server: ScriptedServer, answer: Behaviour, **options: Any) -> dict[str, Any]:
    """The JSON that the chat received; raises what the channel raises."""
    server.route("/services/T0/B0/x", answer)

    async def run() -> None:
        sender = HttpSender(Guard([server.netloc]), deadline_s=5)
        channel = Slack("desk", url=server.url("/services/T0/B0/x"), sender=sender, **options)
        try:
            await channel.send(message())
        finally:
            await channel.aclose()

    asyncio.run(run())
    sent: dict[str, Any] = json.loads(server.requests_to("/services/T0/B0/x")[-1].body)
    return sent


@pytest.mark.parametrize("answer", ["ok", " ok\n", '{"ok":true}', '{"success":true}'])
def test_the_word_ok_is_acceptance(server: ScriptedServer, answer: str) -> None:
    assert send(server, reply(200, answer))["blocks"]


@pytest.mark.parametrize(
    ("status", "answer", "failure"),
    [
        (200, "invalid_token", ChannelGone),
        (200, '{"ok":false,"error":"token_revoked"}', ChannelGone),
        (200, '{"ok":false,"error":"channel_not_found"}', ChannelGone),
        (400, "invalid_token", ChannelGone),
        (403, "action_prohibited", ChannelGone),
        (404, "no_service", ChannelGone),
        (410, "channel_is_archived", ChannelGone),
        (400, "invalid_payload", PermanentFailure),
        (400, "something_new", PermanentFailure),
        (200, '{"ok":false,"error":"msg_too_long"}', PermanentFailure),
        (200, '{"ok":false,"error":"something_new"}', TransientFailure),
        (200, '{"ok":false,"error":7}', TransientFailure),
        (200, "<html>Sign in to the hotel's network</html>", TransientFailure),
        (200, "", TransientFailure),
        (200, "{", TransientFailure),
        (200, "{" * 60_000, TransientFailure),
        (500, "rollup_error", TransientFailure),
    ],
)
def test_an_answer_is_read_and_not_only_its_status(
    server: ScriptedServer, status: int, answer: str, failure: type[Exception]
) -> None:
    with pytest.raises(failure) as caught:
        send(server, reply(status, answer))
    assert type(caught.value) is failure
    assert "hotel" not in str(caught.value)


@pytest.mark.parametrize("answer", [cut(b"ok" * 10, 2), endless(b"ok" * 4_000)])
def test_an_ok_that_is_only_the_beginning_is_no_acceptance(server: ScriptedServer, answer: Behaviour) -> None:
    with pytest.raises(TransientFailure):
        send(server, answer)


def test_the_message_reads_well_with_and_without_blocks(server: ScriptedServer) -> None:
    sent = send(server, reply(200, "ok"), username="Basewatch")
    first = "S3 CONFIRMED Erbil air base: 1 drone shot down, 0 hurt - CTG - 21:07 (6 min ago)"
    assert sent["text"].startswith(first + "\n")
    assert sent["blocks"][0] == {"type": "header", "text": {"type": "plain_text", "text": first, "emoji": False}}
    assert sent["username"] == "Basewatch"
    assert sent["mrkdwn"] is sent["unfurl_links"] is sent["unfurl_media"] is False
    shown = json.dumps(sent["blocks"], ensure_ascii=False)
    for words in (
        "Casualties: US: 0 hurt",
        "تعرضت قاعدة حرير",
        "<https://www.shafaq.com/ar/1|www.shafaq.com>",
        "BW-42.1",
    ):
        assert words in shown


@pytest.mark.parametrize("text", [*PAYLOADS, *LONG])
def test_the_fallback_text_wakes_nobody_and_keeps_its_limit(text: str) -> None:
    for doc in (hostile(text), system(text)):
        shown = payload(message(doc))["text"]
        assert len(shown) <= SLACK_TEXT_LIMIT
        assert not set("<>") & set(shown)
        assert "](" not in shown
        assert not any(f"@{word}" in shown for word in ("everyone", "here", "channel", "all", "U024"))


def test_forty_sources_and_forty_quotes_stay_within_fifty_blocks() -> None:
    doc = document(
        evidence=tuple(evidence().model_copy(update={"outlet": str(n)}) for n in range(40)),
        sources=tuple(source(outlet=str(n), url=f"https://{n}.example/" + "x" * 500) for n in range(40)),
    )
    shown = payload(message(doc))
    assert len(shown["blocks"]) <= 50
    assert shown["blocks"][-1]["type"] == "context"
