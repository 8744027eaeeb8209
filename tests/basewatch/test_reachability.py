"""Deafness is told once, with its cause, and its end is told, too."""

from datetime import UTC, datetime, timedelta

import pytest

from basewatch.reachability import (
    DEAF_NOTICE_AFTER,
    DeafnessWatch,
    Hearing,
    Reach,
    polled_text,
    reach,
    reach_params,
    reach_text,
)
from crawler.counters import CrawlSummary
from storage.values import SourceState

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def source(name: str, *, failures: int = 0, cause: str | None = None, polled: bool = True) -> SourceState:
    ok_at = START + timedelta(seconds=30) if polled and not failures else None
    return SourceState(
        source_id=name,
        outlet=name,
        kind="feed",
        url=f"https://{name}.example/rss",
        country="IQ",
        interval_s=300,
        enabled=True,
        state="failing" if failures else "ok",
        registered_at=START,
        next_poll_at=START,
        last_poll_at=START + timedelta(seconds=30) if polled else None,
        last_ok_at=ok_at,
        last_full_at=ok_at,
        last_new_at=None,
        failing_since=START if failures else None,
        failures=failures,
        cause_code=cause,
        message=None,
        http_status=None,
        etag=None,
        last_modified=None,
        body_hash=None,
        polls_total=1,
        failures_total=failures,
        entries_total=0,
        bytes_total=0,
    )


def test_nothing_polled_yet_is_neither_deaf_nor_fine() -> None:
    assert reach([source("a", polled=False)], since=START).hearing is Hearing.UNKNOWN


def test_one_outlet_that_answers_is_enough_to_hear() -> None:
    found = reach([source("a"), source("b", failures=3, cause="dns")], since=START)
    assert (found.hearing, found.polled, found.failing) == (Hearing.FINE, 2, 1)


def test_a_poll_of_an_earlier_life_does_not_count() -> None:
    assert reach([source("a")], since=START + timedelta(hours=1)).hearing is Hearing.UNKNOWN


@pytest.mark.parametrize(("causes", "network"), [(["dns", "dns", "timeout"], True), (["http_403", "dns"], False)])
def test_the_cause_tells_our_network_from_their_refusal(causes: list[str], network: bool) -> None:
    sources = [source(str(number), failures=1, cause=cause) for number, cause in enumerate(causes)]
    found = reach(sources, since=START)
    assert (found.hearing, found.network) == (Hearing.DEAF, network)
    assert ("network and DNS" in reach_text(found, START, START)) is network


def test_deafness_is_told_once_people_hear_of_it_when_it_lasts_and_of_its_end() -> None:
    deaf = reach([source("a", failures=1, cause="dns")], since=START)
    fine = reach([source("a")], since=START)
    watch = DeafnessWatch()
    assert watch.judge(deaf, START) == "deaf"
    assert watch.judge(deaf, START + timedelta(minutes=5)) is None
    assert watch.judge(deaf, START + DEAF_NOTICE_AFTER) == "tell-deaf"
    assert watch.judge(deaf, START + DEAF_NOTICE_AFTER * 2) is None
    assert watch.judge(fine, START + DEAF_NOTICE_AFTER * 3) == "tell-hearing"
    assert watch.judge(fine, START + DEAF_NOTICE_AFTER * 4) is None


def test_a_short_deafness_reaches_the_log_alone() -> None:
    deaf = reach([source("a", failures=1, cause="dns")], since=START)
    watch = DeafnessWatch()
    watch.judge(deaf, START)
    assert watch.judge(reach([source("a")], since=START), START + timedelta(minutes=2)) == "hearing"


def test_a_round_of_polls_is_told_in_one_short_line() -> None:
    summary = CrawlSummary(articles_new=3)
    summary.polls.update({"ok": 4, "not_modified": 1, "dns": 2})
    assert polled_text(summary) == "Polled 7 sources: 5 answered, 2 failed; 3 new articles, 0 changed"


def test_under_half_of_the_outlets_is_told_once_and_nothing_at_all_is_told_besides() -> None:
    def found(answering: int, failing: int) -> Reach:
        good = [source(f"good-{number}") for number in range(answering)]
        bad = [source(f"bad-{number}", failures=1, cause="http_403") for number in range(failing)]
        return reach([*good, *bad], since=START)

    assert found(3, 3).hearing is Hearing.FINE
    assert found(1, 2).hearing is Hearing.FINE  # told by name: too few for a share
    half = found(2, 3)
    assert (half.hearing, half.outlets, half.outlets_answering) == (Hearing.HALF, 5, 2)
    assert "Only 2 of 5 outlets answer" in reach_text(half, START, START)
    assert reach_params(half, START, START) == {"why": "http_403", "minutes": 0, "answering": 2, "known": 5}
    watch = DeafnessWatch()
    assert watch.judge(half, START) == "half"
    assert watch.judge(half, START + DEAF_NOTICE_AFTER) == "tell-half"
    assert watch.judge(half, START + DEAF_NOTICE_AFTER * 2) is None
    assert watch.judge(found(0, 5), START + DEAF_NOTICE_AFTER * 3) == "deaf"
    assert watch.judge(found(0, 5), START + DEAF_NOTICE_AFTER * 4) == "tell-deaf"
    assert watch.judge(half, START + DEAF_NOTICE_AFTER * 5) is None
    assert watch.judge(found(5, 0), START + DEAF_NOTICE_AFTER * 6) == "tell-hearing"
    assert watch.heard_since == START + DEAF_NOTICE_AFTER * 6
