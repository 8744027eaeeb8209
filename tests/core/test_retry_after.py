"""Both forms of Retry-After, and the absurd ones."""

from datetime import UTC, datetime

import pytest

from core.retry_after import CAP_S, retry_after_s

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        ("0.5", 0.5),
        ("-30", 0.0),
        ("99999999999", CAP_S),
        ("inf", CAP_S),
        ("Sun, 01 Mar 2026 12:01:00 GMT", 60.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("Sun, 01 Mar 2046 11:00:00 GMT", CAP_S),
        (None, None),
        ("soon", None),
        ("nan", None),
        ("", None),
    ],
)
def test_a_header_becomes_a_bounded_wait(header: str | None, seconds: float | None) -> None:
    assert retry_after_s(header, now=NOW) == seconds
