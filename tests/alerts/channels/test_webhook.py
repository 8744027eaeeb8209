"""The webhook as its receivers see it: checked with the reference library of Standard Webhooks."""

from __future__ import annotations

import asyncio
import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook as Reference
from standardwebhooks import WebhookVerificationError

from alerts.channels.base import Receipt
from alerts.channels.webhook import Webhook, payload
from alerts.dial import Guard
from alerts.http import HttpSender
from core.errors import ChannelGone, PermanentFailure
from tests.alerts.channels.messages import LONG, PAYLOADS, document, hostile, message, system
from tests.fakes.server import RecordedRequest, ScriptedServer, reply

OLD, NEW, OTHER = ("whsec_" + base64.b64encode(byte * 32).decode() for byte in (b"o", b"n", b"x"))


@pytest.fixture
def server() -> Any:
    with ScriptedServer() as running:
        yield running


def send(server: ScriptedServer, *messages: Any, secrets: tuple[str, ...] = (NEW,)) -> list[Receipt]:
    async def run() -> list[Receipt]:
        sender = HttpSender(Guard([server.netloc]), deadline_s=5)
        channel = Webhook("ops", url=server.url("/hook"), secrets=secrets, sender=sender)
        try:
            return [await channel.send(one) for one in messages]
        finally:
            await channel.aclose()

    return asyncio.run(run())


def received(server: ScriptedServer) -> list[RecordedRequest]:
    return server.requests_to("/hook")


def now() -> datetime:
    return datetime.now(UTC)


@pytest.mark.parametrize("text", [*PAYLOADS, *LONG])
def test_the_reference_library_accepts_what_is_sent_whatever_the_headline(server: ScriptedServer, text: str) -> None:
    server.route("/hook", reply(204))
    send(server, message(hostile(text), now=now()))
    (request,) = received(server)
    body = Reference(NEW).verify(request.body, request.headers)
    assert body["type"] == "notice.new"
    assert body["data"]["incident"]["place"] == text.encode("utf-8", "replace").decode()


def test_either_secret_verifies_while_they_change_and_no_other(server: ScriptedServer) -> None:
    server.route("/hook", reply(200))
    send(server, message(now=now()), secrets=(NEW, OLD))
    (request,) = received(server)
    assert len(request.headers["webhook-signature"].split(" ")) == 2
    for secret in (OLD, NEW):
        Reference(secret).verify(request.body, request.headers)
    with pytest.raises(WebhookVerificationError):
        Reference(OTHER).verify(request.body, request.headers)


def test_a_replay_after_minutes_or_another_body_is_refused_by_receivers(server: ScriptedServer) -> None:
    server.route("/hook", reply(200))
    send(server, message(now=now() - timedelta(minutes=6)), message(now=now()))
    old, fresh = received(server)
    with pytest.raises(WebhookVerificationError, match="too old"):
        Reference(NEW).verify(old.body, old.headers)
    with pytest.raises(WebhookVerificationError):
        Reference(NEW).verify(fresh.body + b" ", fresh.headers)


def test_another_attempt_keeps_id_and_body_and_renews_the_timestamp(server: ScriptedServer) -> None:
    server.route("/hook", reply(200))
    send(server, message(now=now() - timedelta(seconds=30)), message(now=now(), attempt=2))
    first, second = received(server)
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == "msg_2pXq"
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) in (29, 30, 31)


def test_the_body_is_the_document_that_every_other_reader_gets() -> None:
    body = json.loads(payload(document()))
    assert set(body) == {"type", "timestamp", "data"}
    assert body["data"] == document().to_json()
    assert {"notice", "incident", "changes", "evidence", "sources"} <= set(body["data"])
    assert body["timestamp"] == "2024-04-21T18:13:00+00:00"
    assert json.loads(payload(system()))["type"] == "notice.system"


def test_arabic_travels_as_arabic(server: ScriptedServer) -> None:
    server.route("/hook", reply(200))
    send(server, message(now=now()))
    assert "تعرضت قاعدة حرير".encode() in received(server)[0].body


@pytest.mark.parametrize("status", [401, 403, 410])
def test_a_receiver_that_does_not_know_us_any_more_pauses_the_channel(server: ScriptedServer, status: int) -> None:
    server.route("/hook", reply(status))
    with pytest.raises(ChannelGone):
        send(server, message())


def test_an_address_that_is_not_found_does_not_pause_the_channel(server: ScriptedServer) -> None:
    server.route("/hook", reply(404))
    with pytest.raises(PermanentFailure):
        send(server, message())


def test_the_receivers_words_are_kept_without_the_secrets_they_echo(server: ScriptedServer) -> None:
    server.route("/hook", reply(200, f"thanks for\n{server.url('/hook')} {NEW}" + "x" * 500))
    (receipt,) = send(server, message())
    assert receipt.remote_ref is None
    assert receipt.answer.startswith("thanks for <secret> <secret>")
    assert len(receipt.answer) <= 200
