"""Whose words a text is: near copies across outlets get the fingerprint of what they copy, and count as one voice."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, bindparam, or_, select
from sqlalchemy.orm import Session

from storage.prints import Prints
from storage.shingles import BANDS, likeness
from storage.tables import ArticleVersion

WINDOW = timedelta(days=7)  #: between the moments at which both were stored; an older one is another story's form
_MOST_NEAR = 200  #: versions that share a key: more of them are a form (a weather report, a list of prices)
_MOST_COMPARED = 4  #: texts that are laid side by side, those with the most keys in common

_VERSIONS = cast("Table", ArticleVersion.__table__).c
_COLUMNS = tuple(_VERSIONS[f"band_{number}"] for number in range(1, BANDS + 1))
_NEAR = (
    select(_VERSIONS.id, *_COLUMNS)
    .where(
        or_(*(column == bindparam(f"key_{number}") for number, column in enumerate(_COLUMNS, 1))),
        _VERSIONS.stored_at.between(bindparam("since"), bindparam("until")),
    )
    .limit(_MOST_NEAR)
)
_TEXTS = select(_VERSIONS.id, _VERSIONS.text, _VERSIONS.fingerprint).where(
    _VERSIONS.id.in_(bindparam("ids", expanding=True))
)


def voice_of(session: Session, text: str, prints: Prints, now: datetime) -> str | None:
    """The fingerprint under which this text counts: that of the text it copies, else its own; None for a short one."""
    if prints.keys is None:
        return prints.fingerprint
    return copied(session, text, prints.keys, now) or prints.fingerprint


def copied(session: Session, text: str, keys: tuple[int, ...], now: datetime) -> str | None:
    """The fingerprint of the nearest stored text that this one copies, by keys in common, then age; None for none."""
    values: dict[str, object] = {f"key_{number}": key for number, key in enumerate(keys, 1)}
    near = session.execute(_NEAR, values | {"since": now - WINDOW, "until": now + WINDOW}).all()
    if not near:
        return None
    ranked = sorted(near, key=lambda row: (-sum(map(int.__eq__, row[1:], keys)), row[0]))
    ids = [row[0] for row in ranked[:_MOST_COMPARED]]
    texts = {row[0]: (row[1], row[2]) for row in session.execute(_TEXTS, {"ids": ids})}
    for other, known in (texts[version_id] for version_id in ids if version_id in texts):
        if known is not None and likeness(text, other) > 0:
            return str(known)
    return None
