"""What people see: every event in words, nothing from outside taken for markup, and a screen only where it fits."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from rich.console import Console

from basewatch.demo.receivers import Arrival
from basewatch.demo.score import ExpectedRow, Reading, Score
from basewatch.demo.stories import Step, Story, load_script
from basewatch.demo.view import LiveView, PlainView, SilentView, View, choose_view, print_summary

SCRIPT = load_script()
STEP: Step = SCRIPT.step[2]
STORY: Story = next(story for story in SCRIPT.story if story.id == "erbil-shanidar")
READING = Reading(
    url="http://127.0.0.1:1/a",
    version=1,
    positive=True,
    probability=0.97,
    label="attack",
    reason="for: [bold]the lead[/bold] says it",
    seconds=1.25,
)
CHAT = Arrival(
    channel="chat",
    accepted=True,
    notice_id="BW-1.1",
    message_id=None,
    headline="S3 REPORTED Erbil Air Base: 1 drone hit [red]now[/red]",
    text="Where: Erbil\n“[link=x]quoted[/link]”",
    at=datetime(2026, 11, 23, tzinfo=UTC),
)
MAIL = replace(CHAT, channel="email", message_id="<a@demo>", answers="<b@demo>", text="Subject line\n\nWhere: Erbil")
REFUSED = replace(CHAT, channel="webhook", accepted=False, problem="503: the receiver is being restarted")


def play(view: View) -> None:
    view.note("Starting")
    view.step(3, 9, STEP)
    view.article(STORY, "Shanidar News", READING)
    view.incidents(["BW-1  S3 REPORTED  erbil-airbase  1 article of 1 outlet"])
    view.incidents(["BW-1  S3 REPORTED  erbil-airbase  1 article of 1 outlet"])
    for arrival in (REFUSED, CHAT, MAIL):
        view.arrival(arrival)
    view.close()


def console(*, terminal: bool = False, width: int = 140, height: int = 50) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=width, height=height, highlight=False)


def shown(on: Console) -> str:
    assert isinstance(on.file, io.StringIO)
    return on.file.getvalue()


def test_plain_lines_tell_every_event_once_and_show_the_alert_as_the_chat_does() -> None:
    paper = console()
    play(PlainView(paper))
    text = shown(paper)
    assert "step 3/9" in text
    assert STEP.title in text
    assert f"Shanidar News [en] {STORY.title}" in text
    assert "ATTACK 0.97, 1.2 s: for: [bold]the lead[/bold] says it" in text
    assert text.count("BW-1  S3 REPORTED") == 1
    assert "refused S3 REPORTED" in text
    assert "accepted [BW-1.1] S3 REPORTED Erbil Air Base: 1 drone hit [red]now[/red]" in text
    assert "| “[link=x]quoted[/link]”" in text
    assert "\x1b" not in text


def test_a_verdict_that_is_not_as_expected_stands_out() -> None:
    paper = console()
    PlainView(paper).article(STORY, "Shanidar News", replace(READING, positive=False, label="other"))
    assert "NOT AS EXPECTED" in shown(paper)


def test_a_language_without_a_lexicon_says_so() -> None:
    paper = console()
    PlainView(paper).article(STORY, "X", replace(READING, positive=False, label="other", known_language=False))
    assert "no lexicon for this language yet" in shown(paper)
    assert "NOT AS EXPECTED" not in shown(paper)


def test_the_screen_holds_articles_incidents_chat_and_mail() -> None:
    screen = console(terminal=True)
    play(LiveView(screen))
    text = shown(screen)
    for word in ("Articles and verdicts", "Incidents", "Chat", "Mail", "Basewatch  APP", "Subject: S3", "[red]now"):
        assert word in text


@pytest.mark.parametrize(
    ("terminal", "width", "height", "plain", "as_json", "kind"),
    [
        (True, 120, 40, False, False, LiveView),
        (True, 120, 40, True, False, PlainView),
        (True, 80, 40, False, False, PlainView),
        (True, 120, 20, False, False, PlainView),
        (False, 120, 40, False, False, PlainView),
        (True, 120, 40, False, True, SilentView),
    ],
)
def test_the_screen_is_chosen_only_where_there_is_room(
    terminal: bool, width: int, height: int, plain: bool, as_json: bool, kind: type
) -> None:
    view = choose_view(console(terminal=terminal, width=width, height=height), as_json=as_json, plain=plain)
    view.close()
    assert type(view) is kind


def summary(problems: tuple[str, ...]) -> str:
    row = ExpectedRow(
        incident="erbil",
        kind="new",
        notice_id="BW-1.1",
        headline="S3 REPORTED Erbil Air Base",
        channels={"webhook": 1, "chat": 1, "email": 1},
    )
    paper = console()
    result = Score(rows=(row,), problems=problems, retries=1, stories=29, readings={})
    print_summary(paper, result, 21.4)
    return shown(paper)


def test_the_summary_sets_expected_beside_arrived() -> None:
    text = summary(())
    assert "BW-1.1" in text
    assert "29 stories gave 1 notices, in 21 s" in text
    assert "✗" not in text


def test_the_summary_names_each_problem() -> None:
    text = summary(("The mail of [BW-1.2] is missing.",))
    assert "✗ The mail of [BW-1.2] is missing." in text
    assert "1 problem" in text
