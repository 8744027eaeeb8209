"""Deliveries that wait for a channel which nothing serves."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from storage.outbox import HELD, PENDING
from storage.tables import Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranded:
    channel: str
    count: int
    newest: int  #: id of the newest of them


def waiting_without(session: Session, channels: Collection[str]) -> list[Stranded]:
    """What waits, or is held back, for other channels than these, by channel."""
    statement = (
        select(Delivery.channel, func.count(), func.max(Delivery.id))
        .where(_waits_without(channels))
        .group_by(Delivery.channel)
        .order_by(Delivery.channel)
    )
    return [Stranded(channel=row[0], count=row[1], newest=row[2]) for row in session.execute(statement)]


def older_than(session: Session, channels: Collection[str], before: datetime) -> list[int]:
    """Ids of those that began to be tried before an instant."""
    statement = select(Delivery.id).where(_waits_without(channels), Delivery.since < before).order_by(Delivery.id)
    return list(session.scalars(statement))


def _waits_without(channels: Collection[str]) -> ColumnElement[bool]:
    return and_(Delivery.state.in_((PENDING, HELD)), Delivery.channel.not_in(sorted(channels)))
