"""What people decide."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionSeed:
    """A decision to record."""

    kind: str  #: merge, split, retract, confirm, edit, false-alarm, missed, undo
    by: str
    reason: str
    incident_id: int | None = None
    article_id: int | None = None
    detail: dict[str, Any] = field(default_factory=dict)  #: JSON values; what the kind needs
    undoes: int | None = None  #: the decision that this one takes back


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionView:
    """A decision as recorded."""

    id: int
    kind: str
    incident_id: int | None
    article_id: int | None
    by: str
    reason: str
    detail: dict[str, Any]
    decided_at: datetime
    undoes: int | None
    undone_by: int | None  #: the decision that took this one back; None while it stands


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkView:
    """Two reports, each as article and index, that a standing decision puts together ("must") or apart ("cannot")."""

    decision_id: int
    bond: str
    left: tuple[int, int]
    right: tuple[int, int]
