"""Replay: the corpus under a simulated clock makes the incidents that its labels name, whatever happens on the way."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from basewatch.commands import replay as command
from basewatch.corpus import CorpusArticle, parse_line, read_corpus
from basewatch.disturbed import disturbed
from basewatch.gold import GoldClassifier
from basewatch.replay import Result, replay
from basewatch.scoring import Item, Told, bcubed, score
from config.outlets import load_outlets
from config.settings import Settings
from core.errors import InputError
from core.values import Attack, Label, NoticeKind, Outcome
from tests.alerts.making import the_watch

CORPUS = Path(__file__).parents[1] / "corpus"
#: the stories that follow published news; the other files are composed, many of their items incidents of their own
STORIES = ("ar", "ckb", "en", "fa", "flash", "fr", "he", "ku", "ru", "tr")


@cache
def corpus() -> tuple[CorpusArticle, ...]:
    """The real stories; the minimal pairs beside them are single articles, each with an incident of its own."""
    return tuple(read_corpus([CORPUS / f"{name}.jsonl" for name in STORIES]))


def spring() -> list[CorpusArticle]:
    """The attacks of 2023 and 2024: many languages, serial attacks, round-ups."""
    return [line for line in corpus() if line.published_at.year in (2023, 2024) and (line.attacks or line.trap)]


def play(lines: Sequence[CorpusArticle]) -> Result:
    ordered = sorted(lines, key=lambda line: (line.published_at, line.id))
    return replay(ordered, GoldClassifier(ordered), watch=the_watch(), outlets=load_outlets(), settings=Settings())


@cache
def whole() -> Result:
    return play(corpus())


def homes(result: Result) -> tuple[float, int, int]:
    return result.score.bcubed_f1, result.score.missed, result.score.false


def test_labelled_verdicts_give_the_labelled_incidents() -> None:
    found = whole().score
    assert found.bcubed_f1 >= 0.99
    assert found.missed <= 0.01 * found.true
    assert found.false <= 0.01 * found.true
    assert found.alerts_per_incident <= 1.02


def test_no_incident_rings_more_than_three_times_in_six_hours() -> None:
    assert whole().to_json()["notices"]["most_rings_of_an_incident_in_6h"] <= 3


def test_every_new_notice_went_through_the_outbox() -> None:
    assert whole().run.delivered == len(whole().notices)


def test_every_mistake_is_listed() -> None:
    found = whole().score
    told = [line["error"] for line in found.detail]
    assert told.count("missed") == found.missed
    assert told.count("false") == found.false
    assert ("merged" in told or "split" in told) == (found.bcubed_f1 < 1)


def test_the_json_has_the_designed_shape() -> None:
    made = whole().to_json()
    assert list(made) == ["articles", "duplicates", "incidents", "notices", "false_per_1000", "detail"]
    assert list(made["incidents"]) == [
        "true", "found", "missed", "false", "alerts_per_incident", "bcubed_precision", "bcubed_recall", "bcubed_f1",
    ]  # fmt: skip
    assert {"new", "update", "correction", "rings"} <= set(made["notices"])
    json.dumps(made)


@cache
def undisturbed() -> Result:
    return play(spring())


def test_shuffled_within_hours_the_incidents_are_the_same() -> None:
    before, after = undisturbed(), play(disturbed(spring(), shuffle=7))
    assert homes(after) >= (homes(before)[0] - 0.005, 0, 0)
    assert after.score.alerts_per_incident <= 1.02
    assert abs(after.score.found - before.score.found) <= 1


def test_doubled_by_syndication_nobody_is_told_twice() -> None:
    once, twice = undisturbed(), play(disturbed(spring(), syndicate=True))
    assert twice.run.articles == 2 * once.run.articles
    assert told_of(twice) == told_of(once)
    assert twice.score.bcubed_f1 >= 0.99


def test_edited_after_publication_nobody_is_told_twice() -> None:
    before, after = undisturbed(), play(disturbed(spring(), edit=True))
    assert after.run.articles > before.run.articles
    assert told_of(after) == told_of(before)
    assert after.score.bcubed_f1 >= 0.99


def told_of(result: Result) -> tuple[int, int, int]:
    """Incidents found, missed and false: what people were told of, alone or by a digest."""
    return result.score.found, result.score.missed, result.score.false


def test_what_is_disturbed_keeps_its_labels_and_can_be_repeated() -> None:
    lines = spring()[:20]
    one, again = (disturbed(lines, shuffle=3, syndicate=True, edit=True) for _ in range(2))
    assert one == again
    assert one != disturbed(lines, shuffle=4, syndicate=True, edit=True)
    assert [line.published_at for line in one] == sorted(line.published_at for line in one)
    assert {label for line in one for label in line.incident_ids} == {
        label for line in lines for label in line.incident_ids
    }


def new_notices(result: Result) -> int:
    return sum(notice.kind is NoticeKind.NEW for notice in result.notices)


def test_the_same_words_twice_from_one_outlet_are_a_duplicate() -> None:
    line = next(line for line in corpus() if line.attacks)
    again = replace(line, id="again", url="again", published_at=line.published_at + timedelta(hours=1))
    result = play([line, again])
    assert (result.run.duplicates, new_notices(result)) == (1, 1)


def test_an_unlabelled_stream_lists_what_would_have_rung() -> None:
    raw = {"id": "x1", "published": "2026-03-10T18:00:00Z", "title": "Drone hits Harir", "text": "", "outlet": "X"}
    line = parse_line(raw)
    assert line.label is None

    class Sure(GoldClassifier):
        def classify(self, article: Any) -> Any:
            day = line.published_at.date()
            told = Attack(base="harir", country="IQ", date=day, outcome=Outcome.HIT)
            return replace(super().classify(article), label=Label.ATTACK, probability=1.0, attacks=(told,))

    result = replay([line], Sure([line]), watch=the_watch(), outlets={}, settings=Settings())
    (ring,) = result.to_json()["detail"]
    assert ring["rang"] == "BW-1.1"
    assert ring["line"].startswith("S3 REPORTED")
    figures = result.to_json()
    assert figures["incidents"]["found"] == 1
    assert {name for name, value in figures["incidents"].items() if value is not None} == {"found"}
    assert figures["false_per_1000"] is None, "without labels nothing is right or wrong"


def test_an_empty_corpus_or_a_broken_line_is_an_error_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no article"):
        play([])
    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"id": 1}\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"broken\.jsonl, line 1"):
        read_corpus([broken])
    with pytest.raises(InputError, match="cannot be read"):
        read_corpus([tmp_path / "none.jsonl"])


def test_a_line_separator_inside_a_string_is_no_line_end(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    line = {"id": "a", "published": "2026-03-10", "title": "a\u2028b", "text": "", "label": "other"}
    path.write_text(json.dumps(line, ensure_ascii=False) + "\n", encoding="utf-8")
    (article,) = read_corpus([path])
    assert (article.title, article.date_only, article.published_at.hour) == ("a\u2028b", True, 12)


def test_the_command_prints_the_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "few.jsonl"
    lines = (CORPUS / "ku.jsonl").read_text(encoding="utf-8")
    path.write_text(lines, encoding="utf-8")
    assert command.replay(command.Wanted(paths=[path], gold=True), Settings(), as_json=True) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["articles"] == lines.count("\n")
    assert command.replay(command.Wanted(paths=[path], gold=True), Settings(), as_json=False) == 0
    assert "bcubed f1" in capsys.readouterr().out


# -- scoring ---------------------------------------------------------------------------------------------------------


def test_bcubed_of_a_known_case() -> None:
    """Two true clusters {1,2,3} and {4}, found as {1,2} and {3,4}: precision 3/4, recall (2*2/3 + 1/3 + 1)/4."""
    made = [Item("a", "x", "1"), Item("b", "x", "1"), Item("c", "x", "2"), Item("d", "y", "2")]
    precision, recall, f1 = bcubed(made)
    assert precision == pytest.approx(3 / 4)
    assert recall == pytest.approx(2 / 3)
    assert f1 == pytest.approx(2 * (3 / 4) * (2 / 3) / (3 / 4 + 2 / 3))


def test_an_unpaired_mention_is_a_cluster_of_its_own() -> None:
    made = [Item("a", "x", "1"), Item("b", "x", None), Item("c", None, "1")]
    precision, recall, _ = bcubed(made)
    assert precision == pytest.approx((1 / 2 + 1 + 1 / 2) / 3)
    assert recall == pytest.approx((1 / 2 + 1 / 2 + 1) / 3)


def test_missed_false_and_doubled_alerts_are_counted() -> None:
    def told(article: str, truth: str | None, found: str | None) -> Told:
        some = (Attack(base="harir"),)
        return Told(
            article=article,
            title=article,
            labelled=some if truth else (),
            incident_ids=(truth,) if truth else (),
            found=some if found else (),
            incidents=(found,) if found else (),
        )

    lines = [told("a", "x", "BW-1"), told("b", "x", "BW-2"), told("c", "y", None), told("d", None, "BW-3")]
    result = score(lines, {"BW-1": 1, "BW-2": 1, "BW-3": 1}, {"harir"})
    assert (result.true, result.found, result.missed, result.false, result.alerts_per_incident) == (2, 3, 1, 1, 2.0)
    errors: defaultdict[str, int] = defaultdict(int)
    for line in result.detail:
        errors[line["error"]] += 1
    assert errors == {"split": 1, "alerted-twice": 1, "missed": 1, "false": 1, "attack-not-found": 1}
