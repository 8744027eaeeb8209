"""What reaches people is clean, whole and within its limit."""

import unicodedata
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import counted, cut, harmless, one_line


@pytest.mark.parametrize("separator", ["\r", "\n", "\r\n", "\v", "\f", "\x85", "\u2028", "\u2029", "\x00", "\t"])
def test_a_separator_in_a_headline_becomes_one_space(separator: str) -> None:
    assert one_line(f"Drones{separator}over Harir") == "Drones over Harir"


def test_bidi_overrides_are_removed_and_letters_stay() -> None:
    assert one_line("abc\u202edef\u2069 عين الأسد") == "abcdef عين الأسد"


@given(st.text())
def test_any_headline_is_fit_for_an_email_subject(headline: str) -> None:
    message = EmailMessage()
    message["Subject"] = one_line(headline)
    assert message.as_bytes().count(b"\nSubject:") + message.as_bytes().startswith(b"Subject:") == 1


@given(st.text(), st.integers(min_value=0, max_value=60))
def test_a_cut_text_keeps_its_limit_and_begins_as_the_text(text: str, limit: int) -> None:
    short = cut(text, limit)
    assert len(short) <= limit
    if len(text) > limit and limit > 1:
        assert text.startswith(short[:-1])


@pytest.mark.parametrize("text", ["e\u0301" * 40, "👩\u200d🚒" * 30, "👍🏽" * 40])
@pytest.mark.parametrize("limit", range(5, 25))
def test_a_cut_never_parts_a_letter_from_its_mark(text: str, limit: int) -> None:
    rest = text[len(cut(text, limit)) - 1 :]
    assert unicodedata.combining(rest[0]) == 0
    assert rest[0] not in "\u200d\ufe0f\U0001f3fd"


def test_text_for_a_terminal_keeps_its_length_and_its_lines_and_commands_nothing() -> None:
    raw = "a\x1b]0;title\x07b\nc\x9b31m\u202ed\te\ud800"
    shown = harmless(raw)
    assert len(shown) == len(raw)
    assert shown == "a\ufffd]0;title\ufffdb\nc\ufffd31m\ufffdd\ufffde\ufffd"


def test_one_thing_and_several_are_counted_in_words() -> None:
    assert [counted(number, "outlet") for number in (0, 1, 2)] == ["0 outlets", "1 outlet", "2 outlets"]
