"""XML for the feeds: elements built by lxml, texts cleaned of what XML 1.0 cannot hold."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

#: code points outside of XML 1.0's production Char; lxml raises for them
_NO_CHAR = re.compile("[^\u0009\u000a\u000d\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def child(parent: Any, name: str, text: object = None, **attributes: str) -> Any:
    """A new last child in the parent's namespace, with this text where it is not None."""
    element = etree.SubElement(parent, etree.QName(etree.QName(parent).namespace, name), attributes)
    if text is not None:
        element.text = clean(str(text))
    return element


def root(namespace: str, name: str) -> Any:
    """A new element that declares its namespace as the default one."""
    return etree.Element(etree.QName(namespace, name), nsmap={None: namespace})


def clean(text: str) -> str:
    """The text with U+FFFD for what XML cannot hold."""
    return _NO_CHAR.sub("\ufffd", text)


def printed(element: Any) -> str:
    """The document as text, indented, with its declaration."""
    text: bytes = etree.tostring(element, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return text.decode()
