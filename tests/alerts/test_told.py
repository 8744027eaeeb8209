"""System and test notices in the language of their channel, from a document that all channels share."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from alerts.headline import first_line
from alerts.language import Language, english
from alerts.told import told
from alerts.wording import plain_text
from config.phrases import TOLD, load_phrases
from core.documents import NoticeDocument, NoticePart
from core.errors import ConfigError
from core.values import NoticeKind
from tests.alerts.channels.messages import NOW, notice, without_isolates

ARABIC = Language(phrases=load_phrases("ar"))
PARAMS: dict[str, str | int] = {
    "site": "Erbil", "channel": "ops", "why": "answered 410", "notice": "BW-4.1", "delivery": 77,
    "minutes": 60, "attempts": 4, "waiting": 12,
    "failing": 31, "answering": 14, "polled": 35, "known": 27,
}  # fmt: skip


def system(reason: str, **params: str | int) -> NoticeDocument:
    part = notice(id="SYS-7", kind=NoticeKind.SYSTEM, reason=reason, text="In English.", params=params)
    return NoticeDocument(notice=part)


def arabic(doc: NoticeDocument) -> str:
    return without_isolates(plain_text(doc, now=NOW, language=ARABIC))


@pytest.mark.parametrize("reason", sorted(TOLD))
def test_each_notice_is_worded_in_arabic_with_all_that_it_knows(reason: str) -> None:
    given = {name: PARAMS[name] for name in TOLD[reason]}
    said = arabic(system(reason, **given))
    assert all(str(value) in said for value in given.values())
    rest = re.sub(r"basewatch [a-z]+ [a-z]+( --state dead)?|Basewatch|\[SYS-7\]", "", said)
    for value in sorted(map(str, given.values()), key=len, reverse=True):  # "4" also stands in "BW-4.1"
        rest = rest.replace(value, "")
    assert re.findall(r"[A-Za-z`{}]+", rest) == []


@pytest.mark.parametrize(
    ("waited", "words"),
    [(0, "لا شيء."), (1, "إشعار واحد."), (2, "إشعاران."), (3, "3 إشعارات."), (11, "11 إشعاراً."), (100, "100 إشعار.")],
)
def test_what_waited_is_counted_as_arabic_counts(waited: int, words: str) -> None:
    assert words in arabic(system("channel-back", channel="ops", waiting=waited))


def test_a_channel_in_english_reads_the_text_as_it_was_written() -> None:
    doc = system("channel-paused", channel="ops", why="answered 410", minutes=60)
    assert told(doc.notice, english()) == ()
    assert first_line(doc, now=NOW) == "SYSTEM In English."


@pytest.mark.parametrize("doc", [system("no-such-reason"), system("channel-paused", channel="ops")])
def test_without_phrase_or_parameter_the_english_text_serves(doc: NoticeDocument) -> None:
    assert "In English." in arabic(doc)


def test_a_document_of_before_has_no_parameters_and_is_read() -> None:
    kept = system("channel-paused").to_json()
    del kept["notice"]["params"]
    assert NoticePart.model_validate(kept["notice"]).params == {}


def test_a_parameter_is_never_read_as_a_phrase() -> None:
    said = arabic(system("channel-paused", channel="{why}`", why="{channel}", minutes=2))
    assert "{channel}" in said
    assert "basewatch channels test {why}`" in said
    assert "كل دقيقتين" in said


def test_a_phrase_that_asks_for_what_is_not_given_is_refused(tmp_path: Path) -> None:
    (tmp_path / "phrases").mkdir()
    (tmp_path / "phrases/ar.toml").write_text('[told]\ncanary = "{weather}"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="weather"):
        load_phrases("ar", tmp_path)
