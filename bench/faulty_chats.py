"""Receivers of every kind of channel, with faults, in a process of its own: ``python -m bench.faulty_chats DOWN_S``.

It prints the ports of HTTP and of SMTP, and takes no connection for ``DOWN_S`` seconds. The first part of a path is the
kind of channel. Half of the notices meet a fault at their first attempt, by their number (``FAULTS``); ``/silent``
never answers, and under ``/good`` nothing fails. When its standard input ends it prints what it took:
``{"accepted": {kind: {notice: [ids]}}, "faults": {fault: times}}``.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import sys
from collections import Counter, defaultdict

#: fault -> what it is; one in twice as many notices meets each
FAULTS = ("500", "429", "slow", "dripping", "redirecting", "gigabyte", "error inside", "cut off", "hangs up")
SLOW_S, DRIP_S = 3.0, 0.5  #: longer than the bench's deadline of two seconds, alone or together
GIGABYTE = 2**30
NOTICE = re.compile(r"BW-(\d+)\.\d+")

#: kind -> an answer that means accepted; and one with a good status that means that it was not, for now
GOOD = {
    "webhook": "", "slack": "ok", "slack_bot": '{"ok":true,"ts":"1.2"}', "teams": "1", "discord": '{"id":"7"}',
    "telegram": '{"ok":true,"result":{"message_id":7}}', "mattermost": "ok", "matrix": '{"event_id":"$7"}',
    "ntfy": '{"id":"abc"}',
}  # fmt: skip
ERROR_INSIDE = {
    "slack": "rollup_error", "slack_bot": '{"ok":false,"error":"ratelimited"}',
    "teams": "Webhook message delivery failed with error: returned HTTP error 429", "discord": '{"message":"later"}',
    "telegram": '{"ok":false,"parameters":{"retry_after":1}}', "mattermost": "<html>Sign in</html>",
    "matrix": '{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":300}', "ntfy": '{"error":"later"}',
}  # fmt: skip
_EMAIL = {
    "500": b"451 4.3.0 later\r\n", "429": b"421 4.7.0 too many\r\n", "redirecting": b"551 5.1.6 moved\r\n",
    "error inside": b"452 4.2.2 full\r\n",
}  # fmt: skip


class _Receivers:
    def __init__(self) -> None:
        self.accepted: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        self.faults: Counter[str] = Counter()
        self._seen: set[tuple[str, str]] = set()

    def fault(self, kind: str, notice: str, number: int) -> str | None:
        """What goes wrong with this attempt; None where it is taken."""
        is_first = (kind, notice) not in self._seen
        self._seen.add((kind, notice))
        place = number % (2 * len(FAULTS))
        if not is_first or place >= len(FAULTS):
            return None
        fault = FAULTS[place]
        if fault == "error inside" and kind == "webhook":  # the status of a webhook alone counts
            return None
        self.faults[fault] += 1
        return fault

    # -- HTTP

    async def http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._request(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # the sender is done or has had enough, or the bench ends
        finally:
            writer.close()

    async def _request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Take one request; False where the connection is to be closed."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        first, kind, *rest = head[0].split()[1].split("?")[0].strip("/").split("/")
        if first == "silent":
            await asyncio.sleep(3600)
        text = body.decode().replace("\\", "")
        found = NOTICE.search(text)
        if found is None or "SYS-" in text:  # word to the operator: no notice of the bench's own
            return await self._answer(writer, GOOD[kind])
        own = headers.get("webhook-id") or (rest[-1] if kind == "matrix" else found[0])
        fault = self.fault(kind, found[0], int(found[1])) if first == "faulty" else None
        if fault in (None, "slow", "dripping", "gigabyte", "cut off"):
            self.accepted[kind][found[0]].append(own)
        return await (self._answer(writer, GOOD[kind]) if fault is None else self._fail(fault, kind, writer))

    async def _fail(self, fault: str, kind: str, writer: asyncio.StreamWriter) -> bool:
        match fault:
            case "500":
                return await self._answer(writer, "oops", status=500)
            case "429":
                return await self._answer(writer, "", status=429, more="Retry-After: 1\r\n")
            case "redirecting":
                return await self._answer(writer, "", status=307, more="Location: http://127.0.0.1:9/\r\n")
            case "error inside":
                return await self._answer(writer, ERROR_INSIDE[kind])
            case "slow":
                await asyncio.sleep(SLOW_S)
                return await self._answer(writer, GOOD[kind])
            case "dripping":
                for byte in b"HTTP/1.1 200 OK\r\n":
                    writer.write(bytes([byte]))
                    await writer.drain()
                    await asyncio.sleep(DRIP_S)
            case "gigabyte":
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % GIGABYTE)
                for _ in range(GIGABYTE // 65_536):
                    writer.write(b"x" * 65_536)
                    await writer.drain()
            case "cut off":
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
                await writer.drain()
        return False

    async def _answer(self, writer: asyncio.StreamWriter, text: str, *, status: int = 200, more: str = "") -> bool:
        writer.write(f"HTTP/1.1 {status} X\r\n{more}Content-Length: {len(text)}\r\n\r\n{text}".encode())
        await writer.drain()
        return True

    # -- SMTP

    async def smtp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(b"220 ready\r\n")
            while line := await reader.readline():
                word = line[:4].upper()
                if word == b"DATA":
                    writer.write(b"354 go on\r\n")
                    if not await self._mail((await reader.readuntil(b"\r\n.\r\n")).decode("latin-1"), writer):
                        return
                else:
                    writer.write(b"221 bye\r\n" if word == b"QUIT" else b"250 fine\r\n")
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _mail(self, text: str, writer: asyncio.StreamWriter) -> bool:
        """Answer to one mail; False where the connection is to be closed."""
        found, own = NOTICE.search(text.partition("X-Basewatch-Notice:")[2]), re.search(r"Message-ID:\s*(\S+)", text)
        fault = self.fault("email", found[0], int(found[1])) if found else None
        if found and own and fault in (None, "slow", "dripping", "gigabyte", "cut off"):
            self.accepted["email"][found[0]].append(own[1])
        if fault in _EMAIL:
            writer.write(_EMAIL[fault])
        elif fault == "slow":
            await asyncio.sleep(SLOW_S)
        elif fault == "dripping":
            for byte in b"250 taken":
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(DRIP_S)
        elif fault == "gigabyte":
            for _ in range(GIGABYTE // 65_536):
                writer.write((b"250-" + b"x" * 500 + b"\r\n") * 128)
                await writer.drain()
        if fault in ("cut off", "hangs up", "gigabyte", "slow", "dripping"):
            return False
        if fault is None:
            writer.write(b"250 taken\r\n")
        return True


async def _serve(down_s: float) -> None:
    """Bound at once, so that the ports are known; listening when the time of being down is over."""
    receivers, bound = _Receivers(), [socket.socket(), socket.socket()]
    for one in bound:
        one.bind(("127.0.0.1", 0))
    print(*(one.getsockname()[1] for one in bound), flush=True)
    await asyncio.sleep(down_s)
    for one, taken in zip(bound, (receivers.http, receivers.smtp), strict=True):
        await asyncio.start_server(taken, sock=one, limit=2**22)
    await asyncio.to_thread(sys.stdin.read)
    print(json.dumps({"accepted": receivers.accepted, "faults": receivers.faults}), flush=True)


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1])))
