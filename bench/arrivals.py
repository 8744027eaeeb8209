"""The receiver with faults as the benches use it: started, stopped, and what it accepted, counted."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from core.clock import utc_now
from core.documents import IncidentPart, NoticeDocument, NoticePart
from core.values import NoticeKind, Severity, Status
from storage import deliveries, incidents
from storage.engine import Database
from storage.values import IncidentSeed

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  #: a fixed key of the benches' own receivers


@dataclass(slots=True)
class Receiver:
    """A running receiver; ``accepted`` is filled when it has ended."""

    host: str
    accepted: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    def channel(self, path: str) -> dict[str, object]:
        """The settings of a channel that posts there."""
        return {"kind": "webhook", "url": f"http://{self.host}{path}", "secrets": [SECRET]}

    def count(self, path: str, queued: Iterable[str]) -> tuple[int, int, int]:
        """Of the notices queued for a path: how many never arrived, how many came more than once, how many under
        more than one id."""
        arrived = self.accepted.get(path, {})
        ids = [arrived.get(notice, []) for notice in queued]
        return sum(not one for one in ids), sum(len(one) > 1 for one in ids), sum(len(set(one)) > 1 for one in ids)


@contextmanager
def receiver() -> Iterator[Receiver]:
    """The receiver with faults, in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.faulty"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    found = Receiver(host=f"127.0.0.1:{process.stdout.readline().strip()}")
    try:
        yield found
    finally:
        told, _ = process.communicate("")
        found.accepted = json.loads(told) if told else {}


def queue(database: Database, count: int, channels: Iterable[str]) -> list[str]:
    """Write notices, one incident each, so that none waits for another; their public ids."""
    now, names = utc_now(), list(channels)
    notice = NoticePart(id="", number=0, kind=NoticeKind.NEW, reason="new-incident", ring=True, created_at=now)
    part = IncidentPart(id="", status=Status.REPORTED, severity=Severity.S3, base="erbil-airbase", first_seen_at=now)
    document = NoticeDocument(notice=notice, incident=part).to_json()
    seed = IncidentSeed(status=Status.REPORTED, severity=Severity.S3, base="erbil-airbase", first_seen_at=now)
    made = []
    with database.write() as session:
        for _ in range(count):
            incident = incidents.create_incident(session, seed, now)
            ref = incidents.add_notice(session, incident, NoticeKind.NEW, "new-incident", True, False, document, now)
            deliveries.enqueue(session, ref.id, names, now)
            made.append(ref.public_id)
    return made
