"""Signed JSON to a URL of the operator's own, after Standard Webhooks 1.0.0 (https://www.standardwebhooks.com)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence

from alerts.channels.base import OutgoingMessage, Receipt
from alerts.http import HttpSender, quoted_answer, refusal
from core.documents import NoticeDocument

#: 410 is the specification's "stop sending"; 401 and 403 are ours: the receiver does not know our secret any more
GONE = frozenset({401, 403, 410})


class Webhook:
    """Posts ``{"type","timestamp","data"}``; one or two secrets sign the bytes that are sent."""

    def __init__(self, name: str, *, url: str, secrets: Sequence[str], sender: HttpSender) -> None:
        self.name = name
        self._url, self._secrets, self._sender = url, tuple(secrets), sender

    async def send(self, message: OutgoingMessage, /) -> Receipt:
        body = payload(message.document)
        timestamp = str(int(message.now.timestamp()))  # renewed at each attempt, so that receivers can refuse old ones
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "webhook-id": message.id,
            "webhook-timestamp": timestamp,
            "webhook-signature": signatures(self._secrets, message.id, timestamp, body),
        }
        reply = await self._sender.post(self.name, self._url, body, headers)
        if (problem := refusal(self.name, reply, now=message.now, gone=GONE)) is not None:
            raise problem
        return Receipt(http_status=reply.status, answer=quoted_answer(reply, (self._url, *self._secrets)))

    async def aclose(self) -> None:
        await self._sender.aclose()


def payload(document: NoticeDocument) -> bytes:
    """The body, the same at every attempt: serialised once, signed and sent as these bytes."""
    message = {
        "type": f"notice.{document.notice.kind}",
        "timestamp": document.notice.created_at.isoformat(),
        "data": document.to_json(),
    }
    # A lone surrogate in a headline would make the encoder raise and stop the alert: it becomes "?".
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def signatures(secrets: Sequence[str], message_id: str, timestamp: str, body: bytes) -> str:
    """``v1,…`` for each secret, separated by a space: receivers accept any one that fits, so secrets can be changed."""
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    return " ".join(f"v1,{_sign(secret, signed)}" for secret in secrets)


def _sign(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode("ascii")
