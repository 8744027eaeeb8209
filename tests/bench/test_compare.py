"""The opponents of ``basewatch bench compare`` are judged fairly."""

from __future__ import annotations

from datetime import UTC, datetime

from basewatch.corpus import CorpusArticle
from bench.compare import _figures, by_keywords, by_tfidf
from core.values import Label


def row(number: int, title: str, label: Label, lang: str = "en") -> CorpusArticle:
    return CorpusArticle(
        id=f"a-{number}", url=f"a-{number}", outlet="one", lang=lang, published_at=datetime(2026, 3, 1, tzinfo=UTC),
        date_only=False, title=title, text="", label=label, trap=None, attacks=(), incident_ids=(),
    )  # fmt: skip


def test_the_keyword_filter_wants_a_target_and_an_attack_in_the_language_of_the_article() -> None:
    rows = [
        row(1, "Drone hits US base", Label.ATTACK),
        row(2, "Drone show over the city", Label.OTHER),
        row(3, "هجوم بطائرة مسيرة على عين الأسد", Label.ATTACK, "ar"),
        row(4, "قاعدة بيانات جديدة", Label.OTHER, "ar"),
    ]
    assert by_keywords(rows, [row.title.casefold() for row in rows]) == [True, False, True, False]


def test_tfidf_judges_each_article_without_its_own_fold() -> None:
    texts = ["rocket strikes base", "parliament adopts budget"] * 20
    truth = [True, False] * 20
    assert by_tfidf(texts, truth, [n // 4 % 10 for n in range(40)]) == truth
    alone = ["zeppelin over camp", *texts[1:]]
    lone_truth = [True, False] * 20
    assert by_tfidf(alone, lone_truth, [n // 4 % 10 for n in range(40)])[1:] == truth[1:]


def test_figures_are_of_each_part_of_the_corpus() -> None:
    rows = [row(1, "a", Label.ATTACK), row(2, "b", Label.OTHER), row(3, "c", Label.ATTACK, "ar")]
    figures = _figures(rows, [True, False, True], {"one": [True, True, False]})
    assert (figures["one_english_precision"], figures["one_english_recall"]) == (0.5, 1.0)
    assert (figures["one_other_languages_f1"], figures["one_all_recall"]) == (0.0, 0.5)
