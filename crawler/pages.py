"""The values that travel between the daemon and the worker that reads pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTask:
    """One page to read."""

    body: bytes
    content_type: str = ""
    selectors: Mapping[str, str] = field(default_factory=dict)  #: of the outlet: title, body, time -> CSS or XPath


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePost:
    """One post of a live blog."""

    address: str  #: as the page gives it: "#anchor" or a whole address; "" for none
    title: str  #: "" where it has none of its own
    paragraphs: tuple[str, ...]
    published_raw: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractedPage:
    """What a page says of itself."""

    title: str = ""
    paragraphs: tuple[str, ...] = ()
    dates: tuple[tuple[str, str], ...] = ()  #: (selector, json-ld, meta or time; as written), most trusted first
    author: str | None = None
    lang: str | None = None  #: what the page calls its language: a hint
    canonical: str | None = None
    description: str | None = None
    posts: tuple[LivePost, ...] = ()  #: of a live blog, which is no article itself
    live_ends_raw: str | None = None  #: when the live blog says that it ends or ended
    missed: tuple[str, ...] = ()  #: the outlet's selectors that found nothing
    problem: str | None = None  #: cause word of crawler/outcomes.py, None where there is text
