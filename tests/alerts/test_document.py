"""A document quotes little, names what the watch names, and says nothing that no report says."""

from __future__ import annotations

from typing import Any

from alerts.document import Report, build_document
from alerts.incidents import summarise
from alerts.notices import Assessed, NoticeDecision
from core.documents import NoticeDocument
from core.values import UNNAMED, Evidence, Mention, NoticeKind, OriginKind, Severity
from tests.alerts.making import T0, attack, mention, origin, the_places, the_watch

NEW = NoticeDecision(kind=NoticeKind.NEW, reason="new-incident", ring=True)
TEXT = "A drone fell on the base on Tuesday night. Nobody was hurt, the source said.\n\nBackground follows."


def report(told: Mention, *, title: str = "Drone at Erbil airport", text: str = TEXT, **more: Any) -> Report:
    return Report(
        mention=told,
        url=f"https://{told.outlet}.example/{told.article_id}",
        title=title,
        text=text,
        lang="en",
        outlet_name=told.outlet.title(),
        **more,
    )


def document(*reports: Report) -> NoticeDocument:
    facts = summarise([r.mention for r in reports], the_places())
    return build_document(
        NEW,
        Assessed(facts=facts, severity=Severity.S2),
        reports,
        watch=the_watch(),
        places=the_places(),
        incident_id="BW-42",
        number=1,
        now=T0,
    )


def evidence(words: str, *, title: str = "Drone at Erbil airport", text: str = TEXT, field: str = "attack") -> Evidence:
    start = (title + "\n\n" + text).index(words)
    return Evidence(field=field, text=words, start=start, end=start + len(words))


def test_the_names_and_the_place_come_from_the_watch() -> None:
    made = document(report(mention(1, attack(claimed_by="houthis"))))
    assert made.notice.id == "BW-42.1"
    assert made.incident is not None
    site = the_watch().sites["erbil-airbase"]
    assert (made.incident.base_name, made.incident.lat, made.incident.time_zone) == (
        site.name,
        site.lat,
        "Asia/Baghdad",
    )
    assert made.incident.claimed_by_name == the_watch().actors["houthis"].name


def test_an_unnamed_base_takes_the_time_of_its_country() -> None:
    made = document(report(mention(1, attack(UNNAMED, country="KW"))))
    assert made.incident is not None
    assert (made.incident.time_zone, made.incident.base_name, made.incident.lat) == ("Asia/Kuwait", None, None)


def test_the_quote_is_the_sentence_that_proves_it() -> None:
    made = document(report(mention(1, attack(evidence=(evidence("fell on the base"),)))))
    assert [quote.text for quote in made.evidence] == ["A drone fell on the base on Tuesday night."]


def test_without_evidence_the_headline_is_quoted() -> None:
    assert document(report(mention(1))).evidence[0].text == "Drone at Erbil airport"


def test_an_outlet_is_quoted_with_at_most_240_characters_in_all() -> None:
    long = "كلمة " * 200
    told = [report(mention(n, outlet="shafaq", minutes=n), title=long, text="") for n in (1, 2, 3)]
    made = document(*told, report(mention(9, outlet="rudaw")))
    by_outlet: dict[str, int] = {}
    for quote in made.evidence:
        by_outlet[quote.outlet] = by_outlet.get(quote.outlet, 0) + len(quote.text)
    assert set(by_outlet) == {"shafaq", "rudaw"}
    assert max(by_outlet.values()) <= 240


def test_sources_stand_in_order_of_appearance_with_whom_they_cite() -> None:
    cited = origin(OriginKind.OFFICIAL, "Kurdistan CTG")
    made = document(
        report(mention(2, attack(origins=(cited,)), outlet="rudaw", minutes=9)), report(mention(1, outlet="shafaq"))
    )
    assert [(source.outlet, source.origin) for source in made.sources] == [
        ("shafaq", None),
        ("rudaw", "Kurdistan CTG"),
    ]


def test_reasons_are_told_apart_and_once_each() -> None:
    reasons = ("for: names Erbil air base", "against: no hour is stated")
    made = document(report(mention(1), reasons=reasons), report(mention(2, minutes=1), reasons=reasons))
    assert made.reasons_for == ("names Erbil air base",)
    assert made.reasons_against == ("no hour is stated",)


def test_a_line_break_or_override_in_a_headline_does_not_reach_the_document() -> None:
    made = document(report(mention(1), title="Drone\r\nBcc: x\u202e at Erbil"))
    assert made.sources[0].title == "Drone Bcc: x at Erbil"
    assert made.evidence[0].text == "Drone Bcc: x at Erbil"


def test_a_document_comes_back_from_json_as_it_was() -> None:
    made = document(report(mention(1, attack(killed=0, injured=3))))
    assert NoticeDocument.model_validate(made.to_json()) == made
