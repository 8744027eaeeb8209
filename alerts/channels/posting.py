"""What the chats have in common: one request a message, an answer that is read and not only its status.

A chat says how its request looks (``request``), which words of its answers mean what (``judge``) and what a later
message answers to (``reference``). Deadline, statuses, secrets and limits of answers: here and in ``alerts/http.py``.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from alerts.channels.base import OutgoingMessage, Receipt
from alerts.http import HttpSender, Reply, quoted_answer, refusal
from alerts.language import Language
from alerts.wording import Body, compose
from core.errors import DeliveryError, TransientFailure
from core.retry_after import CAP_S

#: a chat's URL or token that is not known any more is answered with one of these
CHAT_GONE = frozenset({401, 403, 404, 410})

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One JSON request."""

    url: str
    payload: Json
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"

    @property
    def body(self) -> bytes:
        # A lone surrogate in a headline would make the encoder raise and stop the alert: it becomes "?".
        return json.dumps(self.payload, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


class Posting(ABC):
    """A channel that posts JSON; ``secrets`` are blotted out of what receivers echo."""

    def __init__(
        self, name: str, *, sender: HttpSender, secrets: Iterable[str] = (), language: Language | None = None
    ) -> None:
        self.name, self._language = name, language
        self._sender, self._secrets = sender, tuple(secrets)

    async def send(self, message: OutgoingMessage, /) -> Receipt:
        body = compose(message.document, now=message.now, language=self._language)
        reply = await self._exchange(self.request(message, body, thread=message.thread_ref))
        problem = self._problem(reply, message)
        if problem is not None and message.thread_ref and self.lost_thread(reply):
            # The message that this one answers was deleted: said once more, standing alone.
            reply = await self._exchange(self.request(message, body, thread=None))
            problem = self._problem(reply, message)
            message = OutgoingMessage(id=message.id, document=message.document, now=message.now)
        if problem is not None:
            problem.http_status = reply.status
            raise problem
        return Receipt(
            remote_ref=self.reference(message, answer_of(reply)),
            answer=quoted_answer(reply, self._secrets),
            http_status=reply.status,
        )

    async def aclose(self) -> None:
        await self._sender.aclose()

    async def _exchange(self, request: Request) -> Reply:
        headers = {"Content-Type": "application/json; charset=utf-8", **request.headers}
        return await self._sender.send(self.name, request.method, request.url, request.body, headers)

    def _problem(self, reply: Reply, message: OutgoingMessage) -> DeliveryError | None:
        answer = answer_of(reply)
        if (problem := self.judge(reply, answer)) is not None:
            return problem
        problem = refusal(self.name, reply, now=message.now, gone=CHAT_GONE)
        if isinstance(problem, TransientFailure) and problem.retry_after_s is None:
            problem.retry_after_s = asked_wait_s(answer)
        if problem is None and not self.is_accepted(reply, answer):
            # A hotel's network, a proxy or a server in trouble answers 200 with a page of its own.
            return TransientFailure(self.name, f"answered {reply.status} without the words that mean accepted")
        return problem

    @abstractmethod
    def request(self, message: OutgoingMessage, body: Body, *, thread: str | None) -> Request:
        """What is sent; ``thread`` is the reference of the message that it answers to."""

    @abstractmethod
    def is_accepted(self, reply: Reply, answer: Json) -> bool:
        """Whether an answer with a good status means that the message is there."""

    def judge(self, reply: Reply, answer: Json) -> DeliveryError | None:
        """What the chat's own words mean, whatever their status; None where the status decides."""
        return None

    def reference(self, message: OutgoingMessage, answer: Json) -> str | None:
        """What later messages of the incident answer to."""
        return None

    def lost_thread(self, reply: Reply) -> bool:
        """Whether the answer says that the message to answer to is gone."""
        return False


def answer_of(reply: Reply) -> Json:
    """The answer's JSON object; empty where it is none or came only in part."""
    if not reply.complete:
        return {}
    try:
        answer = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def asked_wait_s(answer: Json) -> float | None:
    """Seconds that a chat asks for in its answer's body, within the bounds of ``Retry-After``.

    Discord ``retry_after`` (seconds), Telegram ``parameters.retry_after``, Matrix ``retry_after_ms``.
    """
    inner = answer.get("parameters")
    seconds = answer.get("retry_after", inner.get("retry_after") if isinstance(inner, dict) else None)
    millis = answer.get("retry_after_ms")
    if isinstance(millis, int | float) and not isinstance(millis, bool):
        seconds = millis / 1000
    if not isinstance(seconds, int | float) or isinstance(seconds, bool):
        return None
    return min(max(float(seconds), 0.0), CAP_S) if seconds == seconds else None


def text_of(answer: Json, key: str) -> str:
    """A string of the answer; "" where it is none."""
    value = answer.get(key)
    return value if isinstance(value, str) else ""
