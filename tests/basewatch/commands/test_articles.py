"""People see what an article said before it was edited, what was deleted, and the page as it came."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import update

from basewatch.commands.articles import list_articles, show_article, write_evidence
from config.settings import Settings
from core.errors import InputError
from storage import deletions, incidents
from storage.engine import Database
from storage.tables import RawPage as RawRow
from storage.values import RawPage
from storage.values.records import ArticleFilter
from tests.storage.builders import BODY, NOW, incident_seed, mention, store, stored_article

PAGE = "<html>سقط صاروخان</html>".encode()
RAW = RawPage(
    body=gzip.compress(PAGE), headers={"content-type": "text/html"}, fetched_at=NOW,
    sha256=hashlib.sha256(PAGE).hexdigest(),
)  # fmt: skip
EDITED = BODY.replace("one drone", "two drones").replace("Nobody was", "One soldier was")
ARABIC = "سقط صاروخان قرب قاعدة عين الأسد في الأنبار مساء الأحد ولا إصابات"


@pytest.fixture
def settings(sqlite_database: Database, sqlite_path: Path) -> Settings:
    """Article 1 was edited and is a report; 2 is an Arabic post that was edited, then deleted; 3 is as it was."""
    with sqlite_database.write() as session:
        article = stored_article(session, 1, raw=RAW)
        incident = incidents.create_incident(session, incident_seed(), NOW)
        incidents.attach_report(session, incident, article, mention(article), NOW)
        store(session, 1, NOW + timedelta(minutes=12), text=EDITED, published_at=NOW + timedelta(minutes=5))
        store(session, 2, title="\u202eعاجل", text=ARABIC, url="https://t.me/channel/2", outlet="sabereen")
        later = NOW + timedelta(minutes=20)
        store(session, 2, later, text=ARABIC.replace("ولا إصابات", "وأصيب جنديان"), url="https://t.me/channel/2")
        deletions.note(session, shown=[], missing=["https://t.me/channel/2"], now=NOW + timedelta(hours=1))
        store(session, 3, text="Nothing of the kind was said about any other base by anybody today.")
    return Settings.model_validate({"database": str(sqlite_path)})


def shown(settings: Settings, name: str, **how: bool) -> str:
    console = Console(file=io.StringIO(), width=80, highlight=False)
    show_article(settings, name, console=console, **how)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def document(settings: Settings, name: str, capsys: pytest.CaptureFixture[str]) -> dict:
    show_article(settings, name, as_json=True)
    return json.loads(capsys.readouterr().out)


def test_an_edit_is_shown_word_by_word(settings: Settings) -> None:
    text = shown(settings, "1")
    lines = [line.replace("\u2068", "").replace("\u2069", "").strip() for line in text.splitlines()]
    place = lines.index("- one drone")
    assert lines[place + 1] == "+ two drones"
    assert lines[place - 1].startswith("text, after: …")
    assert {"- Nobody", "+ One soldier"} <= set(lines)
    assert "a report of BW-1" in lines
    assert RAW.sha256[:12] in text


def test_the_document_holds_each_version_with_its_changes(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    found = document(settings, "1", capsys)
    first, second = found["versions"]
    assert (first["text"], first["changes"], second["text"]) == (BODY, [], EDITED)
    assert first["evidence"]["sha256"] == RAW.sha256
    assert [(one["removed"], one["added"]) for one in second["changes"]] == [
        ("one drone", "two drones"), ("Nobody", "One soldier"),
    ]  # fmt: skip
    assert (found["found_by"], found["incidents"], found["deleted_at"]) == ("shafaq-en", ["BW-1"], None)


def test_a_deleted_and_edited_post_shows_both_and_no_line_mixes_directions(settings: Settings) -> None:
    text = shown(settings, "https://t.me/channel/2", whole=True)
    assert "deleted by its outlet" in text
    assert "\u202e" not in text
    foreign = [line for line in text.splitlines() if any("\u0600" <= char <= "\u06ff" for char in line)]
    assert len(foreign) > 4
    for line in foreign:
        outside = line.partition("\u2068")[0] + line.partition("\u2069")[2]
        assert not any("\u0600" <= char <= "\u06ff" for char in outside), line


def test_nothing_that_an_outlet_wrote_is_read_as_markup(settings: Settings, sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        store(session, 9, title="[bold]Base[/bold] [link=file:///x]hit", text="[red]Smoke was seen over the camp today")
    text = shown(settings, "4", whole=True)
    assert "[bold]Base[/bold] [link=file:///x]hit" in text
    assert "[red]Smoke" in text


@pytest.mark.parametrize(
    ("which", "ids"),
    [({}, [3, 2, 1]), ({"edited": True}, [2, 1]), ({"deleted": True}, [2]), ({"outlet": "sabereen"}, [2]),
     ({"limit": 1}, [3]), ({"outlet": "none"}, [])],
)  # fmt: skip
def test_articles_are_listed_by_what_happened_to_them(
    settings: Settings, capsys: pytest.CaptureFixture[str], which: dict, ids: list[int]
) -> None:
    list_articles(settings, ArticleFilter(**which), as_json=True)
    assert [line["article"] for line in json.loads(capsys.readouterr().out)["articles"]] == ids
    list_articles(settings, ArticleFilter(**which))
    assert ("No article fits" in capsys.readouterr().out) is not bool(ids)


@pytest.mark.parametrize(
    ("name", "word"),
    [("77", "no article 77"), ("x", "neither a number nor an address"), ("https://example.org/none", "no article")],
)
def test_a_wrong_name_is_a_sentence(settings: Settings, name: str, word: str) -> None:
    with pytest.raises(InputError, match=word):
        shown(settings, name)


def test_the_page_as_it_came_is_written_out_with_its_headers(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "page.html"
    write_evidence(settings, "1", out, as_json=True)
    assert out.read_bytes() == PAGE
    told = json.loads(capsys.readouterr().out)
    beside = json.loads((tmp_path / "page.html.headers.json").read_text(encoding="utf-8"))
    assert beside["headers"] == RAW.headers
    assert (told["version"], beside["sha256"], told["file"]) == (1, RAW.sha256, str(out))
    with pytest.raises(InputError, match="is there already"):
        write_evidence(settings, "1", out)
    with pytest.raises(InputError, match=r"no page is kept of 1\.2"):
        write_evidence(settings, "1.2", tmp_path / "other")


def test_bytes_that_changed_since_are_not_passed_off_as_evidence(
    settings: Settings, sqlite_database: Database, tmp_path: Path
) -> None:
    with sqlite_database.write() as session:
        session.execute(update(RawRow).values(body=gzip.compress(b"another page")))
    with pytest.raises(InputError, match="not those that came"):
        write_evidence(settings, "1", tmp_path / "page.html")
    assert list(tmp_path.glob("page.html*")) == []
