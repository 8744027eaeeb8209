"""A process that delivers what is due to one webhook, for tests that kill it: ``deliver_once DATABASE URL``."""

from __future__ import annotations

import asyncio
import sys
from urllib.parse import urlsplit

from alerts.channels.webhook import Webhook
from alerts.deliver import DeliveryLoop
from alerts.dial import Guard
from alerts.http import HttpSender
from config.settings import Settings
from core.clock import Clock, utc_now
from storage import deliveries
from storage.engine import open_database


async def main(path: str, url: str) -> None:
    with open_database(path) as database:
        database.lock_daemon()
        await database.run_write(lambda session: deliveries.free_leases(session, utc_now()))
        sender = HttpSender(Guard([urlsplit(url).netloc]), deadline_s=5)
        channel = Webhook("desk", url=url, secrets=["whsec_" + "QUJD" * 8], sender=sender)
        await DeliveryLoop(database, {"desk": channel}, Settings(), Clock()).run_once()
        await channel.aclose()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
