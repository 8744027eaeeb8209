"""One attempt on one channel: the one way to send, for the delivery loop and for ``channels test`` alike."""

from __future__ import annotations

import asyncio
import logging

from alerts.channels.base import Channel, OutgoingMessage, Receipt
from core.errors import DeliveryError, TransientFailure

log = logging.getLogger(__name__)

GRACE_S = 1.0  #: beyond a channel's own deadline, after which a send is cut off from outside


async def send_within(channel: Channel, message: OutgoingMessage, *, deadline_s: float) -> Receipt:
    """The channel's receipt. Raises its DeliveryError; every other fault becomes a TransientFailure without its text.

    A channel keeps its own deadline; one that does not is cut off here. Cancellation passes through.
    """
    try:
        async with asyncio.timeout(deadline_s + GRACE_S):
            return await channel.send(message)
    except DeliveryError:
        raise
    except TimeoutError as error:
        raise TransientFailure(channel.name, f"no answer within {deadline_s:g} s") from error
    except Exception as error:  # noqa: BLE001 - the edge: whatever a channel does, the loop goes on
        # A fault of ours. Its text could hold anything, a URL too, so only its kind and place are told.
        place = _place(error)
        log.error(
            "A fault in channel %s: %s at %s; please report it", channel.name, type(error).__name__, place,
            extra={"action": "channel_fault", "channel": channel.name},
        )  # fmt: skip
        reason = f"a fault in Basewatch ({type(error).__name__} at {place}); please report it"
        raise TransientFailure(channel.name, reason) from None


def _place(error: BaseException) -> str:
    """ "slack.py:64": where it was raised, without a path of this machine."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    if frame is None:
        return "an unknown place"
    return f"{frame.tb_frame.f_code.co_filename.rpartition('/')[2]}:{frame.tb_lineno}"
