"""What an operator sees of deliveries, and can do about them."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from basewatch.commands import channels, deliveries
from config.settings import Settings
from core.errors import InputError
from core.values import DeliveryState, NoticeKind
from storage import deliveries as outbox
from storage import notices
from storage.engine import open_database
from tests.alerts.channels.messages import SECRET, system
from tests.fakes.server import ScriptedServer, reply

NOW = datetime(2024, 4, 21, 18, 13, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A database with three deliveries: 1 pending, 2 dead, 3 sent."""
    settings = Settings.model_validate({"data_dir": tmp_path})
    with open_database(settings.database_address) as database, database.write() as session:
        for channel in ("a", "b", "c"):
            ref = notices.add_notice(session, None, NoticeKind.SYSTEM, "x", False, False, system().to_json(), NOW)
            outbox.enqueue(session, ref.id, [channel], NOW)
        outbox.claim_due(session, NOW, "me", 60, channels=["b", "c"])
        outbox.record_dead(session, 2, "me", NOW, error="answered 400 [red]x[/red]")
        outbox.record_sent(session, 3, "me", NOW)
    return settings


def wide() -> Console:
    return Console(file=io.StringIO(), width=200)


def printed(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def states(settings: Settings) -> dict[int, str]:
    with open_database(settings.database_address) as database, database.read() as session:
        return {row.id: row.state.value for row in outbox.list_deliveries(session)}


def test_the_table_shows_each_delivery_and_reads_no_markup(settings: Settings) -> None:
    console = wide()
    deliveries.list_deliveries(settings, console=console)
    shown = printed(console)
    assert all(word in shown for word in ("SYS-1", "pending", "dead", "sent", "answered 400 [red]x[/red]"))


def test_a_paused_channel_is_shown_with_what_to_do(settings: Settings) -> None:
    with open_database(settings.database_address) as database, database.write() as session:
        outbox.pause_channel(session, "a", "answered 410", NOW)
    console = wide()
    deliveries.list_deliveries(settings, state="dead", console=console)
    assert "Channel a is paused: answered 410. 1 waiting. Mend it, then run: basewatch channels test a" in printed(
        console
    )


def test_json_has_the_ledger(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    deliveries.list_deliveries(settings, state="dead", as_json=True)
    shown = json.loads(capsys.readouterr().out)
    (row,) = shown["deliveries"]
    assert (row["id"], row["state"], row["channel"], row["notice"]) == (2, "dead", "b", "SYS-2")
    assert [(line["attempt"], line["outcome"]) for line in row["ledger"]] == [(1, "dead")]
    assert shown["paused"] == []


def test_an_unknown_state_is_refused_with_the_known_ones(settings: Settings) -> None:
    with pytest.raises(InputError, match="pending, sending, sent, dead"):
        deliveries.list_deliveries(settings, state="lost")


def test_a_dead_one_is_retried_and_a_waiting_one_discarded(settings: Settings) -> None:
    deliveries.retry(settings, [2])
    deliveries.discard(settings, [1])
    assert states(settings) == {1: "dead", 2: "pending", 3: "sent"}
    deliveries.retry(settings, [], all_dead=True)
    assert states(settings) == {1: "pending", 2: "pending", 3: "sent"}


@pytest.mark.parametrize("act", [deliveries.retry, deliveries.discard])
def test_what_cannot_be_changed_is_named_and_nothing_else_is_changed(settings: Settings, act: Any) -> None:
    before = states(settings)
    with pytest.raises(
        InputError, match=r"nothing was changed: 3 was sent already; there is no delivery 99\. `basewatch"
    ):
        act(settings, [1, 3, 99])
    assert states(settings) == before == {1: "pending", 2: "dead", 3: "sent"}


# --- channels test


@pytest.fixture
def hook() -> Any:
    with ScriptedServer() as server:
        yield server


def reaching(server: ScriptedServer, tmp_path: Path, **more: Any) -> Settings:
    channel = {"kind": "slack", "url": server.url(f"/{SECRET}"), "allow_private": True, **more}
    return Settings.model_validate({"data_dir": tmp_path, "channels": {"desk": channel}})


def test_a_test_is_sent_by_the_real_way_and_told(hook: ScriptedServer, tmp_path: Path) -> None:
    hook.route(f"/{SECRET}", reply(200, "ok"))
    console = wide()
    assert channels.try_channel(reaching(hook, tmp_path), "desk", console=console) == 0
    assert "accepted the test within" in printed(console)
    assert json.loads(hook.requests[0].body)["text"].startswith("TEST This is a test of Basewatch.")


def test_a_refused_test_says_why_and_fails(
    hook: ScriptedServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hook.route(f"/{SECRET}", reply(404, "no_service"))
    assert channels.try_channel(reaching(hook, tmp_path), "desk", as_json=True) == 1
    shown = capsys.readouterr().out
    assert json.loads(shown)["accepted"] is False
    assert "no_service: make a new incoming webhook" in json.loads(shown)["answer"]
    assert SECRET not in shown


def test_a_paused_channel_that_accepts_a_test_is_resumed(hook: ScriptedServer, tmp_path: Path) -> None:
    hook.route(f"/{SECRET}", reply(200, "ok"))
    settings = reaching(hook, tmp_path)
    with open_database(settings.database_address) as database, database.write() as session:
        outbox.pause_channel(session, "desk", "answered 410", NOW)
    console = wide()
    channels.try_channel(settings, "desk", console=console)
    assert "It was paused; what waited for it is sent now." in printed(console)
    with open_database(settings.database_address) as database, database.read() as session:
        assert outbox.paused_channels(session) == []


def test_unknown_and_disabled_channels_are_named(hook: ScriptedServer, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="choose one of desk"):
        channels.try_channel(reaching(hook, tmp_path), "ops")
    with pytest.raises(InputError, match="is off"):
        channels.try_channel(reaching(hook, tmp_path, enabled=False), "desk")


def test_every_state_has_a_colour() -> None:
    assert set(deliveries._COLOURS) == set(DeliveryState)


def test_a_retry_of_nothing_says_how_to_name_something(settings: Settings) -> None:
    with pytest.raises(InputError, match="--all-dead"):
        deliveries.retry(settings, [])


def test_in_80_columns_the_table_cuts_nothing_and_folds_the_error_alone(settings: Settings) -> None:
    console = Console(file=io.StringIO(), width=80)
    deliveries.list_deliveries(settings, state="dead", console=console)
    row = next(line for line in printed(console).splitlines() if "SYS-2" in line)
    assert "…" not in printed(console)
    assert row.split()[:5] == ["2", "SYS-2", "system", "b", "dead"]


def test_a_test_that_is_not_accepted_says_where_to_look(tmp_path: Path) -> None:
    console = wide()
    chat = {"kind": "slack", "url": "http://127.0.0.1:1/x", "allow_private": True}
    settings = Settings.model_validate({"data_dir": tmp_path, "channels": {"chat": chat}})
    assert channels.try_channel(settings, "chat", console=console) == 1
    assert "Look at [channels.chat] in the configuration and at its receiver, then test again." in printed(console)


def test_a_delivery_is_shown_with_the_whole_message_that_a_short_channel_cuts(settings: Settings) -> None:
    console = wide()
    deliveries.show(settings, 2, console=console)
    assert "SYSTEM Channel ops is paused." in printed(console).splitlines()
