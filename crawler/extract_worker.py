"""The process that reads pages and sources: ``python -m crawler.extract_worker``, over its standard input and output.

It exists to be killed: a parser cannot be interrupted in a thread, and bytes made to hang it must not hang the daemon.
A frame is eight bytes, the lengths of a JSON head and of a body, then both. The head's ``kind`` says what is asked:
``page`` or ``list``. End of input ends the process.
"""

from __future__ import annotations

import json
import resource
import signal
import struct
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from typing import Any, BinaryIO

from core.errors import FetchError
from crawler.pages import ExtractedPage, LivePost, PageTask
from crawler.sources.items import Item, Listed, Part, SourceTask

LENGTHS = struct.Struct(">II")
_MEMORY_LIMIT = 1024 * 1024 * 1024  #: bytes of address space; the worker idles at 60 MiB, a 4 MB page needs about 150


def frame(head: dict[str, Any], body: bytes = b"") -> bytes:
    # Not escaped: Arabic would be three times as long. A JSON feed may carry half a surrogate; json.loads takes it too.
    encoded = json.dumps(head, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return LENGTHS.pack(len(encoded), len(body)) + encoded + body


def page_of(reply: dict[str, Any]) -> ExtractedPage:
    """The page that a reply holds. Raises TypeError or ValueError for one that does not fit."""
    reply["paragraphs"] = tuple(reply["paragraphs"])
    reply["missed"] = tuple(reply["missed"])
    reply["dates"] = tuple((str(where), str(raw)) for where, raw in reply["dates"])
    reply["posts"] = tuple(LivePost(**post | {"paragraphs": tuple(post["paragraphs"])}) for post in reply["posts"])
    return ExtractedPage(**reply)


def head_of(task: SourceTask) -> dict[str, Any]:
    """What is known of a source's answer beside its body."""
    head = {field.name: getattr(task, field.name) for field in fields(task) if field.name != "body"}
    return head | {"headers": dict(task.headers)}


def plain_list(listed: Listed) -> dict[str, Any]:
    """The list as JSON holds it; of its items, which may be very many, only what is not None or False by default."""
    items = [
        {name: value for name, value in asdict(item).items() if value is not None and value is not False}
        for item in listed.items
    ]
    return {
        "items": items,
        "skipped": listed.skipped,
        "malformed": listed.malformed,
        "title": listed.title,
        "parts": [asdict(part) for part in listed.parts],
        "missing": list(listed.missing),
    }


def listed_of(reply: dict[str, Any]) -> Listed:
    """The list that a reply holds. Raises TypeError or KeyError for one that does not fit."""
    return Listed(
        items=tuple(Item(**item) for item in reply["items"]),
        skipped=reply["skipped"],
        malformed=reply["malformed"],
        title=reply["title"],
        parts=tuple(Part(**part) for part in reply["parts"]),
        missing=tuple(reply["missing"]),
    )


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Read tasks and write replies until the input ends."""
    from crawler.extract import extract  # the heavy imports: after the limits are set, and never in the daemon
    from crawler.sources.readers import read_source

    def page(head: Mapping[str, Any], body: bytes) -> dict[str, Any]:
        return asdict(extract(PageTask(body=body, content_type=head["content_type"], selectors=head["selectors"])))

    def listed(head: Mapping[str, Any], body: bytes) -> dict[str, Any]:
        return plain_list(read_source(SourceTask(body=body, **head["source"])))

    jobs: dict[str, Callable[[Mapping[str, Any], bytes], dict[str, Any]]] = {"page": page, "list": listed}
    sink.write(frame({"ready": True}))  # how long its imports took is no fault of the first page
    sink.flush()
    while len(lengths := source.read(LENGTHS.size)) == LENGTHS.size:
        head_size, body_size = LENGTHS.unpack(lengths)
        head = json.loads(source.read(head_size))
        body = source.read(body_size)
        signal.alarm(int(head["alarm_s"]))  # if the daemon dies meanwhile, nobody else would end a hung parse
        reply: dict[str, Any]
        try:
            reply = {"answer": jobs[head["kind"]](head, body)}
        except FetchError as error:  # a source that says why it is none
            reply = {"cause": error.cause_code, "message": str(error)}
        except Exception as error:  # noqa: BLE001  bytes that break a parser are told and counted by the daemon
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
