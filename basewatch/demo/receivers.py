"""What receives the demo's alerts, on loopback: a signed webhook, a chat of Slack's kind, a mail server.

Each checks what it gets as a stranger would, with code of its own, and keeps an ``Arrival`` of everything that came in,
refused or not.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from basewatch.demo.loopback import Request, Response
from core.clock import utc_now
from core.documents import NoticeDocument

TOLERANCE_S = 300  #: age of a signature, as Standard Webhooks advises
SLACK_BLOCKS_LIMIT = 50  #: https://docs.slack.dev/reference/block-kit/blocks
SLACK_SECTION_LIMIT = 3000  #: characters of a section's text, same page
_NOTICE_ID = re.compile(r"\[([A-Z]+-[0-9.]+)\]\s*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One message that came in."""

    channel: str
    accepted: bool
    notice_id: str | None  #: "BW-1.2"; None where it could not be read
    message_id: str | None  #: webhook-id or Message-ID; a chat has none
    headline: str
    text: str  #: as a person sees it
    at: datetime
    problem: str | None = None  #: why it was refused or is wrong
    planned: bool = False  #: refused on purpose, to see the daemon try again
    document: NoticeDocument | None = None  #: of the webhook
    answers: str | None = None  #: Message-ID that it answers to, of a mail


Notify = Callable[[Arrival], None]


class WebhookReceiver:
    """Verifies Standard Webhooks 1.0.0; its first answer is 503, as if it had just been restarted."""

    def __init__(self, notify: Notify, *, always_fail: bool = False) -> None:
        self.secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        self._notify, self._always_fail = notify, always_fail
        self._refused: str | None = None  # the message that met the 503

    def handle(self, request: Request) -> Response:
        message_id = request.headers.get("webhook-id")
        problem = check_signature(self.secret, request.headers, request.body, now=utc_now())
        document, unread = _document(request.body)
        problem = problem or unread
        restarting = problem is None and (self._always_fail or self._refused is None)
        if restarting:
            self._refused = message_id
        self._notify(
            Arrival(
                channel="webhook",
                accepted=problem is None and not restarting,
                notice_id=document.notice.id if document else None,
                message_id=message_id,
                headline=f"{document.notice.kind} {document.notice.id}" if document else "",
                text="",
                at=utc_now(),
                problem="503: the receiver is being restarted" if restarting else problem,
                planned=restarting and not self._always_fail,
                document=document,
            )
        )
        if restarting:
            return Response(status=503, headers={"Retry-After": "1"}, body=b"restarting\n")
        return Response(status=204) if problem is None else Response(status=400, body=problem.encode())


def check_signature(secret: str, headers: Mapping[str, str], body: bytes, *, now: datetime) -> str | None:
    """What is wrong with the signature, or None.

    Standard Webhooks 1.0.0: HMAC-SHA256 over ``id.timestamp.body``, base64, ``v1,`` before it, several apart by spaces;
    the timestamp in Unix seconds.
    """
    message_id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message_id or not stamp.isascii() or not stamp.isdigit():
        return "webhook-id or webhook-timestamp is missing or no number"
    if abs(now.timestamp() - int(stamp)) > TOLERANCE_S:
        return "the signature is too old or from the future"
    key = base64.b64decode(secret.removeprefix("whsec_"))
    wanted = hmac.new(key, f"{message_id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    for signature in headers.get("webhook-signature", "").split():
        version, _, encoded = signature.partition(",")
        try:
            given = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            continue
        if version == "v1" and hmac.compare_digest(given, wanted):
            return None
    return "no signature fits"


def _document(body: bytes) -> tuple[NoticeDocument | None, str | None]:
    """The document of a webhook's body, or what is wrong with it."""
    try:
        envelope = json.loads(body)
        document = NoticeDocument.model_validate(envelope["data"])
    except (ValueError, KeyError, TypeError) as error:
        what = "does not fit the schema" if isinstance(error, ValidationError) else "is no notice"
        return None, f"the body {what}"
    if envelope.get("type") != f"notice.{document.notice.kind}" or "timestamp" not in envelope:
        return document, "type or timestamp of the body is wrong"
    return document, None


class ChatReceiver:
    """An incoming webhook of Slack's kind: says "ok", or names what is wrong as Slack does."""

    def __init__(self, notify: Notify) -> None:
        self.path = f"/services/T0DEMO/B0DEMO/{secrets.token_urlsafe(18)}"
        self._notify = notify

    def handle(self, request: Request) -> Response:
        if request.path != self.path or request.method != "POST":
            return Response(status=404, body=b"no_service")
        try:
            payload = json.loads(request.body)
        except ValueError:
            payload = None
        problem = check_chat_payload(payload)
        text = payload.get("text", "") if isinstance(payload, dict) else ""
        notice = _NOTICE_ID.search(text) if isinstance(text, str) else None
        self._notify(
            Arrival(
                channel="chat",
                accepted=problem is None,
                notice_id=notice[1] if notice else None,
                message_id=None,
                headline=text.splitlines()[0] if text else "",
                text=chat_text(payload) if problem is None else "",
                at=utc_now(),
                problem=problem,
            )
        )
        if problem is not None:
            return Response(status=400, body=problem.encode())
        return Response(headers={"Content-Type": "text/html"}, body=b"ok")


def check_chat_payload(payload: Any) -> str | None:
    """The word with which Slack would refuse this payload, or None.

    Any: what came in is not known to be of any shape.
    """
    if not isinstance(payload, dict):
        return "invalid_payload"
    if not isinstance(payload.get("text"), str) or not payload["text"].strip():
        return "no_text"
    blocks = payload.get("blocks", [])
    if not isinstance(blocks, list) or len(blocks) > SLACK_BLOCKS_LIMIT:
        return "invalid_blocks"
    for block in blocks:
        if not isinstance(block, dict) or any(len(text) > SLACK_SECTION_LIMIT for text in _texts(block)):
            return "invalid_blocks"
    return None


def chat_text(payload: Mapping[str, Any]) -> str:
    """The blocks below the headline as a chat shows them: one paragraph a block, links as their addresses."""
    shown = ["\n".join(_texts(block)) for block in payload.get("blocks", []) if block.get("type") != "header"]
    text = re.sub(r"<(https?://[^|>]+)\|([^>]+)>", r"\2", "\n\n".join(shown))
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _texts(block: Mapping[str, Any]) -> list[str]:
    """Every text of one block."""
    parts = [block.get("text"), *block.get("elements", ()), *block.get("fields", ())]
    return [part["text"] for part in parts if isinstance(part, dict) and isinstance(part.get("text"), str)]
