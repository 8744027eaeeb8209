"""The look-ups that every article passes before it is stored, among ten thousand and among a million."""

from __future__ import annotations

import random
import statistics
import struct
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from storage import articles
from storage.copies import copied
from storage.engine import Database, open_database
from storage.fingerprints import content_hash
from storage.shingles import BANDS, bands
from storage.tables import Article, ArticleUrl, ArticleVersion
from storage.types import url_key
from storage.values import ArticleSeed

N_SMALL, N_LARGE = 10_000, 1_000_000
N_ASKED = 500
LONG_EACH = 100  #: one article in so many has a text long enough to be copied; the others have keys of their own alone
_KEYS = struct.Struct(f">{BANDS}q")
ROWS = 10_000  #: written in one statement
START = datetime(2025, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def measure(path: Path, n_small: int, n_large: int) -> dict[str, float | int]:
    """Median milliseconds of the look-up by address and by words at both sizes, and of that of near copies."""
    with open_database(path) as database:
        _fill(database, 0, n_small)
        small = _asked(database, n_small, _is_known)
        _fill(database, n_small, n_large)
        large = _asked(database, n_large, _is_known)
        with database.read() as session:
            _is_copied(session, 0)  # reads the lists of names once
        near = _asked(database, n_large, _is_copied, each=LONG_EACH)
    return {"dedupe_ms_10k": small, "dedupe_ms_1m": large, "near_duplicate_ms_1m": near, "n_stored": n_large}


def _is_known(session: Session, number: int) -> None:
    """What ``articles.store`` asks first: the address, then the words within the family."""
    seed = ArticleSeed(
        url=_address(number), outlet="o", family=f"family-{number % 50}", source_id="s", title=_title(number),
        text=_text(number), first_seen_at=_seen(number),
    )  # fmt: skip
    assert session.scalar(articles.BY_URL, {"key": url_key(seed.url)}) is not None
    assert articles.same_words(session, seed, content_hash(seed.title, seed.text), NOW) is not None


def _is_copied(session: Session, number: int) -> None:
    """What is asked of a new text: the keys of its words, who shares one, and whether it is a copy; here it is one."""
    text = _text(number) + " Editing by the night desk."
    keys = bands(text)
    assert keys is not None
    assert copied(session, text, keys, _seen(number)) == "of the original"


def _asked(database: Database, stored: int, ask: Callable[[Session, int], None], *, each: int = 1) -> float:
    """The median over articles spread over all that is stored, in milliseconds."""
    taken = []
    with database.read() as session:
        for number in range(0, stored, max(stored // N_ASKED // each * each, each)):
            started = time.perf_counter()
            ask(session, number)
            taken.append(1000 * (time.perf_counter() - started))
    return round(statistics.median(taken), 3)


def _fill(database: Database, first: int, last: int) -> None:
    """Store articles without the daemon's care, which would take an hour."""
    for start in range(first, last, ROWS):
        numbers = range(start, min(start + ROWS, last))
        with database.write() as session:
            for table, make in ((Article, _article), (ArticleUrl, _url), (ArticleVersion, _version)):
                session.execute(insert(table), [make(number) for number in numbers])


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
