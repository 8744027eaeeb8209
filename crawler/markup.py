"""HTML fragments as feeds carry them, turned into paragraphs of plain text.

The standard library's parser is enough for a feed's description and keeps lxml out of the daemon. It does not nest, so
that ten thousand open tags cost what ten thousand words cost.
"""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "br", "center", "dd", "div", "dl", "dt", "figcaption", "figure",
    "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre",
    "section", "table", "tbody", "td", "tfoot", "th", "thead", "title", "tr", "ul",
})  # fmt: skip
_UNSEEN = frozenset({
    "script", "style", "iframe", "noscript", "template", "svg", "object", "video", "audio", "select", "button",
})  # fmt: skip
_MARKUP = re.compile(r"<[a-zA-Z!/?]|&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]+);")
_SPACES = re.compile(r"[ \t\r\n\f\v\u00a0\u2028\u2029]+")


class _Paragraphs(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.paragraphs: list[str] = []
        self._words: list[str] = []
        self._unseen: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._unseen is None and tag in _UNSEEN:
            self._unseen = tag
        elif tag in _BLOCKS:
            self.end_paragraph()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self.end_paragraph()

    def handle_endtag(self, tag: str) -> None:
        if tag == self._unseen:
            self._unseen = None
        elif tag in _BLOCKS:
            self.end_paragraph()

    def handle_data(self, data: str) -> None:
        if self._unseen is None:
            self._words.append(data)

    def end_paragraph(self) -> None:
        text = _SPACES.sub(" ", "".join(self._words)).strip()
        if text:
            self.paragraphs.append(text)
        self._words = []


def paragraphs(markup: str | None) -> list[str]:
    """The paragraphs of an HTML fragment or of plain text (parted by blank lines there). Scripts and frames go.

    Words that the outlet glued inside one text node stay glued: nothing here can know better.
    """
    if not markup:
        return []
    if not _MARKUP.search(markup):
        return [line for part in re.split(r"\n\s*\n", markup) if (line := _SPACES.sub(" ", part).strip())]
    parser = _Paragraphs()
    parser.feed(markup)
    parser.close()
    parser.end_paragraph()
    return parser.paragraphs


def one_line_title(markup: str | None) -> str:
    """A title without tags, entities and line breaks. A bare "<" that opens no tag stays."""
    if not markup:
        return ""
    text = unescape(unescape(markup)) if "<" not in markup else markup
    return " ".join(paragraphs(text)) if "<" in text else _SPACES.sub(" ", text).strip()
