"""The outbox: a row for each notice and channel, from the transaction that writes the notice until it is sent or dead.

::

    pending --claim_due--> sending (leased) --record_sent--> sent
       ^                      |  |
       |---record_retry-------'  '--record_dead--> dead --retry (by hand)--> pending
       |---the lease ends, or free_leases at start
       |
    held --its time comes--> digested (named by a digest, which is a delivery of its own); one alone: pending

Claims and leases are ``claims.py``, outcomes and the record of attempts ``ledger.py``, what is held back ``held.py``.
The message id is a hash of notice and channel: the same over every attempt and every crash, so that a receiver can tell
a double.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from sqlalchemy import literal_column
from sqlalchemy.orm import Session

from core.values import DeliveryState
from storage.meta import dialect_insert
from storage.tables import Delivery, Notice
from storage.values import QueueSeed

PENDING, SENDING, SENT, DEAD, HELD, DIGESTED = (state.value for state in DeliveryState)

#: Still on its way. With the words in it: a database takes its index of open deliveries (deliveries.ix_deliveries_open)
#: only where it can see that they are meant; for bound values it reads every delivery there ever was.
IS_OPEN = Delivery.state.in_((literal_column(f"'{PENDING}'"), literal_column(f"'{SENDING}'")))


def message_id(notice_public_id: str, channel: str) -> str:
    """ "msg_" and 32 hexadecimal digits, the same for ever for one notice and channel."""
    return "msg_" + sha256(f"{notice_public_id}\n{channel}".encode()).hexdigest()[:32]


def enqueue(session: Session, notice_id: int, channels: Iterable[str], now: datetime) -> int:
    """Queue the notice for each channel, due now; how many were new. Queueing twice is harmless."""
    return queue(session, notice_id, [QueueSeed(channel=channel) for channel in dict.fromkeys(channels)], now)


def queue(session: Session, notice_id: int, seeds: Iterable[QueueSeed], now: datetime) -> int:
    """Queue the notice as each seed says, due now or held; how many were new. Queueing twice is harmless."""
    notice = session.get_one(Notice, notice_id)
    public_id = notice.document["notice"]["id"]
    rows = [
        {
            "notice_id": notice_id, "incident_id": notice.incident_id, "channel": seed.channel,
            "message_id": message_id(public_id, seed.channel), "state": PENDING if seed.hold is None else HELD,
            "ring": notice.ring if seed.ring is None else seed.ring, "attempts": 0, "route": seed.route,
            "next_attempt_at": now if seed.hold is None else seed.hold.until,
            "held_for": None if seed.hold is None else seed.hold.why,
            "held_note": None if seed.hold is None else seed.hold.note,
            "silence_id": None if seed.hold is None else seed.hold.silence_id,
            "created_at": now, "since": now, "changed_at": now,
        }
        for seed in seeds
    ]  # fmt: skip
    if not rows:
        return 0
    statement = dialect_insert(session, Delivery).values(rows).on_conflict_do_nothing().returning(Delivery.id)
    return len(session.execute(statement).fetchall())
