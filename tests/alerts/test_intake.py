"""Intake end to end on real databases: a stored article becomes incident, notice and deliveries, or nothing at all."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from alerts.intake import Intake, IntakeSummary
from config.channels import ConsoleSettings
from config.settings import AlertSettings, Settings
from core.clock import SimulatedClock
from core.documents import NoticeDocument
from core.errors import StorageError
from core.values import Article, Attack, Kind, Label, NoticeKind, OriginKind, Outcome, Severity, Status, Verdict
from storage import articles, deliveries, incidents, sources
from storage import tables as t
from storage.engine import Database, open_database
from storage.values import ArticleSeed, EntrySeed, IncidentView, NoticeView, Stored
from tests.alerts.making import DAY, HIT, INTERCEPTED, ROCKET, T0, attack, local, origin, the_watch
from tests.storage.builders import polled, registered

CTG = (origin(OriginKind.OFFICIAL, "Kurdistan CTG"),)
ASIDE = "Nothing happened today."


@dataclass
class Scripted:
    """A classifier that says what the test wrote for a title; raises what is an exception."""

    verdicts: dict[str, Verdict | Exception] = field(default_factory=dict)
    model: str = "scripted"
    asked: int = 0

    def classify(self, article: Article) -> Verdict:
        self.asked += 1
        answer = self.verdicts.get(article.title, Verdict(label=Label.OTHER, probability=0.01, lang="en"))
        if isinstance(answer, Exception):
            raise answer
        return replace(answer, model=self.model)


@dataclass
class Reviewer:
    """A second opinion that finds every verdict under 0.8 a false alarm, or raises."""

    raises: bool = False
    order: list[str] = field(default_factory=list)  #: what was entered or asked, as it happened

    def wants(self, verdict: Verdict) -> bool:
        return verdict.positive and verdict.probability < 0.8

    async def review(self, article: Article, verdict: Verdict) -> Verdict:
        self.order.append(article.title)
        if self.raises:
            raise ValueError("a fault of ours")
        return replace(verdict, label=Label.OTHER, attacks=())


class Room:
    """A database with a simulated clock, a scripted classifier and intake."""

    def __init__(self, database: Database, **settings: Any) -> None:
        self.database = database
        self.clock = SimulatedClock(T0)
        self.classifier = Scripted()
        settings.setdefault("channels", {"ops": ConsoleSettings(), "off": ConsoleSettings(enabled=False)})
        self.second: Reviewer | None = settings.pop("second", None)
        chosen = Settings(**settings)
        self.intake = Intake(database, self.classifier, the_watch(), {}, chosen, self.clock, self.second)

    def store(
        self, title: str, *told: Attack, outlet: str = "rudaw", url: str | None = None, label: Label = Label.ATTACK,
        probability: float | None = None, text: str = "Words of the article that tell what happened.", **more: Any,
    ) -> Stored:  # fmt: skip
        """Store an article published now, about which the classifier will say these attacks."""
        verdict_label = label if told else Label.OTHER
        likely = probability if probability is not None else (0.97 if told else 0.01)
        self.classifier.verdicts[title] = Verdict(label=verdict_label, probability=likely, lang="en", attacks=told)
        now = self.clock.now()
        seed = ArticleSeed(
            url=url or f"https://{outlet}.example/{title.replace(' ', '-')}", outlet=outlet,
            family=more.pop("family", outlet), source_id=f"{outlet}-en", title=title, text=f"{title}. {text}",
            first_seen_at=now, published_at=more.pop("published_at", now), **more,
        )  # fmt: skip
        with self.database.write() as session:
            return articles.store(session, seed, now)

    def run(self, limit: int = 50) -> IntakeSummary:
        return asyncio.run(self.intake.run(limit=limit))

    def tell(self, title: str, *told: Attack, **more: Any) -> IntakeSummary:
        self.store(title, *told, **more)
        return self.run()

    def later(self, **delta: float) -> datetime:
        self.clock.set(self.clock.now() + timedelta(**delta))
        return self.clock.now()

    def incidents(self) -> list[IncidentView]:
        with self.database.read() as session:
            return incidents.list_incidents(session)[::-1]

    def notices(self) -> list[NoticeView]:
        with self.database.read() as session:
            return incidents.notices_since(session, datetime.min.replace(tzinfo=T0.tzinfo))

    def kinds(self) -> list[tuple[str, str]]:
        return [(notice.kind.value, notice.reason) for notice in self.notices()]

    def facts(self, field_name: str) -> list[Any]:
        with self.database.read() as session:
            rows = session.scalars(select(t.Fact).where(t.Fact.field == field_name).order_by(t.Fact.id))
            return [row.value["value"] for row in rows]

    def count(self, table: type[t.Base]) -> int:
        with self.database.read() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def room(database: Database) -> Room:
    return Room(database)


@pytest.fixture
def sqlite_room(tmp_path: Path) -> Any:
    with open_database(tmp_path / "basewatch.db") as database:
        yield Room(database)


def test_an_attack_becomes_an_incident_a_notice_and_a_delivery_for_each_enabled_channel(room: Room) -> None:
    summary = room.tell("Drone at Erbil", attack(outcome=HIT))
    assert (summary.classified, summary.positives, summary.incidents, summary.new, summary.rings) == (1, 1, 1, 1, 1)
    (found,) = room.incidents()
    assert (found.public_id, found.status, found.severity, found.base) == (
        "BW-1", Status.REPORTED, Severity.S3, "erbil-airbase",
    )  # fmt: skip
    (notice,) = room.notices()
    document = NoticeDocument.model_validate(notice.document)
    assert (document.notice.id, document.notice.kind, document.notice.ring) == ("BW-1.1", NoticeKind.NEW, True)
    assert document.sources[0].outlet == "rudaw"
    with room.database.read() as session:
        assert [d.channel for d in deliveries.list_deliveries(session)] == ["ops"]


def test_an_alert_links_to_the_address_that_the_outlet_wrote(room: Room) -> None:
    """The canonical one is a key: a host that serves http or www alone does not answer there."""
    canonical, written = "https://outlet.example/news/1", "http://www.outlet.example/news/1?lang=en"
    entry = EntrySeed(url=canonical, raw_url=written, entry_hash="h", title="Drone at Erbil")
    with room.database.write() as session:
        registered(session)
        sources.record_poll(session, "shafaq-en", polled(entry), room.clock.now())
    room.tell("Drone at Erbil", attack(outcome=HIT), url=canonical)
    (notice,) = room.notices()
    document = NoticeDocument.model_validate(notice.document)
    assert [part.url for part in (*document.sources, *document.evidence)] == [written, written]
    with room.database.read() as session:
        detail = incidents.incident_detail(session, "BW-1")
    assert detail is not None
    assert [report.url for report in detail.reports] == [written]


def test_an_ordinary_article_gets_a_verdict_and_nothing_else(room: Room) -> None:
    assert room.tell(ASIDE).classified == 1
    assert (room.count(t.Verdict), room.count(t.Incident), room.count(t.Notice)) == (1, 0, 0)
    assert room.run().classified == 0


def test_three_outlets_tell_one_attack_and_people_are_told_once(room: Room) -> None:
    for outlet in ("rudaw", "shafaq", "kurdistan24"):
        room.tell(f"Drone, says {outlet}", attack(outcome=HIT), outlet=outlet)
        room.later(minutes=4)
    (found,) = room.incidents()
    assert (found.status, found.report_count, found.outlet_count) == (Status.CORROBORATED, 3, 3)
    assert room.kinds() == [("new", "new-incident")]


@pytest.mark.parametrize("label", [Label.UPDATE, Label.OTHER])
def test_a_casualty_update_and_a_denial_follow_in_the_incidents_own_numbers(room: Room, label: Label) -> None:
    room.tell("Drone at Erbil", attack(outcome=HIT))
    room.later(minutes=10)
    room.tell("Three hurt at Erbil", attack(injured=3), outlet="shafaq", label=Label.UPDATE)
    room.later(minutes=10)
    denied = attack(denied=True, origins=CTG)
    room.tell("No attack at Erbil, says CTG", denied, outlet="k24", label=label, probability=0.3)
    assert room.kinds() == [("new", "new-incident"), ("update", "toll-changed"), ("correction", "denied")]
    assert [notice.public_id for notice in room.notices()] == ["BW-1.1", "BW-1.2", "BW-1.3"]
    assert room.incidents()[0].status is Status.DENIED
    assert [notice.ring for notice in room.notices()] == [True, True, True]


def test_a_denial_of_nothing_known_makes_no_incident(room: Room) -> None:
    assert room.tell("No truth in reports", attack(denied=True)).incidents == 0
    assert room.tell("No truth at all", attack(denied=True), label=Label.OTHER, probability=0.1).incidents == 0
    assert room.notices() == []


def test_a_negative_verdict_tells_nothing_but_what_it_denies(room: Room) -> None:
    assert room.tell("Past attacks", attack(), label=Label.OTHER, probability=0.1).incidents == 0


def test_an_article_of_three_attacks_makes_three_incidents_and_the_third_site_makes_it_grave(room: Room) -> None:
    told = [attack(base, event_from=T0) for base in ("erbil-airbase", "harir", "ain-al-asad")]
    assert room.tell("Three bases attacked", *told).incidents == 3
    assert [found.severity for found in room.incidents()][-1] is Severity.S4


def test_an_edited_headline_is_a_new_version_and_no_notice(room: Room) -> None:
    url = "https://rudaw.example/1"
    room.tell("Drone at Erbil", attack(outcome=HIT), url=url)
    room.later(minutes=30)
    summary = room.tell("Drone at Erbil airport, base hit", attack(outcome=HIT), url=url)
    assert (summary.classified, summary.notices) == (1, 0)
    (found,) = room.incidents()
    assert found.report_count == 1


def test_an_edit_that_raises_the_toll_is_an_update(room: Room) -> None:
    url = "https://rudaw.example/1"
    room.tell("Drone at Erbil", attack(outcome=HIT), url=url)
    room.later(minutes=30)
    room.tell("Drone at Erbil kills one", attack(outcome=HIT, killed=1), url=url)
    assert room.kinds()[1:] == [("update", "toll-changed")]
    assert room.incidents()[0].severity is Severity.S4


def test_an_edit_that_names_the_base_keeps_the_incident(room: Room) -> None:
    url = "https://rudaw.example/1"
    room.tell("Base attacked", attack("unnamed", place="Erbil"), url=url)
    room.later(minutes=30)
    room.tell("Erbil base attacked", attack(), url=url)
    (found,) = room.incidents()
    assert (found.public_id, found.base) == ("BW-1", "erbil-airbase")
    assert room.kinds()[1:] == [("update", "place-named")]


def test_an_edit_that_takes_the_attack_back_retracts_the_incident(room: Room) -> None:
    url = "https://rudaw.example/1"
    room.tell("Drone at Erbil", attack(outcome=HIT), url=url)
    room.later(minutes=30)
    room.tell("Correction: it was a controlled detonation", url=url)
    assert room.kinds()[1:] == [("correction", "retracted")]
    assert room.incidents()[0].status is Status.RETRACTED


def test_an_edit_that_denies_its_own_report_takes_it_back(room: Room) -> None:
    url = "https://rudaw.example/1"
    room.tell("Drone at Erbil", attack(outcome=HIT), url=url)
    room.later(minutes=30)
    room.tell("No attack at Erbil after all", attack(denied=True), url=url, label=Label.UPDATE)
    assert room.kinds()[1:] == [("correction", "retracted")]


def test_an_edit_that_denies_its_own_report_stands_beside_the_others(room: Room) -> None:
    url = "https://rudaw.example/1"
    room.tell("Drone at Erbil", attack(outcome=HIT), url=url)
    room.tell("Erbil base hit", attack(outcome=HIT), outlet="shafaq")
    room.later(minutes=30)
    room.tell("No attack at Erbil after all", attack(denied=True, origins=CTG), url=url, label=Label.UPDATE)
    assert room.kinds()[1:] == [("correction", "denied")]


def test_an_edit_of_which_the_classifier_is_unsure_changes_nothing(room: Room) -> None:
    url = "https://rudaw.example/1"
    room.tell("Drone at Erbil", attack(outcome=HIT), url=url)
    room.tell("Erbil", url=url, probability=0.4)
    assert room.incidents()[0].status is Status.REPORTED
    assert len(room.notices()) == 1


def test_one_of_two_reports_taken_back_leaves_the_incident_standing(room: Room) -> None:
    room.tell("Drone at Erbil", attack(outcome=HIT), url="https://rudaw.example/1")
    room.tell("Erbil base hit", attack(outcome=HIT), outlet="shafaq")
    room.later(minutes=5)
    room.tell("Correction", url="https://rudaw.example/1")
    assert room.incidents()[0].status is Status.REPORTED
    assert len(room.notices()) == 1


def test_an_unnamed_base_joins_the_site_named_later_with_the_reason_kept(room: Room) -> None:
    room.tell("Base in Iraq attacked", attack("unnamed", count=2))
    room.later(minutes=20)
    room.tell("Erbil base attacked", attack(count=2), outlet="shafaq")
    (found,) = room.incidents()
    assert found.base == "erbil-airbase"
    assert [fact["reason"] for fact in room.facts("placed")] == ["first-report", "same-country-day-weapon"]


def test_a_refusal_is_kept_with_its_reason(room: Room) -> None:
    room.tell("Erbil attacked", attack())
    room.tell("Harir attacked", attack("harir"), outlet="shafaq")
    room.tell("Base in Iraq attacked", attack("unnamed"), outlet="k24")
    assert [fact["reason"] for fact in room.facts("refused")] == ["ambiguous-site"]


def test_a_report_that_moves_two_incidents_together_sends_one_correction(room: Room) -> None:
    room.tell("Base in Iraq attacked", attack("unnamed", place="Erbil", weapons=[ROCKET]))
    room.later(hours=4)
    room.tell("Drone at Erbil base", attack(), outlet="shafaq")
    assert len(room.incidents()) == 2  # rockets there, drones here, four hours apart
    room.later(minutes=10)
    url = "https://rudaw.example/Base-in-Iraq-attacked"
    room.tell("Base in Erbil attacked by drone", attack(), url=url)
    assert [view.public_id for view in room.incidents()] == ["BW-1"]
    assert ("correction", "merged") in room.kinds()
    with room.database.read() as session:
        assert incidents.resolve(session, "BW-2").public_id == "BW-1"


def test_the_first_poll_of_a_source_tells_nothing_stale_and_keeps_it_all(room: Room) -> None:
    published = T0 - timedelta(hours=9)
    told = attack(outcome=HIT, event_from=published)
    room.tell("Drone last morning", told, published_at=published, first_poll=True)
    room.tell("Drone now", attack("harir", outcome=HIT, event_from=T0), first_poll=True)
    assert len(room.incidents()) == 2
    assert [notice.incident_id for notice in room.notices()] == [2]


def test_an_old_story_opens_an_incident_in_silence(room: Room) -> None:
    old = DAY - timedelta(days=5)
    room.tell("Last week's attack, revisited", attack(date=old, event_from=local(old, 12)), label=Label.UPDATE)
    assert len(room.incidents()) == 1
    assert room.notices() == []


def test_at_most_three_notices_of_an_incident_ring_in_six_hours(room: Room) -> None:
    room.tell("Drone at Erbil", attack(outcome=HIT, injured=1))
    for hurt in (2, 3, 4, 5):
        room.later(minutes=10)
        room.tell(f"{hurt} hurt", attack(injured=hurt), outlet=f"o{hurt}", label=Label.UPDATE)
    assert [notice.ring for notice in room.notices()] == [True, True, True, False, False]
    assert len(room.notices()) == 5


def test_the_first_attack_on_a_site_rings_and_the_second_needs_more(room: Room) -> None:
    room.tell("Drone shot down", attack(outcome=INTERCEPTED))
    room.later(hours=30)
    next_day = DAY + timedelta(days=1)
    room.tell("Another shot down", attack(outcome=INTERCEPTED, date=next_day), outlet="shafaq")
    assert [notice.ring for notice in room.notices()] == [True, False]


def test_a_channel_gets_only_what_its_settings_ask_for(database: Database) -> None:
    channels = {
        "all": ConsoleSettings(),
        "grave": ConsoleSettings(min_severity=Severity.S4),
        "ringing": ConsoleSettings(ring_only=True),
        "updates": ConsoleSettings(notices=(NoticeKind.UPDATE,)),
    }
    room = Room(database, channels=channels)
    room.tell("Drone shot down", attack(outcome=INTERCEPTED))
    with room.database.read() as session:
        assert sorted(d.channel for d in deliveries.list_deliveries(session)) == ["all", "ringing"]


def test_a_threshold_of_the_operator_overrules_the_label(database: Database) -> None:
    room = Room(database, alerts=AlertSettings(threshold=0.99))
    assert room.tell("Drone at Erbil", attack(), probability=0.97).positives == 0
    assert room.incidents() == []


def test_diplomatic_sites_can_be_left_out(database: Database) -> None:
    room = Room(database, alerts=AlertSettings(diplomatic=False))
    room.tell("Rockets at the embassy", attack("us-embassy-baghdad", kind=Kind.DIPLOMATIC))
    assert room.incidents() == []


def test_a_poison_article_is_parked_after_three_tries_and_the_others_go_on(room: Room) -> None:
    room.store("Poison")
    room.classifier.verdicts["Poison"] = RuntimeError("lexicon line 3")
    for number in range(5):
        room.store(f"Good {number}")
    first = room.run()
    assert (first.classified, first.failed, first.parked) == (5, 1, 0)
    assert (room.run().failed, room.run().parked, room.run().failed) == (1, 1, 0)
    with room.database.read() as session:
        (parked,) = articles.failures(session, parked_only=True)
    assert parked.error == "RuntimeError: lexicon line 3"


def test_an_article_that_cannot_be_entered_leaves_no_trace_but_its_failure(room: Room) -> None:
    class Breaks:
        """A desk that writes everything, then fails."""

        desk = room.intake._desk

        def enter(self, *arguments: Any) -> Any:
            self.desk.enter(*arguments)
            raise RuntimeError("no more")

    room.intake._desk = Breaks()  # type: ignore[assignment]
    assert room.tell("Drone at Erbil", attack()).failed == 1
    assert (room.count(t.Verdict), room.count(t.Incident), room.count(t.Notice)) == (0, 0, 0)
    assert room.count(t.Failure) == 1


def test_a_database_that_cannot_write_is_not_the_articles_fault(sqlite_room: Room) -> None:
    sqlite_room.store("Drone at Erbil", attack())
    sqlite_room.database.writer.close()
    with pytest.raises(StorageError):
        sqlite_room.run()


def test_a_second_verdict_of_the_same_model_writes_nothing(room: Room) -> None:
    stored = room.store("Drone at Erbil", attack())
    room.run()
    with room.database.write() as session:
        version = articles.article(session, stored.article_id)
        assert version is not None
        verdict = replace(room.classifier.verdicts["Drone at Erbil"], model=room.classifier.model)  # type: ignore[type-var]
        again = room.intake._desk.enter(session, version, verdict, T0)
    assert not again.entered
    assert len(room.notices()) == 1


DIE = """
import sys
from tests.alerts.test_intake import Room, attack, HIT
from storage.engine import open_database
from core import failpoints
room = Room(open_database(sys.argv[1]))
room.store("Drone at Erbil", attack(outcome=HIT))
failpoints.arm(sys.argv[2] or None)
room.run()
"""


@pytest.mark.parametrize("failpoint", ["after_classify", "after_incident_write", "after_incident_commit"])
def test_a_kill_at_any_step_loses_nothing_and_doubles_nothing(tmp_path: Path, failpoint: str) -> None:
    path = tmp_path / "basewatch.db"
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    killed = subprocess.run([sys.executable, "-c", DIE, str(path), failpoint], cwd=root, env=environment, check=False)
    assert killed.returncode == -signal.SIGKILL
    with open_database(path) as database:
        room = Room(database)
        rows = (room.count(t.Verdict), room.count(t.Incident), room.count(t.Notice), room.count(t.Delivery))
        assert rows == ((1, 1, 1, 1) if failpoint == "after_incident_commit" else (0, 0, 0, 0))
        room.classifier.verdicts["Drone at Erbil"] = Verdict(
            label=Label.ATTACK, probability=0.97, lang="en", attacks=(attack(outcome=Outcome.HIT),)
        )
        room.run()
        assert (room.count(t.Incident), room.count(t.Notice), room.count(t.Delivery)) == (1, 1, 1)


def test_what_is_sure_is_told_before_anyone_is_asked_about_the_doubtful(sqlite_database: Database) -> None:
    reviewer = Reviewer()
    room = Room(sqlite_database, second=reviewer)
    room.store("Doubtful", attack(base="harir"), probability=0.6)
    room.store("Sure", attack(base="erbil-airbase"))
    summary = room.run()
    assert (summary.classified, summary.positives, summary.new) == (2, 1, 1)
    assert reviewer.order == ["Doubtful"]
    assert [incident.base for incident in room.incidents()] == ["erbil-airbase"]


def test_a_fault_while_reviewing_is_tried_again_like_any_other(sqlite_database: Database) -> None:
    reviewer = Reviewer(raises=True)
    room = Room(sqlite_database, second=reviewer)
    room.store("Doubtful", attack(base="harir"), probability=0.6)
    assert (room.run().failed, room.run().failed, room.run().parked) == (1, 1, 1)
    assert room.incidents() == []


def test_a_headline_of_a_search_opens_nothing_but_adds_a_voice_without_ringing(database: Database) -> None:
    room = Room(database)
    room.tell("Seen in a search alone", attack(outcome=HIT), outlet="reuters", headline_only=True)
    assert room.incidents() == []
    room.tell("Drone hits the base", attack(outcome=HIT, origins=CTG))
    (before,) = room.incidents()
    summary = room.tell(
        "Five dead at the base, a search says", attack(outcome=HIT, killed=5), outlet="reuters", headline_only=True
    )
    (after,) = room.incidents()
    assert (after.id, summary.rings, summary.incidents) == (before.id, 0, 0)
    with database.read() as session:
        assert {mention.outlet for mention in incidents.mentions_of(session, after.id)} == {"rudaw", "reuters"}
