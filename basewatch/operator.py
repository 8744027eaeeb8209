"""What the operator hears from the daemon: by the outbox, or directly where that cannot be written."""

from __future__ import annotations

from alerts.channels import Channel
from alerts.deliver import DeliveryLoop
from alerts.routes.operators import operators
from alerts.system import Params, write_system_notice
from config.settings import Settings
from core.clock import Clock
from core.values import TextReason
from storage.engine import Database


class Operator:
    """The people who run one daemon, and the channels that reach them."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        channels: dict[str, Channel],
        delivery: DeliveryLoop,
        clock: Clock,
    ) -> None:
        self._settings, self._database, self._channels = settings, database, channels
        self._delivery, self._clock = delivery, clock

    async def tell(self, reason: TextReason, text: str, params: Params) -> None:
        """A SYSTEM notice by every channel of theirs, through the outbox like any other."""
        now = self._clock.now()
        await self._database.run_write(
            lambda session: write_system_notice(session, reason, text, operators(self._settings), now, params=params)
        )
        self._delivery.wake()

    def direct(self) -> dict[str, Channel]:
        """Their channels, for what cannot go through the outbox."""
        named = operators(self._settings)
        return {name: channel for name, channel in self._channels.items() if name in named}
