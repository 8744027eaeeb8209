"""A decision of people: who and why, whether it may be taken, how it is recorded, what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from alerts.desk import ref_of
from alerts.rulings import (
    MERGE,
    MISSED,
    SPLIT,
    UNDO,
)
from alerts.telling import Turn
from core.errors import InputError
from core.values import Label, Mention, NoticeKind, Verdict
from storage import incidents, people
from storage.incidents import public_id
from storage.people import Ref
from storage.values import DecisionSeed, DecisionView, StoredArticle

#: decisions that move reports: one cannot be undone under a later one that touches the same incidents
_MOVING = frozenset({MERGE, SPLIT, MISSED})


@dataclass(frozen=True, slots=True)
class Who:
    """Who decides, and why."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a decision did."""

    decision: int
    incident: str | None = None  #: public id of the incident that it left standing
    made: str | None = None  #: of the incident that it made or brought back
    notices: tuple[NoticeKind, ...] = ()  #: told, each to whoever got the alert


def standing(session: Session, public: str) -> int:
    """The incident with this id. Raises InputError for one that is not there or was merged."""
    found = incidents.incident(session, incidents.parse_public_id(public))
    if found is None:
        raise InputError(f"There is no incident {public}. `basewatch incidents list` shows the latest.")
    if found.merged_into is not None:
        home = public_id(incidents.resolve(session, found.id).id)
        raise InputError(f"{found.public_id} is part of {home}: name that one.")
    return found.id


def home_of(session: Session, decision: DecisionView) -> int:
    assert decision.incident_id is not None  # of every decision about an incident
    return incidents.resolve(session, decision.incident_id).id


def reports_of(session: Session, incident_id: int) -> list[Mention]:
    """The reports that speak. Raises InputError where their outlets took them all back."""
    found = incidents.mentions_of(session, incident_id)
    if not found:
        raise InputError(f"{public_id(incident_id)} has no report left: its outlets took them back.")
    return found


def check_undoable(session: Session, decision: DecisionView) -> None:
    """Raise InputError for what was undone, undoes itself, or lies under a later decision on the same incidents."""
    if decision.kind == UNDO:
        raise InputError(f"Decision {decision.id} took another one back; decide again instead.")
    if decision.undone_by is not None:
        raise InputError(f"Decision {decision.id} was taken back already, by decision {decision.undone_by}.")
    if decision.kind not in _MOVING:
        return
    own = touched_by(decision)
    for later in people.list_decisions(session, sorted(_MOVING)):
        if later.id > decision.id and later.undone_by is None and own & touched_by(later):
            raise InputError(f"Decision {later.id} came after it and stands on it: undo that one first.")


def touched_by(decision: DecisionView) -> set[int]:
    return {decision.detail[name] for name in ("loser", "winner", "source", "made") if name in decision.detail}


def record_decision(
    session: Session,
    kind: str,
    who: Who,
    now: datetime,
    incident_id: int | None,
    detail: dict[str, Any],
    article_id: int | None = None,
) -> int:
    seed = DecisionSeed(
        kind=kind, by=who.by, reason=who.reason, incident_id=incident_id, article_id=article_id, detail=detail
    )
    return people.record(session, seed, now)


def outcome_of(decision: int, turn: Turn, incident_id: int | None, made: int | None = None) -> Outcome:
    return Outcome(
        decision=decision,
        incident=public_id(incident_id) if incident_id is not None else None,
        made=public_id(made) if made is not None else None,
        notices=tuple(kind for kind, _ in turn.notices),
    )


def star(mine: Sequence[Mention], theirs: Sequence[Mention]) -> list[tuple[Ref, Ref]]:
    """Pairs that bind all these reports together, even where one of the two in the middle is taken back."""
    pairs = [(ref_of(mine[0]), ref_of(other)) for other in (*mine[1:], *theirs)]
    if theirs:
        pairs += [(ref_of(theirs[0]), ref_of(other)) for other in (*mine[1:], *theirs[1:])]
    return pairs


def shown(value: Any) -> Any:
    """A range as the documents show it."""
    if isinstance(value, list) and len(value) == 2 and all(isinstance(end, int) for end in value):
        return {"low": value[0], "high": value[1]}
    return value


def no_verdict(stored: StoredArticle) -> Verdict:
    return Verdict(label=Label.ATTACK, probability=1.0, lang=stored.lang or "und", model="people")
