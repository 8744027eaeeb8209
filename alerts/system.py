"""The record of an attempt, and what the operator hears of it: on the other channels, in the same transaction.

A notice that was given up, a channel that is paused and a channel that has accepted nothing for a while are each told
once, by a SYSTEM notice to every other channel. A SYSTEM notice that fails in turn is not told: two broken channels
would tell each other of it for ever.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from alerts.outcomes import Dead, Outcome, Paused, Retry, Sent
from alerts.recovery import bring_back
from config.settings import DeliverySettings
from core.documents import NoticeDocument, NoticePart, Param
from core.text import cut
from core.values import NoticeKind, TextReason
from storage import deliveries, incidents
from storage.values import ClaimedDelivery

Params = Mapping[str, Param | Sequence[Mapping[str, Param]]]  #: as config/told.py says for each reason
News = tuple[str, Params]  #: the English text, and what it was made of

#: failures of one notice in a row after which the other channels hear of it: with the default schedule, 8 minutes
TELL_AT_ATTEMPT = 4
ALWAYS_TOLD = (
    TextReason.CHANNEL_PAUSED,
    TextReason.CHANNEL_BACK,
)  #: of a SYSTEM notice's own channel, too: each is told once


def record(
    session: Session,
    *,
    delivery: ClaimedDelivery,
    outcome: Outcome,
    owner: str,
    started_at: datetime,
    now: datetime,
    others: Sequence[str],
    tell: bool,
    limits: DeliverySettings,
) -> bool:
    """Write what became of an attempt; True where a notice to ``others`` was written, too (only with ``tell``).

    Where the lease is not ours any more, somebody else decides the outcome and nothing is written.
    """
    match outcome:
        case Sent():
            ours = deliveries.record_sent(
                session, delivery.id, owner, now, remote_ref=outcome.remote_ref, started_at=started_at,
                http_status=outcome.http_status, answer=outcome.answer,
            )  # fmt: skip
            back = bring_back(session, delivery.channel, limits.burst_per_minute, now) if delivery.is_probe else None
            news = None if back is None else _back_text(delivery, back, limits.burst_per_minute)
            return ours and _tell(session, delivery, TextReason.CHANNEL_BACK, news, others, now)
        case Retry():
            ours = deliveries.record_retry(
                session, delivery.id, owner, now,
                next_attempt_at=outcome.at, error=outcome.reason, started_at=started_at,
                http_status=outcome.http_status,
            )  # fmt: skip
            news = _trouble_text(delivery, outcome.reason) if tell else None
            return ours and _tell(session, delivery, TextReason.CHANNEL_FAILING, news, others, now)
        case Dead():
            ours = deliveries.record_dead(
                session, delivery.id, owner, now, error=outcome.reason, started_at=started_at,
                http_status=outcome.http_status,
            )  # fmt: skip
            news = _dead_text(delivery, outcome.reason) if tell else None
            return ours and _tell(session, delivery, TextReason.DELIVERY_DEAD, news, others, now)
        case Paused():
            ours = deliveries.record_retry(
                session, delivery.id, owner, now, next_attempt_at=now, error=outcome.reason, started_at=started_at,
                http_status=outcome.http_status,
            )  # fmt: skip
            probe_at = now + timedelta(seconds=limits.probe_interval_s)
            is_new = deliveries.pause_channel(session, delivery.channel, outcome.reason, now, next_probe_at=probe_at)
            news = _paused_text(delivery, outcome.reason, limits.probe_interval_s) if is_new else None
            return ours and _tell(session, delivery, TextReason.CHANNEL_PAUSED, news, others, now)


def _tell(
    session: Session,
    delivery: ClaimedDelivery,
    reason: TextReason,
    news: News | None,
    others: Sequence[str],
    now: datetime,
) -> bool:
    """Write a SYSTEM notice and queue it for the other channels; False where there is nothing or nobody to tell."""
    is_system = delivery.document["notice"]["kind"] == NoticeKind.SYSTEM
    if news is None or not others or (is_system and reason not in ALWAYS_TOLD):
        return False
    text, params = news
    return write_system_notice(session, reason, text, others, now, ring=delivery.ring, params=params)


def write_system_notice(
    session: Session,
    reason: TextReason,
    text: str,
    channels: Sequence[str],
    now: datetime,
    *,
    ring: bool = False,
    params: Params | None = None,
) -> bool:
    """A SYSTEM notice with its deliveries, in the caller's transaction; whether anybody is told.

    ``text`` is what the operator reads, its first line first; ``channels`` are
    ``routes.operators.operators(settings)``. ``params``: what channels in another language word it from.
    """
    write_notice(session, NoticeKind.SYSTEM, reason, text, channels, now, ring=ring, params=params)
    return bool(channels)


def write_notice(
    session: Session,
    kind: NoticeKind,
    reason: TextReason,
    text: str,
    channels: Sequence[str],
    now: datetime,
    *,
    ring: bool = False,
    params: Params | None = None,
) -> int:
    """A notice that concerns no incident, with its deliveries; its row's id."""
    part = NoticePart(
        id="SYS-0", number=0, kind=kind, reason=reason, ring=ring, created_at=now, text=cut(text, 4_000),
        params=as_params(params or {}),
    )  # fmt: skip  # the storage gives id and number
    ref = incidents.add_notice(
        session, None, kind, reason.value, ring, False, NoticeDocument(notice=part).to_json(), now
    )
    deliveries.enqueue(session, ref.id, channels, now)
    return ref.id


def as_params(params: Params) -> dict[str, Param | tuple[dict[str, Param], ...]]:
    """The parameters as a document keeps them."""
    return {name: value if isinstance(value, Param) else tuple(map(dict, value)) for name, value in params.items()}


def _dead_text(delivery: ClaimedDelivery, reason: str) -> News:
    about = delivery.document["notice"]["id"]
    text = (
        f"{about} was not delivered to {delivery.channel}: {reason}.\n"
        f"Send it again with: basewatch deliveries retry {delivery.id}\n"
        "Further ones of the next ten minutes are not told one by one: basewatch deliveries list --state dead"
    )
    return text, {"notice": about, "channel": delivery.channel, "why": reason, "delivery": delivery.id}


def _paused_text(delivery: ClaimedDelivery, reason: str, probe_interval_s: float) -> News:
    minutes = max(1, round(probe_interval_s / 60))
    text = (
        f"Channel {delivery.channel} is paused: {reason}.\n"
        f"Its notices wait; one is tried every {minutes} min. "
        f"Mend it, then run: basewatch channels test {delivery.channel}"
    )
    return text, {"channel": delivery.channel, "why": reason, "minutes": minutes}


def _back_text(delivery: ClaimedDelivery, waited: int, most: int) -> News:
    how = "come as a digest" if waited > most else "are sent now"
    text = f"Channel {delivery.channel} takes messages again.\nNotices that waited for it: {waited}; they {how}."
    return text, {"channel": delivery.channel, "waiting": waited}


def _trouble_text(delivery: ClaimedDelivery, reason: str) -> News:
    about = delivery.document["notice"]["id"]
    text = (
        f"Channel {delivery.channel} has not accepted {about} in {delivery.attempt} attempts: {reason}.\n"
        "Its notices wait and are tried again. You are told once, until it accepts one."
    )
    return text, {"channel": delivery.channel, "notice": about, "attempts": delivery.attempt, "why": reason}
