"""What people decide holds: for those who were told, for the matcher, and until somebody takes it back."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from alerts.decisions import Outcome, Who
from alerts.desk import build_house
from alerts.people import People
from config.channels import ConsoleSettings
from config.settings import Settings
from core.documents import NoticeDocument
from core.errors import InputError
from core.values import UNNAMED, Attack, Label, OriginKind, Severity, Status
from storage import articles, incidents
from storage import people as kept
from storage.engine import Database, open_database
from storage.values import StoredArticle
from tests.alerts.making import DAY, DRONE, HIT, INTERCEPTED, ROCKET, attack, origin, the_watch
from tests.alerts.test_intake import Room

WHO = Who("ali", "seen on two videos")


class Desk(Room):
    """A room in which people decide, too."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        settings = Settings(channels={"ops": ConsoleSettings()})
        self.people = People(build_house(the_watch(), {}, settings), {})

    def do(self, act: Callable[..., Outcome], *words: Any, **more: Any) -> Outcome:
        with self.database.write() as session:
            return act(session, *words, WHO, self.clock.now(), **more)

    def undo(self, outcome: Outcome) -> Outcome:
        return self.do(self.people.undo, outcome.decision)

    def missed(self, url: str, told: Attack | None) -> Outcome:
        with self.database.write() as session:
            stored: StoredArticle | None = articles.article_by_url(session, url)
            verdicts = incidents.verdicts_of(session, stored.article_id) if stored is not None else []
            verdict = verdicts[-1].verdict if verdicts else None
            return self.people.missed(session, url, stored, verdict, told, WHO, self.clock.now())

    def homes(self) -> dict[str, str]:
        """Title of each current report -> public id of its incident."""
        with self.database.read() as session:
            return {
                report.title: incidents.public_id(report.incident_id)
                for view in incidents.list_incidents(session)
                for report in incidents.reports_of(session, view.id)
                if report.is_current
            }

    def parts(self) -> set[frozenset[str]]:
        homes = self.homes()
        return {frozenset(t for t in homes if homes[t] == home) for home in homes.values()}

    def article(self, title: str) -> int:
        with self.database.read() as session:
            for view in incidents.list_incidents(session):
                for report in incidents.reports_of(session, view.id):
                    if report.title == title:
                        return report.article_id
        raise LookupError(title)

    def last(self) -> NoticeDocument:
        return NoticeDocument.model_validate(self.notices()[-1].document)


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def two_attacks(desk: Desk) -> None:
    desk.tell("Erbil", attack(outcome=HIT))
    desk.later(minutes=5)
    desk.tell("Harir", attack("harir"), outlet="shafaq")


# -- merge and split -------------------------------------------------------------------------------------------------


def test_a_merge_leaves_a_redirect_and_corrects_what_was_told(desk: Desk) -> None:
    two_attacks(desk)
    outcome = desk.do(desk.people.merge, "BW-2", "BW-1")
    assert (outcome.incident, [kind.value for kind in outcome.notices]) == ("BW-1", ["correction"])
    assert desk.parts() == {frozenset({"Erbil", "Harir"})}
    assert desk.kinds()[-1] == ("correction", "merged")
    assert desk.last().changes[0].by == "our desk: seen on two videos"
    with desk.database.read() as session:
        assert incidents.resolve(session, "BW-2").public_id == "BW-1"


def test_after_a_merge_reports_of_either_half_join_it(desk: Desk) -> None:
    two_attacks(desk)
    desk.do(desk.people.merge, "BW-2", "BW-1")
    desk.tell("Harir again", attack("harir"), outlet="k24")
    desk.tell("Erbil again", attack(), outlet="nrt")
    assert desk.parts() == {frozenset({"Erbil", "Harir", "Harir again", "Erbil again"})}
    assert [kind for kind, _ in desk.kinds()].count("new") == 2


def test_a_merge_undone_gives_both_their_ids_and_reports_back(desk: Desk) -> None:
    two_attacks(desk)
    merged = desk.do(desk.people.merge, "BW-2", "BW-1")
    desk.undo(merged)
    assert desk.homes() == {"Erbil": "BW-1", "Harir": "BW-2"}
    assert desk.kinds()[-2:] == [("correction", "split"), ("correction", "restored")]
    desk.tell("Harir again", attack("harir"), outlet="k24")
    assert desk.homes()["Harir again"] == "BW-2"
    with desk.database.read() as session:
        assert [fact.field for fact in incidents.facts_of(session, 2)].count("base") == 2


def test_a_split_makes_an_incident_that_stays_apart(desk: Desk) -> None:
    for outlet in ("rudaw", "shafaq", "k24"):
        desk.tell(f"Erbil by {outlet}", attack(outcome=HIT), outlet=outlet)
    outcome = desk.do(desk.people.split, "BW-1", {desk.article("Erbil by k24")})
    assert (outcome.incident, outcome.made) == ("BW-1", "BW-2")
    assert desk.kinds()[1:] == [("new", "split-off"), ("correction", "split")]
    desk.tell("Erbil by nrt", attack(outcome=HIT), outlet="nrt")
    homes = desk.homes()
    assert (homes["Erbil by k24"], homes["Erbil by shafaq"]) == ("BW-2", "BW-1")
    assert homes["Erbil by nrt"] in ("BW-1", "BW-2")


def test_a_split_undone_leaves_a_redirect_of_the_id_that_it_gave(desk: Desk) -> None:
    for outlet in ("rudaw", "shafaq"):
        desk.tell(f"Erbil by {outlet}", attack(outcome=HIT), outlet=outlet)
    desk.undo(desk.do(desk.people.split, "BW-1", {desk.article("Erbil by shafaq")}))
    assert set(desk.homes().values()) == {"BW-1"}
    with desk.database.read() as session:
        assert incidents.resolve(session, "BW-2").public_id == "BW-1"
    desk.tell("Harir", attack("harir"), outlet="nrt")
    assert desk.homes()["Harir"] == "BW-3"


def test_the_later_of_two_decisions_about_a_pair_holds(desk: Desk) -> None:
    two_attacks(desk)
    desk.do(desk.people.merge, "BW-2", "BW-1")
    made = desk.do(desk.people.split, "BW-1", {desk.article("Harir")})
    assert (made.made, desk.homes()) == ("BW-3", {"Erbil": "BW-1", "Harir": "BW-3"})
    desk.tell("Harir again", attack("harir"), outlet="k24")
    assert desk.homes()["Harir again"] == "BW-3"


def test_a_decision_under_a_later_one_is_undone_after_it(desk: Desk) -> None:
    two_attacks(desk)
    merged = desk.do(desk.people.merge, "BW-2", "BW-1")
    parted = desk.do(desk.people.split, "BW-1", {desk.article("Harir")})
    with pytest.raises(InputError, match=f"Decision {parted.decision}"):
        desk.undo(merged)
    desk.undo(parted)
    desk.undo(merged)
    assert desk.parts() == {frozenset({"Erbil"}), frozenset({"Harir"})}
    with pytest.raises(InputError, match="already"):
        desk.undo(merged)


@pytest.mark.parametrize(
    ("act", "words", "says"),
    [
        ("merge", ("BW-1", "BW-1"), "itself"),
        ("merge", ("BW-9", "BW-1"), "no incident BW-9"),
        ("split", ("BW-1", {99}), "no report 99"),
        ("split", ("BW-1", {1}), "each side"),
        ("edit", ("BW-1", ["colour=red"]), "the fields are"),
        ("edit", ("BW-1", ["base=nowhere"]), "no site"),
        ("edit", ("BW-1", ["killed=many"]), "a number"),
        ("edit", ("BW-1", ["base=none"]), "unnamed"),
        ("undo", (77,), "no decision 77"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence_and_changes_nothing(
    sqlite_database: Database, act: str, words: tuple[Any, ...], says: str
) -> None:
    desk = Desk(sqlite_database)
    desk.tell("Erbil", attack())
    with pytest.raises(InputError, match=says):
        desk.do(getattr(desk.people, act), *words)
    with desk.database.read() as session:
        assert kept.count_decisions(session) == 0


def test_an_incident_that_was_merged_is_named_by_its_new_id(desk: Desk) -> None:
    two_attacks(desk)
    desk.do(desk.people.merge, "BW-2", "BW-1")
    with pytest.raises(InputError, match="part of BW-1"):
        desk.do(desk.people.retract, "BW-2")


# -- status and facts ------------------------------------------------------------------------------------------------


def test_what_people_withdraw_stays_withdrawn_whatever_comes(desk: Desk) -> None:
    desk.tell("Erbil", attack(outcome=HIT))
    desk.do(desk.people.retract, "BW-1")
    assert desk.kinds()[-1] == ("correction", "retracted")
    assert (desk.last().notice.ring, desk.last().incident.status_by) == (True, "our desk")  # type: ignore[union-attr]
    desk.later(minutes=20)
    desk.tell("Erbil by shafaq", attack(outcome=HIT), outlet="shafaq")
    (found,) = desk.incidents()
    assert (found.status, found.facts["status_reason"]) == (Status.RETRACTED, "withdrawn-by-people")
    assert len(desk.notices()) == 2


def test_the_operator_hears_when_an_official_reports_what_people_withdrew(sqlite_database: Database) -> None:
    desk = Desk(sqlite_database)
    desk.tell("Erbil", attack(outcome=HIT))
    desk.do(desk.people.retract, "BW-1")
    officials = (origin(OriginKind.OFFICIAL, "Kurdistan CTG"),)
    desk.tell("CTG on Erbil", attack(outcome=HIT, origins=officials), outlet="k24")
    assert desk.incidents()[0].status is Status.RETRACTED
    assert desk.kinds()[-1] == ("system", "withdrawn-yet-reported")
    assert "Kurdistan CTG reports it now" in (desk.last().notice.text or "")


def test_a_withdrawal_undone_is_told_as_an_update(desk: Desk) -> None:
    desk.tell("Erbil", attack(outcome=HIT))
    desk.undo(desk.do(desk.people.retract, "BW-1"))
    assert desk.incidents()[0].status is Status.REPORTED
    assert desk.kinds()[1:] == [("correction", "retracted"), ("update", "reported-by-others")]


def test_people_confirm_on_their_own_word(desk: Desk) -> None:
    desk.tell("Erbil", attack(outcome=HIT))
    desk.do(desk.people.confirm, "BW-1")
    (found,) = desk.incidents()
    assert (found.status, found.facts["incident"]["status_by"]) == (Status.CONFIRMED, "our desk")
    assert desk.kinds()[-1] == ("update", "confirmed")


def test_an_edited_fact_stays_when_later_reports_say_otherwise(desk: Desk) -> None:
    desk.tell("Erbil", attack(outcome=INTERCEPTED, count=1))
    desk.do(desk.people.edit, "BW-1", ["killed=2", "outcome=hit", "weapons=rocket"])
    assert desk.kinds()[-1] == ("correction", "edited")
    assert {change.field for change in desk.last().changes} == {"killed", "outcome", "weapons"}
    desk.later(minutes=9)
    officials = (origin(OriginKind.OFFICIAL, "Kurdistan CTG"),)
    desk.tell("Five dead", attack(killed=5, outcome=INTERCEPTED, origins=officials), outlet="k24", label=Label.UPDATE)
    (found,) = desk.incidents()
    part = found.facts["incident"]
    assert (part["outcome"], part["weapons"], found.severity) == ("hit", ["rocket"], Severity.S4)
    assert [(entry["low"], entry["high"]) for entry in part["casualties"] if entry["kind"] == "killed"] == [(2, 2)]
    with desk.database.read() as session:
        said = [fact.said_by for fact in incidents.facts_of(session, 1) if fact.field == "killed"]
    assert said == ["ali (our desk)", "Kurdistan CTG"]


def test_an_edit_undone_lets_the_reports_speak_again(desk: Desk) -> None:
    desk.tell("Erbil", attack(outcome=HIT, killed=1))
    desk.undo(desk.do(desk.people.edit, "BW-1", ["killed=none", "severity=S2"]))
    (found,) = desk.incidents()
    assert (found.severity, desk.kinds()[1:]) == (Severity.S4, [("correction", "edited")] * 2)


def test_not_stated_is_never_zero(desk: Desk) -> None:
    desk.tell("Erbil", attack(outcome=HIT, killed=1))
    desk.do(desk.people.edit, "BW-1", ["killed=none"])
    assert desk.incidents()[0].facts["incident"]["casualties"] == []
    desk.do(desk.people.edit, "BW-1", ["killed=0"])
    (entry,) = desk.incidents()[0].facts["incident"]["casualties"]
    assert (entry["low"], entry["high"]) == (0, 0)


def test_a_corrected_base_gathers_its_reports_and_leaves_the_other_base_its_own(desk: Desk) -> None:
    desk.tell("Harir, they say", attack("harir"))
    desk.do(desk.people.edit, "BW-1", ["base=erbil-airbase"])
    desk.tell("Erbil", attack(), outlet="shafaq")
    desk.tell("Harir", attack("harir", weapons=[ROCKET]), outlet="k24")
    assert desk.parts() == {frozenset({"Harir, they say", "Erbil"}), frozenset({"Harir"})}
    url = "https://rudaw.example/Harir,-they-say"
    desk.later(minutes=30)
    desk.tell("Harir, they say again", attack("harir", count=1), url=url)
    assert desk.homes()["Harir, they say again"] == "BW-1"


# -- feedback --------------------------------------------------------------------------------------------------------


def test_a_missed_article_opens_an_incident_on_peoples_word(desk: Desk) -> None:
    desk.tell("Quiet", url="https://rudaw.example/quiet", probability=0.3)
    outcome = desk.missed("https://rudaw.example/quiet", attack("harir", outcome=HIT))
    assert (outcome.incident, outcome.made, desk.kinds()) == ("BW-1", "BW-1", [("new", "new-incident")])
    assert "our desk" in desk.last().reasons_for[0]
    desk.later(minutes=30)
    desk.tell("Quiet, edited", url="https://rudaw.example/quiet", probability=0.01)
    assert desk.incidents()[0].status is Status.REPORTED  # the classifier does not take back what people gave
    desk.undo(outcome)
    assert desk.incidents()[0].status is Status.RETRACTED
    assert desk.kinds()[1:] == [("correction", "retracted")]


def test_a_missed_article_of_a_known_attack_joins_it(desk: Desk) -> None:
    desk.tell("Erbil", attack(outcome=HIT))
    desk.tell("Quiet", url="https://shafaq.example/quiet", outlet="shafaq", probability=0.3)
    assert desk.missed("https://shafaq.example/quiet", attack()).made is None
    assert set(desk.homes().values()) == {"BW-1"}
    with pytest.raises(InputError, match="BW-1 already"):
        desk.missed("https://shafaq.example/quiet", attack())


def test_a_missed_article_that_is_not_stored_is_kept(desk: Desk) -> None:
    assert desk.missed("https://nowhere.example/1", None).incident is None
    with desk.database.read() as session:
        (view,) = kept.list_decisions(session, ["missed"])
    assert (view.by, view.reason, view.detail["url"]) == ("ali", "seen on two videos", "https://nowhere.example/1")


# -- properties ------------------------------------------------------------------------------------------------------

TOLD = st.lists(
    st.builds(
        lambda base, days, weapon, count: attack(base, date=DAY + timedelta(days=days), weapons=[weapon], count=count),
        st.sampled_from(["erbil-airbase", "harir", "al-tanf", UNNAMED]),
        st.integers(0, 1),
        st.sampled_from([DRONE, ROCKET]),
        st.sampled_from([None, 1, 2]),
    ),
    min_size=2,
    max_size=5,
)


@given(TOLD, st.data())
@limits(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_merge_then_split_restores_and_no_id_is_given_twice(told: list[Attack], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder, open_database(Path(folder) / "basewatch.db") as database:
        desk = Desk(database)
        for number, one in enumerate(told):
            desk.tell(f"Article {number}", one, outlet=f"o{number}")
        before = desk.parts()
        ids = sorted(set(desk.homes().values()))
        highest = max(int(name.removeprefix("BW-")) for name in ids)
        if len(ids) < 2:
            return
        loser, winner = data.draw(st.permutations(ids))[:2]
        gone = {desk.article(title) for title, home in desk.homes().items() if home == loser}
        desk.do(desk.people.merge, loser, winner)
        assert len(desk.parts()) == len(before) - 1
        made = desk.do(desk.people.split, winner, gone).made
        assert desk.parts() == before
        assert made is not None
        assert int(made.removeprefix("BW-")) > highest


@given(TOLD, st.randoms(use_true_random=False))
@limits(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_order_of_arrival_ends_in_the_same_stored_incidents(told: list[Attack], chance: Any) -> None:
    """The whole way through intake: what arrives late carries its own time of publication."""
    order = list(enumerate(told))
    ends = []
    for _ in range(2):
        with tempfile.TemporaryDirectory() as folder, open_database(Path(folder) / "basewatch.db") as database:
            desk = Desk(database)
            start = desk.clock.now()
            desk.later(hours=1)
            for number, one in order:
                published = start + timedelta(minutes=7 * number)
                desk.tell(f"Article {number}", one, outlet=f"o{number}", published_at=published)
            ends.append(desk.parts())
        chance.shuffle(order)
    assert ends[0] == ends[1]
