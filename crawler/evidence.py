"""What is kept of an answer, so that a report can be proved later: bytes, headers, time and SHA-256. Pure."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from datetime import datetime

from crawler.compose import Draft
from crawler.fetch import Answer
from storage.values import RawPage

_KEPT_HEADERS = ("content-type", "date", "etag", "last-modified", "server", "content-language", "x-cache", "age")


def of_answer(answer: Answer, now: datetime) -> RawPage:
    """The bytes as they came, and the headers that say when and what."""
    return _kept(answer.body, {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers}, now)


def of_words(draft: Draft, now: datetime, page_headers: Mapping[str, str] | None = None) -> RawPage:
    """The words as they were read, of an article without a page of its own; with headers of the page it stood on."""
    body = f"{draft.title}\n\n{draft.text}\n".encode("utf-8", "replace")
    kept = {name: value for name, value in (page_headers or {}).items() if name in ("date", "etag", "last-modified")}
    return _kept(body, {**kept, "content-type": "text/plain; charset=utf-8"}, now)


def _kept(body: bytes, headers: dict[str, str], now: datetime) -> RawPage:
    return RawPage(
        body=gzip.compress(body, compresslevel=3, mtime=0),
        headers=headers,
        fetched_at=now,
        sha256=hashlib.sha256(body).hexdigest(),
    )
