"""What the status page is made of, read from the database in one snapshot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy.orm import Session

from alerts.classifier import Classifier
from basewatch.health.keeper import Standing
from config.outlets import Outlet, select_outlets
from config.settings import Settings
from config.watch import Watch
from storage import deliveries, incidents, overview, sources
from storage.engine import Database
from storage.overview import LatestArticle
from storage.values import DeliveryView, IncidentFilter, IncidentView, SourceState

OPEN_FOR = timedelta(hours=72)  #: an incident that was first seen so long ago stands on the page
MOST_INCIDENTS, MOST_ARTICLES, MOST_DELIVERIES = 30, 30, 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One snapshot."""

    standing: Standing
    started_at: datetime
    watch: Watch
    outlets: Mapping[str, Outlet]  #: those that are read
    channels: Mapping[str, str]  #: name and kind of the enabled ones
    model: str  #: hash of the classifier
    sources: tuple[SourceState, ...]
    incidents: tuple[IncidentView, ...]
    documents: Mapping[int, Mapping[str, Any]]  #: newest notice of each incident
    articles: tuple[LatestArticle, ...]
    deliveries: tuple[DeliveryView, ...]


class Shown(Protocol):
    """What is shown: the daemon."""

    settings: Settings
    started_at: datetime
    watch: Watch
    outlets: dict[str, Outlet]
    classifier: Classifier
    database: Database


class Content:
    """Reads snapshots of a daemon, whatever configuration it has by then."""

    def __init__(self, daemon: Callable[[], Shown]) -> None:
        self._daemon = daemon

    async def read(self, standing: Standing) -> Found:
        """The page's values as they stand. Raises DatabaseFault."""
        daemon = self._daemon()
        channels = {name: one.kind for name, one in daemon.settings.channels.items() if one.enabled}

        def look(session: Session) -> Found:
            which = IncidentFilter(since=standing.at - OPEN_FOR, open_only=True, limit=MOST_INCIDENTS)
            open_ones = tuple(incidents.list_incidents(session, which))
            return Found(
                standing=standing,
                started_at=daemon.started_at,
                watch=daemon.watch,
                outlets=select_outlets(daemon.outlets, daemon.settings.crawler),
                channels=channels,
                model=daemon.classifier.model,
                sources=tuple(sources.source_states(session)),
                incidents=open_ones,
                documents=overview.newest_documents(session, [one.id for one in open_ones]),
                articles=tuple(overview.latest_articles(session, MOST_ARTICLES)),
                deliveries=tuple(deliveries.list_deliveries(session, limit=MOST_DELIVERIES)),
            )

        return await daemon.database.run_read(look)
