"""``tally`` and ``export`` as people and programs call them."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from basewatch.commands.export import export
from basewatch.commands.tally import tally
from basewatch.tally import By
from config.export import ExportSettings
from config.settings import Settings
from core.errors import InputError
from core.values import Severity, Status
from storage.engine import open_database
from tests.alerts.making import HIT, attack
from tests.alerts.test_intake import Room


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A database with two attacks of 10 March 2026."""
    path = tmp_path / "basewatch.db"
    with open_database(path) as database:
        room = Room(database)
        room.tell("Drone hits [red]Erbil[/red]", attack(outcome=HIT, count=1))
        room.tell("Harir attacked", attack("harir"), outlet="k24")
    return Settings(database=str(path))


FIRST, LAST = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 31, tzinfo=UTC)


def count(settings: Settings, **chosen: object) -> int:
    options = {
        "by": By.BASE, "since": FIRST, "until": LAST, "versus": None, "base": None,
        "country": None, "as_csv": False, "as_chart": False, "as_json": False,
    }  # fmt: skip
    return tally(settings, **(options | chosen))  # type: ignore[arg-type]


def put_out(settings: Settings, kind: str, **chosen: object) -> int:
    options = {
        "out": None, "since": None, "until": None, "base": None, "country": None, "status": None, "severity": None,
    }  # fmt: skip
    return export(settings, kind, **(options | chosen))  # type: ignore[arg-type]


def test_the_tally_is_a_table_a_chart_csv_and_json(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert count(settings) == 0
    assert "Erbil" in capsys.readouterr().out
    count(settings, as_chart=True)
    assert "█" in capsys.readouterr().out
    count(settings, as_csv=True)
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["total"], row["reported"]) for row in rows] == [("1", "1"), ("1", "1"), ("2", "2")]
    count(settings, as_json=True, versus="previous")
    document = json.loads(capsys.readouterr().out)
    assert (document["all"]["total"], document["versus"]) == (2, ["2026-01-29", "2026-02-28"])
    assert [row["total"] for row in document["rows"]] == [1, 1]


def test_the_tally_counts_only_what_is_asked_for(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    count(settings, as_json=True, base="harir")
    assert json.loads(capsys.readouterr().out)["all"]["total"] == 1
    count(settings, as_json=True, until=datetime(2026, 3, 9, tzinfo=UTC))
    assert json.loads(capsys.readouterr().out)["all"]["total"] == 0


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"since": datetime(2026, 4, 2, tzinfo=UTC)}, "ends before it begins"),
        ({"versus": "last year"}, "previous"),
        ({"versus": "2026-02-03..2026-02-01"}, "ends before it begins"),
    ],
)
def test_a_period_that_is_none_is_refused_in_a_sentence(
    settings: Settings, chosen: dict[str, object], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        count(settings, **chosen)


def test_an_export_goes_to_standard_output_or_a_file(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert put_out(settings, "geojson") == 0
    assert len(json.loads(capsys.readouterr().out)["features"]) == 2
    assert put_out(settings, "csv", out=tmp_path / "x.csv", base="harir") == 0
    assert (tmp_path / "x.csv").read_bytes().count(b"\r\n") == 2
    put_out(settings, "jsonl", status=Status.CONFIRMED)
    put_out(settings, "jsonl", severity=Severity.S1)
    assert capsys.readouterr().out == ""


def test_the_directory_is_written_on_demand(settings: Settings, tmp_path: Path) -> None:
    assert put_out(settings, "directory", out=tmp_path / "feed") == 0
    assert (tmp_path / "feed" / "incidents.geojson").exists()
    named = settings.model_copy(update={"export": ExportSettings(directory=tmp_path / "other")})
    put_out(named, "directory")
    assert (tmp_path / "other" / "cap" / "BW-1.1.xml").exists()


def test_an_export_that_cannot_be_made_says_why(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="choose one of geojson"):
        put_out(settings, "kml")
    with pytest.raises(InputError, match=r"export\.directory"):
        put_out(settings, "directory")
    with pytest.raises(InputError, match="cannot be written"):
        put_out(settings, "csv", out=tmp_path / "no" / "such" / "folder.csv")
