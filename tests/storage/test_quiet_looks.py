"""What a daemon asks its database every few seconds costs the same with a year of articles as on the first day."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from storage import alertness, attention, deliveries, held, pages, revisits, sources
from storage.engine import Database
from storage.vitals import Marks, grown_since, vitals
from tests.storage.builders import NOW

#: tables that grow for years; the others hold what is configured, or what is wrong just now
GROWING = (
    "articles", "article_versions", "article_urls", "pages", "entries", "verdicts", "incidents", "reports", "facts",
    "notices", "deliveries", "delivery_attempts",
)  # fmt: skip

LOOKS: dict[str, Callable[[Session], object]] = {
    "claim": lambda session: deliveries.claim_due(session, NOW, "us", 60, channels=("ops",)),
    "is any delivery due": lambda session: deliveries.is_any_for(session, NOW, "ops"),
    "next delivery": deliveries.next_due_at,
    "take over": lambda session: deliveries.free_leases(session, NOW),
    "held": lambda session: held.is_any_due(session, NOW),
    "follow-ups": lambda session: attention.is_any_due(session, NOW),
    "wanted pages": lambda session: pages.wanted(session, NOW),
    "revisits": lambda session: revisits.due_revisits(session, NOW),
    "hot countries": lambda session: alertness.hot_countries(session, NOW),
    "due sources": lambda session: sources.due(session, NOW, 50),
    "vitals": lambda session: vitals(session, NOW - timedelta(hours=1)),
    "counters": lambda session: grown_since(session, Marks(articles=9, verdicts=9, incidents=9, notices=9, attempts=9)),
}


@pytest.mark.parametrize("look", LOOKS)
def test_a_look_of_the_daemon_reads_no_table_from_end_to_end(look: str, sqlite_database: Database) -> None:
    asked: list[tuple[str, Any]] = []
    engine = sqlite_database._write_engine
    event.listen(engine, "before_cursor_execute", lambda _c, _u, statement, given, *_: asked.append((statement, given)))
    with sqlite_database.write() as session:
        LOOKS[look](session)
        statements = [(words, given) for words, given in asked if words.startswith(("SELECT", "UPDATE", "WITH"))]
        assert statements
        connection = session.connection()
        for words, given in statements:
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}", given)]
            for step in plan:
                scanned = re.fullmatch(r"SCAN (\w+)(?: AS \w+)?", step)  # an index that is named holds open rows alone
                whole = scanned is not None and scanned[1] in GROWING
                assert not whole or _ends_early(words, plan), (words, plan)


def _ends_early(words: str, plan: list[str]) -> bool:
    """A table that is read from its newest row backwards until the first that fits."""
    return "DESC" in words and "LIMIT" in words and not any("TEMP B-TREE" in step for step in plan)
