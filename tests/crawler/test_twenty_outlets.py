"""Twenty outlets on loopback, a tenth of them failing in each round: nothing lost or doubled, every fault shown."""

from __future__ import annotations

from bench.outlets import FAULTS, measure


def test_every_article_is_stored_once_and_every_fault_is_shown_with_its_cause(on_reactor):
    figures = on_reactor(measure(rounds=6))
    wrong = (
        "articles_missing", "articles_stored_twice", "faults_not_shown_with_their_cause",
        "good_outlets_shown_in_trouble",
    )  # fmt: skip
    assert {name: figures[name] for name in wrong} == dict.fromkeys(wrong, 0)
    assert (figures["n_outlets"], figures["n_faults"]) == (20, 12)
    assert figures["n_kinds_of_fault"] == len(FAULTS)
    assert figures["n_articles"] == 140
