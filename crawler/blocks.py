"""Pages that say "200 OK" and hold a wall: challenges, captchas, "access denied".

A block page taken for an article would be classified as ordinary news, and one taken for a feed as a quiet outlet: both
hide attacks. Marks of the products as they appear in their own pages; each must be specific enough that news about them
does not carry it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from crawler.outcomes import failure

_SNIFF = 64 * 1024  #: bytes looked at; challenge pages are small and say so early
_SMALL = 40_000  #: bytes; a larger page that only mentions a captcha script is a page

_BODY_MARKS: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    ("Cloudflare", re.compile(rb"/cdn-cgi/challenge-platform/|cf-browser-verification|cf_chl_opt|"
                              rb"<title>Just a moment\.\.\.</title>|Attention Required! \| Cloudflare", re.IGNORECASE)),
    ("Imperva", re.compile(rb"_Incapsula_Resource|Incapsula incident ID", re.IGNORECASE)),
    ("Akamai", re.compile(rb"<title>Access Denied</title>[\s\S]{0,2000}Reference\s*&#32;?#|errors\.edgesuite\.net",
                          re.IGNORECASE)),
    ("DataDome", re.compile(rb"captcha-delivery\.com", re.IGNORECASE)),
    ("PerimeterX", re.compile(rb"px-captcha|_pxAppId", re.IGNORECASE)),
    ("Sucuri", re.compile(rb"Sucuri WebSite Firewall - Access Denied|sucuri_cloudproxy_js", re.IGNORECASE)),
    ("DDoS-Guard", re.compile(rb"<title>DDoS-Guard</title>|/\.well-known/ddos-guard/", re.IGNORECASE)),
    ("Arvan Cloud", re.compile(rb"arvancloud[\s\S]{0,400}(?:challenge|Transferring)", re.IGNORECASE)),
    ("a captcha", re.compile(rb"<title>[^<]{0,60}(?:captcha|are you (?:a )?human|robot check|access denied|"
                             rb"verify you are human)", re.IGNORECASE)),
)  # fmt: skip
_PAGE_TYPES = ("html", "xml", "text/plain")  #: of Content-Type; pictures, PDF and video are no article
_HTML = re.compile(rb"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]", re.IGNORECASE)
_FEED = re.compile(rb"<(?:\w{1,20}:)?(?:rss|feed|rdf|channel|urlset|sitemapindex)[\s>:]", re.IGNORECASE)


def challenge(body: bytes, headers: Mapping[str, str]) -> str | None:
    """The name of the wall that this answer is, or None. ``headers`` have lower-case names."""
    if headers.get("cf-mitigated", "").lower() == "challenge":
        return "Cloudflare"
    if headers.get("x-datadome", "") and len(body) < 5_000:
        return "DataDome"
    if len(body) > _SMALL:
        return None
    head = body[:_SNIFF]
    return next((name for name, mark in _BODY_MARKS if mark.search(head)), None)


def refuse_no_page(body: bytes, headers: Mapping[str, str], content_type: str, status: int | None = None) -> None:
    """Raise FetchError ``not_html`` or ``blocked_page`` where an answer cannot be an article's page."""
    if content_type and not any(kind in content_type.lower() for kind in _PAGE_TYPES):
        raise failure("not_html", content_type.split(";")[0][:60])
    wall = challenge(body, headers)
    if wall is not None:
        raise failure("blocked_page", wall, http_status=status)


def is_web_page(body: bytes) -> bool:
    """Whether this is HTML rather than a feed: it opens as a page and names no feed's root element first."""
    head = body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    page = _HTML.search(head)
    if page is None:
        return False
    feed = _FEED.search(head)
    return feed is None or page.start() < feed.start()
