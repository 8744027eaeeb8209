"""Microsoft Teams: an adaptive card to the webhook of a workflow.

https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using: the card stands in
``attachments``; a message is at most 28 KB. A workflow answers 202 once it has taken the card, before it posts it: what
fails after that is seen in the workflow's own history only. The older Office connectors answer 200 and "1", and tell a
failure with 200 too ("… HTTP error 429 …"). Workflows return no id, so updates stand alone.
"""

from __future__ import annotations

import json
import re
from typing import Any

from alerts.channels.base import OutgoingMessage
from alerts.channels.posting import Json, Posting, Request
from alerts.http import HttpSender, Reply
from alerts.language import Language
from alerts.layout import BLANK, Line, Span, lines_of
from alerts.wording import Body
from core.errors import ChannelGone, DeliveryError, PermanentFailure, TransientFailure

MESSAGE_BYTES = 28_000  #: "28 KB": below both readings of it
_INNER = re.compile(r"HTTP error (\d{3})")


class Teams(Posting):
    """Posts cards built of ``RichTextBlock``, whose text is never read as Markdown."""

    def __init__(self, name: str, *, url: str, sender: HttpSender, language: Language | None = None) -> None:
        super().__init__(name, sender=sender, secrets=(url,), language=language)
        self._url = url

    def request(self, message: OutgoingMessage, body: Body, *, thread: str | None) -> Request:
        return Request(url=self._url, payload=payload(body))

    def judge(self, reply: Reply, answer: Json) -> DeliveryError | None:
        inner = _INNER.search(reply.text) if reply.status < 300 else None
        if inner is None:
            return None
        status, reason = int(inner[1]), f"answered {reply.status} and in it {inner[1]}"
        if status in (401, 403, 404, 410):
            return ChannelGone(self.name, f"{reason}: make a new workflow")
        if status in (408, 425, 429) or status >= 500:
            return TransientFailure(self.name, reason)
        return PermanentFailure(self.name, reason)

    def is_accepted(self, reply: Reply, answer: Json) -> bool:
        return reply.status == 202 or (reply.complete and (reply.text.strip() in ("", "1") or bool(answer)))


def payload(body: Body) -> Json:
    """The message; lines from the end go until it is small enough."""
    lines = list(lines_of(body))
    message = _message(body, lines, whole=True)
    while len(json.dumps(message, ensure_ascii=False).encode("utf-8", "replace")) > MESSAGE_BYTES and lines:
        lines = lines[: len(lines) - max(1, len(lines) // 8)]
        message = _message(body, lines, whole=False)
    return message


def _message(body: Body, lines: list[Line], *, whole: bool) -> Json:
    card: Json = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.5",
        "lang": body.language.code,
        "rtl": body.language.rtl,
        "fallbackText": body.first_line,
        "msteams": {"width": "Full"},
        "body": [
            _block([{"type": "TextRun", "text": body.first_line, "weight": "Bolder", "size": "Medium"}]),
            *_blocks(lines),
            *([] if whole else [_block([_run(Span(text=body.cut))])]),
            _block([{"type": "TextRun", "text": f"[{body.id}]", "isSubtle": True, "size": "Small"}]),
        ],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "summary": body.first_line, "attachments": [attachment]}


def _blocks(lines: list[Line]) -> list[Json]:
    """A block a line, so that each has a direction of its own; a blank one is space above the next."""
    blocks: list[Json] = []
    spaced = False
    for line in lines:
        if line == BLANK:
            spaced = True
            continue
        block = _block([_run(span, quote=line.quote) for span in line.spans])
        block["spacing"] = "Medium" if spaced else "None" if blocks else "Small"
        if line.quote:
            block["horizontalAlignment"] = "Right" if line.rtl else "Left"
        blocks.append(block)
        spaced = False
    return blocks


def _block(runs: list[Json]) -> Json:
    return {"type": "RichTextBlock", "inlines": runs}


def _run(span: Span, *, quote: bool = False) -> Json:
    run: dict[str, Any] = {"type": "TextRun", "text": span.text}
    if span.bold:
        run["weight"] = "Bolder"
    if quote:
        run["italic"] = True
    if span.url:
        run |= {"underline": True, "color": "Accent", "selectAction": {"type": "Action.OpenUrl", "url": span.url}}
    return run
