"""What hosts asked of us, kept over restarts: pauses (Retry-After) and robots.txt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage.meta import dialect_insert
from storage.tables import HostPause, SiteRules


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRules:
    """A robots.txt as it was last read."""

    text: str  #: "" where the site has none
    read_at: datetime


def pause_hosts(session: Session, until: Mapping[str, datetime], now: datetime) -> None:
    """No request to these hosts (``host:port``) before their instants. Pauses that are over are forgotten."""
    if not until:
        return
    session.execute(delete(HostPause).where(HostPause.until <= now))
    statement = dialect_insert(session, HostPause)
    session.execute(
        statement.on_conflict_do_update(index_elements=["host"], set_={"until": statement.excluded.until}),
        [{"host": host[:300], "until": instant} for host, instant in until.items()],
    )


def paused_hosts(session: Session, now: datetime) -> dict[str, datetime]:
    """The hosts that are not to be asked yet, and until when."""
    rows = session.execute(select(HostPause.host, HostPause.until).where(HostPause.until > now))
    return {row.host: row.until for row in rows}


def keep_rules(session: Session, site: str, text: str, now: datetime) -> None:
    """Keep the robots.txt of ``scheme://host:port``."""
    statement = dialect_insert(session, SiteRules).values(site=site[:300], text=text, read_at=now)
    values = {"text": statement.excluded.text, "read_at": statement.excluded.read_at}
    session.execute(statement.on_conflict_do_update(index_elements=["site"], set_=values))


def kept_rules(session: Session, site: str) -> KeptRules | None:
    """The robots.txt of this site as it was last read; None: never."""
    row = session.get(SiteRules, site[:300])
    return KeptRules(text=row.text, read_at=row.read_at) if row is not None else None
