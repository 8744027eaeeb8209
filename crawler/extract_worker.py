"""The process that reads pages: ``python -m crawler.extract_worker``, spoken to over its standard input and output.

It exists to be killed: libxml2 cannot be interrupted in a thread, and a page made to hang it must not hang the daemon.
A frame is eight bytes, the lengths of a JSON head and of a body, then both. End of input ends the process.
"""

from __future__ import annotations

import json
import resource
import signal
import struct
import sys
from dataclasses import asdict
from typing import Any, BinaryIO

from crawler.pages import ExtractedPage, LivePost, PageTask

LENGTHS = struct.Struct(">II")
_MEMORY_LIMIT = 1024 * 1024 * 1024  #: bytes of address space; the worker idles at 60 MiB, a 4 MB page needs about 150


def frame(head: dict[str, Any], body: bytes = b"") -> bytes:
    encoded = json.dumps(head).encode()
    return LENGTHS.pack(len(encoded), len(body)) + encoded + body


def page_of(reply: dict[str, Any]) -> ExtractedPage:
    """The page that a reply holds. Raises TypeError or ValueError for one that does not fit."""
    reply["paragraphs"] = tuple(reply["paragraphs"])
    reply["dates"] = tuple((str(where), str(raw)) for where, raw in reply["dates"])
    reply["posts"] = tuple(LivePost(**post | {"paragraphs": tuple(post["paragraphs"])}) for post in reply["posts"])
    return ExtractedPage(**reply)


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Read tasks and write replies until the input ends."""
    from crawler.extract import extract  # the heavy import: after the limits are set

    while len(lengths := source.read(LENGTHS.size)) == LENGTHS.size:
        head_size, body_size = LENGTHS.unpack(lengths)
        head = json.loads(source.read(head_size))
        task = PageTask(body=source.read(body_size), content_type=head["content_type"], selectors=head["selectors"])
        signal.alarm(int(head["alarm_s"]))  # if the daemon dies meanwhile, nobody else would end a hung parse
        reply: dict[str, Any]
        try:
            reply = {"page": asdict(extract(task))}
        except Exception as error:  # noqa: BLE001  a page that breaks the reader is told and counted by the daemon
            reply = {"error": type(error).__name__}
        signal.alarm(0)
        sink.write(frame(reply | {"rss_kib": resident_kib()}))
        sink.flush()


def resident_kib() -> int:
    """Memory of this process now, in KiB.

    Not ``ru_maxrss``: it starts with what the parent had when it forked, so the worker of a large process would look
    large for ever (measured). That peak stands in only where there is no /proc; it is in bytes on macOS.
    """
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * resource.getpagesize() // 1024
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak // 1024 if sys.platform == "darwin" else peak


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the daemon's to handle
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_LIMIT, _MEMORY_LIMIT))
    serve(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
