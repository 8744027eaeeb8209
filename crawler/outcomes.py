"""What became of a request: one stable word each, for counters, searches and the operator.

The words are part of what other programs hold on to; a new cause gets a new word, no word changes its meaning.
"""

from __future__ import annotations

from core.errors import FetchError

OK = "ok"
NOT_MODIFIED = "not_modified"

#: word -> what happened and what to do, for people
CAUSES: dict[str, str] = {
    "ok": "read",
    "not_modified": "unchanged since the last poll",
    "dns": "the name of the host could not be resolved: check the network, then the outlet's address",
    "refused": "the host refused the connection",
    "unreachable": "the connection failed or was dropped",
    "timeout": "the host did not answer in time",
    "tls": "the host's certificate is not valid or TLS failed",
    "http_401": "the outlet asks for a login",
    "http_403": "the outlet refuses us: it may block data centres or our User-Agent",
    "http_404": "there is nothing at this address",
    "http_410": "the outlet says that this address is gone for good",
    "http_4xx": "the outlet refused the request",
    "http_5xx": "the outlet's server failed",
    "http_odd": "the outlet answered with a status that makes no sense here",
    "rate_limited": "the outlet asks us to come back later",
    "blocked_page": "a web page or a challenge came where a feed or an article was due",
    "bad_xml": "the feed is no XML that can be read",
    "bad_json": "the answer is no JSON that can be read as a list of articles",
    "empty_feed": "the feed holds no entry",
    "empty_page": "no text could be found on the page",
    "not_html": "the address holds no web page",
    "too_large": "the answer is larger than allowed",
    "bomb": "the answer unpacks to more than allowed",
    "bad_encoding": "the answer could not be unpacked",
    "truncated": "the answer ended too early",
    "redirect_refused": "the outlet redirects to where we do not follow",
    "address_refused": "the host is at a private address: name it in crawler.allow_hosts if it is yours",
    "robots": "the outlet's robots.txt forbids this address",
    "robots_unreachable": "the outlet's robots.txt could not be read, so nothing was fetched",
    "parse_timeout": "reading the answer took too long",
    "parse_failed": "reading the answer failed",
    "bad_url": "this is no web address",
    "internal": "Basewatch itself failed here: please report it",
}

#: Causes that a later try of the same page cannot change.
FINAL_FOR_PAGES = frozenset({"http_404", "http_410", "not_html", "robots", "redirect_refused", "bad_url", "too_large"})

#: Causes that point at the network between us and a host rather than at what it serves.
NETWORK = frozenset({"dns", "refused", "unreachable", "timeout"})
#: Causes that say nothing of how an outlet's pages are made.
SAYS_NOTHING_OF_PAGES = NETWORK | {"rate_limited", "robots_unreachable", "internal", "http_404", "http_410"}


class FetchFailure(FetchError):
    """A FetchError with the HTTP status behind it, where there was an answer."""

    http_status: int | None = None


def failure(
    code: str, detail: str = "", *, retry_after_s: float | None = None, http_status: int | None = None
) -> FetchFailure:
    """A failure of this cause; raises KeyError for a word that the table has not."""
    meaning = CAUSES[code]
    error = FetchFailure(code, f"{meaning} ({detail})" if detail else meaning, retry_after_s=retry_after_s)
    error.http_status = http_status
    return error


def cause_of_status(status: int, *, retry_after: bool = False) -> str:
    """The word for an HTTP status; OK for 200 and NOT_MODIFIED for 304. ``retry_after``: the answer had that header."""
    exact = {200: OK, 203: OK, 304: NOT_MODIFIED, 401: "http_401", 403: "http_403", 404: "http_404", 410: "http_410",
             429: "rate_limited", 451: "http_403", 406: "http_403"}  # fmt: skip
    if status == 503 and retry_after:
        return "rate_limited"
    if status in exact:
        return exact[status]
    if 400 <= status < 500:
        return "http_4xx"
    return "http_5xx" if 500 <= status < 600 else "http_odd"
