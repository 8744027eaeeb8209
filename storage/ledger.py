"""The ledger of attempts, and the outcomes that only the owner of a lease may record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from sqlalchemy import Table, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from storage.outbox import DEAD, PENDING, SENDING, SENT
from storage.tables import Delivery, DeliveryAttempt
from storage.types import SafeText, UtcDateTime
from storage.values import AttemptView

DeliveryOutcome = Literal["sent", "retry", "dead"]
_STATE_AFTER: dict[DeliveryOutcome, str] = {"sent": SENT, "retry": PENDING, "dead": DEAD}


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptFacts:
    """What is known of one attempt; the words hold no secret."""

    error: str | None = None
    http_status: int | None = None
    started_at: datetime | None = None
    answer: str | None = None
    next_attempt_at: datetime | None = None


NOTHING = AttemptFacts()


# ---- outcomes: each succeeds only for the owner of the lease


def record_sent(
    session: Session,
    delivery_id: int,
    owner: str,
    now: datetime,
    *,
    remote_ref: str | None = None,
    http_status: int | None = None,
    started_at: datetime | None = None,
    answer: str | None = None,
) -> bool:
    """Accepted by the receiver. False if the lease is not (any more) ``owner``'s: somebody else decides its outcome."""
    facts = AttemptFacts(http_status=http_status, started_at=started_at, answer=answer or None)
    return _finish(session, delivery_id, owner, now, "sent", facts, remote_ref=remote_ref)


def record_retry(
    session: Session,
    delivery_id: int,
    owner: str,
    now: datetime,
    *,
    next_attempt_at: datetime,
    error: str,
    http_status: int | None = None,
    started_at: datetime | None = None,
) -> bool:
    """Not accepted, try again at ``next_attempt_at``. ``error`` must hold no secret. False as in ``record_sent``."""
    facts = AttemptFacts(error=error, http_status=http_status, started_at=started_at, next_attempt_at=next_attempt_at)
    return _finish(session, delivery_id, owner, now, "retry", facts)


def record_dead(
    session: Session,
    delivery_id: int,
    owner: str,
    now: datetime,
    *,
    error: str,
    http_status: int | None = None,
    started_at: datetime | None = None,
) -> bool:
    """Given up. ``error`` must hold no secret. False as in ``record_sent``."""
    facts = AttemptFacts(error=error, http_status=http_status, started_at=started_at)
    return _finish(session, delivery_id, owner, now, "dead", facts)


def _finish(
    session: Session,
    delivery_id: int,
    owner: str,
    now: datetime,
    outcome: DeliveryOutcome,
    attempt: AttemptFacts,
    *,
    remote_ref: str | None = None,
) -> bool:
    row = session.execute(
        _FINISH,
        {
            "key": delivery_id, "owner": owner, "now": now, "to": _STATE_AFTER[outcome], "error": attempt.error,
            "sent": now if outcome == "sent" else None, "ref": remote_ref, "next": attempt.next_attempt_at,
        },
    ).first()  # fmt: skip
    if row is None:
        return False
    write_ledger(session, delivery_id, row[0], outcome, owner, now, attempt)
    return True


def write_ledger(
    session: Session,
    delivery_id: int,
    attempt: int,
    outcome: str,
    owner: str | None,
    now: datetime,
    facts: AttemptFacts = NOTHING,
) -> None:
    """Append one line to the ledger of attempts."""
    session.execute(
        _LEDGER,
        {
            "delivery_id": delivery_id, "attempt": attempt, "outcome": outcome, "owner": owner, "error": facts.error,
            "http_status": facts.http_status, "started_at": facts.started_at, "recorded_at": now,
            "answer": facts.answer, "next_attempt_at": facts.next_attempt_at,
        },
    )  # fmt: skip


def attempts_of(session: Session, delivery_id: int) -> list[AttemptView]:
    """The ledger of one delivery, oldest first."""
    statement = select(DeliveryAttempt).where(DeliveryAttempt.delivery_id == delivery_id).order_by(DeliveryAttempt.id)
    return [
        AttemptView(
            attempt=row.attempt, outcome=row.outcome, owner=row.owner, error=row.error, http_status=row.http_status,
            started_at=row.started_at, recorded_at=row.recorded_at, answer=row.answer,
            next_attempt_at=row.next_attempt_at,
        )
        for row in session.scalars(statement)
    ]  # fmt: skip


# Built once: building a statement costs several times what running it does, and each delivery passes all of these.
_DELIVERIES = cast("Table", Delivery.__table__)
_FINISH = (
    update(_DELIVERIES)
    .where(
        _DELIVERIES.c.id == bindparam("key"),
        _DELIVERIES.c.state == SENDING,
        _DELIVERIES.c.lease_owner == bindparam("owner"),
    )
    .values(
        state=bindparam("to"),
        lease_owner=None,
        lease_until=None,
        changed_at=bindparam("now"),
        last_error=bindparam("error"),
        sent_at=bindparam("sent"),
        remote_ref=func.coalesce(bindparam("ref", type_=SafeText), _DELIVERIES.c.remote_ref),
        next_attempt_at=func.coalesce(bindparam("next", type_=UtcDateTime), _DELIVERIES.c.next_attempt_at),
    )
    .returning(_DELIVERIES.c.attempts)
)
_LEDGER = insert(cast("Table", DeliveryAttempt.__table__))
