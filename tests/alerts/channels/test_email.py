"""Mail, against a real SMTP server."""

from __future__ import annotations

import asyncio
import ssl
import threading
from typing import Any

import pytest

from alerts.channels.base import OutgoingMessage, Receipt
from alerts.channels.email import Email, build_mail
from alerts.dial import Guard
from alerts.language import Language
from config.phrases import load_phrases
from core.errors import ChannelGone, PermanentFailure, TransientFailure
from tests.alerts.channels.messages import (
    ARABIC,
    LONG,
    PAYLOADS,
    SECRET,
    document,
    evidence,
    hostile,
    incident,
    message,
    system,
)
from tests.fakes.smtp import MailServer

DESK, NIGHT = "desk@example.org", "night@example.org"


def channel(server: MailServer, **options: Any) -> Email:
    fields: dict[str, Any] = {
        "host": server.host,
        "port": server.port,
        "sender": "Basewatch <basewatch@alerts.example>",
        "recipients": (DESK, NIGHT),
        "guard": Guard([server.host]),
        "deadline_s": 5.0,
        "tls_context": server.trusting(),
    }
    return Email("mail", **fields | options)


def send(server: MailServer, *messages: OutgoingMessage, **options: Any) -> list[Receipt]:
    async def run() -> list[Receipt]:
        mail = channel(server, **options)
        return [await mail.send(one) for one in messages or (message(),)]

    return asyncio.run(run())


def test_a_mail_has_the_designed_subject_and_both_parts() -> None:
    with MailServer() as server:
        send(server)
    (mail,) = server.mails
    assert mail["Subject"] == "S3 CONFIRMED Erbil air base: 1 drone shot down, 0 hurt - CTG - 21:07 (6 min ago)"
    assert mail["From"] == "Basewatch <basewatch@alerts.example>"
    assert mail["To"] == f"{DESK}, {NIGHT}"
    assert mail["Auto-Submitted"] == "auto-generated"
    text, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert page is not None
    assert ARABIC in text.get_content()
    assert '<blockquote lang="ar" dir="rtl" style="border-right' in page.get_content()
    assert server.envelopes[0].rcpt_tos == [DESK, NIGHT]


def test_updates_thread_under_the_incidents_first_mail() -> None:
    with MailServer() as server:
        (first,) = send(server)
        (again,) = send(server, message(attempt=2))
        (update,) = send(server, message(id="msg_second", thread_ref=first.remote_ref))
    assert first.remote_ref == again.remote_ref == update.remote_ref == "<msg_2pXq@alerts.example>"
    one, double, later = server.mails
    assert one["Message-ID"] == double["Message-ID"] == "<msg_2pXq@alerts.example>"
    assert one["In-Reply-To"] is double["In-Reply-To"] is None
    assert later["Message-ID"] == "<msg_second@alerts.example>"
    assert later["In-Reply-To"] == later["References"] == "<msg_2pXq@alerts.example>"


# --- encryption


def test_a_server_that_hides_starttls_gets_neither_mail_nor_password() -> None:
    with (
        MailServer(starttls=False, login=("user", SECRET)) as server,
        pytest.raises(TransientFailure, match="no STARTTLS, so nothing was sent"),
    ):
        send(server, username="user", password=SECRET)
    assert (server.logins, server.commands) == ([], [])


def test_a_password_is_never_sent_in_clear_even_where_clear_mail_is_allowed() -> None:
    with (
        MailServer(starttls=False, login=("user", SECRET)) as server,
        pytest.raises(PermanentFailure, match="never sent in clear"),
    ):
        send(server, tls="off-insecure", username="user", password=SECRET)
    assert (server.logins, server.commands) == ([], [])


def test_clear_mail_is_sent_where_the_operator_asked_for_it() -> None:
    with MailServer(starttls=False) as server:
        send(server, tls="off-insecure")
    assert len(server.mails) == 1


@pytest.mark.parametrize("implicit", [False, True])
def test_login_happens_inside_tls(implicit: bool) -> None:
    with MailServer(implicit=implicit, login=("user", SECRET)) as server:
        send(server, tls="implicit" if implicit else "required", username="user", password=SECRET)
    assert server.logins == [(True, "user")]
    assert len(server.mails) == 1


def test_a_password_that_is_refused_pauses_the_channel() -> None:
    with (
        MailServer(login=("user", "another")) as server,
        pytest.raises(ChannelGone, match="refused user name and password") as caught,
    ):
        send(server, username="user", password=SECRET)
    assert SECRET not in repr(caught.value)


@pytest.mark.parametrize("implicit", [False, True])
def test_a_certificate_that_is_not_trusted_stops_the_mail(implicit: bool) -> None:
    with (
        MailServer(implicit=implicit) as server,
        pytest.raises(TransientFailure, match="TLS certificate was not accepted"),
    ):
        send(server, tls="implicit" if implicit else "required", tls_context=ssl.create_default_context())
    assert server.commands == []


def test_a_certificate_for_another_name_stops_the_mail() -> None:
    with MailServer() as server:

        async def to_loopback(host: str, port: int) -> list[str]:
            return ["127.0.0.1"]

        with pytest.raises(TransientFailure, match="TLS certificate was not accepted"):
            send(server, host="mail.example.org", guard=Guard(["mail.example.org"], resolver=to_loopback))


# --- refusals


@pytest.mark.parametrize(
    ("key", "answer", "failure"),
    [
        ("MAIL", "451 try later", TransientFailure),
        ("MAIL", "550 sender unknown", PermanentFailure),
        ("DATA", "452 no room", TransientFailure),
        ("DATA", "554 spam", PermanentFailure),
        ("DATA", "drop", TransientFailure),
        ("DATA", "999 odd", TransientFailure),
    ],
)
def test_4xx_is_tried_again_and_5xx_is_not(key: str, answer: str, failure: type[Exception]) -> None:
    with MailServer() as server:
        server.answers[key] = [answer]
        with pytest.raises(failure) as caught:
            send(server)
        assert type(caught.value) is failure
        assert send(server)
    assert len(server.mails) == 1


def test_one_recipient_refused_for_now_is_tried_again_alone() -> None:
    with MailServer() as server:

        async def run() -> None:
            mail = channel(server)
            server.answers[NIGHT] = ["450 greylisted"]
            with pytest.raises(TransientFailure, match=NIGHT):
                await mail.send(message())
            await mail.send(message(attempt=2))

        asyncio.run(run())
    assert [envelope.rcpt_tos for envelope in server.envelopes] == [[DESK], [NIGHT]]
    assert len({mail["Message-ID"] for mail in server.mails}) == 1


def test_one_recipient_refused_for_good_is_told_and_the_other_has_the_mail() -> None:
    with MailServer() as server:
        server.answers[NIGHT] = ["550 no such user"]
        with pytest.raises(PermanentFailure, match=r"night@example.org \(550\); the other recipients have the mail"):
            send(server)
    assert [envelope.rcpt_tos for envelope in server.envelopes] == [[DESK]]


@pytest.mark.parametrize(
    ("answers", "failure"),
    [(("450 later", "550 never"), TransientFailure), (("550 never", "551 never"), PermanentFailure)],
)
def test_all_recipients_refused_counts_by_the_mildest(answers: tuple[str, str], failure: type[Exception]) -> None:
    with MailServer() as server:
        server.answers |= {DESK: [answers[0]], NIGHT: [answers[1]]}
        with pytest.raises(failure) as caught:
            send(server)
    assert type(caught.value) is failure


def test_a_server_that_never_answers_is_left_after_the_deadline() -> None:
    with MailServer() as server:
        server.hang = threading.Event()
        with pytest.raises(TransientFailure, match=r"no answer within 0\.5 s"):
            send(server, deadline_s=0.5)


def test_nobody_at_home_and_no_such_name_are_failures_for_now() -> None:
    with MailServer() as server:
        port = server.port
    with pytest.raises(TransientFailure, match="could not connect"):
        send(server, port=port)


# --- headlines


@pytest.mark.parametrize("text", [*PAYLOADS, *LONG])
def test_no_headline_stops_the_mail_or_adds_a_header(text: str) -> None:
    plain = build_mail(message(hostile("plain")), sender=DESK, recipients=[NIGHT], id_domain="a.example")
    for doc in (hostile(text), system(text)):
        mail = build_mail(message(doc), sender=DESK, recipients=[NIGHT], id_domain="a.example")
        raw = mail.as_bytes()
        assert set(mail.keys()) == set(plain.keys())
        assert raw.count(b"\nSubject:") == 1
        assert b"\nBcc:" not in raw
        assert all(len(line) <= 998 for line in raw.split(b"\r\n"))


def test_an_arabic_subject_keeps_the_spaces_between_its_words() -> None:
    leads = range(12, 52)  # wherever the first encoded word ends
    notices = [system(f"{'x' * lead} base: مصدر محلي في عين الأسد - مصدر أمني") for lead in leads]
    with MailServer() as server:
        send(server, *(message(notice, id=f"msg_{lead}") for lead, notice in zip(leads, notices, strict=True)))
    assert len(server.mails) == len(leads)
    for mail in server.mails:
        text = mail.get_body(("plain",))
        assert text is not None
        assert mail["Subject"] == text.get_content().splitlines()[0]


def test_kurdish_and_hebrew_quotes_keep_their_direction_through_the_server() -> None:
    quotes = (evidence("هێرشێک بۆ سەر بنکەی حەریر", lang="ckb"), evidence("מתקפה על בסיס", lang="he"))
    quotes = (quotes[0], quotes[1].model_copy(update={"outlet": "other"}))
    with MailServer() as server:
        send(server, message(document(evidence=quotes, incident=incident())))
    page = server.mails[0].get_body(("html",))
    assert page is not None
    for lang, words in (("ckb", "هێرشێک"), ("he", "מתקפה")):
        assert f'<blockquote lang="{lang}" dir="rtl"' in page.get_content()
        assert words in page.get_content()


# --- lists, signatures and Arabic


def test_people_can_ask_to_be_taken_off_and_filters_know_the_list() -> None:
    with MailServer() as server:
        send(server, message(), message(id="msg_b"), unsubscribe="https://alerts.example/off?a=b")
        send(server, message(id="msg_c"))
    first, _, last = server.mails
    assert first["List-Unsubscribe"] == "<https://alerts.example/off?a=b>"
    assert last["List-Unsubscribe"] == "<mailto:basewatch@alerts.example?subject=unsubscribe%20mail>"
    assert last["List-Id"] == "<mail.basewatch.alerts.example>"


def test_headers_are_such_that_a_signing_server_need_not_change_them() -> None:
    """RFC 6376 section 3.5 and 5.4: what is signed stands once, in ASCII, and no relay has a reason to rewrap it."""
    with MailServer() as server:
        send(server, message(hostile("هجوم بطائرات مسيرة على قاعدة " * 20)))
    content = server.envelopes[0].content
    assert isinstance(content, bytes)
    assert content.isascii()
    assert all(len(line) <= 78 for line in content.replace(b"\r\n", b"\n").split(b"\n"))
    (mail,) = server.mails
    for name in ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "List-Unsubscribe", "List-Id"):
        assert len(mail.get_all(name, [])) == 1, name
    assert str(mail["Message-ID"]).endswith("@alerts.example>")
    assert {part["Content-Transfer-Encoding"] for part in mail.iter_parts()} == {"base64"}


def test_an_arabic_mail_is_set_from_right_to_left() -> None:
    arabic = Language(phrases=load_phrases("ar"))
    with MailServer() as server:
        send(server, language=arabic)
    (mail,) = server.mails
    page = mail.get_body(("html",))
    assert page is not None
    html = page.get_content()
    assert '<html lang="ar" dir="rtl">' in html
    assert "ما حدث" in html
    assert '<a href="https://www.shafaq.com/ar/1" rel="noreferrer" dir="ltr">' in html
    assert str(mail["Subject"]).startswith("مؤكد (S3)")
