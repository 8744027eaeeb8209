"""The demo passes only if exactly the expected alerts arrived; each way in which it can fail is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from basewatch.demo.receivers import Arrival
from basewatch.demo.score import Reading, score
from basewatch.demo.stories import Script, load_script
from core.documents import IncidentPart, NoticeDocument, NoticePart, SourcePart
from core.values import NoticeKind, Severity, Status

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
SCRIPT: Script = load_script()
NUMBERS = {"erbil": 1, "tower": 2}

Arrivals = list[Arrival]
Readings = dict[str, Reading]


def url(story_id: str) -> str:
    return f"http://127.0.0.1:1/{story_id}"


def document(key: str, number: int, kind: NoticeKind, minute: int) -> NoticeDocument:
    at = NOW + timedelta(minutes=minute)
    incident = f"BW-{NUMBERS[key]}"
    return NoticeDocument(
        notice=NoticePart(
            id=f"{incident}.{number}", number=number, kind=kind, reason="a-reason", ring=False, created_at=at
        ),
        incident=IncidentPart(
            id=incident,
            status=Status.REPORTED,
            severity=Severity.S3,
            base=SCRIPT.incidents[key].base,
            first_seen_at=at,
        ),
        sources=tuple(
            SourcePart(
                outlet=story.outlet,
                outlet_name=story.outlet,
                lang=story.lang,
                title=story.title,
                url=url(story.id),
                first_seen_at=at,
            )
            for story in SCRIPT.story
            if story.incident == key
        ),
    )


def on_all_channels(made: NoticeDocument) -> Arrivals:
    notice, incident = made.notice, made.incident
    assert incident is not None
    hook = Arrival(
        channel="webhook",
        accepted=True,
        notice_id=notice.id,
        message_id=f"msg_{notice.id}",
        headline=notice.id,
        text="",
        at=notice.created_at,
        document=made,
    )
    mail = replace(hook, channel="email", document=None, message_id=f"<mail_{notice.id}@demo>")
    if notice.number > 1:
        mail = replace(mail, answers=f"<mail_{incident.id}.1@demo>")
    return [hook, replace(hook, channel="chat", document=None, message_id=None), mail]


def all_is_well() -> tuple[Arrivals, Readings]:
    arrivals: Arrivals = []
    numbers = dict.fromkeys(NUMBERS, 0)
    for minute, expected in enumerate(SCRIPT.expected):
        numbers[expected.incident] += 1
        arrivals += on_all_channels(document(expected.incident, numbers[expected.incident], expected.kind, minute))
    restarting = replace(arrivals[0], accepted=False, planned=True)
    readings = {
        story.id: Reading(
            url=url(story.id),
            version=2 if story.edits else 1,
            positive=story.incident is not None and not story.denies,
            probability=0.5,
            label="attack",
            reason="for: a reason",
            seconds=1.0,
        )
        for story in SCRIPT.story
    }
    return [restarting, *arrivals], readings


def test_exactly_the_expected_alerts_pass() -> None:
    found = score(SCRIPT, *all_is_well())
    assert (found.ok, found.problems, found.retries) == (True, (), 1)
    assert [row.kind for row in found.rows] == [notice.kind for notice in SCRIPT.expected]
    assert found.to_json()["ok"] is True


def test_silence_fails() -> None:
    found = score(SCRIPT, [], {})
    assert not found.ok
    assert any("No new notice about 'erbil'" in problem for problem in found.problems)
    assert any("'dollar' was not read" in problem for problem in found.problems)


def a_mail_is_missing(arrivals: Arrivals, readings: Readings) -> None:
    arrivals.remove(next(a for a in arrivals if a.channel == "email" and a.notice_id == "BW-2.1"))


def the_chat_got_one_twice(arrivals: Arrivals, readings: Readings) -> None:
    arrivals.append(next(a for a in arrivals if a.channel == "chat"))


def one_came_for_a_site_that_nobody_attacked(arrivals: Arrivals, readings: Readings) -> None:
    made = document("erbil", 1, NoticeKind.NEW, 30)
    assert made.incident is not None
    other = made.incident.model_copy(update={"base": "ali-al-salem", "id": "BW-3"})
    notice = made.notice.model_copy(update={"id": "BW-3.1"})
    arrivals += on_all_channels(made.model_copy(update={"incident": other, "notice": notice}))


def one_attack_became_two_incidents(arrivals: Arrivals, readings: Readings) -> None:
    update = next(a for a in arrivals if a.document and a.document.notice.kind is NoticeKind.UPDATE)
    assert update.document is not None
    assert update.document.incident is not None
    other = update.document.incident.model_copy(update={"id": "BW-7"})
    moved = update.document.model_copy(update={"incident": other})
    arrivals[arrivals.index(update)] = replace(update, document=moved)


def a_second_update_came(arrivals: Arrivals, readings: Readings) -> None:
    arrivals += on_all_channels(document("erbil", 3, NoticeKind.UPDATE, 40))


def a_retry_came_under_another_id(arrivals: Arrivals, readings: Readings) -> None:
    arrivals[0] = replace(arrivals[0], message_id="msg_other")


def two_notices_share_an_id(arrivals: Arrivals, readings: Readings) -> None:
    for position, arrival in enumerate(arrivals):
        if arrival.channel == "webhook":
            arrivals[position] = replace(arrival, message_id="msg_same")


def an_update_stands_outside_its_thread(arrivals: Arrivals, readings: Readings) -> None:
    mail = next(a for a in arrivals if a.channel == "email" and a.answers)
    arrivals[arrivals.index(mail)] = replace(mail, answers=None)


def a_signature_did_not_fit(arrivals: Arrivals, readings: Readings) -> None:
    arrivals.append(replace(arrivals[1], accepted=False, problem="no signature fits"))


def the_chat_got_what_the_webhook_did_not(arrivals: Arrivals, readings: Readings) -> None:
    chat = next(a for a in arrivals if a.channel == "chat")
    arrivals.append(replace(chat, notice_id="SYS-1"))


def a_threat_was_read_as_an_attack(arrivals: Arrivals, readings: Readings) -> None:
    readings["threat"] = replace(readings["threat"], positive=True)


def a_report_was_missed(arrivals: Arrivals, readings: Readings) -> None:
    readings["erbil-wadi"] = replace(readings["erbil-wadi"], positive=False)


def a_story_of_an_unknown_language_was_read_as_an_attack(arrivals: Arrivals, readings: Readings) -> None:
    readings["metro"] = replace(readings["metro"], positive=True, known_language=False)


def a_source_is_not_named(arrivals: Arrivals, readings: Readings) -> None:
    readings["erbil-levant"] = replace(readings["erbil-levant"], url="http://127.0.0.1:1/elsewhere")


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (a_mail_is_missing, "BW-2.1 (new) was accepted 0 times on email"),
        (the_chat_got_one_twice, "BW-1.1 (new) was accepted 2 times on chat"),
        (one_came_for_a_site_that_nobody_attacked, "BW-3.1 came unexpected: new about ali-al-salem"),
        (one_attack_became_two_incidents, "'erbil', was told as 2 incidents: BW-1, BW-7"),
        (a_second_update_came, "BW-1.3 came unexpected: update"),
        (a_retry_came_under_another_id, "BW-1.1 came under 2 ids on webhook"),
        (two_notices_share_an_id, "Two notices share a message id"),
        (an_update_stands_outside_its_thread, "does not answer the first mail of BW-1"),
        (a_signature_did_not_fit, "The webhook receiver refused BW-1.1: no signature fits"),
        (the_chat_got_what_the_webhook_did_not, "chat got SYS-1"),
        (a_threat_was_read_as_an_attack, "'threat' (threat, ar) was read as"),
        (a_report_was_missed, "'erbil-wadi' (attack, ar) was read as"),
        (a_story_of_an_unknown_language_was_read_as_an_attack, "'metro' (ordinary, fa) was read as"),
        (a_source_is_not_named, "does not name the story 'erbil-levant'"),
    ],
)
def test_each_fault_fails_and_is_named(spoil: Callable[[Arrivals, Readings], None], problem: str) -> None:
    arrivals, readings = all_is_well()
    spoil(arrivals, readings)
    found = score(SCRIPT, arrivals, readings)
    assert not found.ok
    assert any(problem in told for told in found.problems), found.problems


def test_a_report_in_a_language_without_a_lexicon_may_be_missed() -> None:
    arrivals, readings = all_is_well()
    ckb = "erbil-shanidar-ckb"
    readings[ckb] = replace(readings[ckb], positive=False, known_language=False)
    assert score(SCRIPT, arrivals, readings).ok
