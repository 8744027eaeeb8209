"""Matrix: a message to a room by the client-server API; updates in the thread of the incident's first message.

https://spec.matrix.org/latest/client-server-api/#put_matrixclientv3roomsroomidsendeventtypetxnid: the transaction id is
the message's own, so a message that is sent again after a crash arrives once. Events hold at most 65,536 bytes.
``m.mentions`` stands there empty: nobody is mentioned, whatever the text says.
"""

from __future__ import annotations

from html import escape
from urllib.parse import quote as url_quote

from alerts.channels.base import OutgoingMessage
from alerts.channels.posting import Json, Posting, Request, text_of
from alerts.http import HttpSender, Reply
from alerts.language import Language
from alerts.layout import Line, fitted, lines_of
from alerts.wording import Body
from core.errors import ChannelGone, DeliveryError, PermanentFailure

PLAIN_BYTES, HTML_BYTES = 16_000, 30_000  #: together, with the rest of an event, far below 65,536

# https://spec.matrix.org/latest/client-server-api/#standard-error-response
_GONE = frozenset(
    {"M_FORBIDDEN", "M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_USER_DEACTIVATED", "M_USER_LOCKED", "M_NOT_FOUND"}
)
_PERMANENT = frozenset({"M_BAD_JSON", "M_NOT_JSON", "M_TOO_LARGE", "M_INVALID_PARAM"})


class Matrix(Posting):
    """Sends ``m.text`` for what may wake people, ``m.notice``, which rings nowhere by default, for the rest."""

    def __init__(
        self, name: str, *, url: str, token: str, room: str, sender: HttpSender, language: Language | None = None
    ) -> None:
        super().__init__(name, sender=sender, secrets=(token,), language=language)
        self._token = token
        self._url = f"{url.rstrip('/')}/_matrix/client/v3/rooms/{url_quote(room, safe='')}/send/m.room.message/"

    def request(self, message: OutgoingMessage, body: Body, *, thread: str | None) -> Request:
        content: Json = {
            "msgtype": "m.text" if message.document.notice.ring else "m.notice",
            **text(body),
            "m.mentions": {},
        }
        if thread:
            content["m.relates_to"] = {
                "rel_type": "m.thread",
                "event_id": thread,
                "is_falling_back": True,
                "m.in_reply_to": {"event_id": thread},
            }
        return Request(
            method="PUT",
            url=self._url + url_quote(message.id, safe=""),
            payload=content,
            headers={"Authorization": f"Bearer {self._token}"},
        )

    def judge(self, reply: Reply, answer: Json) -> DeliveryError | None:
        word = text_of(answer, "errcode")
        if reply.status < 400 or not word.replace("_", "").isalnum():
            return None
        if word in _GONE and reply.status in (401, 403, 404):
            return ChannelGone(self.name, f"answered {reply.status} {word}: look at the token and the room's rights")
        if word in _PERMANENT and reply.status < 500:
            return PermanentFailure(self.name, f"answered {reply.status} {word}")
        return None

    def is_accepted(self, reply: Reply, answer: Json) -> bool:
        return text_of(answer, "event_id") != ""

    def reference(self, message: OutgoingMessage, answer: Json) -> str | None:
        return message.thread_ref or text_of(answer, "event_id") or None


def text(body: Body) -> Json:
    """``body`` for clients that read no HTML, ``formatted_body`` for the others."""
    lines, last = list(lines_of(body)), f"[{body.id}]"
    plain = fitted(lines, _plain, cut_here=body.cut, room=PLAIN_BYTES, size=lambda line: _bytes(_plain(line)))
    html = fitted(lines, render, cut_here=body.cut, room=HTML_BYTES, size=lambda line: _bytes(render(line)))
    first = f"<p><strong>{escape(body.first_line)}</strong></p>"
    return {
        "body": "\n\n".join(part for part in (body.first_line, plain, last) if part),
        "format": "org.matrix.custom.html",
        "formatted_body": f"{first}{html.replace(chr(10), '')}<p>{escape(last)}</p>",
    }


def _plain(line: Line) -> str:
    return "".join(f"{span.url}" if span.url else span.text for span in line.spans)


def _bytes(plain: str) -> int:
    return len(plain.encode("utf-8", "replace"))


def render(line: Line) -> str:
    """The line in the HTML that Matrix allows."""
    parts = []
    for span in line.spans:
        part = escape(span.text)
        if span.url:
            part = f'<a href="{escape(span.url)}">{part}</a>'
        parts.append(f"<strong>{part}</strong>" if span.bold else part)
    joined = "".join(parts)
    return f"<blockquote>{joined}</blockquote>" if line.quote else f"{joined}<br>"
