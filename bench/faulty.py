"""A receiver with faults, in a process of its own: ``python -m bench.faulty``.

It prints its port. ``/good`` accepts everything. ``/flaky`` fails each message's first attempt in one of six ways, by
its id: 500, 429, slow, a connection closed in the middle of the answer, an answer of 4 MB, one byte at a time.
``/silent`` never answers. When its standard input ends it prints what it accepted: ``{path: {notice: [ids]}}``.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import defaultdict

ACCEPT = b"HTTP/1.1 204 No Content\r\n\r\n"
Accepted = dict[str, dict[str, list[str]]]


class _Receiver:
    def __init__(self) -> None:
        self.accepted: Accepted = defaultdict(lambda: defaultdict(list))
        self._seen: set[str] = set()

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                path, message_id = head[0].split()[1], headers["webhook-id"]
                if not await self._answer(path, message_id, json.loads(body)["data"]["notice"]["id"], writer):
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the sender is done, or was killed
        finally:
            writer.close()

    async def _answer(self, path: str, message_id: str, notice: str, writer: asyncio.StreamWriter) -> bool:
        """Answer one message; False where the connection is to be closed."""
        if path == "/silent":
            await asyncio.sleep(3600)
        is_first, fault = message_id not in self._seen, int(message_id[-4:], 16) % 12
        self._seen.add(message_id)
        if path == "/flaky" and is_first and fault < 6:
            return await self._fail(fault, path, message_id, notice, writer)
        self.accepted[path][notice].append(message_id)
        writer.write(ACCEPT)
        await writer.drain()
        return True

    async def _fail(self, fault: int, path: str, message_id: str, notice: str, writer: asyncio.StreamWriter) -> bool:
        match fault:
            case 0:
                writer.write(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")
            case 1:
                writer.write(b"HTTP/1.1 429 Later\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n")
            case 2:
                await asyncio.sleep(0.2)
                self.accepted[path][notice].append(message_id)
                writer.write(ACCEPT)
            case 3:  # accepted, and the answer never arrives whole: it comes again, under the same id
                self.accepted[path][notice].append(message_id)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
                await writer.drain()
                return False
            case 4:
                self.accepted[path][notice].append(message_id)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4194304\r\n\r\n" + b"x" * 4_194_304)
                await writer.drain()
                return False
            case _:
                self.accepted[path][notice].append(message_id)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n")
                for _ in range(8):
                    writer.write(b".")
                    await writer.drain()
                    await asyncio.sleep(0.02)
        await writer.drain()
        return True


async def _serve() -> None:
    receiver = _Receiver()
    server = await asyncio.start_server(receiver.connected, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()
    print(json.dumps(receiver.accepted), flush=True)


if __name__ == "__main__":
    asyncio.run(_serve())
