"""One address for one article: the canonical URL, by which an article is known.

It is a key and a link, not what is fetched: the crawler fetches the address exactly as the outlet wrote it.
"""

from __future__ import annotations

import re
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

LONGEST_URL = 2048  #: characters; longer ones are no article (Scrapy's own limit is 2083)

# What people and social networks add to a link. Names that an outlet may use for its own articles (id, p) stay out.
_TRACKING = re.compile(
    r"^(?:utm_\w+|at_\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|igshid|igsh|mc_cid|mc_eid|_ga|_gl|cmpid|"
    r"ocid|ns_\w+|ref_src|ref_url|__twitter_impression|spref|ito|xtor|s_cid|traffic_source|guccounter|amp|outputtype)$",
    re.IGNORECASE,
)
_AMP_PATH = re.compile(r"/amp/?$|^/amp(?=/)|\.amp(?=(?:\.html?)?$)", re.IGNORECASE)
_MOBILE_HOST = re.compile(r"^(?:www\.)?(?:(?:m|mobile|amp)\.)?(?=[^.]+\.)", re.IGNORECASE)
_SAFE = "!#$%&'()*+,/:;=?@[]~"  #: RFC 3986 reserved characters and the percent sign itself stay as they are
_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def absolute_url(link: str | None, base: str) -> str | None:
    """The link as a fetchable http(s) address, or None where it is none or too long.

    Bytes that the outlet percent-encoded stay byte for byte; letters beyond ASCII are encoded as UTF-8.
    """
    if not link:
        return None
    try:
        joined = urljoin(base, link.strip().replace("\t", "").replace("\n", "").replace("\r", ""))
        parts = urlsplit(joined)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in _DEFAULT_PORTS or not host or len(joined) > LONGEST_URL or "\\" in host:
        return None
    netloc = _ascii_host(host)
    if netloc is None or parts.username is not None:
        return None
    if port is not None and port != _DEFAULT_PORTS[parts.scheme.lower()]:
        netloc = f"{netloc}:{port}"
    path, query = (quote(part, safe=_SAFE, errors="replace") for part in (parts.path or "/", parts.query))
    url = urlunsplit((parts.scheme.lower(), netloc, path, query, ""))
    return url if len(url) <= LONGEST_URL else None


def canonical_url(url: str) -> str:
    """The key of the article at ``url`` (absolute): without scheme variants, www, mobile and AMP forms, and tracking.

    https is assumed on the default ports. The percent-encoding of path and query is kept, its digits in upper case; a
    trailing slash and encoded trailing spaces go. Raises nothing; what is no URL comes back as it is.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return url
    if not host:
        return url
    scheme = parts.scheme.lower() if port is not None else "https"
    bare_host = host if _is_address(host) else _MOBILE_HOST.sub("", host)
    netloc = f"[{bare_host}]" if ":" in bare_host else bare_host
    if port is not None and port != _DEFAULT_PORTS.get(scheme):
        netloc = f"{netloc}:{port}"
    elif port is not None:
        scheme = "https"
    path = quote(parts.path, safe=_SAFE, errors="replace")
    path = _ESCAPE.sub(lambda match: match[0].upper(), path)
    path = _without_tail(_AMP_PATH.sub("", path)) or "/"
    query = "&".join(pair for pair in parts.query.split("&") if pair and not _TRACKING.match(pair.split("=", 1)[0]))
    return urlunsplit((scheme, netloc, path, quote(query, safe=_SAFE, errors="replace"), ""))


def _without_tail(path: str) -> str:
    """Without slashes and spaces at its end. Not a pattern: it would begin anew at each of a million of them."""
    end = len(path)
    while end and (path.endswith("%20", 0, end) or path[end - 1] in "+/"):
        end -= 3 if path[end - 1] == "0" else 1
    return path[:end]


def host_key(url: str) -> str:
    """``host:port`` of a URL: what politeness counts by and what ``allow_hosts`` may name. "" for no URL."""
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme.lower())
    except ValueError:
        return ""
    return f"{parts.hostname}:{port}" if parts.hostname else ""


def is_allowed_host(host: str, port: int | None, allowed: frozenset[str]) -> bool:
    """Whether the operator named this host, or this host with this port."""
    bare = host.lower().strip("[]")
    return bare in allowed or f"{bare}:{port}" in allowed or f"[{bare}]:{port}" in allowed or f"[{bare}]" in allowed


def _ascii_host(host: str) -> str | None:
    if ":" in host:
        return f"[{host}]"
    if host.isascii():
        return host.lower()
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None


def _is_address(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()


def publisher_host(url: str | None) -> str:
    """Host of a publisher as an outlet's domain is compared: "rudaw.net" for "https://www.rudaw.net/english"."""
    absolute = absolute_url(url, "https://none.invalid")
    return (urlsplit(canonical_url(absolute)).hostname or "") if absolute else ""
