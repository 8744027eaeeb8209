"""A feed's bytes turned into text that an XML parser may safely read: decoded, without illegal letters, without a DTD.

The parser sees only UTF-8 that went through here, so that no odd encoding can carry a declaration past the check.
"""

from __future__ import annotations

import codecs
import re
from xml.sax.saxutils import escape

from crawler.outcomes import failure

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
# Encodings that a feed may name. Others (UTF-7, EBCDIC) are met in attacks only.
_KNOWN = re.compile(
    r"^(?:utf-?8|us-ascii|ascii|latin-?1|iso-8859-\d{1,2}|windows-125\d|cp125\d|koi8-[ru]|mac(?:arabic|roman))$"
)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_PROLOG = re.compile(r"^\s*<\?xml\b[^>]{0,300}\?>", re.IGNORECASE)
_PROLOG_ENCODING = re.compile(rb"^\s*<\?xml\b[^>]{0,200}encoding\s*=\s*[\"']([\w.:-]+)[\"']", re.IGNORECASE)
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_ENTITY = re.compile(r"<!ENTITY\s+(?P<name>[\w.:-]+)\s+(?P<quote>[\"'])(?P<value>[^\"']{0,1000})(?P=quote)\s*>")
_HTML_ENTITIES = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#)\b)([a-zA-Z][\w.-]{0,40});")
# A tag: whether it closes, its name, the rest. Possessive, so that one without an end is given up at once.
_ANY_TAG = re.compile(r"<(/?)([A-Za-z][\w:.-]{0,100}+)([^<>]{0,2000}+)>")
_VOID = frozenset({"br", "img", "hr", "input", "meta", "link", "wbr", "source"})  #: HTML that nobody closes
_DEEPEST = 2_000  #: open elements
_LONG_TAG = re.compile(r"<[^<>]{8000,}")  #: shorter ones hold no harm
_MOST_ATTRIBUTES = 1_000
_MOST_GROWTH = 1024 * 1024  #: characters that a feed's own entities may add


def feed_text(body: bytes, content_type: str = "") -> str:
    """The feed as text without its XML prolog and DTD; plain-text entities of the DTD are put in place.

    Raises FetchError ``bomb`` where entities nest or grow beyond a megabyte.
    """
    text = _ILLEGAL.sub("", decode(body, content_type))
    text = _PROLOG.sub("", text.lstrip("\ufeff"), count=1).lstrip()
    return _without_dtd(text)


def decode(body: bytes, content_type: str = "") -> str:
    """Text of the bytes: by BOM; as UTF-8 where that fits; as the header, then as the prolog says; else windows-1256.

    UTF-8 goes first because text that decodes as UTF-8 is UTF-8, whatever it is labelled (measured labels lie). What
    fits nothing is read as windows-1256, the region's old code page, with U+FFFD for holes. Never raises.
    """
    for bom, encoding in _BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(encoding, "replace")
    if b"\0" in body[:4]:
        return body.decode("utf-16-be" if body[:1] == b"\0" else "utf-16-le", "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        if len(body) - error.start < 4 or _mostly_utf8(body):
            return body.decode("utf-8", "replace")
    header = _CHARSET.search(content_type)
    prolog = _PROLOG_ENCODING.match(body[:400])
    names = [header[1] if header else "", prolog[1].decode("ascii", "replace") if prolog else ""]
    for name in names:
        if _KNOWN.match(name.lower()) and not name.lower().startswith(("utf", "us-", "ascii")):
            try:
                return body.decode(name)
            except (UnicodeDecodeError, LookupError):
                continue
    return body.decode("windows-1256", "replace")


def _mostly_utf8(body: bytes) -> bool:
    """Whether a few broken bytes stand in text that is UTF-8 otherwise: under one hole in three letters."""
    text = body[:65536].decode("utf-8", "replace")
    letters = sum(1 for char in text if char > "\x7f")
    return letters > 0 and text.count("\ufffd") * 3 < letters


def is_made_to_hang(text: str) -> bool:
    """Whether more elements are open at once, or one has more attributes, than any feed has: feedparser takes half a
    minute over a megabyte of the first, and minutes over one of the others (measured).

    Counted over the tags as written, so that it holds for the parser of broken feeds, too; CDATA holds none.
    """
    if any(tag[0].count("=") > _MOST_ATTRIBUTES for tag in _LONG_TAG.finditer(text)):
        return True
    depth, start = 0, 0
    while start >= 0:
        end = text.find("<![CDATA[", start)
        for tag in _ANY_TAG.finditer(text, start, end if end >= 0 else len(text)):
            if tag[1]:
                depth = max(0, depth - 1)
            elif not tag[3].endswith("/") and tag[2].lower() not in _VOID:
                depth += 1
                if depth > _DEEPEST:
                    return True
        close = text.find("]]>", end) if end >= 0 else -1
        start = close + 3 if close >= 0 else -1
    return False


def _prolog_end(text: str) -> int:
    """Position after the comments and instructions before the DOCTYPE or the root: a DTD stands nowhere else."""
    place = 0
    while True:
        while place < len(text) and text[place].isspace():
            place += 1
        opening, closing = next(
            (pair for pair in (("<!--", "-->"), ("<?", "?>")) if text.startswith(pair[0], place)), ("", "")
        )
        end = text.find(closing, place + len(opening)) if opening else -1
        if end < 0:
            return place
        place = end + len(closing)


def _without_dtd(text: str) -> str:
    start = _prolog_end(text)
    if not text.startswith("<!DOCTYPE", start):
        return text
    end, subset = _dtd_end(text, start)
    if end < 0:
        raise failure("bad_xml", "its DOCTYPE has no end")
    rest = text[:start] + text[end:]
    values = {match["name"]: match["value"] for match in _ENTITY.finditer(subset)}
    if any("&" in value or "%" in value or "<" in value for value in values.values()):
        raise failure("bomb", "its DTD declares entities within entities")
    return _with_entities(rest, values)


def _dtd_end(text: str, start: int) -> tuple[int, str]:
    """Position after the DOCTYPE, and its internal subset ("" for none)."""
    close, bracket = text.find(">", start), text.find("[", start)
    if bracket < 0 or close < bracket:
        return close + 1 if close >= 0 else -1, ""
    inner = text.find("]>", bracket)
    if inner < 0:
        match = re.compile(r"\]\s{0,100}>").search(text, bracket)
        return (match.end(), text[bracket : match.start()]) if match else (-1, "")
    return inner + 2, text[bracket:inner]


def _with_entities(text: str, values: dict[str, str]) -> str:
    if not values:
        return text
    growth = 0

    def put(match: re.Match[str]) -> str:
        nonlocal growth
        value = values.get(match[1])
        if value is None:
            return match[0]
        growth += len(value)
        if growth > _MOST_GROWTH:
            raise failure("bomb", "its entities grow without end")
        return escape(value)

    return _HTML_ENTITIES.sub(put, text)
