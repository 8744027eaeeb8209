"""``basewatch silence add``, ``list`` and ``end``; ``basewatch ack``: what people hold back and answer for."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from basewatch.commands.decided import user_of_machine
from basewatch.commands.spans import instant_of, span_of
from config.countries import COUNTRIES
from config.settings import Settings
from config.watch import load_watch
from core.clock import utc_now
from core.errors import InputError
from core.values import OTHER_NAMED, UNNAMED
from storage import attention, incidents, silences
from storage.engine import Database, open_database
from storage.values import SilenceSeed, SilenceView


def add(
    settings: Settings,
    *,
    base: str | None,
    country: str | None,
    incident: str | None,
    everything: bool,
    lasting: str | None,
    until: str | None,
    reason: str,
    as_json: bool = False,
) -> None:
    """Begin a silence now. Raises InputError where it names nothing, nothing that is there, or no end."""
    if everything == any(what is not None for what in (base, country, incident)):
        raise InputError("say what to silence: --base, --country or --incident, or --everything alone")
    if (lasting is None) == (until is None):
        raise InputError("say how long: --for 2h or --until 18:00, one of the two")
    now = utc_now()
    zone = settings.delivery.time_zone
    end = now + span_of(lasting) if lasting is not None else instant_of(until or "", zone, now)
    if base is not None and base not in {*load_watch(settings.watch, settings.config_dir).sites, UNNAMED, OTHER_NAMED}:
        raise InputError(f"the watch {settings.watch} has no site {base!r}")
    if country is not None and country.upper() not in COUNTRIES:
        raise InputError(f"{country!r} is no country: write two letters, such as IQ")
    with _open(settings) as database, database.write() as session:
        seed = SilenceSeed(
            base=base,
            country=country.upper() if country else None,
            incident_id=incidents.resolve(session, incident).id if incident else None,
            from_at=now,
            until_at=end,
            reason=reason,
        )
        number = silences.add(session, seed, now)
        [made] = [one for one in silences.listed(session, now) if one.id == number]
    if as_json:
        print(json.dumps(_document(made)))  # noqa: T201
        return
    text = f"Silence {number}: {what_of(made)} until {_utc(end)}. What it holds back comes in a digest at its end."
    Console(highlight=False).print(Text(text), soft_wrap=True)


def list_silences(settings: Settings, *, ended_too: bool, as_json: bool = False) -> None:
    """Print the silences that hold, with what each held back."""
    now = utc_now()
    with _open(settings) as database, database.read() as session:
        found = silences.listed(session, now, ended_too=ended_too)
    if as_json:
        print(json.dumps({"silences": [_document(one) for one in found]}, ensure_ascii=False))  # noqa: T201
        return
    table = Table("id", "what", "until", "held back", "told since", "reason", box=SIMPLE_HEAD)
    for one in found:
        until = _utc(one.until_at) + (" (ended by hand)" if one.ended_at else "")
        table.add_row(str(one.id), Text(what_of(one)), until, str(one.held), str(one.digested), Text(one.reason))
    Console().print(table if found else "Nothing is silenced.")


def end(settings: Settings, number: int, *, as_json: bool = False) -> None:
    """End a silence; what it held back is told. Raises InputError for one that does not hold."""
    with _open(settings) as database, database.write() as session:
        ended = silences.end(session, number, utc_now())
    if as_json:
        print(json.dumps(_document(ended)))  # noqa: T201
        return
    told = f"{ended.held} deliveries that it held back are told now." if ended.held else "It holds back nothing."
    Console(highlight=False).print(f"Silence {number} is over. {told}")


def acknowledge(settings: Settings, public_id: str, *, by: str | None, note: str | None, as_json: bool = False) -> None:
    """Record who takes care of an incident (the user of this machine where nobody is named); its repeats end."""
    name = user_of_machine() if by is None else by.strip()
    if not name:
        raise InputError("say who takes care of it: --by NAME")
    with _open(settings) as database, database.write() as session:
        incident = incidents.resolve(session, public_id)
        ended = attention.acknowledge(session, incident.id, name, utc_now(), note=note)
    if as_json:
        print(json.dumps({"incident": incident.public_id, "by": name, "ended": ended}))  # noqa: T201
        return
    rest = "It is not repeated or passed on any more." if ended else "Nothing waited for it."
    Console(highlight=False).print(Text(f"{incident.public_id} is acknowledged by {name}. {rest}"))


def what_of(one: SilenceView) -> str:
    """What a silence holds back, in words."""
    named = (
        one.base,
        f"country {one.country}" if one.country else None,
        incidents.public_id(one.incident_id) if one.incident_id is not None else None,
    )
    return " and ".join(part for part in named if part) or "everything"


def _document(one: SilenceView) -> dict[str, Any]:
    return {
        "id": one.id,
        "base": one.base,
        "country": one.country,
        "incident": incidents.public_id(one.incident_id) if one.incident_id is not None else None,
        "from": one.from_at.isoformat(),
        "until": one.until_at.isoformat(),
        "reason": one.reason,
        "ended_at": one.ended_at.isoformat() if one.ended_at else None,
        "held": one.held,
        "digested": one.digested,
    }


def _utc(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%d %b %H:%M} UTC"


def _open(settings: Settings) -> Database:
    return open_database(settings.database_address, create=False, migrate=False)
