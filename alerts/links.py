"""Links to articles: kept only where they are what they say."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit, urlunsplit

from core.text import one_line

_HOST = re.compile(r"[a-z0-9._-]{1,253}", re.IGNORECASE)
_LONGEST = 2_000  #: characters; longer ones are broken by mail programs and refused by chats


def safe_link(url: str) -> tuple[str, str] | None:
    """The link and its host, if it is http or https and says truly where it leads; None for every other one."""
    try:
        parts = urlsplit(one_line(url))
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = parts.port
    except (ValueError, UnicodeError):
        return None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc or not _HOST.fullmatch(host):
        return None
    shown = host if port is None else f"{host}:{port}"
    safe = "/:@!$&'()*+,;=%-._~"
    path, query = quote(parts.path, safe=safe), quote(parts.query, safe=safe + "?")
    link = urlunsplit((parts.scheme, shown, path, query, ""))
    return (link, shown) if len(link) <= _LONGEST else None


def map_link(lat: float | None, lon: float | None) -> tuple[str, str] | None:
    """A map of the place and its host: for a message's body only, since lock screens show no coordinates."""
    if lat is None or lon is None or not (-90 <= lat <= 90 and -180 <= lon <= 180):
        return None
    return (
        f"https://www.openstreetmap.org/?mlat={lat:.4f}&mlon={lon:.4f}#map=11/{lat:.4f}/{lon:.4f}",
        "openstreetmap.org",
    )
