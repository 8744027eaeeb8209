"""Notices that wait for a channel which is not there any more: taken out of the configuration, renamed, or disabled.

Nothing would claim them, so nothing would ever say that they did not arrive. They are kept, since the channel may come
back; the operator is told once, at the start of the daemon; after the time after which any delivery is given up they
become dead letters.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from alerts.routes.operators import operators
from alerts.system import write_system_notice
from config.settings import Settings
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
        names = "\n".join(f"{one.channel}: {one.count} waiting" for one in found)
        days = settings.delivery.give_up_after_s / 86_400
        text = (
            f"Notices wait for channels that are not in the configuration or are disabled: "
            f"{', '.join(one.channel for one in found)}.\n{names}\n"
            f"They are kept {days:g} days. Put the channel back and start anew to have them sent, or give them up: "
            "basewatch deliveries list --channel NAME, then deliveries discard ID"
        )
        write_system_notice(session, "stranded", text, operators(settings, channels), now)
    return sum(one.count for one in found)
