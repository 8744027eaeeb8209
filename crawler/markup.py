"""HTML fragments as feeds carry them, turned into paragraphs of plain text.

A scanner of its own: the standard library's parser takes quadratic time on unclosed tags and comments (measured: 20,000
times "<a " over 20 s, under the lock of the whole process), and lxml belongs into the worker. This one looks at each
character a bounded number of times, and does not nest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import unescape

_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "br", "center", "dd", "div", "dl", "dt", "figcaption", "figure",
    "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre",
    "section", "table", "tbody", "td", "tfoot", "th", "thead", "title", "tr", "ul",
})  # fmt: skip
_UNSEEN = frozenset({
    "script", "style", "iframe", "noscript", "template", "svg", "object", "video", "audio", "select", "button",
})  # fmt: skip
_MARKUP = re.compile(r"<[a-zA-Z!/?]|&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]+);")
_SENTENCE_END = re.compile(r"(?<=[.!?؟۔])\s")
_LONGEST_HEADLINE = 200  #: characters of a first line that is taken for the headline
_SPACES = re.compile(r"[ \t\r\n\f\v\u00a0\u2028\u2029]+")


_TAG = re.compile(r"""<(/?)([a-zA-Z][a-zA-Z0-9:-]*+)(?:[^<>"']++|"[^"<>]*+"|'[^'<>]*+')*+>""")
_LONGEST_ODD_TAG = 4_000  #: characters; a tag with a bracket in an attribute ends within so many, or it is text
_HUGE_NUMBER = re.compile(r"&#[xX]?[0-9a-fA-F]{8,};?")  # no letter has such a number, and int() takes long over it


def paragraphs(markup: str | None) -> list[str]:
    """The paragraphs of an HTML fragment or of plain text (parted by blank lines there). Scripts and frames go.

    Words that the outlet glued inside one text node stay glued: nothing here can know better.
    """
    if not markup:
        return []
    if not _MARKUP.search(markup):
        return [line for part in re.split(r"\n\s*\n", markup) if (line := _SPACES.sub(" ", part).strip())]
    found: list[str] = []
    words: list[str] = []
    for piece in _pieces(markup):
        if piece is not None:
            words.append(piece)
        elif words:
            _end_paragraph(words, found)
            words = []
    _end_paragraph(words, found)
    return found


def one_line_title(markup: str | None) -> str:
    """A title without tags, entities and line breaks. A bare "<" that opens no tag stays."""
    if not markup:
        return ""
    text = " ".join(paragraphs(markup)) if "<" in markup else _unescaped(markup)
    return _SPACES.sub(" ", _unescaped(text)).strip()  # twice: many feeds escape their titles twice


def headline_and_rest(lines: Sequence[str]) -> tuple[str, list[str]]:
    """The first line as a headline, or its first sentence where it is long, and the rest. No word stands in both."""
    first, rest = lines[0], list(lines[1:])
    if len(first) <= _LONGEST_HEADLINE:
        return first, rest
    sentence = _SENTENCE_END.split(first[: _LONGEST_HEADLINE + 1], maxsplit=1)[0]
    if len(sentence) > _LONGEST_HEADLINE:
        sentence = first[:_LONGEST_HEADLINE].rpartition(" ")[0] or first[:_LONGEST_HEADLINE]
    return sentence, [first[len(sentence) :].strip(), *rest]


def _end_paragraph(words: list[str], found: list[str]) -> None:
    text = _SPACES.sub(" ", _unescaped("".join(words))).strip()
    if text:
        found.append(text)


def _unescaped(text: str) -> str:
    return unescape(_HUGE_NUMBER.sub("", text)) if "&" in text else text


def _pieces(markup: str) -> Iterator[str | None]:
    """Runs of text, and None wherever a block begins or ends."""
    position, unclosed = 0, set[str]()
    while position < len(markup):
        start = markup.find("<", position)
        if start < 0:
            break
        if start > position:
            yield markup[position:start]
        tag = _TAG.match(markup, start)
        if tag is None:
            end = _end_of_odd(markup, start, unclosed)
            if end == start + 1:
                yield "<"
            position = end
            continue
        name, position = tag[2].lower(), tag.end()
        if name in _UNSEEN and not tag[1]:
            position = _after_element(markup, name, position, unclosed)
        if name in _BLOCKS:
            yield None
    if position < len(markup):
        yield markup[position:]


def _after_element(markup: str, name: str, position: int, unclosed: set[str]) -> int:
    """Behind the end tag of an element whose content is not shown; where it has none, only its tag goes."""
    if name in unclosed:
        return position
    end = re.compile(rf"</{name}[^<>]{{0,100}}>", re.IGNORECASE).search(markup, position)
    if end is None:
        unclosed.add(name)  # remembered, or each of a thousand open tags would look through the rest again
        return position
    return end.end()


def _end_of_odd(markup: str, start: int, unclosed: set[str]) -> int:
    """Behind a comment, a declaration or a tag with brackets in it; behind "<" alone where it is just a sign."""
    if markup.startswith("<![CDATA[", start):
        return start + 9
    if markup.startswith("<!--", start):
        end = -1 if "-->" in unclosed else markup.find("-->", start + 4)
        if end >= 0:
            return end + 3
        unclosed.add("-->")
        return start + 4
    if markup[start + 1 : start + 2].isalpha() or markup[start + 1 : start + 2] in ("/", "!", "?"):
        end = markup.find(">", start, start + _LONGEST_ODD_TAG)
        if end >= 0:
            return end + 1
    return start + 1
