"""The look-ups that every article passes before it is stored, among ten thousand and among a million."""

from __future__ import annotations

import random
import sqlite3
import statistics
import struct
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any

from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Session

from storage import sameness
from storage.copies import copied
from storage.engine import Database, open_database
from storage.fingerprints import content_hash
from storage.shingles import BANDS, bands
from storage.types import UtcDateTime, url_key

N_SMALL, N_LARGE = 10_000, 1_000_000
N_ASKED = 500
LONG_EACH = 100  #: one article in so many has a text long enough to be copied; the others have keys of their own alone
_INSTANT, _DIALECT = UtcDateTime(), sqlite.dialect()
_KEYS = struct.Struct(f">{BANDS}q")
START = datetime(2025, 1, 1, tzinfo=UTC)


def measure(path: Path, n_small: int, n_large: int) -> dict[str, float | int]:
    """Median milliseconds of the look-up by address and by words at both sizes, and of that of near copies."""
    open_database(path).close()
    _fill(path, 0, n_small)
    with open_database(path) as database:
        small = _asked(database, n_small, _is_known)
    started = time.perf_counter()
    _fill(path, n_small, n_large)
    filled_s = time.perf_counter() - started
    with open_database(path) as database:
        large = _asked(database, n_large, _is_known)
        with database.read() as session:
            _is_copied(session, _Asked(0))  # reads the lists of names once
        near = _asked(database, n_large, _is_copied, each=LONG_EACH)
    return {
        "dedupe_ms_10k": small, "dedupe_ms_1m": large, "near_duplicate_ms_1m": near, "n_stored": n_large,
        "fill_s": round(filled_s, 1),
    }  # fmt: skip


class _Asked:
    """An article that comes again, made before the time is taken."""

    def __init__(self, number: int) -> None:
        self.number, self.url, self.family = number, _address(number), f"family-{number % 50}"
        self.title, self.text, self.seen_at = _title(number), _text(number), _seen(number)


def _is_known(session: Session, asked: _Asked) -> None:
    """What ``articles.store`` asks of each article: who has its address, and who in its family has its words."""
    assert sameness.id_of_url(session, asked.url) == asked.number + 1
    hashed = content_hash(asked.title, asked.text)
    assert sameness.same_words(session, asked.family, hashed, sameness.SHORT_WORDS, asked.seen_at) is not None


def _is_copied(session: Session, asked: _Asked) -> None:
    """What is asked of a new text: the keys of its words, who shares one, and whether it is a copy; here it is one."""
    text = asked.text + " Editing by the night desk."
    keys = bands(text)
    assert keys is not None
    assert copied(session, text, keys, asked.seen_at) == "of the original"


def _asked(database: Database, stored: int, ask: Callable[[Session, _Asked], None], *, each: int = 1) -> float:
    """The median over articles spread over all that is stored, in milliseconds."""
    taken = []
    articles = [_Asked(number) for number in range(0, stored, max(stored // N_ASKED // each * each, each))]
    with database.read() as session:
        ask(session, articles[0])
        for article in articles:
            started = time.perf_counter()
            ask(session, article)
            taken.append(1000 * (time.perf_counter() - started))
    return round(statistics.median(taken), 3)


def _fill(path: Path, first: int, last: int) -> None:
    """Store articles without the daemon's care, which would take an hour.

    The indexes are made anew afterwards, and addresses go in by their key: a million rows in the order of arrival
    would write most pages of each index a hundred times.
    """
    made: tuple[tuple[str, Callable[[int], dict[str, Any]]], ...]
    made = (("articles", _article), ("article_urls", _url), ("article_versions", _version))
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("PRAGMA synchronous = OFF")
    raw.execute("PRAGMA cache_size = -262144")
    wanted = "type = 'index' AND sql IS NOT NULL AND tbl_name IN ('articles', 'article_urls', 'article_versions')"
    indexes = raw.execute(f"SELECT name, sql FROM sqlite_master WHERE {wanted}").fetchall()
    raw.execute("BEGIN IMMEDIATE")
    for name, _ in indexes:
        raw.execute(f"DROP INDEX {name}")
    for table, make in made:
        numbers = range(first, last)
        if make is _url:
            numbers = sorted(numbers, key=lambda number: url_key(_address(number)))  # type: ignore[assignment]
        names = tuple(make(first))
        statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        raw.executemany(statement, (tuple(map(_plain, make(number).values())) for number in numbers))
    for _, sql in indexes:
        raw.execute(sql)
    raw.execute("COMMIT")
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()


def _plain(value: Any) -> Any:
    """As ``storage.types`` keeps it."""
    return _INSTANT.process_bind_param(value, _DIALECT) if isinstance(value, datetime) else value


def _article(number: int) -> dict[str, Any]:
    return {
        "id": number + 1, "url": _address(number), "outlet": f"outlet-{number % 50}", "family": f"family-{number % 50}",
        "source_id": "s", "current_version": 1, "first_seen_at": _seen(number), "first_poll": False,
        "hash_only_edits": 0, "edits_dropped": 0,
    }  # fmt: skip


def _url(number: int) -> dict[str, Any]:
    return {
        "url_key": url_key(_address(number)), "url": _address(number), "article_id": number + 1,
        "outlet": f"outlet-{number % 50}", "seen_at": _seen(number),
    }  # fmt: skip


def _version(number: int) -> dict[str, Any]:
    return {
        "article_id": number + 1, "version": 1, "family": f"family-{number % 50}", "title": _title(number),
        "text": _text(number), "lang": "en", "published_at": _seen(number), "date_only": False, "from_feed_only": False,
        "content_hash": content_hash(_title(number), _text(number)), "stored_at": _seen(number),
        "fingerprint": "of the original", "state": "classified", **_keys(number),
    }  # fmt: skip


def _address(number: int) -> str:
    return f"https://outlet-{number % 50}.example/{number}"


def _seen(number: int) -> datetime:
    return START + timedelta(seconds=30 * number)


def _title(number: int) -> str:
    return f"Parliament of {number} adopts the budget in session {number % 97}"


def _text(number: int) -> str:
    text = f"The speaker of chamber {number} said that {number * 7919 % 1_000_003} members voted for it."
    if number % LONG_EACH:
        return text
    words = random.Random(number)
    return text + " " + " ".join(f"word{words.randrange(5000)}" for _ in range(200))


def _keys(number: int) -> dict[str, int]:
    keys = bands(_text(number)) or _KEYS.unpack(blake2b(str(number).encode(), digest_size=_KEYS.size).digest())
    return {f"band_{place}": key for place, key in enumerate(keys, 1)}
