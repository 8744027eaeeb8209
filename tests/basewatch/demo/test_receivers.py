"""The demo's receivers accept what the real channels send, and refuse what a stranger should not take."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook as ReferenceWebhook

from alerts.channels import Channel, OutgoingMessage, build_channels
from basewatch.demo.certificate import make_identity
from basewatch.demo.loopback import HOST, LoopbackServer, Request
from basewatch.demo.mailbox import DESK, MailServer, read_mail
from basewatch.demo.receivers import Arrival, ChatReceiver, WebhookReceiver, check_chat_payload, check_signature
from config.channels import EmailSettings, SlackSettings, WebhookSettings
from config.settings import Settings
from core.clock import utc_now
from core.documents import IncidentPart, NoticeDocument, NoticePart, SourcePart
from core.errors import ChannelGone, TransientFailure
from core.values import NoticeKind, Severity, Status, Weapon

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def document(number: int = 1, kind: NoticeKind = NoticeKind.NEW) -> NoticeDocument:
    seen = utc_now() - timedelta(minutes=6)
    return NoticeDocument(
        notice=NoticePart(
            id=f"BW-1.{number}", number=number, kind=kind, reason="new-incident", ring=True, created_at=seen
        ),
        incident=IncidentPart(
            id="BW-1",
            status=Status.REPORTED,
            severity=Severity.S3,
            base="erbil-airbase",
            base_name="Erbil Air Base",
            weapons=(Weapon.DRONE,),
            first_seen_at=seen,
        ),
        sources=(
            SourcePart(
                outlet="demo-wadi",
                outlet_name="Wadi Press",
                lang="ar",
                title="مسيّرة مفخخة تصيب القاعدة <@U1> [BW-9.9]",
                url="http://127.0.0.1:1/1",
                first_seen_at=seen,
            ),
        ),
    )


def message(number: int = 1, kind: NoticeKind = NoticeKind.NEW, thread_ref: str | None = None) -> OutgoingMessage:
    return OutgoingMessage(id=f"msg_{number}", document=document(number, kind), thread_ref=thread_ref, now=utc_now())


def channel(settings: dict[str, object], kind: type, *, hosts: Sequence[str] = ()) -> Channel:
    made = Settings(channels={"one": kind(**settings)}, delivery={"allow_hosts": tuple(hosts)})
    return build_channels(made)["one"]


# ---- the webhook ----------------------------------------------------------------------------------------------------


def signed(body: bytes, *, secret: str = SECRET, at: datetime = NOW) -> dict[str, str]:
    """Headers by the reference library."""
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": ReferenceWebhook(secret).sign("msg_1", at, body.decode()),
    }


def test_a_signature_of_the_reference_library_fits() -> None:
    assert check_signature(SECRET, signed(b"{}"), b"{}", now=NOW) is None


def test_one_of_two_signatures_is_enough_as_while_a_secret_is_changed() -> None:
    headers = signed(b"{}")
    headers["webhook-signature"] = "v1,AAAA v2,xyz " + headers["webhook-signature"]
    assert check_signature(SECRET, headers, b"{}", now=NOW) is None


@pytest.mark.parametrize(
    ("change", "body", "at"),
    [
        ({}, b"{ }", NOW),
        ({"webhook-id": "msg_2"}, b"{}", NOW),
        ({"webhook-id": ""}, b"{}", NOW),
        ({"webhook-timestamp": "soon"}, b"{}", NOW),
        ({"webhook-signature": ""}, b"{}", NOW),
        ({"webhook-signature": "v1,not-base64!"}, b"{}", NOW),
        ({}, b"{}", NOW + timedelta(minutes=6)),
        ({}, b"{}", NOW - timedelta(minutes=6)),
    ],
)
def test_what_was_changed_or_is_old_does_not_fit(change: dict[str, str], body: bytes, at: datetime) -> None:
    assert check_signature(SECRET, signed(b"{}") | change, body, now=at) is not None


def test_a_signature_under_another_secret_does_not_fit() -> None:
    other = "whsec_" + "A" * 32
    assert check_signature(SECRET, signed(b"{}", secret=other), b"{}", now=NOW) == "no signature fits"


def test_the_webhook_channel_meets_a_restart_first_and_is_accepted_under_the_same_id() -> None:
    arrivals: list[Arrival] = []

    async def scene() -> None:
        receiver = WebhookReceiver(arrivals.append)
        async with LoopbackServer(receiver.handle) as server:
            settings = {"url": f"{server.url}/hook", "secrets": [receiver.secret]}
            webhook = channel(settings, WebhookSettings, hosts=[server.host])
            with pytest.raises(TransientFailure) as failure:
                await webhook.send(message())
            assert failure.value.retry_after_s == 1
            await webhook.send(message())
            await webhook.send(message(2))
            await webhook.aclose()

    asyncio.run(scene())
    assert [(a.accepted, a.planned, a.notice_id, a.message_id) for a in arrivals] == [
        (False, True, "BW-1.1", "msg_1"),
        (True, False, "BW-1.1", "msg_1"),
        (True, False, "BW-1.2", "msg_2"),
    ]
    assert [a.document.notice.id for a in arrivals if a.document] == ["BW-1.1", "BW-1.1", "BW-1.2"]


def test_a_body_that_is_no_notice_is_refused_though_it_is_signed() -> None:
    arrivals: list[Arrival] = []
    receiver = WebhookReceiver(arrivals.append)
    for body in (b"{}", b"[]", b"nonsense", json.dumps({"type": "notice.new", "data": {}}).encode()):
        headers = signed(body, secret=receiver.secret, at=utc_now())
        response = receiver.handle(Request(method="POST", path="/hook", headers=headers, body=body))
        assert response.status == 400
    assert not any(arrival.accepted or arrival.planned for arrival in arrivals)


# ---- the chat -------------------------------------------------------------------------------------------------------


def test_the_slack_channel_is_accepted_and_its_notice_is_known_by_its_id_not_by_a_headline() -> None:
    arrivals: list[Arrival] = []

    async def scene() -> None:
        receiver = ChatReceiver(arrivals.append)
        async with LoopbackServer(receiver.handle) as server:
            slack = channel({"url": server.url + receiver.path}, SlackSettings, hosts=[server.host])
            await slack.send(message())
            await slack.aclose()
            gone = channel({"url": server.url + "/services/other"}, SlackSettings, hosts=[server.host])
            with pytest.raises(ChannelGone):
                await gone.send(message())
            await gone.aclose()

    asyncio.run(scene())
    assert [(a.accepted, a.notice_id) for a in arrivals] == [(True, "BW-1.1")]
    assert arrivals[0].headline.startswith("S3 REPORTED")
    assert "مسيّرة مفخخة" in arrivals[0].text or "Wadi Press" in arrivals[0].text


@pytest.mark.parametrize(
    ("payload", "word"),
    [
        (None, "invalid_payload"),
        ({"text": " "}, "no_text"),
        ({"text": "a", "blocks": [{}] * 51}, "invalid_blocks"),
        ({"text": "a", "blocks": [{"type": "section", "text": {"text": "x" * 3001}}]}, "invalid_blocks"),
        ({"text": "a", "blocks": ["b"]}, "invalid_blocks"),
    ],
)
def test_a_payload_that_slack_would_refuse_is_refused_in_its_words(payload: object, word: str) -> None:
    assert check_chat_payload(payload) == word


# ---- the mail -------------------------------------------------------------------------------------------------------


def mail_settings(port: int, password: str, ca_file: Path) -> dict[str, object]:
    return {
        "host": HOST,
        "port": port,
        "username": "basewatch",
        "password": password,
        "from": "basewatch@demo.invalid",
        "to": [DESK],
        "ca_file": ca_file,
    }


def test_the_mail_channel_logs_in_over_tls_and_an_update_answers_the_first_mail(tmp_path: Path) -> None:
    arrivals: list[Arrival] = []

    async def scene() -> None:
        identity = make_identity(tmp_path, HOST)
        async with MailServer(arrivals.append, identity.server) as server:
            mail = channel(mail_settings(server.port, server.password, identity.ca_file), EmailSettings)
            receipt = await mail.send(message())
            await mail.send(message(2, NoticeKind.UPDATE, receipt.remote_ref))

    asyncio.run(scene())
    assert [(a.accepted, a.problem, a.notice_id) for a in arrivals] == [(True, None, "BW-1.1"), (True, None, "BW-1.2")]
    assert arrivals[1].answers == arrivals[0].message_id
    assert arrivals[0].answers is None
    assert arrivals[0].text.startswith(arrivals[0].headline)


def test_a_mail_server_that_the_daemon_does_not_trust_gets_nothing(tmp_path: Path) -> None:
    arrivals: list[Arrival] = []
    (tmp_path / "other").mkdir()

    async def scene() -> None:
        identity, other = make_identity(tmp_path, HOST), make_identity(tmp_path / "other", HOST)
        async with MailServer(arrivals.append, identity.server) as server:
            mail = channel(mail_settings(server.port, server.password, other.ca_file), EmailSettings)
            with pytest.raises(TransientFailure, match="certificate"):
                await mail.send(message())

    asyncio.run(scene())
    assert arrivals == []


def test_a_wrong_password_is_refused(tmp_path: Path) -> None:
    arrivals: list[Arrival] = []

    async def scene() -> None:
        identity = make_identity(tmp_path, HOST)
        async with MailServer(arrivals.append, identity.server) as server:
            mail = channel(mail_settings(server.port, "guess", identity.ca_file), EmailSettings)
            with pytest.raises(ChannelGone):
                await mail.send(message())

    asyncio.run(scene())
    assert arrivals == []


def test_the_certificate_holds_before_a_strict_verifier(tmp_path: Path) -> None:
    async def scene() -> None:
        identity = make_identity(tmp_path, HOST)
        server = await asyncio.start_server(lambda _r, w: w.close(), HOST, 0, ssl=identity.server)
        async with server:
            context = ssl.create_default_context(cafile=identity.ca_file)
            context.verify_flags |= ssl.VERIFY_X509_STRICT
            port = server.sockets[0].getsockname()[1]
            _, writer = await asyncio.open_connection(HOST, port, ssl=context)
            writer.close()

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("To: desk@demo.invalid", "To: other@demo.invalid", "wrong address"),
        ("Message-ID: <a@demo.invalid>", "X-Nothing: a", "no Message-ID"),
        ("text/html", "text/plain", "HTML part"),
        ("Subject: First", "Subject: Other", "not the first line"),
    ],
)
def test_a_mail_that_is_not_as_it_should_be_is_named(old: str, new: str, problem: str) -> None:
    whole = (
        "From: basewatch@demo.invalid\r\nTo: desk@demo.invalid\r\nSubject: First\r\nMessage-ID: <a@demo.invalid>\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nFirst\r\n"
        "--b\r\nContent-Type: text/html\r\n\r\n<html></html>\r\n--b--\r\n"
    )
    good = read_mail(whole.encode(), recipients=[DESK], encrypted=True)
    assert (good.accepted, good.problem) == (True, None)
    assert old in whole
    bad = read_mail(whole.replace(old, new).encode(), recipients=[DESK], encrypted=True)
    assert not bad.accepted
    assert problem in (bad.problem or "")


def test_a_mail_in_clear_is_refused() -> None:
    assert read_mail(b"Subject: x\r\n\r\nx", recipients=[DESK], encrypted=False).problem == "came unencrypted"
