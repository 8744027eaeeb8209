"""Mails as their readers see them: sent through a real SMTP server with TLS, parsed back, shown by a real Chromium.

``make pictures`` writes the pictures of docs/images anew. Where the machine has no Chromium the tests are skipped,
unless ``TESTS_NEED_CHROMIUM`` is set, as .ci/run does: then they fail.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from email.message import EmailMessage
from html import escape
from pathlib import Path

import pytest

from alerts.language import Language, english, names_of
from config.phrases import load_phrases
from config.watch import load_watch
from core.documents import Casualties, NoticeDocument
from core.values import Outcome, Weapon
from tests.alerts.channels.messages import (
    ARABIC,
    PAYLOADS,
    document,
    evidence,
    hostile,
    incident,
    message,
    source,
)
from tests.alerts.channels.test_email import send
from tests.fakes.browser import Browser, browser, find
from tests.fakes.smtp import MailServer

IMAGES = Path(__file__).parents[3] / "docs" / "images"
LANGUAGES = {"en": english(), "ar": Language(phrases=load_phrases("ar"), names=names_of(load_watch(), "ar"))}
PHONE = {"width": 390, "height": 1000}
WINDOW = {"width": 760, "height": 860}


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    program = find()
    if program is None:
        reason = "no Chromium on this machine: the mails were NOT tried in a browser (apt-get install chromium)"
        if os.environ.get("TESTS_NEED_CHROMIUM"):
            pytest.fail(reason)
        pytest.skip(reason)
    with browser(program, tmp_path_factory.mktemp("browser")) as running:
        yield running


def an_alert() -> NoticeDocument:
    """An alert with all that one can say."""
    part = incident(
        base="erbil-airbase", weapons=(Weapon.DRONE,), count_low=2, count_high=2, outcome=Outcome.PARTLY_INTERCEPTED,
        casualties=(Casualties(whose="us", kind="injured", low=0, high=0),), report_count=3, outlet_count=2,
        claimed_by="islamic-resistance-in-iraq", claimed_by_name="Islamic Resistance in Iraq",
        status_by="Kurdistan CTG",
    )  # fmt: skip
    english_source = source(
        outlet="rudaw", outlet_name="Rudaw", lang="en", title="Drones shot down over Erbil airport, CTG says",
        url="https://www.rudaw.net/english/1", origin=None,
    )  # fmt: skip
    quoted = evidence("Two drones were brought down near Erbil air base, the service said.", lang="en")
    quotes = (
        evidence(ARABIC),
        quoted.model_copy(update={"outlet": "rudaw", "outlet_name": "Rudaw", "url": "https://www.rudaw.net/english/1"}),
    )
    return document(
        incident=part, evidence=quotes, sources=(source(), english_source),
        reasons_for=("a drone and a named base in one sentence",), reasons_against=("no count of casualties",),
    )  # fmt: skip


def arrived(doc: NoticeDocument, code: str) -> EmailMessage:
    """The mail as a reader's program has it."""
    with MailServer() as server:
        send(server, message(doc), language=LANGUAGES[code])
    return server.mails[0]


def part_of(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def show(tab: Browser, page: str, folder: Path, size: dict[str, int], scale: float) -> None:
    file = folder / "mail.html"
    file.write_text(page, encoding="utf-8")
    tab.open(file.as_uri(), scale=scale, **size)


def keep(tab: Browser, name: str) -> None:
    if os.environ.get("TESTS_WRITE_SCREENSHOTS"):
        tab.picture(IMAGES / name)


def complaints(tab: Browser) -> list[object]:
    return [
        *tab.said("Log.entryAdded"),
        *tab.said("Runtime.exceptionThrown"),
        *tab.said("Page.javascriptDialogOpening"),
    ]


@pytest.mark.parametrize(("code", "size", "scale"), [("en", WINDOW, 1.0), ("ar", WINDOW, 1.0), ("ar", PHONE, 2.0)])
def test_the_html_part_fits_its_window_and_has_every_text_in_its_direction(
    chromium: Browser, tmp_path: Path, code: str, size: dict[str, int], scale: float
) -> None:
    show(chromium, part_of(arrived(an_alert(), code), "html"), tmp_path, size, scale)
    assert chromium.run("document.documentElement.scrollWidth - window.innerWidth") <= 0
    direction = "getComputedStyle(document.body).direction"
    assert chromium.run(direction) == ("rtl" if code == "ar" else "ltr")
    quotes = "[...document.querySelectorAll('blockquote')].map(q => q.lang + ' ' + getComputedStyle(q).direction)"
    assert chromium.run(quotes) == ["ar rtl", "en ltr"]
    asked = [request["request"]["url"] for request in chromium.said("Network.requestWillBeSent")]
    assert all(url.startswith("file:") for url in asked), asked
    assert complaints(chromium) == []
    keep(chromium, f"mail-{code}{'-phone' if size is PHONE else ''}.png")


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_text_part_reads_line_by_line(chromium: Browser, tmp_path: Path, code: str) -> None:
    mail = arrived(an_alert(), code)
    text = part_of(mail, "plain")
    # as programs show plain text: each line with the direction of its first letter
    lines = "".join(f'<div dir="auto">{escape(line) or "&nbsp;"}</div>' for line in text.splitlines())
    style = "font:14px/1.45 monospace;white-space:pre-wrap;overflow-wrap:anywhere;margin:1em"
    head = f'<div dir="auto" style="font:bold 16px sans-serif">{escape(mail["Subject"])}</div><hr>'
    show(chromium, f'<meta charset="utf-8"><body style="{style}">{head}{lines}', tmp_path, WINDOW, 1.0)
    assert chromium.run("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert chromium.run("document.body.innerText").count("https://") == 3
    assert mail["Subject"].replace("\u2068", "").replace("\u2069", "") in text.replace("\u2068", "").replace(
        "\u2069", ""
    )
    keep(chromium, f"mail-{code}-text.png")


def test_no_payload_runs_loads_or_shows_anything_in_the_html_part(chromium: Browser, tmp_path: Path) -> None:
    pages = "".join(part_of(arrived(hostile(text), "en"), "html") for text in PAYLOADS[:12])
    show(chromium, pages, tmp_path, WINDOW, 1.0)
    assert chromium.run("document.querySelectorAll('script, img, iframe, form, style, [onerror]').length") == 0
    links = chromium.run("[...document.querySelectorAll('a')].map(a => [a.protocol, a.host, a.innerText])")
    assert all(
        scheme in ("http:", "https:") and host.removeprefix("www.") == said.removeprefix("www.")
        for scheme, host, said in links
    )
    assert complaints(chromium) == []
