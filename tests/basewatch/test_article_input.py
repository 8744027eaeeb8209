from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from basewatch.article_input import Given, articles_of, read_source
from core.errors import InputError

NONE = Given()


def test_reads_one_json_object() -> None:
    (article,), listed = articles_of('{"title": "T", "text": "B", "published": "2026-03-01", "lang": "en"}', NONE)
    assert (article.title, article.text, article.lang, article.date_only, listed) == ("T", "B", "en", True, False)


def test_reads_an_object_a_line() -> None:
    articles, listed = articles_of('{"title": "A"}\n\n{"text": "B"}\n', NONE)
    assert ([a.title for a in articles], listed) == (["A", ""], True)


def test_reads_plain_text_with_the_time_on_its_own_line() -> None:
    (article,), _ = articles_of("SOURCE: Shafaq News\nTitle\n2024-04-21T20:51:07+00:00\n\nBody one\n\nBody two", NONE)
    assert (article.title, article.text) == ("Title", "Body one\n\nBody two")
    assert article.published_at == datetime(2024, 4, 21, 20, 51, 7, tzinfo=UTC)


def test_takes_the_title_from_the_source_line_where_no_other_stands() -> None:
    (article,), _ = articles_of("SOURCE: US responds\n\nSOURCE: US responds\n2024-04-21T20:51:07+00:00\n\nBody", NONE)
    assert (article.title, article.text) == ("US responds", "Body")


def test_the_command_line_fills_what_the_input_lacks() -> None:
    (article,), _ = articles_of("Just a title", Given(published="2026-03-01T10:00:00+03:00", outlet="x", lang="ar"))
    assert article.published_at == datetime(2026, 3, 1, 7, tzinfo=UTC)
    assert (article.outlet, article.lang) == ("x", "ar")


@pytest.mark.parametrize(
    "bad",
    [
        "", " \n", "{", '{"title": 3}', '{"title": "", "text": ""}', "[3]", '{"title": "a"}\nno json',
        '{"title":"a","published":"soon"}',
    ],
)  # fmt: skip
def test_bad_input_is_one_sentence(bad: str) -> None:
    with pytest.raises(InputError) as error:
        articles_of(bad, NONE)
    assert "\n" not in str(error.value)


def test_an_empty_list_and_a_file_that_is_no_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="list is empty"):
        articles_of("[]", NONE)
    (tmp_path / "program").write_bytes(b"\x7fELF\0\0\1")
    with pytest.raises(InputError, match="is no text"):
        read_source(str(tmp_path / "program"))
