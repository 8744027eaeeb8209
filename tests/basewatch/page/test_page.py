"""The page and its metrics over a real server: what an operator sees, and what hostile text cannot do there."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from config.page import PageSettings
from config.settings import Settings
from core.documents import EvidenceQuote, IncidentPart, NoticeDocument, NoticePart, SourcePart
from core.errors import BasewatchError
from core.values import CANARY_OUTLET, NoticeKind, Outcome, Severity, Status, Weapon
from storage import deliveries, incidents, sources
from storage.engine import Database
from tests.basewatch.page.serving import served
from tests.storage.builders import attack, incident_seed, mention, polled, registered, stored_article, verdict

NOW = datetime.now(UTC)
ARABIC = "قال مصدر أمني إن طائرتين مسيرتين استهدفتا قاعدة عين الأسد"
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'onmouseover='alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "</title></table><iframe src=//evil.example>",
    "javascript:alert(1)",
    "&lt;b&gt; \u202egnihton\u202c",
)
SETTINGS = Settings.model_validate(
    {
        "page": PageSettings(port=0),
        "health": {"heartbeat_url": "https://hc.example.org/ping/SENTINEL-beat"},
        "channels": {
            "ops": {
                "kind": "webhook",
                "url": "https://hooks.example.org/SENTINEL-url",
                "secrets": ["whsec_U0VOVElORUwtc2lnbmluZy1rZXktMTIzNDU2Nzg5MA=="],
            }
        },
    }
)


class Tags(HTMLParser):
    """Every tag with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def document(
    quote: str, *, lang: str = "ar", url: str = "https://example.org/news/1", title: str = "T"
) -> NoticeDocument:
    incident = IncidentPart(
        id="BW-1", status=Status.REPORTED, severity=Severity.S3, base="ain-al-asad", base_name="Ain al-Asad Air Base",
        country="IQ", lat=33.8, lon=42.4, time_zone="Asia/Baghdad", event_from=NOW - timedelta(minutes=20),
        weapons=(Weapon.DRONE,), count_low=2, count_high=2, outcome=Outcome.HIT, first_seen_at=NOW,
    )  # fmt: skip
    return NoticeDocument(
        notice=NoticePart(id="BW-1.1", number=1, kind=NoticeKind.NEW, reason="new-incident", ring=True, created_at=NOW),
        incident=incident,
        evidence=(EvidenceQuote(text=quote, lang=lang, outlet="shafaq", outlet_name="Shafaq News", url=url),),
        sources=(
            SourcePart(outlet="x", outlet_name=title, lang=lang, title=title, url=url, first_seen_at=NOW),
        ),
        reasons_for=(f"for: {title}",),
    )  # fmt: skip


def told(session: Session, shown: NoticeDocument) -> int:
    """An incident with a report, whose notice says this; its id."""
    assert shown.incident is not None
    facts = {"incident": shown.incident.model_dump(mode="json")}
    incident_id = incidents.create_incident(session, incident_seed(first_seen_at=NOW, facts=facts), NOW)
    article = stored_article(session, incident_id)
    incidents.attach_report(session, incident_id, article, mention(article, attack=attack()), NOW)
    ref = incidents.add_notice(session, incident_id, NoticeKind.NEW, "new-incident", True, False, shown.to_json(), NOW)
    deliveries.enqueue(session, ref.id, ["ops"], NOW)
    return incident_id


def test_it_shows_what_is_watched_how_it_does_and_the_evidence_in_its_own_direction(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        registered(session, "shafaq-en", "shafaq-ar")
        sources.record_poll(session, "shafaq-en", polled(), NOW)
        failed = polled(status="failed", cause_code="http_503", message="answered 503 Service Unavailable")
        sources.record_poll(session, "shafaq-ar", failed, NOW)
        told(session, document(ARABIC))
        stored_article(session, 50, title="A quiet day in Basra", first_seen_at=NOW)
        canary = stored_article(session, 51, title="Made-up attack", outlet=CANARY_OUTLET, family=CANARY_OUTLET)
        incidents.save_verdict(session, canary, verdict(), NOW)
    with served(sqlite_database, SETTINGS) as page:
        answer, html = page.get("/")
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    for words in (
        "Ain al-Asad Air Base",
        "1 of 2 sources fail",
        "answered 503",
        "A quiet day in Basra",
        "BW-1.1",
        ARABIC,
    ):
        assert words in html
    assert "Made-up attack" not in html
    quotes = [attributes for tag, attributes in Tags(html).found if tag == "blockquote"]
    assert quotes == [{"lang": "ar", "dir": "auto"}]


def test_an_empty_database_makes_a_page_that_says_so(sqlite_database: Database) -> None:
    with served(sqlite_database, SETTINGS) as page:
        _, html = page.get("/")
    for words in (
        "Needs attention",
        "No attack was reported",
        "No outlet is read",
        "No article was stored",
        "Nothing was",
    ):
        assert words in html


def test_no_headline_quote_name_or_cause_becomes_markup_or_a_link_to_run(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        registered(session, "shafaq-en")
        for number, text in enumerate(HOSTILE, 1):
            failed = polled(status="failed", cause_code="http_503", message=text)
            sources.record_poll(session, "shafaq-en", failed, NOW)
            stored_article(session, 100 + number, title=text, lang=text[:60], url=f"javascript:alert({number})")
            told(session, document(text, lang=text, url="javascript:alert(1)", title=text))
    with served(sqlite_database, SETTINGS) as page:
        _, html = page.get("/")
    found = Tags(html).found
    assert {tag for tag, _ in found}.isdisjoint({"script", "img", "iframe", "style", "form", "object", "base"})
    attributes = [(name, value or "") for _, pairs in found for name, value in pairs.items()]
    assert not [name for name, _ in attributes if name.startswith("on") or name == "style"]
    links = [value for name, value in attributes if name in ("href", "src")]
    assert all(re.match(r"(https?://|/|#)", link) for link in links), links
    assert "49" not in re.findall(r"<h3>.*?</h3>", html, re.S)[0]
    assert "\u202e" not in html
    assert "alert(1)" in html  # it is shown, as text


def test_nothing_is_loaded_from_elsewhere(sqlite_database: Database) -> None:
    with served(sqlite_database, SETTINGS) as page:
        _, html = page.get("/")
        loaded = [pairs.get("src") or pairs.get("href") for tag, pairs in Tags(html).found if tag in ("link", "img")]
        assert loaded == ["/icon.svg", "/page.css"]
        for path in loaded:
            assert page.get(str(path))[0].status == 200
        assert "http" not in page.get("/page.css")[1]


def test_no_secret_stands_in_page_metrics_or_probe(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        told(session, document(ARABIC))
    with served(sqlite_database, SETTINGS) as page:
        for path in ("/", "/metrics", "/readyz"):
            body = page.get(path)[1]
            assert "SENTINEL" not in body
            assert "whsec_" not in body
            assert "U0VOVElORUw" not in body


def test_the_metrics_count_from_zero_for_every_outlet_channel_and_outcome(sqlite_database: Database) -> None:
    with served(sqlite_database, SETTINGS) as page:
        answer, text = page.get("/metrics")
        assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        lines = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
        assert lines['basewatch_articles_total{outlet="shafaq"}'] == "0"
        assert lines['basewatch_delivery_attempts_total{channel="ops",outcome="sent"}'] == "0"
        assert lines['basewatch_deliveries_pending{channel="ops"}'] == "0"
        assert lines['basewatch_verdicts_total{label="attack"}'] == "0"
        assert lines["basewatch_oldest_pending_delivery_age_seconds"] == "0"
        assert "basewatch_loop_lag_seconds" in lines
        assert "basewatch_wal_bytes" in lines


def test_the_metrics_follow_what_was_written_since_the_start_whoever_wrote_it(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        told(session, document(ARABIC))  # before the start: not counted
    with served(sqlite_database, SETTINGS) as page:
        with sqlite_database.write() as session:
            told(session, document(ARABIC, url="https://example.org/news/2"))
        text = page.get("/metrics")[1]
    for line in (
        "basewatch_incidents_total 1",
        'basewatch_notices_total{kind="new",rings="true"} 1',
        'basewatch_deliveries_pending{channel="ops"} 2',
        'basewatch_articles_total{outlet="shafaq"} 1',
    ):
        assert line in text.splitlines()


def test_every_metric_is_documented(sqlite_database: Database) -> None:
    docs = (Path(__file__).parents[3] / "docs" / "operations.md").read_text(encoding="utf-8")
    with served(sqlite_database, SETTINGS) as page:
        names = re.findall(r"^# TYPE (\S+) ", page.get("/metrics")[1], re.M)
    assert len(names) > 25
    assert [name for name in names if f"`{name}`" not in docs] == []


def test_a_port_that_is_taken_is_told_with_the_setting_to_change(sqlite_database: Database) -> None:
    with served(sqlite_database, SETTINGS) as page:
        taken = Settings(page=PageSettings(port=page.port))
        refused = pytest.raises(BasewatchError, match=r"cannot listen on 127\.0\.0\.1 port \d+: .*Set page\.port")
        with refused, served(sqlite_database, taken):
            pass


def test_an_address_that_is_not_there_is_no_page(sqlite_database: Database) -> None:
    with served(sqlite_database, SETTINGS) as page:
        assert page.get("/../../etc/passwd")[0].status == 404
        assert page.get("/page.css/../../view.py")[0].status == 404
