"""The sitemaps that an index names, as they were last fetched, so that each is asked for conditionally."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage.tables import SourcePart
from storage.types import url_key
from storage.values import PartState


def parts_of(session: Session, source_id: str) -> list[PartState]:
    """Those that are followed, by address."""
    rows = session.scalars(select(SourcePart).where(SourcePart.source_id == source_id).order_by(SourcePart.url))
    return [
        PartState(
            url=row.url, changed_raw=row.changed_raw, etag=row.etag, last_modified=row.last_modified,
            body_hash=row.body_hash,
        )
        for row in rows
    ]  # fmt: skip


def keep(session: Session, source_id: str, parts: Sequence[PartState], now: datetime) -> None:
    """Make these the parts that are followed, in the caller's transaction."""
    session.execute(delete(SourcePart).where(SourcePart.source_id == source_id))
    session.add_all(
        SourcePart(
            source_id=source_id, url_key=url_key(part.url), url=part.url, changed_raw=part.changed_raw,
            etag=part.etag, last_modified=part.last_modified, body_hash=part.body_hash, fetched_at=now,
        )
        for part in {part.url: part for part in parts}.values()
    )  # fmt: skip
    session.flush()
