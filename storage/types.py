"""Column types that refuse or mend what one of the two databases would keep wrongly."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, String, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

#: integer primary keys: SQLite gives its fast rowid alias to INTEGER only
BigId = BigInteger().with_variant(Integer(), "sqlite")

# PostgreSQL has no U+0000 in text, and no encoder takes a lone surrogate; both come in hostile or broken pages.
# One character replaces one, so that offsets into the text stay right.
_UNSTORABLE = {0: "\ufffd", **dict.fromkeys(range(0xD800, 0xE000), "\ufffd")}


def storable(text: str) -> str:
    """The text with each character that a database cannot hold replaced by U+FFFD, length unchanged."""
    return text.translate(_UNSTORABLE) if not text.isascii() or "\0" in text else text


def url_key(url: str) -> str:
    """32 hexadecimal digits (BLAKE2b, 128 bits) that stand for a canonical URL in every index."""
    return blake2b(url.encode("utf-8", "replace"), digest_size=16).hexdigest()


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant; comes back in UTC. A naive value raises ValueError before it reaches the database.

    PostgreSQL: ``timestamptz``. SQLite: text, ``2026-11-23T20:45:40.123456Z``. Text costs 19 bytes more than integer
    microseconds, sorts the same (fixed width), keeps microseconds exactly, and reads as a time in any SQLite shell,
    where an operator looks when something is wrong.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(27))
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant without a time zone cannot be stored: {value.isoformat()}")
        utc = value.astimezone(UTC)
        if dialect.name == "sqlite":
            return utc.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
        return utc

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, str):
            return datetime.fromisoformat(value)
        instant: datetime = value
        return instant.astimezone(UTC)


class SafeText(TypeDecorator[str]):
    """Text of any length; see ``storable``."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


class Json(TypeDecorator[Any]):
    """A JSON value, kept as text on both databases.

    Not ``jsonb``: that refuses U+0000 and lone surrogates, and reorders keys; a document must come back as it was
    written. Readable letters where they can be encoded, escapes where not.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        if value is None:
            return None
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        try:
            text.encode()
        except UnicodeEncodeError:
            text = json.dumps(value, separators=(",", ":"), allow_nan=False)
        return text

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)
