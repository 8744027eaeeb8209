"""The status page in a real Chromium: on a phone, at night, by keyboard, from right to left, and under attack.

``TESTS_WRITE_SCREENSHOTS=1`` writes the pictures of docs/images anew. Where the machine has no Chromium the tests are
skipped, unless ``TESTS_NEED_CHROMIUM`` is set, as .ci/run does: then they fail.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.values import Label
from storage import articles, deliveries, incidents, sources
from storage.engine import open_database
from tests.basewatch.page.serving import Page, served
from tests.basewatch.page.test_page import HOSTILE, SETTINGS, document, told
from tests.fakes.browser import Browser, browser, find
from tests.storage.builders import attack, polled, source_seed, stored_article, verdict

IMAGES = Path(__file__).parents[3] / "docs" / "images"
NOW = datetime.now(UTC)
PHONE = {"width": 390, "height": 844}
TAB, ENTER = ("Tab", 9), ("Enter", 13)
#: what the page shows: language, headline, and the verdict on it
STORIES = (
    ("ar", "مصدر أمني: طائرتان مسيرتان تستهدفان قاعدة عين الأسد غربي الأنبار", "attack"),
    ("en", "Drone shot down near Erbil air base, counter-terrorism service says", "attack"),
    ("fa", "حمله پهپادی به پایگاه عین الاسد در غرب عراق", "attack"),
    ("ckb", "هێرشێکی درۆنی بۆ سەر بنکەی عەین ئەسەد", "attack"),
    ("he", "גורם ביטחוני: שני כטב״מים תקפו את בסיס עין אל-אסד", "update"),
    ("tr", "Bağdat'ta elektrik kesintisi protesto edildi", "other"),
    ("en", "Oil prices rise for the third day", "other"),
    ("ar", "أمطار غزيرة في البصرة", "other"),
)  # fmt: skip


OUTLETS = (
    ("shafaq", "en"),
    ("shafaq", "ar"),
    ("rudaw", "en"),
    ("alsumaria", "ar"),
    ("kurdistan24", "en"),
    ("mehr", "fa"),
)
FAILING = ("shafaq-ar", "mehr-fa")


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    program = find()
    if program is None:
        reason = "no Chromium on this machine: the status page was NOT tried in a browser (apt-get install chromium)"
        if os.environ.get("TESTS_NEED_CHROMIUM"):
            pytest.fail(reason)
        pytest.skip(reason)
    with browser(program, tmp_path_factory.mktemp("browser")) as running:
        yield running


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A page of a daemon that is well, with an incident, outlets in every state, and headlines in many scripts."""
    with open_database(tmp_path_factory.mktemp("page") / "basewatch.db") as database:
        with database.write() as session:
            seeds = [source_seed(f"{outlet}-{lang}", outlet=outlet) for outlet, lang in OUTLETS]
            sources.register(session, seeds, NOW)
            soon = NOW + timedelta(minutes=5)
            failed = polled(status="failed", cause_code="http_5xx", message="the outlet's server failed (HTTP 503)")
            for seed in seeds:
                outcome = failed if seed.source_id in FAILING else polled()
                sources.record_poll(session, seed.source_id, replace(outcome, next_poll_at=soon), NOW)
            told(session, document(STORIES[0][1], lang="ar", title=STORIES[0][1]))
            for waiting in articles.unclassified(session, "m1"):
                incidents.save_verdict(session, waiting, verdict(), NOW)
            for number, (lang, title, label) in enumerate(STORIES):
                article = stored_article(
                    session, 60 + number, title=title, lang=lang, published_at=NOW - timedelta(minutes=3 * number)
                )
                incidents.save_verdict(session, article, verdict(attack(), label=Label(label)), NOW)
            claimed = deliveries.claim_due(session, now=NOW, owner="me", lease_s=60, limit=1)
            deliveries.record_sent(session, claimed[0].id, "me", NOW + timedelta(seconds=2))
        with served(database, SETTINGS, well=True) as page:
            yield page


def complaints(tab: Browser) -> list[object]:
    """What the browser found wrong: errors, refused resources, dialogs."""
    logged = [entry["entry"]["text"] for entry in tab.said("Log.entryAdded")]
    return [*logged, *tab.said("Runtime.exceptionThrown"), *tab.said("Page.javascriptDialogOpening")]


def keep(tab: Browser, name: str) -> None:
    if os.environ.get("TESTS_WRITE_SCREENSHOTS"):
        IMAGES.mkdir(exist_ok=True)
        tab.picture(IMAGES / name)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("size", [PHONE, {"width": 1200, "height": 1500}])
def test_it_fits_the_window_loads_nothing_from_elsewhere_and_nothing_is_complained_of(
    chromium: Browser, page: Page, size: dict[str, int], dark: bool
) -> None:
    chromium.open(page.url + "/", dark=dark, scale=2 if size is PHONE else 1, **size)
    assert chromium.run("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert complaints(chromium) == []
    asked = {request["request"]["url"] for request in chromium.said("Network.requestWillBeSent")}
    assert asked
    assert all(url.startswith(page.url) for url in asked), asked
    if dark is (size is not PHONE):
        keep(chromium, "status-desktop-dark.png" if dark else "status-phone-light.png")


CONTRAST = """
(() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (el) => {
    for (; el; el = el.parentElement) {
      const found = parse(getComputedStyle(el).backgroundColor);
      if (found.length === 3 || found[3] === 1) return found;
    }
    return [255, 255, 255];
  };
  let worst = 99, where = "";
  for (const el of document.querySelectorAll("body *")) {
    if (![...el.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())) continue;
    const a = light(parse(getComputedStyle(el).color)), b = light(ground(el));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < worst) { worst = ratio; where = el.tagName + "." + el.className; }
  }
  return [worst, where];
})()
"""


@pytest.mark.parametrize("dark", [False, True])
def test_every_text_can_be_read_by_day_and_by_night(chromium: Browser, page: Page, dark: bool) -> None:
    chromium.open(page.url + "/", dark=dark)
    ratio, where = chromium.run(CONTRAST)
    assert ratio >= 4.5, where  # WCAG 2.2, 1.4.3
    brightness = chromium.run("getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0] * 1")
    assert (brightness < 64) is dark


def test_evidence_and_headlines_keep_their_direction_and_language(chromium: Browser, page: Page) -> None:
    chromium.open(page.url + "/")
    direction = "[...document.querySelectorAll('{}')].map((el) => [el.lang, el.matches(':dir(rtl)')])"
    assert chromium.run(direction.format("blockquote")) == [["ar", True]]
    titles = dict(chromium.run(direction.format("td.title[lang]")))
    assert {lang for lang, is_rtl in titles.items() if is_rtl} == {"ar", "fa", "ckb", "he"}
    assert chromium.run("getComputedStyle(document.querySelector('blockquote')).textAlign") == "start"


def test_everything_can_be_reached_and_opened_by_keyboard(chromium: Browser, page: Page) -> None:
    chromium.open(page.url + "/")
    chromium.press(*TAB)
    assert chromium.run("document.activeElement.className") == "skip"
    assert chromium.run("document.activeElement.getBoundingClientRect().left") >= 0  # it is seen once it has the focus
    reached = []
    for _ in range(60):
        chromium.press(*TAB)
        reached.append(chromium.run("document.activeElement.tagName"))
        if reached[-1] == "SUMMARY":
            break
    assert reached[-1] == "SUMMARY"
    assert chromium.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert chromium.run("document.querySelector('details').open") is False
    chromium.press(*ENTER, text="\r")
    assert chromium.run("document.querySelector('details').open") is True


def test_hostile_headlines_run_nothing_in_a_browser(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with open_database(tmp_path_factory.mktemp("page") / "basewatch.db") as database:
        with database.write() as session:
            for number, text in enumerate(HOSTILE, 1):
                stored_article(session, 100 + number, title=text, url=f"https://example.org/{number}")
                told(session, document(text, title=text))
        with served(database, SETTINGS) as page:
            chromium.open(page.url + "/")
            assert complaints(chromium) == []
            assert chromium.run("document.scripts.length + document.images.length + document.forms.length") == 0
            assert chromium.run("document.querySelectorAll('iframe, [onerror], [onmouseover], [style]').length") == 0
            # were there a script after all, the policy would keep it from running
            script = "const s = document.createElement('script'); s.textContent = 'window.ran = 1';"
            assert chromium.run(f"(() => {{ {script} document.body.append(s); return window.ran; }})()") is None


def test_a_page_of_another_origin_cannot_read_it(chromium: Browser, page: Page) -> None:
    chromium.open("data:text/html,<title>elsewhere</title>")
    read = f"fetch('{page.url}/').then((answer) => answer.text())"
    chromium.run(f"{read}.then((text) => window.got = text, () => window.got = 'refused')")
    for _ in range(100):
        if (got := chromium.run("window.got || ''")) != "":
            break
    assert got == "refused"
