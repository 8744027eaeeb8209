"""A log line is one line, with a stable action; libraries that print tokens stay quiet."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from basewatch.logs import configure


@pytest.fixture(autouse=True)
def _restore_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


def test_a_json_line_carries_the_sentence_and_the_action() -> None:
    stream = io.StringIO()
    configure("info", "json", stream)
    logging.getLogger("alerts.deliver").info("Delivered %s", "BW-4.1", extra={"action": "delivered", "attempt": 2})
    line = json.loads(stream.getvalue())
    assert line["message"] == "Delivered BW-4.1"
    assert (line["action"], line["attempt"], line["level"]) == ("delivered", 2, "info")


def test_a_human_line_is_one_line_with_its_extras() -> None:
    stream = io.StringIO()
    configure("info", "human", stream)
    logging.getLogger("crawler").warning("Cannot reach %s", "rudaw", extra={"action": "poll_failed", "cause": "dns"})
    assert stream.getvalue().count("\n") == 1
    assert "Cannot reach rudaw  [action=poll_failed cause=dns]" in stream.getvalue()


def test_httpx_is_kept_from_logging_addresses() -> None:
    stream = io.StringIO()
    configure("debug", "human", stream)
    logging.getLogger("httpx").info("HTTP Request: POST https://hooks.example/SECRET")
    assert stream.getvalue() == ""
