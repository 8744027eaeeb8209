"""A desk whose timers can be watched: a database, a configuration and a clock."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from alerts.dispatch import dispatch
from alerts.timers import Timers
from config.settings import Settings
from core.clock import SimulatedClock
from core.documents import NoticeDocument
from core.values import NoticeKind, Severity, Status
from storage import deliveries, incidents
from storage.engine import Database
from storage.values import DeliveryView, IncidentSeed, NoticeView
from tests.alerts.channels.messages import document, incident, notice

NIGHT = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)
MORNING = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
CONSOLE = {"kind": "console"}


class Desk:
    """A database, a configuration, a clock, and what an operator would see."""

    def __init__(self, database: Database, *routes: dict[str, Any], **more: Any) -> None:
        named = more.pop("channels", {"desk": {}, "phone": {}})
        self.database, self.clock = database, SimulatedClock(NIGHT)
        self.settings = Settings.model_validate(
            {
                "channels": {name: CONSOLE | rest for name, rest in named.items()},
                "routes": [
                    {"name": f"r{number}", "channels": ["desk"]} | rule for number, rule in enumerate(routes, 1)
                ],
                "delivery": {"all_well": False} | more.pop("delivery", {}),
            }
            | more
        )

    def tell(
        self, incident_id: int | None = None, *, ring: bool = True, kind: NoticeKind = NoticeKind.NEW, **facts: Any
    ) -> int:
        """Write a notice and queue it as intake does; its incident."""
        now = self.clock.now()
        seed = IncidentSeed(
            status=Status.REPORTED, severity=Severity.S3, base="erbil-air-base", country="IQ", first_seen_at=now
        )
        with self.database.write() as session:
            number = incidents.create_incident(session, seed, now) if incident_id is None else incident_id
            part = incident(**{"status": Status.REPORTED, "id": f"BW-{number}"} | facts)
            made = document(notice=notice(ring=ring, kind=kind), incident=part)
            ref = incidents.add_notice(session, number, kind, kind.value, ring, False, made.to_json(), now)
            dispatch(session, ref.id, number, made, self.settings, now, rang=False)
        return number

    def fire(self, **later: float) -> int:
        self.clock.set(self.clock.now() + timedelta(**later))
        return asyncio.run(Timers(self.database, self.settings, self.clock).fire())

    def rows(self, channel: str | None = None) -> list[DeliveryView]:
        with self.database.read() as session:
            return deliveries.list_deliveries(session, channel=channel)[::-1]

    def states(self, channel: str | None = None) -> list[str]:
        return [row.state.value for row in self.rows(channel)]

    def notices(self, incident_id: int | None = None) -> list[NoticeView]:
        with self.database.read() as session:
            return incidents.notices_of(session, incident_id)

    def texts(self, incident_id: int | None = None) -> list[str]:
        return [NoticeDocument.model_validate(one.document).notice.text or "" for one in self.notices(incident_id)]


def sent(desk: Desk) -> None:
    """Everything due is accepted by its receiver."""
    with desk.database.write() as session:
        for claimed in deliveries.claim_due(session, desk.clock.now(), "me", 60):
            deliveries.record_sent(session, claimed.id, "me", desk.clock.now())
