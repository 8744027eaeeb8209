"""Silences, acknowledgements, follow-ups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceSeed:
    """What is to be held back, and until when; what is None is not asked for."""

    base: str | None = None
    country: str | None = None
    incident_id: int | None = None
    from_at: datetime
    until_at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceView:
    """A silence, with what it held back."""

    id: int
    base: str | None
    country: str | None
    incident_id: int | None
    from_at: datetime
    until_at: datetime
    reason: str
    created_at: datetime
    ended_at: datetime | None
    held: int = 0  #: deliveries that it holds back now
    digested: int = 0  #: deliveries that it held back and a digest has named since

    def covers(self, *, base: str | None, country: str | None, incident_ids: frozenset[int], at: datetime) -> bool:
        """Whether it holds back, at this time, what concerns this incident (known by any of these ids)."""
        return (
            self.from_at <= at < self.until_at
            and (self.base is None or self.base == base)
            and (self.country is None or self.country == country)
            and (self.incident_id is None or self.incident_id in incident_ids)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """Who has seen an incident, and when."""

    incident_id: int
    by: str
    note: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpView:
    """A ringing notice that waits to be acknowledged."""

    id: int
    incident_id: int
    notice_id: int
    route: str
    kind: str  #: repeat, escalate
    step: int  #: how often it has been done
    next_at: datetime
    created_at: datetime  #: of the notice
    done_at: datetime | None = None
    done_reason: str | None = None
