"""The article the project started from, served in its outlet's own shape: one alert, by webhook and by mail."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.acceptance.daemon import ROOT, DaemonProcess
from tests.acceptance.inbox import Inbox
from tests.acceptance.newsroom import Newsroom, Story
from tests.acceptance.setup import write_config
from tests.fakes.server import ScriptedServer
from tests.fakes.smtp import MailServer

SEED = ROOT / "tests" / "acceptance" / "shafaq-2024-04-21.txt"
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def as_of(text: str, published_at: datetime) -> str:
    """The text with its weekdays moved, so that its "late on Sunday" is the evening of ``published_at``."""
    shift = published_at.astimezone(ZoneInfo("Asia/Baghdad")).weekday() - DAYS.index("Sunday")
    return re.sub("|".join(DAYS), lambda day: DAYS[(DAYS.index(day[0]) + shift) % 7], text)


def seed_story(published_at: datetime) -> Story:
    """The article as if it were published now: the alert is about news."""
    title, *body = as_of(SEED.read_text(encoding="utf-8"), published_at).split("\n")[2:]
    paragraphs = tuple(" ".join(block.split()) for block in "\n".join(body[1:]).split("\n\n") if block.strip())
    return Story(title=title.removeprefix("SOURCE: "), paragraphs=paragraphs, published_at=published_at)


def test_classify_finds_the_attack_and_nothing_of_the_background() -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "basewatch", "classify", str(SEED), "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    verdict = json.loads(answer.stdout)
    assert verdict["label"] == "attack"
    assert verdict["lang"] == "en"
    (attack,) = verdict["attacks"]
    assert attack["base"] == "rumaylan-kharab-al-jir"
    assert attack["country"] == "SY"
    assert attack["date"] == "2024-04-21"
    assert attack["weapons"] == ["rocket"]
    assert attack["count"] == 5
    assert attack["killed"] is None, "the three soldiers killed in Jordan are background"
    source = SEED.read_text(encoding="utf-8")
    quoted = [evidence["text"] for evidence in attack["evidence"]]
    assert any("Khirbet Al-Jir" in text for text in quoted)
    assert all(text in source or " ".join(text.split()) in " ".join(source.split()) for text in quoted)


@pytest.mark.acceptance
def test_served_by_a_loopback_outlet_it_arrives_once_in_a_webhook_and_once_in_a_mailbox(tmp_path: Path) -> None:
    with MailServer() as mailbox, ScriptedServer() as server:
        (tmp_path / "ca.pem").write_bytes(mailbox.certificate)
        mail = f"""
[channels.desk]
kind = "email"
host = "{mailbox.host}"
port = {mailbox.port}
ca_file = "{tmp_path}/ca.pem"
from = "basewatch@example.org"
to = ["desk@example.org"]
"""
        newsroom, inbox = Newsroom(server), Inbox(server)
        config = write_config(tmp_path, newsroom, inbox, more=mail)
        newsroom.publish(seed_story(datetime.now(UTC)))
        with DaemonProcess(config, args=("--once",)) as daemon:
            assert daemon.wait_until_dead() == 0, daemon.tail()
            log = daemon.tail()
    assert len(inbox.arrivals) == 1, log
    (notice,) = inbox.notices("new")
    assert notice["incident"]["base"] == "rumaylan-kharab-al-jir"
    assert notice["incident"]["weapons"] == ["rocket"]
    assert (notice["incident"]["count_low"], notice["incident"]["count_high"]) == (5, 5)
    assert any("five rockets were fired" in quote["text"] for quote in notice["evidence"])
    (mail_message,) = mailbox.mails
    assert "Kharab al-Jir" in str(mail_message["Subject"]) or "Rumaylan" in str(mail_message["Subject"])
    text = mail_message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "five rockets were fired" in text
