"""Plays the script: publishes step after step to the real daemon and waits for what must come of each.

::

    publish a step │ every story of it judged, nothing under way │ next step … │ two more polls of each feed │ stop

It never sleeps for luck: each wait is for a state that the newsroom, the receivers or the database show, under a limit.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from basewatch.demo.certificate import make_identity
from basewatch.demo.ledger import Judged, Ledger, Look
from basewatch.demo.loopback import HOST, LoopbackServer
from basewatch.demo.mailbox import MailServer
from basewatch.demo.newsroom import Newsroom, Published
from basewatch.demo.process import DaemonProcess
from basewatch.demo.receivers import Arrival, ChatReceiver, WebhookReceiver
from basewatch.demo.score import Reading, address
from basewatch.demo.setup import DATABASE, Endpoints, write_config
from basewatch.demo.stories import Moment, Script, Step
from basewatch.demo.view import View
from config.lexicon import lexicon_files
from core.clock import utc_now

LOOK_EVERY_S = 0.1
STEP_WITHIN_S = 20.0  #: from a step's appearance to its last delivery; about 2 s are usual
QUIET_POLLS = 2  #: polls of each feed at the end, so that a late alert has every chance to spoil the result


@dataclass(slots=True)
class Performance:
    """What happened in one play of the script."""

    arrivals: list[Arrival] = field(default_factory=list)
    readings: dict[str, Reading] = field(default_factory=dict)  # by story
    troubles: list[str] = field(default_factory=list)  # beside what the score finds
    log: list[str] = field(default_factory=list)  # the daemon's last words, where something was wrong


class _TooLate(Exception):
    """A step was not done in time, or the daemon died."""


async def perform(script: Script, view: View, folder: Path, *, webhook_fails: bool = False) -> Performance:
    """Play the script in ``folder`` (empty, the demo's own) and return what happened.

    ``webhook_fails`` makes the webhook receiver answer 503 for ever, to see the demo fail.
    """
    performance = Performance()

    def receive(arrival: Arrival) -> None:
        performance.arrivals.append(arrival)
        view.arrival(arrival)

    async with AsyncExitStack() as stack:
        newsroom = await stack.enter_async_context(Newsroom(script))
        endpoints = await _receivers(stack, receive, folder, webhook_fails=webhook_fails)
        ledger = Ledger(folder / DATABASE)
        stack.callback(ledger.close)
        daemon = DaemonProcess(write_config(folder, newsroom, endpoints))
        director = _Director(script, view, newsroom, ledger, daemon, performance)
        director.publish(script.step[0])
        view.note("Starting the daemon: the real one, on outlets that exist on this machine only")
        await stack.enter_async_context(daemon)
        try:
            await director.play()
        except _TooLate as trouble:
            performance.troubles.append(str(trouble))
        ended = await daemon.stop()
        if ended is not None:
            performance.troubles.append(ended)
        if performance.troubles:
            performance.log = daemon.last_words()
    return performance


async def _receivers(
    stack: AsyncExitStack, receive: Callable[[Arrival], None], folder: Path, *, webhook_fails: bool
) -> Endpoints:
    identity = make_identity(folder, HOST)
    webhook, chat = WebhookReceiver(receive, always_fail=webhook_fails), ChatReceiver(receive)
    webhook_server = await stack.enter_async_context(LoopbackServer(webhook.handle))
    chat_server = await stack.enter_async_context(LoopbackServer(chat.handle))
    mail = await stack.enter_async_context(MailServer(receive, identity.server))
    return Endpoints(
        webhook_url=f"{webhook_server.url}/basewatch",
        webhook_secret=webhook.secret,
        chat_url=chat_server.url + chat.path,
        mail_port=mail.port,
        mail_password=mail.password,
        ca_file=identity.ca_file,
    )


@dataclass(slots=True)
class _Director:
    script: Script
    view: View
    newsroom: Newsroom
    ledger: Ledger
    daemon: DaemonProcess
    performance: Performance
    started_at: datetime = field(default_factory=utc_now)
    languages: frozenset[str] = field(default_factory=lambda: frozenset(lexicon_files()))

    def publish(self, step: Step) -> None:
        number = self.script.step.index(step) + 1
        self.view.step(number, len(self.script.step), step)
        self.newsroom.publish(self.script.stories_of(step), Moment(started_at=self.started_at, now=utc_now()))

    async def play(self) -> None:
        """Every step, the first of which stands in the feeds already. Raises _TooLate."""
        for step in self.script.step:
            if step is not self.script.step[0]:
                self.publish(step)
            await self._until(self._is_done, f"Step {step.title!r}")
        before = self.newsroom.polls()
        self.view.note(f"Waiting for {QUIET_POLLS} more polls of each feed: nothing else may arrive")

        def is_quiet(look: Look) -> bool:
            polls = self.newsroom.polls()
            return self._is_done(look) and all(polls[feed] >= count + QUIET_POLLS for feed, count in before.items())

        await self._until(is_quiet, "The quiet at the end")

    def _is_done(self, look: Look) -> bool:
        return look.under_way == 0 and len(self.performance.readings) == len(self.newsroom.published)

    async def _until(self, reached: Callable[[Look], bool], what: str) -> None:
        deadline = time.monotonic() + STEP_WITHIN_S
        while not reached(look := self._look()):
            if self.daemon.died:
                raise _TooLate("The daemon ended before the demo did.")
            if time.monotonic() > deadline:
                raise _TooLate(f"{what} was not done within {STEP_WITHIN_S:.0f} s{self._what_is_missing(look)}.")
            await asyncio.sleep(LOOK_EVERY_S)

    def _what_is_missing(self, look: Look) -> str:
        unread = [p.story.id for p in self.newsroom.published if p.story.id not in self.performance.readings]
        parts = [f"not read: {', '.join(unread)}"] if unread else []
        if look.under_way:
            parts.append(f"{look.under_way} pages, articles or deliveries under way")
        return f" ({'; '.join(parts)})" if parts else ""

    def _look(self) -> Look:
        """The database now; what is new in it goes to the view."""
        look = self.ledger.look()
        by_place = {(address(judged.url), judged.version > 1): judged for judged in look.judged}
        for published in self.newsroom.published:
            judged = by_place.get((address(published.url), published.story.edits is not None))
            if judged is not None and published.story.id not in self.performance.readings:
                self._read(published, judged)
        self.view.incidents(look.incidents)
        return look

    def _read(self, published: Published, judged: Judged) -> None:
        reading = Reading(
            url=judged.url,
            version=judged.version,
            positive=judged.label != "other",
            probability=judged.probability,
            label=judged.label,
            reason=judged.reason,
            seconds=max((judged.at - published.at).total_seconds(), 0.0),
            known_language=published.story.lang in self.languages,
        )
        self.performance.readings[published.story.id] = reading
        self.view.article(published.story, self.script.outlets[published.story.outlet].name, reading)
