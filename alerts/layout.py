"""A message as lines of spans: what the chats that know bold, links and quotes render, each by its own marks.

Text in spans is clean but not escaped: a renderer escapes each span as a whole, so that nothing from outside can open
or close a mark of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from alerts.wording import Body, quote_lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    text: str
    bold: bool = False
    url: str | None = None  #: http or https, from ``links.safe_link``; ``text`` is then its host


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line; none without spans but a blank one."""

    spans: tuple[Span, ...] = ()
    quote: bool = False  #: somebody's own words
    code: str = "und"  #: language of a quote
    rtl: bool = False  #: of a quote: written from right to left

    @property
    def plain(self) -> str:
        return "".join(span.text for span in self.spans)


BLANK = Line()
Render = Callable[[Line], str]


def lines_of(body: Body) -> Iterator[Line]:
    """The lines below the first one, without the id."""
    words = body.language
    for text in (*body.note, *body.changes):
        yield _text(text)
    if body.facts:
        yield BLANK
    for label, value in body.facts:
        yield _labelled(body, label, Span(text=value))
    if body.map is not None:
        yield _labelled(body, words.word("label", "map"), Span(text=body.map[1], url=body.map[0]))
    for quote in body.quotes:
        whose, said = quote_lines(body, quote)
        yield BLANK
        yield _text(whose)
        yield Line(spans=(Span(text=said),), quote=True, code=quote.lang, rtl=quote.rtl)
    yield from _sources(body)
    for group in (body.act, tuple(map(words.apart, body.reasons))):
        if group:
            yield from (BLANK, *map(_text, group))


def _sources(body: Body) -> Iterator[Line]:
    words = body.language
    if body.sources:
        yield BLANK
        yield _text(words.say("sources"))
    for position, source in enumerate(body.sources, 1):
        name = f"{position}. {words.say('source', outlet=words.apart(source.outlet), note=source.note)}"
        link = (Span(text=" "), Span(text=source.host, url=source.url)) if source.url else ()
        yield Line(spans=(Span(text=name), *link))
        if (title := source.title) is not None:
            said = words.apart(words.say("quote", quote=title.text))
            yield Line(spans=(Span(text=said),), quote=True, code=title.lang, rtl=title.rtl)
    if body.more_sources:
        yield _text(words.say("more_sources", n=body.more_sources))


def fitted(
    lines: Sequence[Line], render: Render, *, room: int, cut_here: str, size: Callable[[Line], int] | None = None
) -> str:
    """The rendered lines, one a line; as many whole ones as ``room`` holds, then ``cut_here``.

    ``size`` measures a line for chats that count something else than the characters that are sent.
    """
    kept: list[str] = []
    end = _text(cut_here)
    *sizes, last = [(len(render(line)) if size is None else size(line)) + 1 for line in (*lines, end)]
    whole = sum(sizes) <= room
    left = room - (0 if whole else last)
    for line, taken in zip(lines, sizes, strict=True):
        if left < taken:
            break
        kept.append(render(line))
        left -= taken
    while kept and not kept[-1]:
        kept.pop()
    return "\n".join(kept if whole else [*kept, render(end)]).strip("\n")


def utf16(text: str) -> int:
    """Length in UTF-16 units, as Telegram and Discord count: an emoji is two."""
    return len(text.encode("utf-16-le", "replace")) // 2


def _text(text: str) -> Line:
    return Line(spans=(Span(text=text),))


def _labelled(body: Body, label: str, value: Span) -> Line:
    before = body.language.say("label", label=label, value="\0").partition("\0")
    spans = (Span(text=before[0], bold=True), value, Span(text=before[2]))
    return Line(spans=tuple(span for span in spans if span.text))
