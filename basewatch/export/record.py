"""What every format is written from: an incident as it stands, with the notices that people got."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from basewatch.incident_part import part_of
from core.documents import IncidentPart, NoticeDocument
from core.values import NoticeKind
from storage import incidents, notices
from storage.values import IncidentFilter

#: the kinds that tell an incident; a test or canary notice is nobody's record
TOLD = frozenset({NoticeKind.NEW, NoticeKind.UPDATE, NoticeKind.CORRECTION})


@dataclass(frozen=True, slots=True)
class Record:
    """One incident."""

    incident: IncidentPart  #: as it stands now
    changed_at: datetime
    closed_at: datetime | None
    is_merged: bool  #: it turned out to be another incident: only its notices still matter
    notices: tuple[NoticeDocument, ...]  #: oldest first, each as it was written

    @property
    def newest(self) -> NoticeDocument | None:
        """The last notice: it has evidence and sources. None for an incident of which nothing was told."""
        return self.notices[-1] if self.notices else None


def records(session: Session, which: IncidentFilter) -> list[Record]:
    """The records of incidents, merged ones too, the oldest first."""
    found = []
    for view in reversed(incidents.list_incidents(session, replace(which, include_merged=True))):
        told = (NoticeDocument.model_validate(notice.document) for notice in notices.notices_of(session, view.id))
        kept = tuple(document for document in told if document.notice.kind in TOLD)
        found.append(Record(part_of(view), view.changed_at, view.closed_at, view.merged_into is not None, kept))
    return found


def standing(records: Iterable[Record]) -> list[Record]:
    """The records of incidents that stand for themselves."""
    return [record for record in records if not record.is_merged]


def told(records: Iterable[Record]) -> Iterator[tuple[Record, NoticeDocument]]:
    """Every notice of these records with its record, in the order in which they were written."""
    pairs = [(record, notice) for record in records for notice in record.notices]
    yield from sorted(pairs, key=lambda pair: (pair[1].notice.created_at, pair[1].notice.id))
