"""CSV with the columns that ACLED's users know, and ours behind them (docs/exports.md says what each holds)."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime

from alerts.phrases import casualties_in_short, outcome_words, weapon_and_count, where, zone_of
from basewatch.export.record import Record, standing
from config.export import ExportSettings
from core.documents import IncidentPart
from core.text import one_line
from core.values import OTHER_NAMED, UNNAMED, Weapon

COLUMNS = (
    "event_id", "event_date", "year", "time_precision", "disorder_type", "event_type", "sub_event_type", "actor1",
    "assoc_actor_1", "actor2", "country", "location", "latitude", "longitude", "geo_precision", "source",
    "notes", "fatalities", "timestamp", "site", "kind", "status", "status_by", "severity", "outcome", "weapons",
    "count_low", "count_high", "killed_low", "killed_high", "injured_low", "injured_high", "claimed_by",
    "attributed_to", "event_from", "event_to", "first_reported_at", "first_seen_at", "reports", "outlets",
)  # fmt: skip
DISORDER = "Political violence"
REMOTE = "Explosions/Remote violence"
#: the weapon that decides the sub-event, the first that is there; names as in ACLED's codebook
SUB_EVENTS = (
    (Weapon.SUICIDE_VEHICLE, REMOTE, "Suicide bomb"),
    (Weapon.IED, REMOTE, "Remote explosive/landmine/IED"),
    (Weapon.DRONE, REMOTE, "Air/drone strike"),
    (Weapon.BALLISTIC_MISSILE, REMOTE, "Shelling/artillery/missile attack"),
    (Weapon.MISSILE, REMOTE, "Shelling/artillery/missile attack"),
    (Weapon.ROCKET, REMOTE, "Shelling/artillery/missile attack"),
    (Weapon.MORTAR, REMOTE, "Shelling/artillery/missile attack"),
    (Weapon.GUNFIRE, "Battles", "Armed clash"),
)
UNKNOWN_EVENT = (REMOTE, "")
UNIDENTIFIED = "Unidentified Armed Group"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(records: Sequence[Record], settings: ExportSettings, now: datetime) -> str:
    """A header line and one line an incident; RFC 4180, UTF-8."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for record in standing(records):
        writer.writerow({name: _cell(value) for name, value in row(record).items()})
    return out.getvalue()


def row(record: Record) -> dict[str, object]:
    """The values of one incident by column; None where nothing states them."""
    incident = record.incident
    event, sub_event = event_types(incident.weapons)
    sources = record.newest.sources if record.newest is not None else ()
    killed, injured = _toll(incident, "killed"), _toll(incident, "injured")
    return {
        "event_id": incident.id,
        "event_date": incident.local_date,
        "year": incident.local_date[:4] if incident.local_date else None,
        "time_precision": 1 if incident.local_date else None,
        "disorder_type": DISORDER,
        "event_type": event,
        "sub_event_type": sub_event,
        "actor1": incident.claimed_by_name or incident.attributed_to_name or _unidentified(incident),
        "assoc_actor_1": incident.attributed_to_name if incident.claimed_by_name else None,
        "actor2": where(incident),
        "country": incident.country,
        "location": incident.base_name or incident.place,
        "latitude": incident.lat,
        "longitude": incident.lon,
        "geo_precision": _geo_precision(incident),
        "source": "; ".join(dict.fromkeys(source.outlet_name for source in sources)),
        "notes": _notes(record),
        "fatalities": killed[0],
        "timestamp": int(record.changed_at.timestamp()),
        "site": incident.base if incident.base not in (UNNAMED, OTHER_NAMED) else None,
        "kind": incident.kind,
        "status": incident.status,
        "status_by": incident.status_by,
        "severity": incident.severity,
        "outcome": incident.outcome,
        "weapons": ";".join(incident.weapons),
        "count_low": incident.count_low,
        "count_high": incident.count_high,
        "killed_low": killed[0],
        "killed_high": killed[1],
        "injured_low": injured[0],
        "injured_high": injured[1],
        "claimed_by": incident.claimed_by,
        "attributed_to": incident.attributed_to,
        "event_from": _iso(incident.event_from),
        "event_to": _iso(incident.event_to),
        "first_reported_at": _iso(incident.first_reported_at),
        "first_seen_at": _iso(incident.first_seen_at),
        "reports": incident.report_count,
        "outlets": incident.outlet_count,
    }


def event_types(weapons: Sequence[Weapon]) -> tuple[str, str]:
    """ACLED's event type and sub-event type for these weapons."""
    for weapon, event, sub_event in SUB_EVENTS:
        if weapon in weapons:
            return event, sub_event
    return UNKNOWN_EVENT


def _toll(incident: IncidentPart, kind: str) -> tuple[int | None, int | None]:
    """The least and most of everybody together; (None, None) where nothing is stated, which is not 0."""
    lows = [one.low for one in incident.casualties if one.kind == kind and one.low is not None]
    highs = [one.high for one in incident.casualties if one.kind == kind and one.high is not None]
    return sum(lows) if lows else None, sum(highs) if highs else None


def _geo_precision(incident: IncidentPart) -> int | None:
    """1: the site is known; 3: only its country."""
    if incident.lat is not None:
        return 1
    return 3 if incident.country else None


def _unidentified(incident: IncidentPart) -> str:
    return f"{UNIDENTIFIED} ({incident.country})" if incident.country else UNIDENTIFIED


def _notes(record: Record) -> str:
    incident = record.incident
    local = incident.event_from.astimezone(zone_of(incident)) if incident.event_from is not None else None
    at = f"{local:%Y-%m-%d %H:%M} local" if local is not None else (incident.local_date or "day unknown")
    toll = casualties_in_short(incident) or "casualties not stated"
    quote = f' "{record.newest.evidence[0].text}"' if record.newest is not None and record.newest.evidence else ""
    return f"{at}: {weapon_and_count(incident)} {outcome_words(incident)}; {toll}.{quote}"


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant is not None else None


def _cell(value: object) -> object:
    """The value for a spreadsheet: text that would be run as a formula gets an apostrophe before it."""
    if value is None or isinstance(value, (int, float)):
        return value
    text = one_line(str(value))
    return f"'{text}" if text.startswith(_FORMULA) else text
