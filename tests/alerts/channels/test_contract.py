"""What every channel promises, run over the registry: a channel that is added is tested here without another word.

Each channel brings a *rig*: how to build it against a receiver on loopback. Receivers are real servers with faults.
"""

from __future__ import annotations

import asyncio
import base64
import io
import logging
import time
import traceback
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from alerts.channels import CHANNELS, Channel, Receipt, build_channels
from alerts.channels.apprise import Apprise
from alerts.channels.base import OutgoingMessage
from alerts.channels.console import Console
from alerts.channels.discord import Discord
from alerts.channels.email import Email
from alerts.channels.matrix import Matrix
from alerts.channels.mattermost import Mattermost
from alerts.channels.ntfy import Ntfy
from alerts.channels.slack import Slack
from alerts.channels.slack_bot import SlackBot
from alerts.channels.teams import Teams
from alerts.channels.telegram import Telegram
from alerts.channels.webhook import Webhook
from alerts.dial import Guard
from alerts.http import HttpSender
from config.channels import KINDS
from config.settings import Settings
from core.errors import ChannelGone, DeliveryError, PermanentFailure, TransientFailure
from tests.alerts.channels.messages import LONG, PAYLOADS, SECRET, hostile, message, system
from tests.fakes.server import (
    Behaviour,
    ScriptedServer,
    bomb,
    cut,
    decide,
    endless,
    hang_up,
    hold,
    huge,
    redirect,
    reply,
)
from tests.fakes.smtp import MailServer

ROOT = Path(__file__).parents[3]
SIGNING = "whsec_" + base64.b64encode(SECRET.encode() * 4).decode()
PATH = f"/services/{SECRET}"


@dataclass(frozen=True)
class Rig:
    """A receiver, and how to make a channel that sends to it."""

    make: Callable[[float], Channel]  #: takes the deadline in seconds
    web: ScriptedServer | None = None
    mail: MailServer | None = None
    ok: Behaviour = field(default_factory=lambda: reply(200, "ok"))  #: what acceptance looks like

    def play(self, *acts: Behaviour) -> None:
        """Answer with these, whatever the path; the last one repeats."""
        assert self.web is not None
        left = list(acts)
        self.web.default(decide(lambda request: left.pop(0) if len(left) > 1 else left[0]))


@contextmanager
def webhook_rig() -> Iterator[Rig]:
    with ScriptedServer() as web:

        def make(deadline_s: float) -> Channel:
            sender = HttpSender(Guard([web.netloc]), deadline_s=deadline_s)
            return Webhook("ops", url=web.url(PATH), secrets=[SIGNING], sender=sender)

        made = Rig(make, web=web)
        made.play(made.ok)
        yield made


Build = Callable[[str, HttpSender], Channel]  #: takes the receiver's root and a sender


def chat_rig(build: Build, ok: str) -> Callable[[], AbstractContextManager[Rig]]:
    @contextmanager
    def rig() -> Iterator[Rig]:
        with ScriptedServer() as web:

            def make(deadline_s: float) -> Channel:
                return build(web.url(""), HttpSender(Guard([web.netloc]), deadline_s=deadline_s))

            made = Rig(make, web=web, ok=reply(200, ok))
            made.play(made.ok)
            yield made

    return rig


@contextmanager
def email_rig() -> Iterator[Rig]:
    with MailServer(login=("user", SECRET)) as mail:

        def make(deadline_s: float) -> Channel:
            return Email(
                "ops",
                host=mail.host,
                port=mail.port,
                sender="basewatch@alerts.example",
                recipients=["desk@example.org"],
                guard=Guard([mail.host]),
                deadline_s=deadline_s,
                username="user",
                password=SECRET,
                tls_context=mail.trusting(),
            )

        yield Rig(make, mail=mail)


@contextmanager
def console_rig() -> Iterator[Rig]:
    yield Rig(lambda deadline_s: Console("ops", stream=io.StringIO()))


@contextmanager
def apprise_rig() -> Iterator[Rig]:
    with ScriptedServer() as web:

        def make(deadline_s: float) -> Channel:
            return Apprise("ops", url=f"json://{web.netloc}{PATH}", deadline_s=deadline_s)

        made = Rig(make, web=web)
        made.play(made.ok)
        yield made


RIGS: dict[str, Callable[[], AbstractContextManager[Rig]]] = {
    "webhook": webhook_rig,
    "slack": chat_rig(lambda root, sender: Slack("ops", url=root + PATH, sender=sender), "ok"),
    "slack_bot": chat_rig(
        lambda root, sender: SlackBot("ops", url=root + "/api", token=SECRET, room="C1", sender=sender),
        '{"ok":true,"ts":"1.2"}',
    ),
    "teams": chat_rig(lambda root, sender: Teams("ops", url=root + PATH, sender=sender), "1"),
    "discord": chat_rig(lambda root, sender: Discord("ops", url=root + PATH, sender=sender), '{"id":"7"}'),
    "telegram": chat_rig(
        lambda root, sender: Telegram("ops", url=root, token=SECRET, chat="-1001", sender=sender),
        '{"ok":true,"result":{"message_id":7}}',
    ),
    "mattermost": chat_rig(lambda root, sender: Mattermost("ops", url=root + PATH, sender=sender), "ok"),
    "matrix": chat_rig(
        lambda root, sender: Matrix("ops", url=root, token=SECRET, room="!r:x.example", sender=sender),
        '{"event_id":"$7"}',
    ),
    "ntfy": chat_rig(
        lambda root, sender: Ntfy("ops", url=f"{root}/{SECRET}", token=SECRET, sender=sender), '{"id":"abc"}'
    ),
    "email": email_rig,
    "apprise": apprise_rig,
    "console": console_rig,
}
CHATS = ("slack", "slack_bot", "teams", "discord", "telegram", "mattermost", "matrix", "ntfy")
HTTP = ("webhook", *CHATS)
REMOTE = (*HTTP, "email")


@pytest.fixture
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    with RIGS[request.param]() as made:
        yield made


def over(*kinds: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("rig", kinds, indirect=True)


def send(rig: Rig, *messages: OutgoingMessage, deadline_s: float = 5.0) -> list[Receipt]:
    async def run() -> list[Receipt]:
        channel = rig.make(deadline_s)
        try:
            return [await channel.send(one) for one in messages or (message(),)]
        finally:
            await channel.aclose()

    return asyncio.run(run())


def failure(rig: Rig, **options: Any) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        send(rig, **options)
    return caught.value


# --- the registry


def test_each_channel_has_its_settings_its_rig_its_test_and_its_page() -> None:
    guide = (ROOT / "docs/delivery.md").read_text(encoding="utf-8")
    assert list(CHANNELS) == list(KINDS) == list(RIGS)
    for kind, made in CHANNELS.items():
        assert (ROOT / f"alerts/channels/{kind}.py").is_file()
        assert (ROOT / f"tests/alerts/channels/test_{kind}.py").is_file()
        assert made.__module__ == f"alerts.channels.{kind}"
        assert f"\n### {kind}\n" in guide


def test_the_settings_build_each_enabled_channel_and_no_other() -> None:
    settings = Settings.model_validate(
        {
            "channels": {
                "a": {"kind": "webhook", "url": f"https://hooks.example/{SECRET}", "secrets": [SIGNING]},
                "b": {"kind": "slack", "url": f"https://chat.example/{SECRET}"},
                "c": {"kind": "email", "host": "mail.example", "from": "a@b.example", "to": ["c@d.example"]},
                "d": {"kind": "console"},
                "e": {"kind": "console", "enabled": False},
            }
        }
    )
    built = build_channels(settings)
    assert {name: type(channel) for name, channel in built.items()} == {
        "a": Webhook,
        "b": Slack,
        "c": Email,
        "d": Console,
    }
    assert all(channel.name == name for name, channel in built.items())
    assert SECRET not in repr(built)


def test_what_one_channel_may_reach_another_may_not() -> None:
    with ScriptedServer(tls=True) as web:
        url = {"kind": "slack", "url": f"https://{web.netloc}/hook"}
        settings = Settings.model_validate({"channels": {"a": {**url, "allow_private": True}, "b": url}})

        async def reason(name: str) -> str:
            channel = build_channels(settings)[name]
            with pytest.raises(TransientFailure) as caught:
                await channel.send(message())
            await channel.aclose()
            return str(caught.value)

        assert "TLS certificate was not accepted" in asyncio.run(reason("a"))  # so it was dialled
        assert "private address" in asyncio.run(reason("b"))


# --- statuses


@over(*HTTP)
@pytest.mark.parametrize("status", [400, 402, 405, 406, 409, 411, 412, 413, 414, 415, 422, 431, 451])
def test_other_refusals_are_for_this_message_only(rig: Rig, status: int) -> None:
    rig.play(reply(status, "no"))
    assert type(failure(rig)) is PermanentFailure


@over(*HTTP)
@pytest.mark.parametrize("status", [408, 425, 429, 500, 501, 502, 503, 504, 507, 520, 599])
def test_trouble_that_passes_is_for_now(rig: Rig, status: int) -> None:
    rig.play(reply(status, "no"), rig.ok)
    assert type(failure(rig)) is TransientFailure
    assert send(rig)


@over(*HTTP)
@pytest.mark.parametrize("status", [401, 403, 410])
def test_a_token_or_address_that_is_gone_ends_the_channel(rig: Rig, status: int) -> None:
    rig.play(reply(status, "no"))
    assert type(failure(rig)) is ChannelGone


@over(*HTTP)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_refusal_that_names_the_host(rig: Rig, status: int) -> None:
    assert rig.web is not None
    rig.web.route("/elsewhere", reply(200, "ok"))
    rig.play(redirect(rig.web.url(f"/elsewhere?token={SECRET}"), status))
    problem = failure(rig)
    assert type(problem) is PermanentFailure
    assert str(problem) == f"ops: answered {status}: moved to 127.0.0.1"
    assert rig.web.requests_to("/elsewhere") == []


@over(*HTTP)
@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("Sun, 21 Apr 2024 18:14:00 GMT", 60.0), ("-1", 0.0), ("9" * 30, 21_600.0), ("later", None)],
)
def test_retry_after_is_passed_on(rig: Rig, header: str, seconds: float | None) -> None:
    rig.play(reply(429, "", headers={"Retry-After": header}))
    problem = failure(rig)
    assert isinstance(problem, TransientFailure)
    assert problem.retry_after_s == seconds


@over(*CHATS)
@pytest.mark.parametrize("page", ["<html>Sign in to the hotel's network</html>", "[" * 9_000])
def test_a_good_status_with_something_else_inside_is_no_acceptance(rig: Rig, page: str) -> None:
    rig.play(reply(200, page))
    problem = failure(rig)
    assert type(problem) is TransientFailure
    assert "hotel" not in str(problem)


@over(*HTTP)
def test_the_receipt_keeps_the_status(rig: Rig) -> None:
    assert send(rig)[0].http_status == 200
    rig.play(reply(503, "no"))
    assert failure(rig).http_status == 503


# --- receivers that are slow, broken or greedy


def faults() -> dict[str, Behaviour]:
    return {
        "hangs up": hang_up(),
        "breaks off": cut(b"error" * 100, 10, status=500),
        "redirects": redirect("https://elsewhere.example/x"),
        "is gone": reply(410, "gone"),
        "is busy": reply(429, "busy", headers={"Retry-After": "3"}),
        "echoes": reply(400, f"cannot post to {PATH} with {SIGNING} {SECRET}"),
        "says garbage": reply(503, b"\xff\x00\x1b[31m" * 50),
    }


@over(*REMOTE)
def test_a_receiver_that_hangs_is_left_after_the_deadline(rig: Rig) -> None:
    import threading

    gate = threading.Event()
    if rig.mail is not None:
        rig.mail.hang = gate
    else:
        rig.play(hold(gate, rig.ok))
    started = time.monotonic()
    try:
        problem = failure(rig, deadline_s=0.4)
    finally:
        gate.set()
    assert type(problem) is TransientFailure
    assert time.monotonic() - started < 20  # the receiver would hang for ever
    assert "no answer within 0.4 s" in str(problem)


@over(*HTTP)
@pytest.mark.parametrize("act", [endless(), huge(30_000_000), bomb(1_000_000_000), endless(status=500)])
def test_a_giant_answer_costs_no_memory_and_no_time(rig: Rig, act: Behaviour) -> None:
    rig.play(act)
    tracemalloc.start()
    started = time.monotonic()
    try:
        send(rig)
    except DeliveryError as error:
        assert len(str(error)) < 200  # noqa: PT017 - a giant answer may be a refusal, and must be a short one
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 20_000_000
    assert time.monotonic() - started < 20  # an endless answer read to its end never ends


# --- secrets


def told(error: BaseException) -> str:
    """All that a log could show of an error: its chain, its traceback, its attributes."""
    shown = ["".join(traceback.format_exception(error)), repr(error)]
    link: BaseException | None = error
    while link is not None:
        shown += [repr(link), str(link), repr(link.args), repr(vars(link))]
        link = link.__cause__ or link.__context__
    return "\n".join(shown)


def leaked(text: str) -> bool:
    return SECRET in text or SIGNING in text or SIGNING.removeprefix("whsec_") in text


@over(*HTTP)
@pytest.mark.parametrize("fault", faults())
def test_no_error_and_no_log_line_holds_a_secret(rig: Rig, fault: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    rig.play(faults()[fault])
    problem = failure(rig)
    assert not leaked(told(problem))
    assert not leaked(caplog.text)
    assert problem.channel == "ops"


@over("email")
@pytest.mark.parametrize("answer", [f"550 no {SECRET}", f"451 later {SECRET}", "drop"])
@pytest.mark.parametrize("key", ["MAIL", "DATA", "desk@example.org"])
def test_no_error_of_mail_holds_a_password(rig: Rig, key: str, answer: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="aiosmtplib")
    assert rig.mail is not None
    rig.mail.answers[key] = [answer]
    if (key, answer) in {("MAIL", "drop"), ("desk@example.org", "drop")}:
        rig.mail.answers[key] = ["421 closing"]
    problem = failure(rig)
    assert SECRET not in str(problem)
    assert SECRET not in problem.reason
    assert not leaked("".join(record.getMessage() for record in caplog.records if not record.name.startswith("mail.")))


@over(*REMOTE)
def test_nobody_at_home_is_for_now_and_tells_no_secret(rig: Rig) -> None:
    async def run() -> DeliveryError:
        channel = rig.make(5.0)
        if rig.web is not None:
            rig.web.close()
        if rig.mail is not None:
            rig.mail.stop()
        with pytest.raises(TransientFailure) as caught:
            await channel.send(message())
        await channel.aclose()
        return caught.value

    problem = asyncio.run(run())
    assert str(problem) == "ops: could not connect"
    assert not leaked(told(problem))


@over(*REMOTE)
def test_a_cancelled_send_stops_at_once_and_leaks_nothing(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    import threading

    caplog.set_level(logging.DEBUG, logger="alerts")
    gate = threading.Event()
    if rig.mail is not None:
        rig.mail.hang = gate
    else:
        rig.play(hold(gate, rig.ok))

    async def run() -> BaseException:
        channel = rig.make(30.0)
        task = asyncio.create_task(channel.send(message()))
        deadline = time.monotonic() + 30
        while not (rig.web.requests if rig.web else "DATA" in (rig.mail.commands if rig.mail else [])):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.005)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        await channel.aclose()
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return caught.value

    try:
        started = time.monotonic()
        error = asyncio.run(run())
        assert time.monotonic() - started < 20
    finally:
        gate.set()
    assert not leaked(told(error))
    assert not leaked(caplog.text)


@over(*RIGS)
def test_a_channel_prints_without_its_secrets(rig: Rig) -> None:
    async def run() -> str:
        channel = rig.make(5.0)
        shown = f"{channel!r} {channel} {channel.name}"
        await channel.aclose()
        return shown

    assert not leaked(asyncio.run(run()))


# --- what it is given to say


@over(*RIGS)
def test_every_hostile_and_every_long_headline_is_delivered(rig: Rig) -> None:
    documents = [make(text) for text in (*PAYLOADS, *LONG) for make in (hostile, system)]
    receipts = send(rig, *(message(doc, id=f"msg_{number}") for number, doc in enumerate(documents)))
    assert len(receipts) == len(documents)
    if rig.web is not None:
        assert len(rig.web.requests) == len(documents)
    if rig.mail is not None:
        assert len(rig.mail.mails) == len(documents)
        assert all(len(mail.get_all("Subject", [])) == 1 for mail in rig.mail.mails)


@over(*RIGS)
def test_a_receipt_is_short_and_clean(rig: Rig) -> None:
    if rig.web is not None:
        rig.play(rig.ok)
    (receipt,) = send(rig)
    assert len(receipt.answer) <= 200
    assert receipt.answer.isprintable()
