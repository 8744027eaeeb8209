"""Grouped commits: each function alone in its fate, all of them told only after the commit."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from storage import sources
from storage.engine import Database
from storage.meta import get_meta, set_meta
from storage.sources import source_states
from tests.storage.builders import NOW, new_incident, polled, registered


def write(key: str, value: str = "x") -> Callable[[Session], str]:
    def fn(session: Session) -> str:
        set_meta(session, key, value)
        return key

    return fn


def fail(session: Session) -> None:
    set_meta(session, "failed", "x")
    session.flush()
    raise LookupError("mine")


def held_up(database: Database) -> threading.Event:
    """Keep the writer busy until the event is set, so that what comes next waits together."""
    go_on = threading.Event()
    database.writer.submit(lambda session: go_on.wait(10))
    return go_on


def keys(database: Database) -> set[str]:
    with database.read() as session:
        return set(session.scalars(text("SELECT key FROM meta")).all())


def test_functions_that_wait_are_committed_together(database: Database) -> None:
    async def scenario() -> list[str]:
        go_on = held_up(database)
        waiting = [asyncio.create_task(database.run_write(write(f"k{number}"))) for number in range(20)]
        await asyncio.sleep(0)
        go_on.set()
        return await asyncio.gather(*waiting)

    assert asyncio.run(scenario()) == [f"k{number}" for number in range(20)]
    assert keys(database) == {f"k{number}" for number in range(20)}
    done = database.writer.counters
    assert done.commits < done.functions, "how many share one is a matter of time: a group ends after GROUP_S"
    assert done.largest_group > 1
    assert database.writer.counters.functions == 21


def test_a_function_that_raises_fails_alone_with_its_own_error(database: Database) -> None:
    async def scenario() -> list[object]:
        go_on = held_up(database)
        waiting = [asyncio.create_task(database.run_write(fn)) for fn in (write("a"), fail, write("b"))]
        await asyncio.sleep(0)
        go_on.set()
        return list(await asyncio.gather(*waiting, return_exceptions=True))

    first, second, third = asyncio.run(scenario())
    assert (first, third) == ("a", "b")
    assert isinstance(second, LookupError)
    assert keys(database) == {"a", "b"}


def break_constraint(session: Session) -> None:
    session.execute(text("INSERT INTO meta (key, value) VALUES ('double', '1')"))
    session.execute(text("INSERT INTO meta (key, value) VALUES ('double', '2')"))


def test_a_broken_constraint_undoes_its_function_alone(database: Database) -> None:
    async def scenario() -> list[object]:
        go_on = held_up(database)
        waiting = [asyncio.create_task(database.run_write(fn)) for fn in (write("a"), break_constraint, write("b"))]
        await asyncio.sleep(0)
        go_on.set()
        return list(await asyncio.gather(*waiting, return_exceptions=True))

    results = asyncio.run(scenario())
    assert isinstance(results[1], Exception)
    assert keys(database) == {"a", "b"}


def commit_inside(session: Session) -> None:
    set_meta(session, "committed", "x")
    session.commit()
    raise LookupError


def test_a_function_cannot_commit_the_group_by_itself(database: Database) -> None:
    with pytest.raises(LookupError):
        asyncio.run(database.run_write(commit_inside))
    assert keys(database) == set()


def test_nobody_is_told_before_the_commit(sqlite_database: Database) -> None:
    """While COMMIT runs, no future is resolved."""
    seen: list[bool] = []
    futures = []

    def on_commit(_connection: object) -> None:
        seen.append(any(future.done() for future in futures))

    event.listen(sqlite_database._write_engine, "commit", on_commit)
    go_on = held_up(sqlite_database)
    futures.extend(sqlite_database.writer.submit(write(f"k{number}")) for number in range(5))
    go_on.set()
    assert [future.result(10) for future in futures] == [f"k{number}" for number in range(5)]
    assert seen
    assert not seen[0]


def lose_transaction(session: Session) -> None:
    """As SQLITE_FULL does: the transaction is rolled back under the function's feet."""
    set_meta(session, "lost", "x")
    raw = session.connection().connection.dbapi_connection
    assert raw is not None
    raw.rollback()
    session.execute(text("SELECT 1"))


def test_when_the_database_throws_a_group_away_the_others_run_again(database: Database) -> None:
    async def scenario() -> list[object]:
        go_on = held_up(database)
        fns = (write("a"), write("b"), lose_transaction, write("c"))
        waiting = [asyncio.create_task(database.run_write(fn)) for fn in fns]
        await asyncio.sleep(0)
        go_on.set()
        return list(await asyncio.gather(*waiting, return_exceptions=True))

    results = asyncio.run(scenario())
    assert (results[0], results[1], results[3]) == ("a", "b", "c")
    assert isinstance(results[2], Exception)
    assert keys(database) == {"a", "b", "c"}


def test_a_task_that_is_cancelled_while_it_waits_is_never_run(database: Database) -> None:
    async def scenario() -> None:
        go_on = held_up(database)
        task = asyncio.create_task(database.run_write(write("cancelled")))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        go_on.set()
        await database.run_write(write("after"))

    asyncio.run(scenario())
    assert keys(database) == {"after"}


def test_closing_finishes_what_is_queued(database: Database, database_url: str) -> None:
    from storage.engine import open_database

    other = open_database(database_url)
    go_on = held_up(other)
    futures = [other.writer.submit(write(f"k{number}")) for number in range(30)]
    threading.Timer(0.05, go_on.set).start()
    other.close()
    assert all(future.result(0) for future in futures)
    assert len(keys(database)) == 30


def test_the_writer_and_other_threads_share_the_file_in_turns(database: Database) -> None:
    async def scenario() -> None:
        async def direct(number: int) -> None:
            def job() -> None:
                with database.write() as session:
                    new_incident(session)

            await asyncio.to_thread(job)

        await asyncio.gather(
            *(database.run_write(new_incident) for _ in range(50)), *(direct(number) for number in range(20))
        )

    asyncio.run(scenario())
    with database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM incidents")) == 70


def test_a_thousand_polls_answered_304_are_few_commits(database: Database) -> None:
    names = [f"s{number}" for number in range(1000)]
    with database.write() as session:
        registered(session, *names)

    async def scenario() -> None:
        def poll(name: str) -> Callable[[Session], object]:
            return lambda session: sources.record_poll(session, name, polled(status="not_modified"), NOW)

        await asyncio.gather(*(database.run_write(poll(name)) for name in names))

    asyncio.run(scenario())
    assert database.writer.counters.commits < 100
    with database.read() as session:
        assert {state.polls_total for state in source_states(session)} == {1}
        assert get_meta(session, "nudge") is None
