"""The outbox on a real database: at least once, in order, each channel on its own."""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.channels.base import OutgoingMessage, Receipt
from alerts.channels.webhook import Webhook
from alerts.deliver import DeliveryLoop, DeliverySummary
from alerts.dial import Guard
from alerts.http import HttpSender
from alerts.timers import Timers
from config.settings import Settings
from config.told import names, phrases_of
from core import failpoints
from core.clock import Clock, SimulatedClock, utc_now
from core.errors import ChannelGone, DeliveryError, PermanentFailure, TransientFailure
from core.values import DeliveryState, NoticeKind, Severity, Status
from storage import deliveries, held, incidents, notices
from storage.engine import Database, open_database
from storage.values import DeliveryView, Hold, IncidentSeed
from tests.alerts.channels.messages import NOW, SECRET, document, notice
from tests.fakes.server import RecordedRequest, ScriptedServer, decide, hold, reply

ROOT = Path(__file__).parents[2]
Act = DeliveryError | Exception | str | None


class Remembering:
    """A channel that does as its script says and remembers what it was given."""

    def __init__(self, name: str, *script: Act, repeat: Act = None) -> None:
        self.name = name
        self.script, self.repeat = list(script), repeat
        self.messages: list[OutgoingMessage] = []
        self.before: Callable[[OutgoingMessage], Awaitable[None]] | None = None

    async def send(self, message: OutgoingMessage, /) -> Receipt:
        self.messages.append(message)
        if self.before is not None:
            await self.before(message)
        act = self.script.pop(0) if self.script else self.repeat
        if isinstance(act, Exception):
            raise act
        return Receipt(remote_ref=act, answer="ok")

    async def aclose(self) -> None:
        pass

    @property
    def ids(self) -> list[str]:
        return [message.document.notice.id for message in self.messages]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path / "basewatch.db") as opened:
        yield opened


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock(NOW)


def seed() -> IncidentSeed:
    return IncidentSeed(status=Status.REPORTED, severity=Severity.S3, base="erbil-air-base", first_seen_at=NOW)


def queue(
    database: Database,
    *channels: str,
    incident_id: int | None = None,
    ring: bool = True,
    kind: Any = NoticeKind.NEW,
    now: datetime = NOW,
) -> int:
    """An incident's notice for these channels; a new incident unless one is named. Returns the incident."""
    with database.write() as session:
        number = incidents.create_incident(session, seed(), now) if incident_id is None else incident_id
        doc = document(notice=notice(kind=kind, ring=ring)).to_json()
        ref = notices.add_notice(session, number, kind, "new-incident", ring, False, doc, now)
        deliveries.enqueue(session, ref.id, channels, now)
    return number


def rows(database: Database, channel: str | None = None) -> list[DeliveryView]:
    """Deliveries, oldest first."""
    with database.read() as session:
        return deliveries.list_deliveries(session, channel=channel)[::-1]


def states(database: Database, channel: str | None = None) -> list[str]:
    return [row.state.value for row in rows(database, channel)]


def loop(database: Database, *channels: Any, clock: Clock | None = None, **limits: Any) -> DeliveryLoop:
    settings = Settings.model_validate({"delivery": limits})
    return DeliveryLoop(database, {channel.name: channel for channel in channels}, settings, clock or Clock())


def once(database: Database, *channels: Any, clock: Clock | None = None, **limits: Any) -> DeliverySummary:
    return asyncio.run(loop(database, *channels, clock=clock, **limits).run_once())


async def until(question: Callable[[], bool], within_s: float = 10.0) -> None:
    """Wait for an effect; fails after ``within_s``."""
    ends = time.monotonic() + within_s
    while not question():
        assert time.monotonic() < ends, "it did not happen in time"
        await asyncio.sleep(0.005)


# --- what becomes of a delivery


def test_a_notice_goes_to_each_of_its_channels_once(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    desk, night = Remembering("desk"), Remembering("night")
    queue(database, "desk", "night")
    assert once(database, desk, night) == DeliverySummary(claimed=2, sent=2)
    assert once(database, desk, night) == DeliverySummary()
    assert desk.ids == night.ids == ["BW-1.1"]
    assert desk.messages[0].id != night.messages[0].id
    assert states(database) == ["sent", "sent"]
    assert sorted(caplog.messages) == ["Delivered BW-1.1 to desk", "Delivered BW-1.1 to night"]


def test_a_failure_for_now_is_tried_again_under_the_same_id(database: Database, clock: SimulatedClock) -> None:
    desk = Remembering("desk", TransientFailure("desk", "answered 503"))
    queue(database, "desk")
    assert once(database, desk, clock=clock) == DeliverySummary(claimed=1, retried=1)
    (row,) = rows(database)
    assert (row.state, row.last_error) == (DeliveryState.PENDING, "answered 503")
    assert timedelta(seconds=4) <= row.next_attempt_at - NOW <= timedelta(seconds=6)
    assert once(database, desk, clock=clock).claimed == 0
    clock.set(row.next_attempt_at)
    assert once(database, desk, clock=clock) == DeliverySummary(claimed=1, sent=1)
    assert len({message.id for message in desk.messages}) == 1
    assert [message.attempt for message in desk.messages] == [1, 2]


def test_retry_after_decides_the_next_attempt(database: Database, clock: SimulatedClock) -> None:
    queue(database, "desk")
    once(database, Remembering("desk", TransientFailure("desk", "answered 429", retry_after_s=77.0)), clock=clock)
    assert rows(database)[0].next_attempt_at == NOW + timedelta(seconds=77)


def test_a_receiver_that_is_down_for_six_hours_gets_it_once_when_it_is_up(
    database: Database, clock: SimulatedClock
) -> None:
    queue(database, "desk")
    desk = Remembering("desk", repeat=TransientFailure("desk", "could not connect"))
    while clock.instant < NOW + timedelta(hours=6):
        once(database, desk, clock=clock)
        clock.set(rows(database)[0].next_attempt_at)
    attempts = len(desk.messages)
    desk.repeat = None
    assert once(database, desk, clock=clock).sent == 1
    assert len(desk.messages) == attempts + 1
    assert clock.instant < NOW + timedelta(hours=9)


def test_it_is_given_up_after_three_days_and_told_on_the_other_channels(
    database: Database, clock: SimulatedClock
) -> None:
    queue(database, "desk")
    desk, mail = Remembering("desk", repeat=TransientFailure("desk", "could not connect")), Remembering("mail")
    while states(database, "desk") == ["pending"]:
        once(database, desk, mail, clock=clock)
        clock.set(max(clock.instant, rows(database, "desk")[0].next_attempt_at))
    assert states(database, "desk") == ["dead"]
    assert clock.instant < NOW + timedelta(days=3, seconds=1)
    told = [message.document.notice for message in mail.messages]
    assert [part.reason for part in told] == ["channel-failing", "delivery-dead"]
    assert all(part.params.keys() == names(phrases_of()[part.reason]).keys() for part in told)
    assert "BW-1.1 was not delivered to desk: given up after" in (told[1].text or "")
    assert "basewatch deliveries retry 1" in (told[1].text or "")


def test_a_refusal_is_dead_at_once_and_told_in_the_same_round(database: Database) -> None:
    desk, mail = Remembering("desk", PermanentFailure("desk", "answered 400")), Remembering("mail")
    queue(database, "desk")
    assert once(database, desk, mail) == DeliverySummary(claimed=2, sent=1, dead=1)
    assert mail.ids == ["SYS-1"]
    assert mail.messages[0].document.notice.kind is NoticeKind.SYSTEM


def test_a_channel_that_is_gone_is_paused_its_backlog_kept_and_the_operator_told(database: Database) -> None:
    desk, mail = Remembering("desk", repeat=ChannelGone("desk", "answered 410")), Remembering("mail")
    for _ in range(20):
        queue(database, "desk")
    summary = once(database, desk, mail)
    assert summary.sent == 1
    assert summary.paused == len(desk.messages) <= 8  # those that were under way when the first came back
    assert set(states(database, "desk")) == {"pending"}
    with database.read() as session:
        (paused,) = deliveries.paused_channels(session)
    assert (paused.channel, paused.waiting, paused.reason) == ("desk", 20, "answered 410")
    assert len(mail.messages) == 1
    assert mail.messages[0].document.notice.params == {"channel": "desk", "why": "answered 410", "minutes": 60}
    assert "Channel desk is paused: answered 410." in (mail.messages[0].document.notice.text or "")
    with database.write() as session:
        assert deliveries.resume(session, "desk", NOW)
    desk.repeat = None
    assert once(database, desk, mail).sent == 20


def test_two_broken_channels_do_not_tell_each_other_of_it_for_ever(database: Database) -> None:
    first = Remembering("first", repeat=PermanentFailure("first", "answered 400"))
    second = Remembering("second", repeat=PermanentFailure("second", "answered 400"))
    queue(database, "first", "second")
    assert once(database, first, second).dead == 4
    assert sorted(first.ids + second.ids) == ["BW-1.1", "BW-1.1", "SYS-1", "SYS-2"]


def test_a_burst_of_refusals_is_told_once_in_ten_minutes(database: Database, clock: SimulatedClock) -> None:
    desk, mail = Remembering("desk", repeat=PermanentFailure("desk", "answered 400")), Remembering("mail")

    async def run() -> None:
        delivery = loop(database, desk, mail, clock=clock)
        for minutes in (0, 9, 11):
            clock.set(NOW + timedelta(minutes=minutes))
            for _ in range(20):
                queue(database, "desk", now=clock.instant)
            await delivery.run_once()

    asyncio.run(run())
    assert states(database, "desk") == ["dead"] * 60
    assert mail.ids == ["SYS-1", "SYS-2"]


def test_a_channel_that_takes_no_system_notices_is_not_told(database: Database) -> None:
    desk, quiet = Remembering("desk", PermanentFailure("desk", "answered 400")), Remembering("quiet")
    queue(database, "desk")
    settings = Settings.model_validate({"channels": {"quiet": {"kind": "console", "notices": ["new"]}}})
    asyncio.run(DeliveryLoop(database, {"desk": desk, "quiet": quiet}, settings).run_once())
    assert states(database, "desk") == ["dead"]
    assert quiet.messages == []


def test_a_channel_alone_has_nobody_to_tell(database: Database) -> None:
    queue(database, "desk")
    assert once(database, Remembering("desk", PermanentFailure("desk", "answered 400"))).dead == 1
    assert len(rows(database)) == 1


def test_trouble_is_told_once_until_something_is_accepted(database: Database, clock: SimulatedClock) -> None:
    desk, mail = Remembering("desk", repeat=TransientFailure("desk", "could not connect")), Remembering("mail")

    async def run() -> None:
        delivery = loop(database, desk, mail, clock=clock)
        for _ in range(3):
            queue(database, "desk")
        for _ in range(8):
            await delivery.run_once()
            clock.set(clock.instant + timedelta(hours=3))
        assert [part.document.notice.reason for part in mail.messages] == ["channel-failing"]
        desk.repeat = None
        await delivery.run_once()
        desk.repeat = TransientFailure("desk", "could not connect")
        queue(database, "desk")
        for _ in range(5):
            await delivery.run_once()
            clock.set(clock.instant + timedelta(hours=3))
        assert states(database, "desk") == ["sent"] * 3 + ["pending"]

    asyncio.run(run())
    assert [part.document.notice.reason for part in mail.messages] == ["channel-failing", "channel-failing"]


def test_a_fault_in_a_channel_is_told_by_kind_and_place_and_never_by_its_text(
    database: Database, clock: SimulatedClock, caplog: pytest.LogCaptureFixture
) -> None:
    queue(database, "desk")
    assert once(database, Remembering("desk", ValueError(f"https://x/{SECRET}")), clock=clock).retried == 1
    (row,) = rows(database)
    assert "ValueError at test_deliver.py:" in (row.last_error or "")
    assert SECRET not in (row.last_error or "") + caplog.text


def test_a_damaged_document_is_dead_and_the_next_goes_on(database: Database) -> None:
    first = queue(database, "desk")
    with database.write() as session:
        from storage.tables import Notice

        row = session.get_one(Notice, first)
        row.document = {"notice": {"id": "BW-1.1", "kind": "new"}}
    queue(database, "desk")
    assert once(database, desk := Remembering("desk"), Remembering("mail")) == DeliverySummary(
        claimed=3, sent=2, dead=1
    )
    assert desk.ids == ["BW-2.1"]


# --- order and company


def test_notices_of_one_incident_arrive_in_order_and_a_failing_one_holds_back_only_its_own(
    database: Database, clock: SimulatedClock
) -> None:
    incident = queue(database, "desk")
    queue(database, "desk", incident_id=incident, kind=NoticeKind.UPDATE)
    queue(database, "desk")
    desk = Remembering("desk", TransientFailure("desk", "answered 503"))
    once(database, desk, clock=clock)
    assert desk.ids == ["BW-1.1", "BW-2.1"]
    clock.set(NOW + timedelta(minutes=1))
    once(database, desk, clock=clock)
    assert desk.ids == ["BW-1.1", "BW-2.1", "BW-1.1", "BW-1.2"]


def test_an_update_answers_in_the_thread_of_the_first_message(database: Database) -> None:
    incident = queue(database, "desk")
    queue(database, "desk", incident_id=incident, kind=NoticeKind.UPDATE)
    desk = Remembering("desk", "<first@a.example>", "<second@a.example>")
    once(database, desk)
    assert [message.thread_ref for message in desk.messages] == [None, "<first@a.example>"]


def test_a_channel_that_hangs_delays_no_other(database: Database) -> None:
    hanging, desk = Remembering("hanging"), Remembering("desk")

    async def never(_message: OutgoingMessage) -> None:
        await asyncio.Event().wait()

    hanging.before = never
    for _ in range(30):
        queue(database, "hanging", "desk")

    async def run() -> float:
        stop = asyncio.Event()
        started = time.monotonic()
        task = asyncio.create_task(loop(database, hanging, desk, deadline_s=30).run(stop))
        await until(lambda: len(desk.messages) == 30)
        took = time.monotonic() - started
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return took

    assert asyncio.run(run()) < 25  # a send that hangs is left after thirty
    assert len(hanging.messages) == 8
    assert set(states(database, "hanging")) == {"pending"}


def test_one_hanging_message_does_not_hold_back_the_next_on_its_channel(database: Database) -> None:
    desk = Remembering("desk")

    async def first_hangs(message: OutgoingMessage) -> None:
        if message.document.notice.id == "BW-1.1":
            await asyncio.Event().wait()

    desk.before = first_hangs

    async def run() -> None:
        stop = asyncio.Event()
        delivery = loop(database, desk, deadline_s=30, interval_s=60)
        task = asyncio.create_task(delivery.run(stop))
        queue(database, "desk")
        delivery.wake()
        await until(lambda: len(desk.messages) == 1)
        queue(database, "desk")
        delivery.wake()
        await until(lambda: len(desk.messages) == 2)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())
    assert states(database) == ["pending", "sent"]


def test_no_more_than_the_limit_are_under_way_on_a_channel(database: Database) -> None:
    desk, most, now = Remembering("desk"), 0, 0

    async def count(_message: OutgoingMessage) -> None:
        nonlocal most, now
        now += 1
        most = max(most, now)
        await asyncio.sleep(0)
        now -= 1

    desk.before = count
    for _ in range(30):
        queue(database, "desk")
    assert once(database, desk, concurrency=3).sent == 30
    assert most <= 3


# --- the loop's life


def test_a_wake_up_delivers_at_once_and_a_retry_comes_when_it_is_due(database: Database) -> None:
    desk = Remembering("desk", TransientFailure("desk", "answered 503"))

    async def run() -> float:
        stop = asyncio.Event()
        delivery = loop(database, desk, interval_s=60, retry_schedule_s=(0.1,))
        task = asyncio.create_task(delivery.run(stop))
        await until(lambda: delivery._loop is not None)
        started = time.monotonic()
        queue(database, "desk", now=utc_now())
        await asyncio.to_thread(delivery.wake)
        await until(lambda: states(database) == ["sent"])
        took = time.monotonic() - started
        stop.set()
        await asyncio.wait_for(task, 5)
        assert delivery.totals == DeliverySummary(claimed=2, sent=1, retried=1)
        return took

    assert asyncio.run(run()) < 50  # its next round comes after sixty


def hurrying() -> Clock:
    """A second passes at each look at it."""
    looks = itertools.count()
    return Clock(now=lambda: utc_now() + timedelta(seconds=next(looks)))


@pytest.mark.parametrize("after_s", [0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5])
def test_a_retry_that_comes_due_between_two_looks_is_not_forgotten(database: Database, after_s: float) -> None:
    desk = Remembering("desk", TransientFailure("desk", "answered 503"))
    queue(database, "desk", now=utc_now())

    async def run() -> None:
        stop = asyncio.Event()
        delivery = loop(database, desk, clock=hurrying(), interval_s=600, retry_schedule_s=(after_s,))
        task = asyncio.create_task(delivery.run(stop))
        await until(lambda: states(database) == ["sent"], within_s=60)
        stop.set()
        await asyncio.wait_for(task, 60)

    asyncio.run(run())


def test_stopping_finishes_what_is_under_way_and_starts_nothing_new(database: Database) -> None:
    desk, gate = Remembering("desk"), asyncio.Event()

    async def wait(_message: OutgoingMessage) -> None:
        await gate.wait()

    desk.before = wait
    for _ in range(12):
        queue(database, "desk")

    async def run() -> None:
        stop = asyncio.Event()
        task = asyncio.create_task(loop(database, desk).run(stop))
        await until(lambda: len(desk.messages) == 8)
        stop.set()
        await asyncio.sleep(0)
        gate.set()
        await asyncio.wait_for(task, 5)

    asyncio.run(run())
    assert states(database) == ["sent"] * 8 + ["pending"] * 4


def test_what_was_claimed_ahead_of_a_quick_receiver_is_given_back_at_the_stop(database: Database) -> None:
    desk, stop = Remembering("desk"), asyncio.Event()
    for _ in range(60):
        queue(database, "desk", now=utc_now())

    async def stop_at_the_twentieth(message: OutgoingMessage) -> None:
        if len(desk.messages) == 20:
            stop.set()

    desk.before = stop_at_the_twentieth
    asyncio.run(loop(database, desk, concurrency=4).run(stop))
    assert 20 <= states(database).count("sent") == len(desk.messages) < 40
    assert "sending" not in states(database)
    assert {row.attempts for row in rows(database) if row.state is DeliveryState.PENDING} == {0}


def test_what_was_held_back_too_long_is_claimed_anew_before_it_is_sent(
    database: Database, clock: SimulatedClock
) -> None:
    desk = Remembering("desk")

    async def time_passes(message: OutgoingMessage) -> None:
        if len(desk.messages) == 2:  # the second is quick to claim ahead, and slow to answer
            clock.set(NOW + timedelta(seconds=55))

    desk.before = time_passes
    for _ in range(6):
        queue(database, "desk")
    assert once(database, desk, clock=clock, concurrency=1).sent == 6
    assert len(desk.messages) == 6


def test_a_lease_just_over_the_deadline_is_never_too_old_to_send(database: Database) -> None:
    queue(database, "desk", now=utc_now())
    assert once(database, Remembering("desk"), deadline_s=10, lease_s=10.1).sent == 1


def test_a_cancelled_loop_gives_back_what_it_holds_without_counting_an_attempt(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with ScriptedServer() as server:
        import threading

        gate = threading.Event()
        url = server.route(f"/{SECRET}", hold(gate, reply(200)))
        sender = HttpSender(Guard([server.netloc]), deadline_s=30)
        desk = Webhook("desk", url=url, secrets=["whsec_" + "QUJD" * 8], sender=sender)
        queue(database, "desk")

        async def run() -> None:
            stop = asyncio.Event()
            task = asyncio.create_task(loop(database, desk, deadline_s=30).run(stop))
            await until(lambda: bool(server.requests))
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await desk.aclose()

        asyncio.run(run())
        gate.set()
    (row,) = rows(database)
    assert (row.state, row.attempts, row.lease_owner) == (DeliveryState.PENDING, 0, None)
    assert SECRET not in caplog.text


def test_an_outcome_that_the_database_refused_is_recorded_later_and_not_sent_again(
    database: Database, clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Remembering("desk")
    queue(database, "desk")
    real = deliveries.record_sent

    def full(*args: Any, **options: Any) -> bool:
        raise OSError("database or disk is full")

    async def run() -> None:
        delivery = loop(database, desk, clock=clock)
        monkeypatch.setattr(deliveries, "record_sent", full)
        await delivery.run_once()
        assert states(database) == ["sending"]
        monkeypatch.setattr(deliveries, "record_sent", real)
        clock.set(NOW + timedelta(seconds=61))  # the lease has ended
        await delivery.run_once()

    asyncio.run(run())
    assert states(database) == ["sent"]
    assert len(desk.messages) == 1


def test_a_database_that_refuses_claims_is_waited_out(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("alerts.worker.FAULT_PAUSE_S", 0.01)
    desk = Remembering("desk")
    queue(database, "desk")
    real, left = deliveries.claim_due, 3

    def flaky(*args: Any, **options: Any) -> Any:
        nonlocal left
        left -= 1
        if left >= 0:
            raise OSError("database is locked")
        return real(*args, **options)

    monkeypatch.setattr(deliveries, "claim_due", flaky)

    async def run() -> None:
        stop = asyncio.Event()
        task = asyncio.create_task(loop(database, desk, interval_s=0.05).run(stop))
        await until(lambda: states(database) == ["sent"])
        stop.set()
        await asyncio.wait_for(task, 5)

    asyncio.run(run())
    assert left < 0  # refused three times, and told once
    assert caplog.text.count("The database refused a step of delivery to desk") == 1


def test_one_round_raises_what_the_database_raises(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*args: Any, **options: Any) -> Any:
        raise OSError("database is locked")

    monkeypatch.setattr(deliveries, "claim_due", locked)
    with pytest.raises(ExceptionGroup, match="unhandled"):
        once(database, Remembering("desk"))


def test_two_loops_on_one_database_send_nothing_twice(database: Database, tmp_path: Path) -> None:
    for _ in range(100):
        queue(database, "desk")
    first, second = Remembering("desk"), Remembering("desk")

    async def run() -> None:
        with open_database(tmp_path / "basewatch.db") as other:
            await asyncio.gather(loop(database, first).run_once(), loop(other, second).run_once())

    asyncio.run(run())
    assert sorted(first.ids + second.ids) == sorted({*first.ids, *second.ids})
    assert len(first.ids + second.ids) == 100
    assert set(states(database)) == {"sent"}


# --- kill -9


@pytest.mark.parametrize("failpoint", ["after_claim", "before_send", "after_send", "after_record"])
def test_killed_at_each_step_and_started_again_it_arrives_once_or_twice_under_one_id(
    tmp_path: Path, failpoint: str
) -> None:
    assert failpoint in failpoints.NAMES
    path = tmp_path / "basewatch.db"
    with open_database(path) as database:
        queue(database, "desk")
    with ScriptedServer() as server:
        server.route("/hook", reply(200))
        command = [sys.executable, "-m", "tests.alerts.deliver_once", str(path), server.url("/hook")]
        environ = {**os.environ, "PYTHONPATH": str(ROOT)}
        killed = subprocess.run(command, env={**environ, "BASEWATCH_DIE_AT": failpoint}, cwd=ROOT, timeout=60)
        assert killed.returncode == -9
        before = len(server.requests)
        again = subprocess.run(command, env=environ, cwd=ROOT, timeout=60)
        assert again.returncode == 0
        assert before == (1 if failpoint in ("after_send", "after_record") else 0)
        assert len(server.requests) == {"after_send": 2}.get(failpoint, 1)
        assert len({request.headers["webhook-id"] for request in server.requests}) == 1
    with open_database(path) as database:
        assert states(database) == ["sent"]


def test_two_hundred_notices_through_faults_lose_none_and_keep_their_ids(database: Database) -> None:
    seen: dict[str, int] = {}
    for _ in range(200):
        queue(database, "desk", now=utc_now())

    def answer(request: RecordedRequest) -> Any:
        count = seen[request.headers["webhook-id"]] = seen.get(request.headers["webhook-id"], 0) + 1
        turn = int(request.headers["webhook-id"][-2:], 16) % 5
        if count == 1 and turn == 1:
            return reply(503)
        if count == 1 and turn == 2:
            return reply(429, headers={"Retry-After": "1"})
        if count == 1 and turn == 3:
            return reply(200, close_at_once=True)
        return reply(204)

    with ScriptedServer() as server:
        server.route("/hook", decide(answer))
        sender = HttpSender(Guard([server.netloc]), deadline_s=5)
        desk = Webhook("desk", url=server.url("/hook"), secrets=["whsec_" + "QUJD" * 8], sender=sender)

        async def run() -> None:
            stop = asyncio.Event()
            delivery = loop(database, desk, retry_schedule_s=(0.05,))
            task = asyncio.create_task(delivery.run(stop))
            await until(lambda: delivery.totals.sent == 200, within_s=30)
            stop.set()
            await task
            await desk.aclose()

        asyncio.run(run())
    assert set(states(database)) == {"sent"}
    assert len(seen) == 200


# --- a paused channel comes back


def test_a_paused_channel_is_probed_slowly_and_caught_up_when_it_returns(
    database: Database, clock: SimulatedClock
) -> None:
    desk, mail = Remembering("desk", repeat=ChannelGone("desk", "answered 410", http_status=410)), Remembering("mail")
    for _ in range(5):
        queue(database, "desk")
    once(database, desk, mail, clock=clock, concurrency=1)
    tried = len(desk.messages)
    clock.set(NOW + timedelta(minutes=59))
    assert once(database, desk, mail, clock=clock).claimed == 0
    clock.set(NOW + timedelta(hours=1))
    assert once(database, desk, mail, clock=clock).paused == 1
    assert len(desk.messages) == tried + 1
    assert len(mail.messages) == 1  # of the pause they hear once
    desk.repeat = None
    clock.set(NOW + timedelta(hours=2))
    once(database, desk, mail, clock=clock)
    assert states(database, "desk") == ["sent"] * 5
    assert mail.messages[-1].document.notice.params.keys() == names(phrases_of()["channel-back"]).keys()
    assert "Channel desk takes messages again." in (mail.messages[-1].document.notice.text or "")
    with database.read() as session:
        assert deliveries.paused_channels(session) == []
        assert deliveries.attempts_of(session, 1)[0].http_status == 410


def test_a_long_backlog_of_a_channel_that_returns_becomes_a_digest(database: Database, clock: SimulatedClock) -> None:
    desk = Remembering("desk", repeat=ChannelGone("desk", "answered 410"))
    for _ in range(8):
        queue(database, "desk")
    once(database, desk, clock=clock, burst_per_minute=5)
    desk.repeat = None
    clock.set(NOW + timedelta(hours=1))
    once(database, desk, clock=clock, burst_per_minute=5)
    assert sorted(states(database, "desk")) == ["held"] * 7 + ["sent"]
    settings = Settings.model_validate({"channels": {"desk": {"kind": "console"}}})
    assert asyncio.run(Timers(database, settings, clock).fire()) == 7
    once(database, desk, clock=clock)
    text = desk.messages[-1].document.notice.text or ""
    assert text.startswith("7 notices held back: the channel could not be reached then")
    assert {f"BW-{number}.1" for number in range(2, 9)} <= set(text.split())


def test_what_was_held_back_overnight_arrives_without_ringing(database: Database) -> None:
    desk = Remembering("desk")
    queue(database, "desk", ring=True)
    with database.write() as session:
        held.hold_waiting(session, "desk", Hold(why="quiet", until=NOW, note="quiet hours"), NOW)
        held.let_go(session, 1, NOW, ring=False)
    once(database, desk)
    assert [message.document.notice.ring for message in desk.messages] == [False]
