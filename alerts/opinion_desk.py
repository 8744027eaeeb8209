"""Asks for second opinions: within a budget, from a cache where it can, and not at all after failures in a row."""

from __future__ import annotations

import hashlib
import logging
from collections import OrderedDict, deque
from collections.abc import Callable
from datetime import datetime, timedelta

from alerts.classifier import Classifier
from alerts.dial import Guard
from alerts.http import HttpSender, refusal
from alerts.opinion import Opinion, is_doubtful, question, read_answer, weigh
from config.opinion import OpinionSettings
from config.settings import Settings
from config.watch import Watch
from core.clock import Clock
from core.errors import DeliveryError, TransientFailure
from core.values import Article, Verdict

log = logging.getLogger(__name__)

NAME = "second opinion"
FAILURES_IN_A_ROW = 3  #: then nobody is asked for PAUSE
PAUSE = timedelta(minutes=10)
HOUR = timedelta(hours=1)
CACHE_SIZE = 1_000  #: answers kept; an edit or a copy of a text is not asked about again


class OpinionDesk:
    """Reviews verdicts; a question that fails in any way leaves the verdict as it was."""

    def __init__(
        self,
        settings: OpinionSettings,
        watch: Watch,
        threshold: float,
        lenient: Callable[[Article], Verdict],
        sender: HttpSender,
        clock: Clock,
    ) -> None:
        assert settings.endpoint is not None
        self._settings, self._watch, self._threshold, self._lenient = settings, watch, threshold, lenient
        self._sender, self._clock = sender, clock
        self._url = f"{settings.endpoint}/chat/completions"
        self._headers = {"Content-Type": "application/json"}
        if settings.api_key is not None:
            self._headers["Authorization"] = f"Bearer {settings.api_key.reveal()}"
        self._asked: deque[datetime] = deque()
        self._cache: OrderedDict[str, Opinion] = OrderedDict()
        self._failures = 0
        self._silent_until: datetime | None = None

    def wants(self, verdict: Verdict) -> bool:
        """Whether this verdict is worth a question."""
        return is_doubtful(verdict, self._threshold, self._settings)

    async def review(self, article: Article, verdict: Verdict) -> Verdict:
        """The verdict after a second opinion, or as it was where none could be had. Never raises for the endpoint."""
        opinion = await self._opinion(article)
        if opinion is None:
            return verdict
        return weigh(verdict, self._lenient(article), opinion, self._threshold, self._settings.model)

    async def aclose(self) -> None:
        await self._sender.aclose()

    async def _opinion(self, article: Article) -> Opinion | None:
        body = question(article, self._settings.model, self._watch)
        key = hashlib.sha256(body).hexdigest()
        known = self._cache.get(key)
        if known is not None:
            self._cache.move_to_end(key)
            return known
        if not self._may_ask():
            return None
        opinion = await self._ask(body)
        if opinion is not None:
            self._cache[key] = opinion
            if len(self._cache) > CACHE_SIZE:
                self._cache.popitem(last=False)
        return opinion

    def _may_ask(self) -> bool:
        """Whether budget and pause allow a question now; counts it."""
        now = self._clock.now()
        if self._silent_until is not None and now < self._silent_until:
            return False
        while self._asked and now - self._asked[0] >= HOUR:
            self._asked.popleft()
        if len(self._asked) >= self._settings.per_hour:
            return False
        self._asked.append(now)
        return True

    async def _ask(self, body: bytes) -> Opinion | None:
        now = self._clock.now()
        try:
            reply = await self._sender.post(NAME, self._url, body, self._headers)
            problem: DeliveryError | None = refusal(NAME, reply, now=now, gone=frozenset())
        except DeliveryError as error:
            problem = error
        else:
            opinion = read_answer(reply.body) if problem is None and reply.complete else None
            if opinion is not None:
                if self._silent_until is not None:
                    log.info("The second opinion answers again", extra={"action": "opinion_back"})
                self._failures, self._silent_until = 0, None
                return opinion
        self._failed(problem or TransientFailure(NAME, "answered something else than the JSON that was asked for"))
        return None

    def _failed(self, problem: DeliveryError) -> None:
        """Count the failure; the last of a row silences the desk and is told."""
        self._failures += 1
        log.debug("No second opinion: %s", problem, extra={"action": "opinion_failed"})
        if self._failures >= FAILURES_IN_A_ROW:
            is_news = self._silent_until is None
            self._silent_until = self._clock.now() + PAUSE
            self._failures = 0
            if is_news:
                log.warning(
                    "The second opinion failed %d times and is not asked for %d minutes; verdicts stand without it: %s",
                    FAILURES_IN_A_ROW, PAUSE.total_seconds() // 60, problem, extra={"action": "opinion_paused"},
                )  # fmt: skip


def opinion_desk(settings: Settings, classifier: Classifier, clock: Clock) -> OpinionDesk | None:
    """The desk that the settings ask for; None where they name no endpoint."""
    chosen = settings.opinion
    if chosen.endpoint is None:
        return None
    allowed = (chosen.host,) if chosen.allow_private else ()
    sender = HttpSender(Guard(allowed), deadline_s=chosen.timeout_s)
    lowest = max(classifier.threshold - chosen.tie_within, 0.0)
    lenient = Classifier(classifier.reader, classifier.weights, classifier.model, lowest)
    return OpinionDesk(chosen, classifier.reader.watch, classifier.threshold, lenient.classify, sender, clock)
