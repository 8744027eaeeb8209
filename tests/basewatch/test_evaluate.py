from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from basewatch.corpus import CorpusArticle, read_corpus
from basewatch.evaluate import evaluate
from core.errors import InputError
from core.values import Article, Attack, Label, Outcome, Verdict, Weapon

DAY = date(2026, 3, 1)


def row(identity: str, label: Label, *attacks: Attack, trap: str | None = None, text: str = "short") -> CorpusArticle:
    return CorpusArticle(
        id=identity, url=identity, outlet="x", lang="en", published_at=datetime(2026, 3, 1, tzinfo=UTC),
        date_only=True, title=identity, text=text, label=label, trap=trap, attacks=attacks,
        incident_ids=tuple(f"{identity}-{i}" for i in range(len(attacks))),
    )  # fmt: skip


def attack(base: str = "harir", **fields: object) -> Attack:
    return Attack(base=base, date=DAY, weapons=(Weapon.DRONE,), **fields)  # type: ignore[arg-type]


def verdicts(found: dict[str, Verdict]):  # type: ignore[no-untyped-def]
    return lambda article: found[article.title]


def positive(*attacks: Attack, probability: float = 0.9) -> Verdict:
    return Verdict(label=Label.ATTACK, probability=probability, lang="en", attacks=attacks)


OTHER = Verdict(label=Label.OTHER, probability=0.1, lang="en")


def test_counts_an_update_as_positive_and_its_label_apart() -> None:
    report = evaluate([row("a", Label.UPDATE, attack())], verdicts({"a": positive(attack())}))
    assert report.articles["f1"] == 1.0
    assert report.labels == {"accuracy": 0.0}


def test_false_alarms_and_misses_lower_precision_and_recall() -> None:
    rows = [row("a", Label.ATTACK, attack()), row("b", Label.ATTACK, attack()), row("c", Label.OTHER, trap="drill")]
    report = evaluate(rows, verdicts({"a": positive(attack()), "b": OTHER, "c": positive()}))
    assert (report.articles["precision"], report.articles["recall"]) == (0.5, 0.5)
    assert report.by_trap["drill"]["false"] == 1
    assert {item.row.id for item in report.errors} == {"b", "c"}


def test_pairs_attacks_one_to_one_and_counts_both_ways() -> None:
    labelled = (attack("harir"), attack("conoco"))
    report = evaluate([row("a", Label.ATTACK, *labelled)], verdicts({"a": positive(attack("conoco"))}))
    assert report.attacks == {"precision": 1.0, "recall": 0.5}
    assert report.fields["base"] == 1.0


def test_sites_outside_the_schema_count_as_other_named_and_no_base_as_one_value() -> None:
    rows = [row("a", Label.ATTACK, attack("other-named")), row("b", Label.ATTACK, attack("unnamed"))]
    found = {"a": positive(attack("isa-air-base")), "b": positive(attack("unnamed"))}
    assert evaluate(rows, verdicts(found)).fields["base"] == 1.0


def test_each_field_is_the_share_of_pairs_that_agree() -> None:
    labelled = attack(count=2, outcome=Outcome.HIT, claimed_by="irgc")
    found = attack(count=2, outcome=Outcome.MISSED, claimed_by=None)
    report = evaluate([row("a", Label.ATTACK, labelled)], verdicts({"a": positive(found)}))
    assert report.fields == {"base": 1.0, "date": 1.0, "weapons": 1.0, "count": 1.0, "outcome": 0.0, "claimed_by": 0.0}


def test_calibration_is_the_mean_gap_over_bins() -> None:
    rows = [row("a", Label.ATTACK, attack()), row("b", Label.OTHER)]
    found = {"a": positive(attack(), probability=0.95), "b": positive(probability=0.95)}
    assert evaluate(rows, verdicts(found)).calibration == {"ece": 0.45}


def test_short_and_long_are_told_apart_by_forty_words() -> None:
    rows = [row("a", Label.OTHER, text="word " * 39), row("b", Label.OTHER, text="word " * 40)]
    report = evaluate(rows, verdicts({"a": OTHER, "b": OTHER}))
    assert (report.by_length["flash"]["n"], report.by_length["article"]["n"]) == (1, 1)


def test_a_figure_without_a_case_is_none() -> None:
    report = evaluate([row("a", Label.OTHER)], verdicts({"a": OTHER}))
    assert report.articles["precision"] is None
    assert report.fields["base"] is None


def test_unlabelled_rows_are_left_out() -> None:
    blank = row("a", Label.OTHER)
    unlabelled = CorpusArticle(**{name: getattr(blank, name) for name in blank.__slots__} | {"label": None})

    def refuse(_: Article) -> Verdict:
        raise AssertionError("asked about an unlabelled article")

    assert evaluate([unlabelled], refuse).n == 0


def test_a_corpus_that_is_missing_or_lacks_a_field_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_corpus([tmp_path / "none.jsonl"])
    (tmp_path / "half.jsonl").write_text('{"title": "t", "published": "2026-03-01"}\n')
    with pytest.raises(InputError, match="line 1: is no labelled article: it lacks 'id'"):
        read_corpus([tmp_path])
