"""Is every stage doing its work? Pure: the answer follows from the vitals and from when each stage last worked.

A process that lives proves nothing. Each stage must have worked lately, and must have left nothing lying: a source that
is overdue, an article that nobody classified, a notice that got out nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.vitals import Vitals

OVERDUE = timedelta(minutes=5)  #: a source that is due this long ago is not being polled
STALE = timedelta(minutes=2)  #: beyond its own interval, a loop that did not come round stands still
UNREAD = timedelta(minutes=10)  #: an article that waits longer for its verdict is stuck
MUTE = timedelta(minutes=15)  #: a notice waits this long, and nothing was accepted since it was written
CANARY_EVERY = timedelta(hours=24)
CANARY_LATE = timedelta(hours=26)  #: the daily one, and time for its delivery
CANARY_FIRST = timedelta(minutes=15)  #: after the start, the first one must have arrived
LAG_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One stage: whether it does its work, and a sentence."""

    name: str
    ok: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """When each loop of this process last came round, without a fault; None: not yet."""

    started_at: datetime
    classified_at: datetime | None = None
    delivered_at: datetime | None = None
    lag_s: float = 0.0  #: worst of the last minute


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the configuration promises."""

    crawls: bool
    channels: bool  #: there is one to deliver to
    classify_every: timedelta
    deliver_every: timedelta
    canary: bool


def checks(vitals: Vitals, rounds: Rounds, expected: Expected, now: datetime) -> tuple[Check, ...]:
    """Every stage, in the order in which an article passes them."""
    return (
        _fetch(vitals, rounds, expected, now),
        _classify(vitals, rounds, expected, now),
        _deliver(vitals, rounds, expected, now),
        _canary(vitals, rounds, expected, now),
        _loop(rounds),
    )


def cycle_is_full(vitals: Vitals, rounds: Rounds, expected: Expected, since: datetime, now: datetime) -> bool:
    """Whether fetch, classify and deliver have each worked since ``since``, and leave nothing lying.

    Where no source was due in that time, nothing had to be fetched.
    """
    stages = checks(vitals, rounds, expected, now)[:3]
    if not all(stage.ok for stage in stages):
        return False
    polled = vitals.last_poll_at is not None and vitals.last_poll_at >= since
    heard = vitals.last_ok_at is not None and vitals.last_ok_at >= since
    fetched = not expected.crawls or heard or (vitals.last_ok_at is not None and not polled)
    classified = rounds.classified_at is not None and rounds.classified_at >= since
    delivered = not expected.channels or (rounds.delivered_at is not None and rounds.delivered_at >= since)
    return fetched and classified and delivered


def _fetch(vitals: Vitals, rounds: Rounds, expected: Expected, now: datetime) -> Check:
    def check(ok: bool, text: str) -> Check:
        return Check(name="fetch", ok=ok, text=text)

    if not expected.crawls:
        return check(True, "Nothing is fetched: crawler.enabled is off.")
    if not vitals.sources or not sum(vitals.sources.values()):
        starting = now - rounds.started_at < STALE
        return check(False, "The crawler is starting." if starting else "No source is registered: no outlet is on.")
    if vitals.polled and vitals.failing == vitals.polled:
        return check(False, f"No outlet can be read: all {vitals.failing} sources polled fail.")
    if vitals.next_poll_at is not None and now - max(vitals.next_poll_at, rounds.started_at) > OVERDUE:
        return check(False, f"Sources are due since {_clock(vitals.next_poll_at)} and are not polled.")
    if vitals.polled == 0:
        is_due = vitals.next_poll_at is not None and vitals.next_poll_at <= now
        return check(not is_due, "The first polls are under way." if is_due else "No source was due since the start.")
    return check(True, f"{vitals.polled - vitals.failing} of {vitals.polled} sources polled answer.")


def _classify(vitals: Vitals, rounds: Rounds, expected: Expected, now: datetime) -> Check:
    def check(ok: bool, text: str) -> Check:
        return Check(name="classify", ok=ok, text=text)

    last = rounds.classified_at or rounds.started_at
    if now - last > expected.classify_every + STALE:
        return check(False, f"The classifier has not come round since {_clock(last)}.")
    if vitals.oldest_waiting_at is not None and now - vitals.oldest_waiting_at > UNREAD:
        if now - rounds.started_at > UNREAD:
            return check(
                False, f"Articles wait for a verdict since {_clock(vitals.oldest_waiting_at)}: {vitals.waiting}."
            )
        return check(True, f"Catching up; articles that wait for a verdict: {vitals.waiting}.")
    return check(True, f"Articles being read: {vitals.waiting}." if vitals.waiting else "Every article is read.")


def _deliver(vitals: Vitals, rounds: Rounds, expected: Expected, now: datetime) -> Check:
    def check(ok: bool, text: str) -> Check:
        return Check(name="deliver", ok=ok, text=text)

    if not expected.channels:
        return check(True, "Nobody is told: no channel is enabled.")
    last = rounds.delivered_at or rounds.started_at
    if now - last > expected.deliver_every + STALE:
        return check(False, f"The delivery loop has not come round since {_clock(last)}.")
    oldest, sent = vitals.oldest_pending_at, vitals.last_sent_at
    waiting = sum(vitals.pending.values())
    if oldest is not None and now - oldest > MUTE and (sent is None or sent < oldest):
        return check(
            False, f"Nothing gets out: none was accepted since {_clock(oldest)}; deliveries that wait: {waiting}."
        )
    if vitals.paused:
        return check(True, f"Paused: {', '.join(vitals.paused)}; the other channels work.")
    return check(True, "Nothing waits." if not waiting else f"Deliveries that wait for their next attempt: {waiting}.")


def _canary(vitals: Vitals, rounds: Rounds, expected: Expected, now: datetime) -> Check:
    def check(ok: bool, text: str) -> Check:
        return Check(name="canary", ok=ok, text=text)

    if not expected.canary:
        return check(True, "No daily test is sent.")
    last = vitals.last_canary_at
    if last is not None and now - last <= CANARY_LATE:
        return check(True, f"The daily test arrived at {_clock(last)}.")
    if now - rounds.started_at <= CANARY_FIRST:
        return check(True, "The test of the start is under way.")
    return check(False, f"The daily test did not arrive; the last that did: {_clock(last) if last else 'never'}.")


def _loop(rounds: Rounds) -> Check:
    late = rounds.lag_s
    text = f"The loop ran at most {late:.1f} s late in the last minute."
    return Check(name="loop", ok=late <= LAG_S, text=text)


def all_ok(found: Sequence[Check]) -> bool:
    return all(check.ok for check in found)


def _clock(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"
