"""The daemon's own house: a -wal file that stays short, one notice where it cannot, last words without a database."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

import basewatch.caretaker
from alerts.channels.base import OutgoingMessage, Receipt
from basewatch.caretaker import Caretaker, last_words
from config.keep import KeepSettings
from core.clock import Clock
from core.errors import TransientFailure
from core.values import TextReason
from storage.engine import Database
from storage.meta import set_meta

MIB = 2**20


def write_much(database: Database, mib: int) -> None:
    for number in range(mib):
        with database.write() as session:
            set_meta(session, f"k{number % 4}", f"{number:08}" * (MIB // 8))


def caretaker(database: Database, told: list[str]) -> Caretaker:
    async def tell(reason: TextReason, _: str, __: object) -> None:
        told.append(reason)

    return Caretaker(database, KeepSettings(), Clock(), lambda: False, tell)


def test_a_wal_file_that_has_grown_is_cut(sqlite_database: Database) -> None:
    told: list[str] = []
    with sqlite_database._write_engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_autocheckpoint = 0")  # as if a long read had held it up
        connection.rollback()
    write_much(sqlite_database, 20)
    assert sqlite_database.wal_bytes() > 16 * MIB
    keeper = caretaker(sqlite_database, told)
    asyncio.run(keeper.look_at_wal())
    assert (keeper.wal_bytes, sqlite_database.wal_bytes(), told) == (0, 0, [])


def test_a_reader_of_another_program_that_pins_it_is_told_once_and_it_shrinks_when_that_ends(
    sqlite_database: Database, sqlite_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(basewatch.caretaker, "WAL_MOST", 8 * MIB)
    monkeypatch.setattr(basewatch.caretaker, "WAL_CUT", 4 * MIB)
    told: list[str] = []
    keeper = caretaker(sqlite_database, told)
    with closing(sqlite3.connect(sqlite_path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM meta").fetchall()
        write_much(sqlite_database, 12)
        asyncio.run(keeper.look_at_wal())
        asyncio.run(keeper.look_at_wal())
        assert told == ["wal-large"]
        reader.execute("COMMIT")
    asyncio.run(keeper.look_at_wal())
    assert sqlite_database.wal_bytes() == 0


class Remembers:
    def __init__(self, name: str, *, fails: bool = False) -> None:
        self.name, self.fails = name, fails
        self.messages: list[OutgoingMessage] = []

    async def send(self, message: OutgoingMessage, /) -> Receipt:
        if self.fails:
            raise TransientFailure(self.name, "down")
        self.messages.append(message)
        return Receipt()

    async def aclose(self) -> None: ...


def test_last_words_go_to_every_channel_though_one_is_down() -> None:
    well, down = Remembers("well"), Remembers("down", fails=True)
    asyncio.run(
        last_words(
            {"down": down, "well": well},
            ("The database is gone.", {}),
            datetime.now(UTC),
            reason=TextReason.DATABASE_GONE,
        )
    )
    (message,) = well.messages
    assert message.document.notice.text == "The database is gone."
