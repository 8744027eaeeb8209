"""An operator sees which outlets are read, which of them answer, and why the others do not."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console

from basewatch.commands import outlets
from config.settings import Settings
from core.clock import utc_now
from core.errors import StorageError
from storage import sources
from storage.engine import open_database
from storage.values import PollOutcome
from tests.storage.builders import registered


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A database in which one source answered, one failed twice, and one was not polled yet."""
    settings = Settings.model_validate({"data_dir": tmp_path})
    now = utc_now()
    good = PollOutcome(status="not_modified", next_poll_at=now + timedelta(minutes=5), http_status=304)
    bad = PollOutcome(
        status="failed",
        next_poll_at=now,
        cause_code="http_403",
        message="the outlet [b]refuses[/b] us",
        http_status=403,
    )
    with open_database(settings.database_address) as database, database.write() as session:
        registered(session, "good-en", "bad-ar", "new-en")
        sources.record_poll(session, "good-en", good, now - timedelta(minutes=3))
        for _ in range(2):
            sources.record_poll(session, "bad-ar", bad, now)
    return settings


def shown_by(settings: Settings, *, failing_only: bool = False) -> str:
    console = Console(file=io.StringIO(), width=80)
    outlets.health(settings, failing_only=failing_only, console=console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_health_says_who_answers_who_fails_and_why(settings: Settings) -> None:
    shown = shown_by(settings)
    lines = {line.split()[0]: line for line in reversed(shown.splitlines()) if line.strip()}
    assert all(words in lines["good-en"] for words in ("answers", "3 min"))
    assert all(words in lines["bad-ar"] for words in ("blocked", "http_403 x2"))
    assert "not polled yet" in lines["new-en"]
    assert "bad-ar is blocked since" in shown
    assert "the outlet [b]refuses[/b] us" in shown
    assert shown.endswith("1 of 3 sources answered their last poll, 1 failed, 1 were not polled yet.\n")


def test_health_of_the_failing_ones_leaves_the_others_out_but_counts_them(settings: Settings) -> None:
    shown = shown_by(settings, failing_only=True)
    assert "bad-ar" in shown
    assert "good-en" not in shown
    assert "1 of 3 sources answered" in shown


def test_health_for_machines_holds_causes_and_counts(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    outlets.health(settings, as_json=True)
    document = json.loads(capsys.readouterr().out)
    assert {key: document[key] for key in ("answering", "failing", "not_polled")} == {
        "answering": 1, "failing": 1, "not_polled": 1,
    }  # fmt: skip
    assert document["need_a_look"] == 1
    found = {source["source"]: source for source in document["sources"]}
    assert (found["bad-ar"]["state"], found["bad-ar"]["cause"], found["bad-ar"]["failures_in_a_row"]) == (
        "blocked", "http_403", 2,
    )  # fmt: skip
    assert found["good-en"]["last_answer_at"]


def test_a_cause_that_many_share_is_told_once(settings: Settings) -> None:
    down = PollOutcome(status="failed", next_poll_at=utc_now(), cause_code="dns", message="no name")
    with open_database(settings.database_address) as database, database.write() as session:
        registered(session, *(f"s{number}" for number in range(9)))
        for number in range(9):
            sources.record_poll(session, f"s{number}", down, utc_now())
    shown = shown_by(settings, failing_only=True)
    assert shown.count("no name") == 1
    assert "9 sources: no name" in shown


def test_health_before_the_first_run_says_what_to_start(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="basewatch run"):
        outlets.health(Settings.model_validate({"data_dir": tmp_path}))


def test_ids_and_causes_stay_whole_at_eighty_columns(settings: Settings) -> None:
    names = [f"counter-terrorism-group-en-{kind}" for kind in ("listing", "telegram", "sitemap")]
    with open_database(settings.database_address) as database, database.write() as session:
        registered(session, *names)
        for name in names[:2]:
            bad = PollOutcome(status="failed", next_poll_at=utc_now(), cause_code="robots_unreachable", message="m")
            sources.record_poll(session, name, bad, utc_now() - timedelta(days=40))
    shown = shown_by(settings)
    assert all(len(line) <= 80 for line in shown.splitlines())
    assert "…" not in shown
    assert "40 d" in shown
    words = shown.replace("\n", " ").split()
    for kind in ("listing", "telegram", "sitemap"):
        assert any(kind.endswith(word) or word.endswith(kind) for word in words)
