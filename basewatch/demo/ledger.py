"""The daemon's own database, read while it runs: what became of each article, and whether anything is still under way.

The file is opened read-only by SQLite itself: the demo cannot touch what it watches.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import create_engine, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from core.clock import utc_now
from core.values import DeliveryState
from storage.tables import Article, ArticleVersion, Delivery, Incident, Page, Report, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One article version with its verdict."""

    url: str
    version: int
    label: str
    probability: float
    reason: str
    at: datetime  #: of the verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The database at one moment."""

    judged: tuple[Judged, ...] = ()
    incidents: tuple[str, ...] = ()  #: one line each
    under_way: int = 0  #: pages due, articles without a verdict, deliveries not settled


class Ledger:
    """Looks at the database; before the daemon has made it, there is nothing to see."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._engine = create_engine(f"sqlite:///file:{quote(str(path))}?mode=ro&uri=true")

    def look(self) -> Look:
        if not self._path.exists():
            return Look()
        try:
            with Session(self._engine) as session:
                return Look(judged=_judged(session), incidents=_incidents(session), under_way=_under_way(session))
        except OperationalError:  # its tables are being made
            return Look()

    def close(self) -> None:
        self._engine.dispose()


def _judged(session: Session) -> tuple[Judged, ...]:
    rows = session.execute(
        select(Article.url, ArticleVersion.version, Verdict)
        .join(ArticleVersion, ArticleVersion.article_id == Article.id)
        .join(Verdict, Verdict.version_id == ArticleVersion.id)
        .order_by(Verdict.id)
    )
    return tuple(
        Judged(
            url=url,
            version=version,
            label=verdict.label,
            probability=verdict.probability,
            reason=str(next(iter(verdict.document.get("reasons", ())), "nothing in it points to an attack")),
            at=verdict.created_at,
        )
        for url, version, verdict in rows
    )


def _incidents(session: Session) -> tuple[str, ...]:
    rows = session.execute(
        select(Incident, func.count(Report.article_id.distinct()), func.count(Report.outlet.distinct()))
        .join(Report, Report.incident_id == Incident.id)
        .where(Incident.merged_into.is_(None))
        .group_by(Incident.id)
        .order_by(Incident.id)
    )
    return tuple(
        f"BW-{incident.id}  {incident.severity} {incident.status.upper()}  {incident.base}  "
        f"{articles} article{'s'[: articles != 1]} of {outlets} outlet{'s'[: outlets != 1]}"
        for incident, articles, outlets in rows
    )


def _under_way(session: Session) -> int:
    open_states = (DeliveryState.PENDING, DeliveryState.SENDING)
    counts = (
        select(func.count()).select_from(Page).where(Page.state == "wanted", Page.not_before <= utc_now()),
        select(func.count()).select_from(ArticleVersion).where(ArticleVersion.state == "waiting"),
        select(func.count()).select_from(Delivery).where(Delivery.state.in_(open_states)),
    )
    return sum(session.scalar(count) or 0 for count in counts)
