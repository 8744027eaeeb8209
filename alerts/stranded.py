"""Notices that wait for a channel which is not there any more: taken out of the configuration, renamed, or disabled.

Nothing would claim them, so nothing would ever say that they did not arrive. They are kept, since the channel may come
back; the operator is told once, at the start of the daemon; after the time after which any delivery is given up they
become dead letters.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from alerts.routes.operators import operators
from alerts.system import News, write_system_notice
from config.settings import Settings
from core.documents import Param
from core.values import TextReason
from storage import deliveries, stranded
from storage.meta import get_meta, set_meta

TOLD_KEY = "stranded_told"  #: in storage.meta: which channels the operator was told of, and up to which delivery
GIVEN_UP = "its channel is not in the configuration, or disabled"


def tell_stranded(session: Session, settings: Settings, channels: Collection[str], now: datetime) -> int:
    """Give up what has waited too long for channels that are not among ``channels``, and tell the operator of all that
    is stranded, once; how many deliveries are. Commits nothing."""
    give_up_before = now - timedelta(seconds=settings.delivery.give_up_after_s)
    found = stranded.waiting_without(session, channels)
    if not found:
        set_meta(session, TOLD_KEY, None)
        return 0
    for delivery_id in stranded.older_than(session, channels, give_up_before):
        deliveries.discard(session, delivery_id, now, reason=GIVEN_UP)
    mark = ",".join(f"{one.channel}:{one.newest}" for one in found)
    if get_meta(session, TOLD_KEY) != mark:
        set_meta(session, TOLD_KEY, mark)
        text, params = news_of(found, settings.delivery.give_up_after_s)
        write_system_notice(session, TextReason.STRANDED, text, operators(settings, channels), now, params=params)
    return sum(one.count for one in found)


def news_of(found: Sequence[stranded.Stranded], give_up_after_s: float) -> News:
    """What the operator reads."""
    names, days = ", ".join(one.channel for one in found), give_up_after_s / 86_400
    counts = "\n".join(f"{one.channel}: {one.count} waiting" for one in found)
    text = (
        f"Notices wait for channels that are not in the configuration or are disabled: {names}.\n{counts}\n"
        f"They are kept {days:g} days. Put the channel back and start anew to have them sent, or give them up: "
        "basewatch deliveries list --channel NAME, then deliveries discard ID"
    )
    waiting: list[dict[str, Param]] = [
        {"say": "channel-waiting", "channel": one.channel, "waiting": one.count} for one in found
    ]
    return text, {"channels": names, "days": round(days), "waiting": waiting}
