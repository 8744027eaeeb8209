"""HTML bytes turned into a tree that is safe to walk: decoded, without network, refused where it nests too deeply."""

from __future__ import annotations

import re

from lxml import etree, html
from lxml.html import HtmlElement
from w3lib.encoding import html_to_unicode

from crawler.feed_bytes import decode

_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f]")
_WITHOUT_CONTROL = bytes(32 if _CONTROL.match(chr(byte)) else byte for byte in range(256))  # in UTF-8 each is one byte
_TAG = re.compile(r"<[a-zA-Z!]")
_DEEPEST = 2_000  #: open elements; lxml's recursion over deeper trees is what makes such a page hang
_TOO_DEEP = etree.XPath(f"boolean(//*[ancestor::*[{_DEEPEST}]])")
_DEEP = etree.XPath(f"boolean({'/*' * 100})")  # no page of an outlet is; it takes a third of the time of the other
# One class for all elements: lxml's own choice by tag is Python code that runs for each of them.
_ELEMENTS = etree.ElementDefaultClassLookup(element=html.HtmlElement, pi=html.HtmlProcessingInstruction)


def html_text(body: bytes, content_type: str = "") -> str:
    """UTF-8 where it fits, else what header and <meta> say, else windows-1256; without control characters."""
    try:
        return body.translate(_WITHOUT_CONTROL).decode("utf-8-sig")
    except UnicodeDecodeError:
        encoding, text = html_to_unicode(content_type or None, body, auto_detect_fun=lambda _: "windows-1256")
        return _CONTROL.sub(" ", text if encoding != "utf-8" else decode(body, content_type))


def html_tree(text: str) -> HtmlElement | None:
    """The tree, None where this is no HTML. Comments are left out."""
    if not _TAG.search(text, 0, 65536):
        return None
    try:
        parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, huge_tree=False)
        parser.set_element_class_lookup(_ELEMENTS)
        return html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):
        return None


def is_too_deep(tree: HtmlElement) -> bool:
    """Whether walking this tree could hang or overflow the parser's own stack."""
    # In XPath, whose loop is C's: walking over the elements in Python took a sixth of a page's time (measured).
    return bool(_DEEP(tree)) and bool(_TOO_DEEP(tree))
