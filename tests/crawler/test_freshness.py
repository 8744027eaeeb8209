"""Cache lifetimes, as RFC 9111 counts them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.freshness import fresh_for_s

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
CASES = [
    ({}, 0),
    ({"cache-control": "public, max-age=600"}, 600),
    ({"cache-control": "max-age=600", "age": "200"}, 400),
    ({"cache-control": "max-age=600", "age": "2000"}, 0),
    ({"cache-control": 'Max-Age="60"'}, 60),
    ({"cache-control": "s-maxage=900"}, 0),  # for shared caches, which we are not
    ({"cache-control": "no-cache, max-age=600"}, 0),
    ({"cache-control": "no-store"}, 0),
    ({"cache-control": "max-age=600", "expires": "Sun, 01 Mar 2026 18:00:00 GMT"}, 600),
    ({"expires": "Sun, 01 Mar 2026 12:05:00 GMT"}, 300),
    ({"expires": "Sun, 01 Mar 2026 12:05:00 GMT", "date": "Sun, 01 Mar 2026 12:04:00 GMT"}, 60),
    ({"expires": "0"}, 0),
    ({"expires": "Thu, 19 Nov 1981 08:52:00 GMT"}, 0),
    ({"cache-control": "max-age=soon"}, 0),
    ({"cache-control": "max-age=60", "age": "²"}, 60),
]


@pytest.mark.parametrize(("headers", "seconds"), CASES)
def test_a_lifetime_is_what_the_server_says_of_it(headers: dict[str, str], seconds: float) -> None:
    assert fresh_for_s(headers, NOW) == seconds
