"""Who may ask the status page what: checked before anything is read.

A page of the open web can make a browser ask addresses of this machine; so the name that was asked for must be ours
(against DNS rebinding), an Origin must be ours, and only reading is possible at all. Beyond loopback a token is asked
for, as password of HTTP Basic (a browser's own dialog) or as bearer token (Prometheus). Every answer carries headers
that let a browser run nothing and show nothing from elsewhere.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from config.page import PageSettings

#: answered without a token: they say whether, not what
OPEN_PATHS = frozenset({"/healthz", "/readyz"})

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


class Gate:
    """ASGI middleware: lets through what may pass, and answers the rest."""

    def __init__(self, app: ASGIApp, settings: PageSettings) -> None:
        self._app = app
        self._names = frozenset(settings.hosts)
        self._token = settings.token.reveal().encode() if settings.token is not None else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        headers = Headers(scope=scope)
        refused = self._refusal(scope, headers)
        scope["basewatch.authorised"] = self._token is None or self._has_token(headers)
        if refused is None and not scope["basewatch.authorised"] and scope["path"] not in OPEN_PATHS:
            refused = PlainTextResponse(
                "A token is needed: page.token of the configuration, as password or bearer token.\n",
                401,
                {"WWW-Authenticate": 'Basic realm="Basewatch", charset="UTF-8"'},
            )
        await (refused or self._app)(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        """The answer to a request that may not pass, whoever asks; None for one that may."""
        if scope["method"] not in ("GET", "HEAD"):
            return PlainTextResponse("Only reading is possible here.\n", 405, {"Allow": "GET, HEAD"})
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not is_our_host(hosts[0], scope.get("server"), self._names):
            text = "This name is not one of this page's: open it by its address, or add the name to page.hosts.\n"
            return PlainTextResponse(text, 421)
        if not is_our_origin(headers.getlist("origin"), hosts[0]):
            return PlainTextResponse("Asked by a page from elsewhere.\n", 403)
        if headers.get("sec-fetch-site") == "cross-site" and headers.get("sec-fetch-mode") != "navigate":
            return PlainTextResponse("Asked by a page from elsewhere.\n", 403)
        return None

    def _has_token(self, headers: Headers) -> bool:
        assert self._token is not None
        return hmac.compare_digest(_given_token(headers.get("authorization", "")), self._token)


def is_our_host(host: str, server: tuple[str, int | None] | None, names: Iterable[str]) -> bool:
    """Whether a Host header names this page: one of ``names``, or the address at which the request came in.

    A name of somebody else's that resolves to our address (DNS rebinding) is neither. ``server`` is the local end of
    the connection; the port is not compared, since a tunnel or a container changes it.
    """
    host = host.strip().lower()
    try:
        parts = urlsplit(f"//{host}")
        name, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not name or parts.path or parts.query or parts.fragment or "@" in host:
        return False
    if not {host, name, name.rstrip(".")}.isdisjoint(names):
        return True
    if server is None:
        return False
    try:
        here = ip_address(server[0])
    except ValueError:
        return False
    if name in ("localhost", "localhost."):
        return here.is_loopback
    try:
        asked = ip_address(name)
    except ValueError:
        return False
    return asked == here or (asked.is_loopback and here.is_loopback)


def is_our_origin(origins: list[str], host: str) -> bool:
    """Whether an Origin header, if there is one, is that of the page itself."""
    return all(
        urlsplit(origin).scheme in ("http", "https") and urlsplit(origin).netloc.lower() == host.strip().lower()
        for origin in origins
    )


def _given_token(authorization: str) -> bytes:
    """What was handed in, as bearer token or as password; b"" where it is neither."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip().encode("utf-8", "replace")
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value.strip(), validate=True).partition(b":")[2]
        except binascii.Error:
            return b""
    return b""
