"""ntfy: a push notification to every phone that follows a topic.

https://docs.ntfy.sh/publish/#publish-as-json: JSON goes to the server's root and names its topic; the message holds
4,096 bytes, and is plain text unless it asks for Markdown. A topic is as good as a password, so the URL is a secret.
"""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from alerts.channels.base import OutgoingMessage
from alerts.channels.posting import Json, Posting, Request, text_of
from alerts.http import HttpSender, Reply
from alerts.language import Language
from alerts.layout import BLANK, Line, fitted, lines_of
from alerts.wording import Body
from core.values import NoticeKind, Severity

MESSAGE_BYTES = 4_096


class Ntfy(Posting):
    """Publishes with the priority of what the notice may do: 5 and 4 ring, 3 is for tests, 2 makes no sound."""

    def __init__(
        self, name: str, *, url: str, sender: HttpSender, token: str | None = None, language: Language | None = None
    ) -> None:
        parts = urlsplit(url)
        folder, _, self._topic = parts.path.rstrip("/").rpartition("/")
        self._root = urlunsplit((parts.scheme, parts.netloc, f"{folder}/", "", ""))
        super().__init__(name, sender=sender, secrets=(url, self._topic, token or ""), language=language)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def request(self, message: OutgoingMessage, body: Body, *, thread: str | None) -> Request:
        content: Json = {
            "topic": self._topic,
            "title": body.first_line,
            "message": text(body),
            "priority": priority(message),
        }
        if (link := next((source.url for source in body.sources if source.url), None)) is not None:
            content["click"] = link
        return Request(url=self._root, payload=content, headers=self._headers)

    def is_accepted(self, reply: Reply, answer: Json) -> bool:
        return text_of(answer, "id") != ""


def priority(message: OutgoingMessage) -> int:
    """https://docs.ntfy.sh/publish/#message-priority: 5 pops up and vibrates long, 2 makes neither sound nor buzz."""
    notice, incident = message.document.notice, message.document.incident
    if notice.kind is NoticeKind.TEST:
        return 3
    if not notice.ring:
        return 2
    return 5 if incident is not None and incident.severity is Severity.S4 else 4


def text(body: Body) -> str:
    """What stands below the title, at most 4,096 bytes."""
    last = f"[{body.id}]"
    room = MESSAGE_BYTES - len(last.encode()) - 4  # "…" takes three bytes where one is reckoned
    lines = list(lines_of(body))
    while lines and lines[0] == BLANK:
        del lines[0]
    rest = fitted(lines, _plain, cut_here=body.cut, room=room, size=_bytes)
    return "\n\n".join(part for part in (rest, last) if part)


def _plain(line: Line) -> str:
    return "".join(span.url or span.text for span in line.spans)


def _bytes(line: Line) -> int:
    return len(_plain(line).encode("utf-8", "replace"))
