"""A webhook receiver in a process of its own, so that what is measured is the sender: ``python -m bench.receiver``.

It prints its port, accepts every POST with 204 over kept connections, and prints, when its standard input ends, how
many came under how many ids.
"""

from __future__ import annotations

import asyncio
import json
import sys

READY = b"HTTP/1.1 204 No Content\r\n\r\n"


async def _serve() -> None:
    ids: list[str] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                headers = dict(
                    line.lower().split(": ", 1) for line in head.decode("latin-1").split("\r\n")[1:] if ": " in line
                )
                await reader.readexactly(int(headers.get("content-length", 0)))
                ids.append(headers["webhook-id"])
                writer.write(READY)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the sender is done
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()
    print(json.dumps({"arrived": len(ids), "ids": len(set(ids))}), flush=True)


if __name__ == "__main__":
    asyncio.run(_serve())
